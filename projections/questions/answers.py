"""What the questions about figures and staffing are answered with."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from dispatch.domain.towns import Duty, Post
from projections.spans import Window


class Rate(msgspec.Struct, frozen=True):
    """A figure: two numbers of items and their share in percent, rounded half up to 2 decimals.

    `rate` is None where the denominator is 0: no data, neither 0% nor 100%.
    """

    numerator: int
    denominator: int
    rate: float | None


def rate(numerator: int, denominator: int) -> Rate:
    """Return a figure; the rounding is done in whole numbers, so that it is exact."""
    if denominator == 0:
        return Rate(numerator, denominator, None)
    hundredths = (20_000 * numerator + denominator) // (2 * denominator)
    return Rate(numerator, denominator, hundredths / 100)


class Level(msgspec.Struct, frozen=True):
    """Disputes resolved at one level: all, the major ones, and those of them resolved with others."""

    resolved: int = 0
    major: int = 0
    major_joint: int = 0


class Counts(msgspec.Struct, frozen=True):
    """Plain numbers, by name; `dispute_levels` by the level at which disputes were resolved."""

    tasks: dict[str, int]
    cases: dict[str, int]
    disputes: dict[str, int]
    permits: dict[str, int]
    dispute_levels: dict[str, Level]


class GridFigures(msgspec.Struct, frozen=True):
    """The figures of one grid; `name` and `village` are None for a code that nobody has drawn a grid for.

    A code of 9 digits is the town itself: cases of which no grid is known.
    """

    code: str
    name: str | None
    village: str | None
    closed: bool
    figures: dict[str, Rate]
    counts: Counts


class GroupFigures(msgspec.Struct, frozen=True):
    """The figures of one village (12 digits), town (9 digits) or category."""

    code: str
    name: str | None
    figures: dict[str, Rate]
    counts: Counts


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of a scope and window, in total and in parts whose numbers sum to the total.

    `exact`: only of what stands under the code `scope` itself.
    """

    scope: str
    exact: bool
    window: Window
    category: str | None
    source: str | None
    as_of: datetime
    position: int
    figures: dict[str, Rate]
    counts: Counts
    grids: list[GridFigures]
    villages: list[GroupFigures]
    towns: list[GroupFigures]
    categories: list[GroupFigures]


class Members(msgspec.Struct, frozen=True, kw_only=True):
    """Items behind a number, a page of them: `total` is the number; `next` the cursor to go on from."""

    figure: str
    part: str
    kind: str
    total: int
    ids: list[str]
    next: str | None
    as_of: datetime
    position: int


class TrendPoint(msgspec.Struct, frozen=True):
    """A figure of one week or month, or of the part of it that lies in the window."""

    start: datetime
    until: datetime
    numerator: int
    denominator: int
    rate: float | None


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, week by week or month by month, as all of them stand at one moment."""

    figure: str
    step: Literal["week", "month"]
    points: list[TrendPoint]
    as_of: datetime
    position: int


class Person(msgspec.Struct, frozen=True):
    """Who fills a post: `shared_with` are the other grids that he serves, `load` his open items."""

    member: str
    name: str
    duty: Duty | None
    shared_with: list[str]
    load: int


class GridStaff(msgspec.Struct, frozen=True):
    """A grid's "1+3+N": each of the posts with who fills it, and which of the first four are vacant.

    `posts` has chief, full_time, part_time, instructor ("1+3") and auxiliary ("N"). `open_tasks` and
    `open_cases` are the grid's.
    """

    code: str
    name: str
    village: str
    posts: dict[Post, list[Person]]
    vacant: list[Post]
    open_tasks: int
    open_cases: int


class Elsewhere(msgspec.Struct, frozen=True):
    """What is open under one code that is none of the grids: the town's own, or that of a grid given up."""

    code: str
    open_tasks: int
    open_cases: int


class StaffTotals(msgspec.Struct, frozen=True):
    """Numbers of grids and villages, and of distinct persons by post and duty.

    `patrol_teams` is the number of grids that have a patrol. `fewest_legal_guides` is the smallest number
    of legal guides in any village, `villages_with_legal_guides` how many villages have one.
    """

    grids: int
    villages: int
    chiefs: int
    full_time: int
    part_time: int
    instructors: int
    auxiliaries: int
    legal_guides: int
    villages_with_legal_guides: int
    fewest_legal_guides: int
    patrol_teams: int
    vacancies: int
    people: int


class Leader(msgspec.Struct, frozen=True):
    """Who leads a town: a post in the town itself."""

    town: str
    member: str
    name: str
    post: Post


class Staffing(msgspec.Struct, frozen=True, kw_only=True):
    """Who is posted where in a scope.

    `elsewhere`: what is open in the scope but in none of these grids, code by code.
    """

    scope: str
    as_of: datetime
    position: int
    totals: StaffTotals
    grids: list[GridStaff]
    elsewhere: list[Elsewhere]
    leaders: list[Leader]


class Place(msgspec.Struct, frozen=True):
    """A grid with the names of its village and town; its GeoJSON boundary only where that was asked for."""

    code: str
    name: str
    village: str
    town: str
    closed: bool
    boundary: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET


class TownName(msgspec.Struct, frozen=True):
    """A town by its 9-digit code and name."""

    code: str
    name: str


class PostHeld(msgspec.Struct, frozen=True):
    """A post that a member holds at a grid, or in the town for leader and commander."""

    place: str
    post: Post
    duty: Duty | None


class TownMember(msgspec.Struct, frozen=True):
    """A member of a town, with or without posts."""

    town: str
    member: str
    name: str
    posts: list[PostHeld]


class TownDepartment(msgspec.Struct, frozen=True):
    """A department of a town; one that was given up is `closed`, and takes no further cases.

    `open_cases` are those that are with it and have not ended.
    """

    town: str
    id: str
    name: str
    closed: bool
    open_cases: int
