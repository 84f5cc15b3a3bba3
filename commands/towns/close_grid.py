"""Close a grid: nothing new goes to it, what is open there goes on."""

from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from commands.towns.command import TownCommand, grid_of, present
from dispatch.domain.towns import GridClosed


class CloseGrid(TownCommand, frozen=True, kw_only=True, tag="town.close_grid"):
    """Give a grid up, with a reason."""

    grid: str
    reason: str


def decide(command: CloseGrid, context: Context) -> Decision:
    """Close it; closing it again is a no-op."""
    grid = grid_of(present(command, context), command.grid)
    reason = require_reason(command.reason)
    if not grid.closed:
        yield GridClosed(at=context.now, code=grid.code, reason=reason)
