"""Hand a case down (纵向交办): the level below, a grid, is to handle it."""

from commands.cases.command import CaseCommand, goes_on, present, require, require_plain, then
from commands.cases.dispatch import require_handler_known
from commands.command import Decision
from commands.context import Context
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseHandedDown


class HandDownCase(CaseCommand, frozen=True, kw_only=True, tag="case.hand_down"):
    """Give a registered case, or one that the level above sent back, down to `grid`."""

    grid: str
    assignee: str | None = None
    note: str = ""


def decide(command: HandDownCase, context: Context) -> Decision:
    """Hand down; a clock that waited while the level above had the case goes on."""
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.REGISTERED, Status.REOPENED, Status.HANDED_UP)
    grid = require_handler_known(case, context, department=None, assignee=command.assignee, grid=command.grid)
    event = CaseHandedDown(
        at=context.now,
        by=context.person,
        grid=grid,
        handling=goes_on(case, context),
        assignee=command.assignee,
        note=command.note,
    )
    yield from then(before, event)
