"""Transfer a case (转办): one handler's responsibility ends and another's begins."""

from commands.cases.command import CaseCommand, present, require, require_plain, then
from commands.cases.dispatch import require_handler_known
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseTransferred
from dispatch.domain.refusal import NotNow


class CaseIsThereAlready(NotNow):
    """The case is already with that handler."""


class TransferCase(CaseCommand, frozen=True, kw_only=True, tag="case.transfer"):
    """Give a dispatched case to another `department`, or to another `assignee`, `grid` or both."""

    reason: str
    department: str | None = None
    assignee: str | None = None
    grid: str | None = None


def decide(command: TransferCase, context: Context) -> Decision:
    """Transfer; the handling clock goes on as it did."""
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.DISPATCHED, Status.HANDLING)
    grid = require_handler_known(
        case, context, department=command.department, assignee=command.assignee, grid=command.grid
    )
    if (grid, command.department, command.assignee) == (case.grid, case.department, case.assignee):
        raise CaseIsThereAlready
    event = CaseTransferred(
        at=context.now,
        by=context.person,
        grid=grid,
        reason=require_reason(command.reason),
        department=command.department,
        assignee=command.assignee,
    )
    yield from then(before, event)
