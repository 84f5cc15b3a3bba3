"""Draw grids: several at once, all or nothing."""

from datetime import datetime
from typing import Any

import msgspec

from commands.command import Decision
from commands.context import Context
from commands.towns.boundary import require_boundary
from commands.towns.command import TownCommand, present, require_name, since
from dispatch.domain import codes
from dispatch.domain.refusal import NotNow, Unacceptable
from dispatch.domain.towns import GridDrawn, Town


class GridOutsideTown(Unacceptable):
    """A grid's code begins with its town's."""


class GridAlreadyDrawn(NotNow):
    """A grid of that code was drawn already, or stands twice in the request."""


class NoGridNamed(Unacceptable):
    """At least one grid is to be drawn."""


class GridPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A grid to draw; `boundary` is GeoJSON in WGS 84, or not known yet.

    `since` is when it was drawn, if that was before now, as for the grids of a ledger that is imported.
    """

    code: str
    name: str
    village: str
    boundary: dict[str, Any] | None = None
    since: datetime | None = None


class DrawGrids(TownCommand, frozen=True, kw_only=True, tag="town.draw_grids"):
    """Draw grids of a town."""

    grids: tuple[GridPlan, ...]


def _drawn(plan: GridPlan, town: Town, context: Context) -> GridDrawn:
    codes.require(plan.code, codes.GRID)
    if codes.town_of(plan.code) != town.code:
        raise GridOutsideTown(grid=plan.code, town=town.code)
    if plan.code in town.grids:
        raise GridAlreadyDrawn(grid=plan.code)
    return GridDrawn(
        at=since(plan.since, context),
        code=plan.code,
        name=require_name(plan.name),
        village=require_name(plan.village),
        boundary=require_boundary(plan.boundary),
    )


def decide(command: DrawGrids, context: Context) -> Decision:
    """Draw all of them or none."""
    town = present(command, context)
    if not command.grids:
        raise NoGridNamed
    if len({plan.code for plan in command.grids}) != len(command.grids):
        raise GridAlreadyDrawn
    yield from [_drawn(plan, town, context) for plan in command.grids]
