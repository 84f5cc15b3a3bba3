"""Dispatch a case across (横向分拨): to a department, a person or another grid of this town."""

from commands.assignment import require_department, require_member, require_posted, require_same_town
from commands.cases.command import CaseCommand, goes_on, present, require, require_plain, then
from commands.command import Decision
from commands.context import Context
from dispatch.domain import codes
from dispatch.domain.cases import Case, Status
from dispatch.domain.cases.events import CaseDispatched
from dispatch.domain.refusal import Unacceptable


class OneHandler(Unacceptable):
    """A case is given to a department, or to a person, a grid or a person in a grid: one of these."""


class DispatchCase(CaseCommand, frozen=True, kw_only=True, tag="case.dispatch"):
    """Give a registered case to `department`, or to `assignee`, `grid` or both."""

    department: str | None = None
    assignee: str | None = None
    grid: str | None = None
    note: str = ""


def require_handler_known(
    case: Case, context: Context, *, department: str | None, assignee: str | None, grid: str | None
) -> str:
    """Return the grid that the case will be in, if its town has such a handler to give it to."""
    if (department is None) == (assignee is None and grid is None):
        raise OneHandler
    if department is not None:
        require_department(department, case.grid, context)
        return case.grid
    if grid is not None:
        codes.require(grid, codes.GRID)
        require_same_town(case.grid, grid)
        context.grid(grid)
        if assignee is not None:
            require_posted(assignee, grid, context)
        return grid
    assert assignee is not None
    require_member(assignee, case.grid, context)
    return case.grid


def decide(command: DispatchCase, context: Context) -> Decision:
    """Dispatch; the clock that started at registration goes on."""
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.REGISTERED, Status.REOPENED, Status.HANDED_UP)
    grid = require_handler_known(
        case, context, department=command.department, assignee=command.assignee, grid=command.grid
    )
    event = CaseDispatched(
        at=context.now,
        by=context.person,
        grid=grid,
        handling=goes_on(case, context),
        department=command.department,
        assignee=command.assignee,
        note=command.note,
    )
    yield from then(before, event)
