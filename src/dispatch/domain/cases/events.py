"""What can happen to any case (事件): its events, from the report to the follow-up."""

from datetime import datetime
from typing import ClassVar

import msgspec

from dispatch.domain.cases.kinds import Channel, Severity, Source
from dispatch.domain.event import Event
from dispatch.domain.working_time import Deadline


class Reporter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who reported, as a whole personal data (PIPL): kept in one place so that it can be erased in one go."""

    name: str = ""
    telephone: str = ""
    identity_number: str = ""
    address: str = ""
    note: str = ""


class CaseReported(Event, frozen=True, kw_only=True, tag="case.reported"):
    """A case reached the centre; `at` is the device's time, the acceptance clock starts when it was received.

    `grid` is where it is: a grid's code, or the town's where no grid is known. `longitude` and `latitude` are
    degrees in WGS 84. `evidence` are SHA-256 digests (hex). `reference` is its id in the ledger it came from.
    """

    grid: str
    category: str
    title: str
    source: Source
    channel: Channel
    severity: Severity
    by: str
    acceptance: Deadline
    description: str = ""
    reporter: Reporter | None = None
    longitude: float | None = None
    latitude: float | None = None
    evidence: tuple[str, ...] = ()
    reference: str | None = None

    personal: ClassVar[tuple[str, ...]] = ("description", "reporter")
    telephones: ClassVar[tuple[str, ...]] = ("reporter.telephone",)


class CaseAccepted(Event, frozen=True, kw_only=True, tag="case.accepted"):
    """The centre took the case on (受理)."""

    by: str


class CaseRefused(Event, frozen=True, kw_only=True, tag="case.refused"):
    """The centre did not take the case on."""

    by: str
    reason: str


class CaseVerified(Event, frozen=True, kw_only=True, tag="case.verified"):
    """Somebody went to see whether the report is true (核实), before it is registered."""

    by: str
    genuine: bool
    note: str = ""


class CaseRegistered(Event, frozen=True, kw_only=True, tag="case.registered"):
    """The centre put the case on its books (立案); the handling clock started."""

    by: str
    handling: Deadline


class CaseNotRegistered(Event, frozen=True, kw_only=True, tag="case.not_registered"):
    """The centre accepted the report and found that there is nothing to handle."""

    by: str
    reason: str


class CaseSelfHandled(Event, frozen=True, kw_only=True, tag="case.self_handled"):
    """A grid worker put it right on the spot (自处置): accepted and closed, without registration."""

    by: str
    note: str
    evidence: tuple[str, ...] = ()


class CaseDispatched(Event, frozen=True, kw_only=True, tag="case.dispatched"):
    """The centre gave the case across (横向分拨) to a department, a person or another grid of this town.

    `grid` is where the case is from now on, the same as before unless it was given to another grid.
    """

    by: str
    grid: str
    handling: Deadline
    department: str | None = None
    assignee: str | None = None
    note: str = ""


class CaseHandedDown(Event, frozen=True, kw_only=True, tag="case.handed_down"):
    """The centre gave the case down (纵向交办) to `grid`, which is to handle it."""

    by: str
    grid: str
    handling: Deadline
    assignee: str | None = None
    note: str = ""


class CaseHandedUp(Event, frozen=True, kw_only=True, tag="case.handed_up"):
    """The centre gave the case to the level above (提级), named by `to`; the town's clock waits."""

    by: str
    to: str
    reason: str


class CaseTransferred(Event, frozen=True, kw_only=True, tag="case.transferred"):
    """The centre gave the case to another handler (转办); the clock goes on as it did."""

    by: str
    grid: str
    reason: str
    department: str | None = None
    assignee: str | None = None


class CaseDeclined(Event, frozen=True, kw_only=True, tag="case.declined"):
    """The handler sent the case back to the centre: not mine (退单); the town's clock goes on."""

    by: str
    reason: str


class CaseHandlingStarted(Event, frozen=True, kw_only=True, tag="case.handling_started"):
    """The handler began to work on it (处置) and is responsible from now on."""

    by: str


class CaseHandled(Event, frozen=True, kw_only=True, tag="case.handled"):
    """The handler reported the case as put right; the handling clock stopped."""

    by: str
    note: str
    evidence: tuple[str, ...] = ()


class CaseCheckStarted(Event, frozen=True, kw_only=True, tag="case.check_started"):
    """Somebody was sent to see whether it is fixed (核查); `checker` if the centre named one."""

    by: str
    checker: str | None = None


class CaseCheckPassed(Event, frozen=True, kw_only=True, tag="case.check_passed"):
    """It is fixed; the centre can close the case."""

    by: str
    note: str = ""


class CaseCheckFailed(Event, frozen=True, kw_only=True, tag="case.check_failed"):
    """It is not fixed: rework (返工); the handling clock goes on where it stopped."""

    by: str
    reason: str
    handling: Deadline


class CaseClosed(Event, frozen=True, kw_only=True, tag="case.closed"):
    """The centre closed the case (结案); the reporters of the `merged` cases hear the outcome too."""

    by: str
    note: str = ""
    merged: tuple[str, ...] = ()


class CaseFollowedUp(Event, frozen=True, kw_only=True, tag="case.followed_up"):
    """The reporter was asked whether it is well (回访)."""

    by: str
    satisfied: bool
    note: str = ""

    personal: ClassVar[tuple[str, ...]] = ("note",)


class CaseReopened(Event, frozen=True, kw_only=True, tag="case.reopened"):
    """A closed case is to be handled again (重办), with a new clock; its old closure stays as it is.

    `reason` is empty where the event before it is why: at the follow-up the reporter was not satisfied.
    """

    by: str
    reason: str
    handling: Deadline


class CaseMerged(Event, frozen=True, kw_only=True, tag="case.merged"):
    """The case is a duplicate of the case `into` (并案) and leaves the rates; its clocks wait."""

    by: str
    into: str
    reason: str


class CaseAbsorbed(Event, frozen=True, kw_only=True, tag="case.absorbed"):
    """The duplicate `case` was merged into this case."""

    by: str
    case: str


class CaseUnmerged(Event, frozen=True, kw_only=True, tag="case.unmerged"):
    """A merge was undone: the case stands as it did, with the time left that it had."""

    by: str
    reason: str
    acceptance: Deadline
    handling: Deadline | None = None


class CaseReleased(Event, frozen=True, kw_only=True, tag="case.released"):
    """The merge of `case` into this case was undone."""

    by: str
    case: str


class CaseOutcomeTold(Event, frozen=True, kw_only=True, tag="case.outcome_told"):
    """The case that this one was merged into, `survivor`, was closed: the reporter is told."""

    by: str
    survivor: str


class CaseVoided(Event, frozen=True, kw_only=True, tag="case.voided"):
    """The case should never have been one (作废); it leaves every figure."""

    by: str
    reason: str


class CaseAppealed(Event, frozen=True, kw_only=True, tag="case.appealed"):
    """Somebody objected (申诉) to the case being refused, not registered or voided."""

    by: str
    reason: str


class CaseAppealDecided(Event, frozen=True, kw_only=True, tag="case.appeal_decided"):
    """The appeal was decided; if `upheld`, the case stands as before, with the time left it had."""

    by: str
    upheld: bool
    reason: str
    acceptance: Deadline | None = None
    handling: Deadline | None = None


class CaseSuspended(Event, frozen=True, kw_only=True, tag="case.suspended"):
    """The clock waits (挂账) and goes on by itself at `until`; `handling` is the deadline if it does."""

    by: str
    reason: str
    until: datetime
    handling: Deadline


class CaseResumed(Event, frozen=True, kw_only=True, tag="case.resumed"):
    """The clock goes on; `by` is None when the suspension came to its end by itself."""

    by: str | None
    handling: Deadline


class CaseExtensionRequested(Event, frozen=True, kw_only=True, tag="case.extension_requested"):
    """The handler asked for more time, while not overdue."""

    by: str
    reason: str


class CaseExtensionGranted(Event, frozen=True, kw_only=True, tag="case.extension_granted"):
    """The centre added the original limit once."""

    by: str
    handling: Deadline


class CaseExtensionRefused(Event, frozen=True, kw_only=True, tag="case.extension_refused"):
    """The centre left the deadline as it was."""

    by: str
    reason: str


class CaseInstructed(Event, frozen=True, kw_only=True, tag="case.instructed"):
    """A leader added an instruction (批示)."""

    by: str
    note: str
