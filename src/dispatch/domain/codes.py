"""Hierarchical codes of places: 6 digits county, 9 town, 12 village or community, 15 grid.

A prefix of a code is a scope.
"""

from typing import Final

from dispatch.domain.refusal import Unacceptable

COUNTY: Final = 6
TOWN: Final = 9
VILLAGE: Final = 12
GRID: Final = 15
SCOPE_LENGTHS: Final = (0, 2, 4, COUNTY, TOWN, VILLAGE, GRID)
"""Everything, province, city, county, town, village, grid."""


class CodeMalformed(Unacceptable):
    """A code has 2, 4, 6, 9, 12 or 15 digits: province, city, county, town, village or community, grid."""


def is_code(code: str, length: int) -> bool:
    """Tell whether `code` has exactly `length` digits 0 to 9."""
    return len(code) == length and code.isascii() and (code.isdigit() or not code)


def require(code: str, *lengths: int) -> str:
    """Return `code`, which must have one of `lengths` digits; otherwise `CodeMalformed`."""
    if not any(is_code(code, length) for length in lengths):
        raise CodeMalformed(given=code[:40], digits=list(lengths))
    return code


def covers(scope: str, code: str) -> bool:
    """Tell whether the place `code` lies in `scope`; the scope "" covers everything."""
    return code.startswith(scope)


def town_of(code: str) -> str:
    """Return the code of the town that a village or grid belongs to."""
    return code[:TOWN]


def village_of(grid: str) -> str:
    """Return the code of the village or community that a grid belongs to."""
    return grid[:VILLAGE]
