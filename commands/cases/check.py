"""Check a case (核查): is it fixed? After it was handled, not to be mixed up with verifying (核实)."""

from commands.cases.command import CaseCommand, goes_on, present, require, require_plain, then
from commands.cases.responsibility import require_not_handler
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.accounts import Role
from dispatch.domain.cases import Case, Status
from dispatch.domain.cases.events import CaseCheckFailed, CaseCheckPassed
from dispatch.domain.refusal import NotAllowed


class NotTheChecker(NotAllowed):
    """A grid worker checks only what the centre has named the worker for."""


class CheckCase(CaseCommand, frozen=True, kw_only=True, tag="case.check"):
    """Say whether the case is fixed; a `note` is required when it is not."""

    passed: bool
    note: str = ""


def _require_checker(case: Case, context: Context) -> None:
    require_not_handler(case, context.person)
    if context.actor.role is Role.WORKER and case.checker != context.person:
        raise NotTheChecker


def decide(command: CheckCase, context: Context) -> Decision:
    """Pass it, at the time at which it was seen; or send it back for rework.

    Then the handling clock goes on from now where it had stopped: who is to work on it knew nothing before.
    """
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.HANDLED, Status.CHECKING)
    _require_checker(case, context)
    if command.passed:
        at = context.at(case.since)
        yield from then(before, CaseCheckPassed(at=at, by=context.person, note=command.note))
        return
    reason = require_reason(command.note)
    handling = goes_on(case, context)
    event = CaseCheckFailed(at=context.now, by=context.person, reason=reason, handling=handling)
    yield from then(before, event)
