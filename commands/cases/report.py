"""Report a case (上报): from a grid, a resident, the hotline or anyone else; once only, early or late."""

from commands.cases.command import CaseIsPermit, acceptance_from
from commands.cases.escalate import alarm
from commands.cases.places import require_location, require_place
from commands.cases.self_handle import require_self_handler
from commands.command import Command, Decision, On
from commands.context import Context
from commands.titles import require_title
from dispatch.domain.cases.events import CaseReported, CaseSelfHandled, Reporter
from dispatch.domain.cases.kinds import PERMIT, Channel, Severity, Source
from dispatch.domain.refusal import Unacceptable


class CategoryMissing(Unacceptable):
    """A case has a category."""


class ReportCase(Command, frozen=True, kw_only=True, tag="case.report"):
    """Report a case in a grid, or in the town where no grid is known.

    `self_handled` says that the worker has put it right on the spot, as `note` tells.
    """

    grid: str
    category: str
    title: str
    source: Source = Source.GRID_WORKER
    channel: Channel = Channel.DEVICE
    severity: Severity = Severity.GRADE_3
    description: str = ""
    reporter: Reporter | None = None
    longitude: float | None = None
    latitude: float | None = None
    evidence: tuple[str, ...] = ()
    self_handled: bool = False
    note: str = ""


def _check(command: ReportCase, context: Context) -> None:
    require_place(command.grid, context)
    require_location(command.longitude, command.latitude)
    require_title(command.title)
    if not command.category.strip():
        raise CategoryMissing
    if command.category == PERMIT:
        raise CaseIsPermit
    if command.self_handled:
        require_self_handler(command.category, context)


def decide(command: ReportCase, context: Context) -> Decision:
    """Report it at the time of the device.

    The acceptance clock starts now, when the centre receives it: the centre can't be late for what it
    could not know. A Ⅰ or Ⅱ case goes straight to the commander.
    """
    _check(command, context)
    stream = f"case:{context.new_id()}"
    at = context.at()
    acceptance = acceptance_from(command.grid, command.category, command.severity, context.now, context)
    yield On(
        stream,
        CaseReported(
            at=at,
            grid=command.grid,
            category=command.category,
            title=command.title,
            source=command.source,
            channel=command.channel,
            severity=command.severity,
            by=context.person,
            acceptance=acceptance,
            description=command.description,
            reporter=command.reporter,
            longitude=command.longitude,
            latitude=command.latitude,
            evidence=command.evidence,
        ),
    )
    if command.self_handled:
        yield On(
            stream,
            CaseSelfHandled(at=at, by=context.person, note=command.note, evidence=command.evidence),
        )
        return
    for told in alarm(command.grid, acceptance, context):
        yield On(stream, told)
