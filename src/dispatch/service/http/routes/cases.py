"""Cases (事件): reported by the grids, run through their steps by the centre."""

from typing import Annotated, Any, Final

from fastapi import APIRouter
from pydantic import Field

from commands.cases.accept import AcceptCase
from commands.cases.appeal import AppealCase
from commands.cases.check import CheckCase
from commands.cases.close import CloseCase
from commands.cases.decide_appeal import DecideAppeal
from commands.cases.decide_extension import DecideCaseExtension
from commands.cases.decline import DeclineCase
from commands.cases.dispatch import DispatchCase
from commands.cases.do_not_register import DoNotRegisterCase
from commands.cases.finish import FinishCase
from commands.cases.follow_up import FollowUpCase
from commands.cases.hand_down import HandDownCase
from commands.cases.hand_up import HandUpCase
from commands.cases.handle import HandleCase
from commands.cases.instruct import InstructCase
from commands.cases.merge import MergeCase
from commands.cases.refuse import RefuseCase
from commands.cases.register import RegisterCase
from commands.cases.reopen import ReopenCase
from commands.cases.report import ReportCase
from commands.cases.request_extension import RequestCaseExtension
from commands.cases.resume import ResumeCase
from commands.cases.self_handle import SelfHandleCase
from commands.cases.start_check import StartCheck
from commands.cases.suspend import SuspendCase
from commands.cases.transfer import TransferCase
from commands.cases.unmerge import UnmergeCase
from commands.cases.verify import VerifyCase
from commands.cases.void import VoidCase
from dispatch.domain.cases.events import Reporter
from dispatch.domain.cases.kinds import Channel, Severity, Source
from dispatch.service.http.answers import WRITES
from dispatch.service.http.bodies import (
    Evidence,
    Grant,
    Handover,
    Instruction,
    Judgement,
    Pause,
    Told,
    Why,
    Work,
)
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.routes import API
from dispatch.service.http.steps import Steps
from dispatch.service.http.text import Body, GridCode, Id, MemberKey, Note, PlaceCode, Reason, Slug, Title

router = APIRouter(prefix=f"{API}/cases", tags=["cases"], responses=WRITES, route_class=JsonRoute)


class ReporterBody(Body):
    """Who reported: personal data, shown only to those who need it."""

    name: Annotated[Note, Field(max_length=100)] = ""
    telephone: Annotated[Note, Field(max_length=40)] = ""
    identity_number: Annotated[Note, Field(max_length=40, description="Only where the matter needs it")] = ""
    address: Annotated[Note, Field(max_length=300)] = ""
    note: Note = ""


class Report(Body):
    """What a grid worker saw, or what a resident told the centre."""

    grid: Annotated[
        PlaceCode, Field(description="A grid, or the town if none is known", examples=["500115101001001"])
    ]
    category: Annotated[Slug, Field(examples=["environment"])]
    title: Annotated[Title, Field(examples=["村道旁垃圾堆放"])]
    source: Source = Source.GRID_WORKER
    channel: Channel = Channel.DEVICE
    severity: Severity = Severity.GRADE_3
    description: Annotated[Note, Field(description="Free text: kept as personal data")] = ""
    reporter: ReporterBody | None = None
    longitude: (
        Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False, examples=[107.25])] | None
    ) = None
    latitude: (
        Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False, examples=[29.85])] | None
    ) = None
    evidence: Evidence = ()
    self_handled: Annotated[bool, Field(description="Put right on the spot (自处置)")] = False
    note: Annotated[Note, Field(description="How it was put right, if it was")] = ""

    def fields(self) -> dict[str, Any]:
        """Return the values as the command takes them."""
        reporter = Reporter(**self.reporter.fields()) if self.reporter else None
        return super().fields() | {"reporter": reporter}


class Verification(Body):
    """Whether the report is true."""

    genuine: bool
    note: Note = ""


class Dispatch(Body):
    """To a department, a person or a grid of this town."""

    department: MemberKey | None = None
    assignee: MemberKey | None = None
    grid: GridCode | None = None
    note: Note = ""


class Down(Body):
    """To which grid, and to whom there."""

    grid: GridCode
    assignee: MemberKey | None = None
    note: Note = ""


class Up(Body):
    """Why, and to which level."""

    reason: Annotated[Reason, Field(examples=["需要区里协调"])]
    to: Slug = "district"


class CaseHandover(Handover):
    """Why, and to which grid, person or department."""

    department: MemberKey | None = None


class Checker(Body):
    """Who is to check."""

    checker: MemberKey | None = None


class FollowUp(Body):
    """Whether the reporter is satisfied."""

    satisfied: bool
    note: Note = ""


class Into(Body):
    """Which case this one is a duplicate of, and why you think so."""

    into: Id
    reason: Annotated[Reason, Field(examples=["同一处"])]


class Appeal(Body):
    """Whether the appeal is right, and why."""

    upheld: bool
    reason: Annotated[Reason, Field(examples=["情况属实"])]


steps: Final = Steps(router, "case")
steps.begin(
    "report",
    ReportCase,
    Report,
    "Report a case (上报)",
    "From the field or for a resident; a repeat under the same `Idempotency-Key` never makes two.\n\n"
    "A phone that was offline says in `Dispatch-Device-Time` when it happened; both times are kept.",
)
steps.add("accept", AcceptCase, None, "Accept (受理)", "The centre takes the case on.")
steps.add("refuse", RefuseCase, Why, "Refuse", "The centre does not take it on, and says why.")
steps.add("verify", VerifyCase, Verification, "Verify (核实)", "Is the report true? Before it is registered.")
steps.add("register", RegisterCase, None, "Register (立案)", "The handling clock starts.")
steps.add(
    "do-not-register", DoNotRegisterCase, Why, "Do not register", "There is nothing to handle, and why."
)
steps.add(
    "dispatch",
    DispatchCase,
    Dispatch,
    "Dispatch across (横向分拨)",
    "To a department, person or grid of the town.",
)
steps.add("hand-down", HandDownCase, Down, "Hand down (纵向交办)", "To a grid, which is to handle it.")
steps.add("hand-up", HandUpCase, Up, "Hand up (提级)", "To the level above; the town's clock waits.")
steps.add("transfer", TransferCase, CaseHandover, "Transfer (转办)", "To another handler; the clock goes on.")
steps.add("decline", DeclineCase, Why, "Decline (退单)", "Not mine: back to the centre.")
steps.add("handle", HandleCase, None, "Begin to handle (处置)", "The handler is responsible from now on.")
steps.add("finish", FinishCase, Work, "Report as handled", "The handling clock stops.")
steps.add(
    "start-check",
    StartCheck,
    Checker,
    "Send a checker",
    "Somebody of the case's grid other than the handler goes to see; without a name, the centre itself.",
)
steps.add(
    "check", CheckCase, Judgement, "Check (核查)", "Is it fixed? If not, it goes back for rework (返工 +1)."
)
steps.add("close", CloseCase, Told, "Close (结案)", "After a check that passed.")
steps.add(
    "follow-up",
    FollowUpCase,
    FollowUp,
    "Follow up (回访)",
    "Dissatisfaction reopens the case, with a new clock.",
)
steps.add("reopen", ReopenCase, Why, "Reopen (重办)", "A new clock; the old closure stays as it was.")
steps.add(
    "self-handle", SelfHandleCase, Work, "Self-handle (自处置)", "Put right on the spot by the grid worker."
)
steps.add("merge", MergeCase, Into, "Merge (并案)", "A duplicate leaves the rates; its reporter still hears.")
steps.add("unmerge", UnmergeCase, Why, "Undo a merge", "The case comes back as it was.")
steps.add("void", VoidCase, Why, "Void (作废)", "The case leaves every set.")
steps.add(
    "appeal", AppealCase, Why, "Appeal (申诉)", "Against having been refused, not registered or voided."
)
steps.add("decide-appeal", DecideAppeal, Appeal, "Decide an appeal", "Upheld, the case comes back.")
steps.add(
    "suspend", SuspendCase, Pause, "Suspend (挂账)", "At most once; the clock goes on by itself at `until`."
)
steps.add("resume", ResumeCase, None, "Resume now", "The clock goes on before the suspension ends.")
steps.add(
    "request-extension", RequestCaseExtension, Why, "Ask for an extension (延期)", "Only while not overdue."
)
steps.add(
    "decide-extension", DecideCaseExtension, Grant, "Grant or refuse an extension", "Adds the limit once."
)
steps.add(
    "instruct", InstructCase, Instruction, "Add a leader's instruction (批示)", "All who work on it see it."
)
