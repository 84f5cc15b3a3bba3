"""The grids that a ledger names: which of the town's they are, and the codes that new ones get."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from dispatch.domain import codes
from dispatch.domain.refusal import NotNow
from dispatch.domain.towns import Town

VILLAGES: Final = 999
FIRST_GRID: Final = "001"


class TownIsFull(NotNow):
    """The town has no village number left for another grid: 999 is the last."""


class NewGrid(NamedTuple):
    """A grid to draw: its code, its name in the ledger, and when its first case was reported."""

    code: str
    name: str
    since: datetime


class GridNames:
    """Finds a town's grids by the names or codes that a ledger uses."""

    def __init__(self, town: Town | None) -> None:
        self._codes: dict[str, list[str]] = {}
        for grid in town.grids.values() if town else ():
            self._codes.setdefault(grid.name.strip(), []).append(grid.code)
            self._codes.setdefault(grid.code, [grid.code])

    def __contains__(self, name: str) -> bool:
        return name in self._codes

    def code_of(self, name: str) -> str | None:
        """Return the code of the grid of that name; None if no grid has it, or if several have."""
        found = self._codes.get(name, [])
        return found[0] if len(found) == 1 else None

    def several(self, name: str) -> list[str]:
        """Return the codes of the grids of that name if it is no single one."""
        found = self._codes.get(name, [])
        return found if len(found) > 1 else []


def new_grids(code: str, town: Town | None, first_cases: Mapping[str, datetime]) -> list[NewGrid]:
    """Return the grids to draw for names that the town doesn't have, in the order of their first cases.

    Each gets a village number of its own, the next that is free, and is grid 001 there; the same ledger
    gives the same codes whatever the order of its rows.
    """
    known = GridNames(town)
    wanted = sorted((since, name) for name, since in first_cases.items() if name not in known)
    free = _free_villages(code, town)
    found = []
    for since, name in wanted:
        village = next(free, None)
        if village is None:
            raise TownIsFull(town=code)
        found.append(NewGrid(f"{village}{FIRST_GRID}", name, since))
    return found


def _free_villages(code: str, town: Town | None) -> Iterator[str]:
    taken = {codes.village_of(grid) for grid in town.grids} if town else set()
    villages = (f"{code}{number:03d}" for number in range(1, VILLAGES + 1))
    return (village for village in villages if village not in taken)
