"""The made-up outlines of the town's nine grids: irregular, adjoining, the same at every run."""

import math
import random
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any, Final

Point = tuple[float, float]

CENTRE: Final[Point] = (107.1, 29.8)
REACH: Final[Point] = (0.052, 0.042)
"""Degrees from the centre to the town's border, east and north: about 5 km each."""
TURN: Final = math.radians(24)
DIVIDERS: Final = ((0.0, 0.31, 0.64, 1.0), (0.0, 0.38, 0.71, 1.0), (0.0, 0.28, 0.62, 1.0))
"""Where each of the three rows of grids is divided, west to east; the rows differ, as real borders do."""
ROUGHNESS: Final = 0.11
"""How far the middle of a stretch of border is moved aside, as a share of the stretch's length."""
HALVINGS: Final = 3
PLACES: Final = 6
"""Decimals of a degree: 0.1 m."""


def _on_the_ground(u: float, v: float) -> Point:
    """Map the unit square onto a rounded, slanting town; `u` runs east, `v` south."""
    x, y = 2 * u - 1, 1 - 2 * v
    x, y = x * math.sqrt(1 - y * y * 0.36), y * math.sqrt(1 - x * x * 0.36)
    x, y = x * math.cos(TURN) - y * math.sin(TURN), x * math.sin(TURN) + y * math.cos(TURN)
    return CENTRE[0] + x * REACH[0], CENTRE[1] + y * REACH[1]


@cache
def _node(line: int, at: float) -> Point:
    """Return the corner on the line between two rows (0 is the northern border), `at` from west to east."""
    chance = random.Random(f"corner {line} {at}")  # noqa: S311 - a drawing
    inner = line in (1, 2)
    u = at + (chance.uniform(-0.03, 0.03) if 0 < at < 1 else 0)
    v = line / 3 + (chance.uniform(-0.045, 0.045) if inner else 0)
    return _on_the_ground(u, v)


@cache
def _stretch(a: Point, b: Point, name: str) -> tuple[Point, ...]:
    """Return the border from `a` to `b`, roughened: its middle is moved aside, then that of each half."""
    points = [a, b]
    chance = random.Random(f"border {name}")  # noqa: S311 - a drawing
    for _ in range(HALVINGS):
        finer = [points[0]]
        for (x0, y0), (x1, y1) in pairwise(points):
            aside = chance.uniform(-ROUGHNESS, ROUGHNESS)
            finer += [((x0 + x1) / 2 - (y1 - y0) * aside, (y0 + y1) / 2 + (x1 - x0) * aside), (x1, y1)]
        points = finer
    return tuple(points)


def _line(line: int, start: float, end: float) -> Iterator[Point]:
    """Give the border along a line between rows, with the corners of the rows on both of its sides."""
    rows = DIVIDERS[max(line - 1, 0) : line + 1]
    corners = sorted({at for row in rows for at in row if start <= at <= end})
    for a, b in pairwise(corners):
        yield from _stretch(_node(line, a), _node(line, b), f"{line} {a} {b}")[:-1]
    yield _node(line, end)


def _divider(row: int, at: float) -> tuple[Point, ...]:
    return _stretch(_node(row, at), _node(row + 1, at), f"divider {row} {at}")


@cache
def ring(row: int, column: int) -> tuple[Point, ...]:
    """Return the closed outline of a grid, counterclockwise as GeoJSON (RFC 7946) asks."""
    west, east = DIVIDERS[row][column], DIVIDERS[row][column + 1]
    north, south = list(_line(row, west, east)), list(_line(row + 1, west, east))
    clockwise = [*north[:-1], *_divider(row, east)[:-1], *reversed(south), *_divider(row, west)[::-1][1:]]
    return tuple((round(x, PLACES), round(y, PLACES)) for x, y in reversed(clockwise))


def polygon(number: int) -> dict[str, Any]:
    """Return the GeoJSON boundary of grid `number`, 0 to 8, in WGS 84."""
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring(*divmod(number, 3))]]}


def place_in(number: int, chance: random.Random) -> Point:
    """Return a random place well inside grid `number`."""
    points = ring(*divmod(number, 3))[:-1]
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    towards_x, towards_y = chance.choice(points)
    share = chance.uniform(0, 0.6)
    return round(x + (towards_x - x) * share, PLACES), round(y + (towards_y - y) * share, PLACES)
