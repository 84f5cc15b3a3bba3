"""Tasks (任务): issued by the centre, worked on by the grids."""

from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import Field

from commands.tasks.accept import AcceptTask
from commands.tasks.cancel import CancelTask
from commands.tasks.decide_extension import DecideTaskExtension
from commands.tasks.decline import DeclineTask
from commands.tasks.handle import HandleTask
from commands.tasks.instruct import InstructTask
from commands.tasks.issue import IssueTasks
from commands.tasks.request_extension import RequestTaskExtension
from commands.tasks.resume import ResumeTask
from commands.tasks.submit import SubmitTask
from commands.tasks.suspend import SuspendTask
from commands.tasks.transfer import TransferTask
from commands.tasks.verify import VerifyTask
from dispatch.service.http.answers import WRITES
from dispatch.service.http.bodies import (
    Acceptance,
    Grant,
    Handled,
    Handover,
    Instruction,
    Judgement,
    Pause,
    Why,
)
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.routes import API
from dispatch.service.http.steps import Steps
from dispatch.service.http.text import Body, GridCode, Id, LimitBody, MemberKey, Note, Slug, Title

router = APIRouter(prefix=f"{API}/tasks", tags=["tasks"], responses=WRITES, route_class=JsonRoute)


class Issue(Body):
    """One task for each grid; several grids make a campaign, all or nothing."""

    grids: Annotated[
        tuple[GridCode, ...], Field(min_length=1, max_length=500, examples=[["500115101001001"]])
    ]
    title: Annotated[Title, Field(examples=["汛期地质灾害点巡查"])]
    category: Annotated[Slug, Field(examples=["patrol"])]
    instructions: Note = ""
    assignee: MemberKey | None = None
    limit: LimitBody | None = None
    households: Annotated[
        tuple[Id, ...], Field(max_length=200, description="To be visited, in the one grid")
    ] = ()


steps: Final = Steps(router, "task")
steps.begin(
    "issue",
    IssueTasks,
    Issue,
    "Issue a task to one or many grids (下发)",
    "One task for each grid; for several grids also the campaign that they belong to, all or nothing.",
)
steps.add(
    "accept",
    AcceptTask,
    Acceptance,
    "Accept (签收)",
    "From now on the person who accepts is responsible for the task; no body is needed.",
)
steps.add(
    "decline",
    DeclineTask,
    Why,
    "Decline (退单)",
    "Not mine: the task goes back to the centre, and its clock waits until it is transferred.",
)
steps.add(
    "transfer",
    TransferTask,
    Handover,
    "Transfer (转办)",
    "Another grid or person is to accept the task; the handling clock does not start again.",
)
steps.add("handle", HandleTask, None, "Begin to work on it (办理)", "By the person who accepted it.")
steps.add(
    "submit",
    SubmitTask,
    Handled,
    "Report it as done (反馈)",
    "The handling clock stops, at the device's time if it was offline.",
)
steps.add(
    "verify",
    VerifyTask,
    Judgement,
    "Verify the work (核验): close it (办结) or return it (退回)",
    "Never by the person who did the work. After a return the clock goes on where it stopped.",
)
steps.add(
    "request-extension",
    RequestTaskExtension,
    Why,
    "Ask for an extension (延期)",
    "Only while the task is not overdue, and for at most two grants.",
)
steps.add(
    "decide-extension",
    DecideTaskExtension,
    Grant,
    "Grant or refuse an extension",
    "A grant adds the original limit once.",
)
steps.add(
    "suspend", SuspendTask, Pause, "Suspend (挂账)", "At most once; the clock goes on by itself at `until`."
)
steps.add("resume", ResumeTask, None, "Resume now", "The clock goes on before the suspension ends.")
steps.add("cancel", CancelTask, Why, "Cancel (撤销)", "The task leaves every denominator and is shown apart.")
steps.add(
    "instruct", InstructTask, Instruction, "Add a leader's instruction (批示)", "All who work on it see it."
)
