"""Where a case is: a grid, or the town where no grid is known."""

import math

from commands.context import Context, GridUnknown
from dispatch.domain import codes
from dispatch.domain.refusal import Unacceptable


class LocationUnacceptable(Unacceptable):
    """A location has a longitude from -180 to 180 and a latitude from -90 to 90 degrees, or neither."""


def require_place(code: str, context: Context, *, closed: bool = False) -> str:
    """Return the code of a town or of an open grid (any grid, if `closed`) within the actor's reach."""
    codes.require(code, codes.TOWN, codes.GRID)
    if len(code) == codes.GRID and not closed:
        return context.grid(code).code
    town = context.town(code)
    if len(code) == codes.GRID and code not in town.grids:
        raise GridUnknown(grid=code)
    context.reach(code)
    return code


def require_location(longitude: float | None, latitude: float | None) -> None:
    """Refuse with `LocationUnacceptable` unless both are degrees or both are missing."""
    if longitude is None and latitude is None:
        return
    if longitude is None or latitude is None or not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise LocationUnacceptable
    if abs(longitude) > 180 or abs(latitude) > 90:  # noqa: PLR2004 - degrees
        raise LocationUnacceptable(longitude=longitude, latitude=latitude)
