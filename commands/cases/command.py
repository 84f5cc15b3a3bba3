"""What the commands on one case have in common: its stream, what time itself brings about, its refusals."""

from collections.abc import Iterator
from datetime import datetime

from commands.command import Command, On
from commands.context import Context
from dispatch.domain.cases import ENDED, Case, Status, evolve
from dispatch.domain.cases.events import CaseOutcomeTold, CaseResumed
from dispatch.domain.cases.kinds import CLOCK_RUNS, DISPUTE, Severity
from dispatch.domain.event import Event
from dispatch.domain.ladder import HIGHEST, NOW, WHOLE
from dispatch.domain.refusal import NotNow
from dispatch.domain.working_time import Deadline, planned


class CaseStatusForbids(NotNow):
    """The case's present status does not allow that."""


class CaseEnded(NotNow):
    """The case has ended; nothing more can be done with it but what leads out of its ending."""


class CaseIsDispute(NotNow):
    """The case is a dispute, which has steps of its own."""


class CaseIsPermit(NotNow):
    """The case is a permit to publish, which has steps of its own."""


class CaseCommand(Command, frozen=True, kw_only=True):
    """A command on one case, by its id."""

    case: str

    @property
    def stream(self) -> str:
        """The case's stream."""
        return f"case:{self.case}"


def awake(case: Case, now: datetime) -> CaseResumed | None:
    """Return the event of a suspension that has come to its end by itself, if it has by `now`."""
    until = case.suspended_until
    if case.status is Status.SUSPENDED and case.handling is not None and until is not None and until <= now:
        return CaseResumed(at=until, by=None, handling=case.handling)
    return None


def found(command: CaseCommand, context: Context) -> Case:
    """Return the case, ended or not; refuses with `StaleVersion`."""
    case = context.case(command.case)
    context.require_version(command.stream)
    return case


def present(command: CaseCommand, context: Context) -> tuple[Case, list[Event]]:
    """Return the case as it stands now and the events that time itself has brought about since its last one.

    Refuses with `CaseEnded` for a case that has ended, and with `StaleVersion`.
    """
    case = found(command, context)
    if case.status in ENDED:
        raise CaseEnded(status=case.status)
    woken = awake(case, context.now)
    return (case, []) if woken is None else (evolve(case, woken), [woken])


def require(case: Case, *statuses: Status) -> None:
    """Refuse with `CaseStatusForbids` unless the case is in one of `statuses`."""
    if case.status not in statuses:
        raise CaseStatusForbids(status=case.status, allowed=sorted(statuses))


def require_plain(case: Case) -> None:
    """Refuse unless the case goes the ordinary way, from registering to closing."""
    if case.category == DISPUTE or case.dispute is not None:
        raise CaseIsDispute
    require_no_permit(case)


def require_no_permit(case: Case) -> None:
    """Refuse with `CaseIsPermit` for a permit to publish."""
    if case.permit is not None:
        raise CaseIsPermit


def then(first: list[Event], *events: Event) -> Iterator[Event]:
    """Yield what time brought about, then what the command does."""
    yield from first
    yield from events


def acceptance_known(
    place: str, category: str, severity: Severity, started: datetime, context: Context
) -> Deadline:
    """Return the deadline of an acceptance clock that is known to have stopped: no step of it is planned."""
    policy, mode = context.policy_for(place), context.mode_for(place, started)
    rule = policy.rule("case", category, "acceptance", mode)
    return context.deadline(policy, rule, policy.for_case(category, severity, mode).acceptance, started)


def acceptance_from(
    place: str, category: str, severity: Severity, started: datetime, context: Context
) -> Deadline:
    """Return the deadline of an acceptance clock that starts, with the steps of the ladder that are its own.

    It runs in the centre, so nobody in the grid is warned of it: it has the steps from the overdue on, and in
    a Ⅰ or Ⅱ case that of the commander at once.
    """
    policy = context.policy_for(place)
    deadline = acceptance_known(place, category, severity, started, context)
    ladder = [step for step in policy.ladder_for(severity) if step.share == NOW or step.share >= WHOLE]
    return planned(context.calendar_under(policy), deadline, ladder)


def handling_from(case: Case, started: datetime, context: Context) -> Deadline:
    """Return the deadline of a handling clock that starts, with the steps of the ladder.

    In a Ⅰ or Ⅱ case the commander's is due at once, unless he has heard of the case before it was registered:
    then neither his nor those above it come again. All others do, whatever the acceptance clock has fired.
    """
    policy, mode = context.policy_for(case.grid), context.mode_for(case.grid, started)
    rule = policy.rule("case", case.category, "handling", mode)
    limit = policy.for_case(case.category, case.severity, mode).handling
    deadline = context.deadline(policy, rule, limit, started)
    ladder = policy.ladder_for(case.severity)
    if case.handling is None and case.severity in policy.at_once:
        done = case.escalation.done
        ladder = tuple(step for step in ladder if step.name not in done or step.level not in HIGHEST)
    return planned(context.calendar_under(policy), deadline, ladder)


def goes_on(case: Case, context: Context) -> Deadline:
    """Return the handling deadline of a registered case whose clock goes on now, if it had stopped at all."""
    if case.handling is None:
        return handling_from(case, context.now, context)
    if case.clock_stopped_at is None:
        return case.handling
    return context.resumed(case.handling, case.clock_stopped_at, context.now)


def left_over(
    case: Case, waiting_since: datetime, context: Context
) -> tuple[Deadline | None, Deadline | None]:
    """Return both deadlines of a case that stands again as before: what was left of each clock is left now.

    A clock that did not run before keeps its deadline as it is.
    """
    acceptance, handling = case.acceptance, case.handling
    if acceptance is not None and case.before is Status.REPORTED:
        acceptance = context.resumed(acceptance, waiting_since, context.now)
    if handling is not None and case.before in CLOCK_RUNS:
        handling = context.resumed(handling, waiting_since, context.now)
    return acceptance, handling


def duplicates(case: Case, context: Context) -> list[str]:
    """Return the ids of the cases merged into this one and of those merged into them, sorted."""
    known: set[str] = set()
    waiting = [*case.merged]
    while waiting:
        key = waiting.pop()
        duplicate = context.find_case(key)
        if key not in known and duplicate is not None and duplicate.status is Status.MERGED:
            known.add(key)
            waiting.extend(duplicate.merged)
    return sorted(known)


def tell(command: CaseCommand, case: Case, context: Context) -> Iterator[On]:
    """Yield, for each duplicate of a case that ends, that its reporter is told the outcome."""
    for key in duplicates(case, context):
        told = CaseOutcomeTold(at=context.now, by=context.person, survivor=command.case)
        yield On(f"case:{key}", told)
