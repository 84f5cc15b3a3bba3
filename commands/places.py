"""Whether a place is there: the scope of a plan or of an emergency."""

from commands.context import Context
from dispatch.domain import codes
from dispatch.domain.refusal import Unknown


class VillageUnknown(Unknown):
    """There is no village or community of that code."""


def require_scope(code: str, context: Context, *lengths: int) -> str:
    """Return the code of a place of one of these `lengths` that is there, within the actor's reach.

    A grid is an open one, a village is there through its grids; of a county nobody here can tell.
    """
    codes.require(code, *lengths)
    context.reach(code)
    if len(code) == codes.GRID:
        context.grid(code)
    elif len(code) >= codes.TOWN:
        grids = context.town(code).grids
        if len(code) == codes.VILLAGE and not any(codes.covers(code, grid) for grid in grids):
            raise VillageUnknown(village=code)
    return code
