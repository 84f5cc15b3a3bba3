"""Start the check of a case (核查): somebody is sent to see whether it is fixed."""

from commands.assignment import require_member
from commands.cases.command import CaseCommand, present, require, require_plain, then
from commands.cases.responsibility import require_not_handler
from commands.command import Decision
from commands.context import Context
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseCheckStarted


class StartCheck(CaseCommand, frozen=True, kw_only=True, tag="case.start_check"):
    """Have a handled case checked, by the member `checker` or by the centre itself."""

    checker: str | None = None


def decide(command: StartCheck, context: Context) -> Decision:
    """Start; the checker is never one who handled the case."""
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.HANDLED)
    if command.checker is not None:
        require_member(command.checker, case.grid, context)
        require_not_handler(case, command.checker)
    yield from then(before, CaseCheckStarted(at=context.now, by=context.person, checker=command.checker))
