"""Wanshun Town: its published facts, its staffing and the outlines of its grids."""

import json
import random
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from commands.towns.boundary import require_boundary
from dispatch.demo.boundaries import Point, place_in, polygon, ring
from dispatch.demo.facts import NAMES, PUBLISHED
from dispatch.demo.town import CODE, GRIDS, people
from dispatch.demo.year.tasks import TASKS
from dispatch.domain.towns import Duty, Post

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "wanshun-2023.json"
RINGS = [ring(*divmod(number, 3)) for number in range(9)]


@pytest.mark.skipif(not SHARED.exists(), reason="the published file stands beside the project, not in it")
def test_the_published_facts_are_those_of_the_file() -> None:
    assert json.loads(SHARED.read_text(encoding="utf-8")) == PUBLISHED


def test_every_published_figure_has_its_names() -> None:
    paths = {
        f"{group}.{name}" if isinstance(value, dict) else group
        for group, value in PUBLISHED.items()
        for name in (value if isinstance(value, dict) else [""])
    }
    assert paths == set(NAMES)


def test_the_tasks_of_campaigns_and_of_single_grids_make_the_published_number() -> None:
    assert PUBLISHED["tasks"]["issued"] == TASKS


def test_the_posts_are_filled_as_published() -> None:
    holders = Counter(post for person in people() for post in {posted.post for posted in person.posts})
    published = PUBLISHED["staffing"]
    assert {post: holders[Post(post)] for post in published} == published
    (full_time,) = [person for person in people() if person.posts[0].post is Post.FULL_TIME]
    assert {posted.place for posted in full_time.posts} == {grid.code for grid in GRIDS}


def test_legal_guides_and_patrols_are_as_published() -> None:
    duties = Counter(
        (posted.duty, posted.place) for person in people() for posted in person.posts if posted.duty
    )
    guides = [number for (duty, _), number in duties.items() if duty is Duty.LEGAL_GUIDE]
    assert (sum(guides), len(guides), min(guides)) == (40, 9, 4)
    assert sum(duty is Duty.PATROL for duty, _ in duties) == PUBLISHED["patrol_teams"]


def test_codes_and_names_are_told_apart() -> None:
    assert all(grid.code.startswith(CODE) and len(grid.code) == 15 for grid in GRIDS)
    assert len({grid.code[:12] for grid in GRIDS}) == len({grid.village for grid in GRIDS}) == 9
    assert len({person.member for person in people()}) == len({person.name for person in people()})


def turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def crosses(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = first, second
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def inside(point: Point, outline: tuple[Point, ...]) -> bool:
    x, y = point
    hits = 0
    for (x0, y0), (x1, y1) in pairwise(outline):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            hits += 1
    return hits % 2 == 1


@pytest.mark.parametrize("number", range(9))
def test_an_outline_is_geojson_that_the_service_takes(number: int) -> None:
    boundary = polygon(number)
    assert require_boundary(boundary) == boundary
    (outline,) = boundary["coordinates"]
    assert outline[0] == outline[-1]
    points: list[Point] = [(x, y) for x, y in outline]
    assert sum(turn((0, 0), a, b) for a, b in pairwise(points)) > 0


def test_no_border_crosses_another() -> None:
    edges = [edge for outline in RINGS for edge in pairwise(outline)]
    assert not [pair for pair in combinations(edges, 2) if crosses(*pair)]


def test_no_grid_lies_in_another_and_neighbours_share_their_border() -> None:
    shared = Counter(frozenset(edge) for outline in RINGS for edge in pairwise(outline))
    assert set(shared.values()) == {1, 2}
    for number, outline in enumerate(RINGS):
        others = [other for other in RINGS if other is not outline]
        middle = place_in(number, random.Random(1))
        assert not any(inside(middle, other) for other in others)


def test_a_place_in_a_grid_lies_in_it() -> None:
    chance = random.Random(7)
    assert all(inside(place_in(number, chance), RINGS[number]) for number in range(9) for _ in range(200))


def test_the_town_lies_where_it_should() -> None:
    longitudes, latitudes = zip(*(point for outline in RINGS for point in outline), strict=True)
    assert 107.0 < min(longitudes) < max(longitudes) < 107.2
    assert 29.7 < min(latitudes) < max(latitudes) < 29.9
