"""Change a grid: another name, village name or boundary from now on."""

from typing import Any

from commands.command import Decision
from commands.context import Context, GridIsClosed
from commands.towns.boundary import require_boundary
from commands.towns.command import TownCommand, grid_of, present, require_name
from dispatch.domain.towns import Grid, GridChanged


class ChangeGrid(TownCommand, frozen=True, kw_only=True, tag="town.change_grid"):
    """Say what is true of a grid from now on; what is left out stays as it is."""

    grid: str
    name: str | None = None
    village: str | None = None
    boundary: dict[str, Any] | None = None


def decide(command: ChangeGrid, context: Context) -> Decision:
    """Change an open grid; a change to what it is already is a no-op."""
    grid = grid_of(present(command, context), command.grid)
    if grid.closed:
        raise GridIsClosed(grid=command.grid)
    name = grid.name if command.name is None else require_name(command.name)
    village = grid.village if command.village is None else require_name(command.village)
    boundary = grid.boundary if command.boundary is None else require_boundary(command.boundary)
    if Grid(grid.code, name, village, boundary) != grid:
        yield GridChanged(at=context.now, code=grid.code, name=name, village=village, boundary=boundary)
