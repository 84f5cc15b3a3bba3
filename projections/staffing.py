"""Who is posted where ("1+3+N"): each post filled or vacant, shared with which grids, each person's load."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from dispatch.domain import cases, codes, tasks
from dispatch.domain.towns import GRID_POSTS, Duty, Post, Posting
from projections.cases.row import CASES
from projections.engine.tables import RowTable
from projections.questions.answers import Elsewhere, GridStaff, Leader, Person, Staffing, StaffTotals
from projections.questions.view import View, within
from projections.tasks.row import TASKS
from projections.towns import GRIDS, MEMBERS, GridRow, MemberRow

TO_BE_FILLED: Final = (Post.CHIEF, Post.FULL_TIME, Post.PART_TIME, Post.INSTRUCTOR)
"""The 1 and the 3 of "1+3+N": a grid without one of them has a vacancy."""

Open = Counter[tuple[str, str | None]]
"""How many open items a grid and assignee have."""


def staffing(view: View, scope: str) -> Staffing:
    """Return the staffing of a scope, of grids that are not given up."""
    town = codes.town_of(scope)
    drawn = view.rows(GRIDS, *within(GRIDS.c.code, scope))
    grids = sorted((grid for grid in drawn if grid.closed_at is None), key=lambda grid: grid.code)
    members = view.rows(MEMBERS, *within(MEMBERS.c.town, town))
    # A person's load is what he has everywhere in his town, whatever part of it is asked about.
    open_tasks, open_cases = _open(view, TASKS, tasks.ENDED, town), _open(view, CASES, cases.ENDED, town)
    posted = _posted(members)
    load = _loads(open_tasks + open_cases)
    staff = [
        _grid(grid, posted, load, _in_grid(open_tasks, grid.code), _in_grid(open_cases, grid.code))
        for grid in grids
    ]
    return Staffing(
        scope=scope,
        as_of=view.as_of,
        position=view.position,
        totals=_totals(grids, staff),
        grids=staff,
        elsewhere=_elsewhere(open_tasks, open_cases, scope, {grid.code for grid in grids}),
        leaders=_leaders(members, scope),
    )


def _open(view: View, table: RowTable[Any], ended: Iterable[str], scope: str) -> Open:
    over = frozenset(ended)
    if view.moment is not None:
        return Counter(
            (row.grid, row.assignee)
            for row in view.moment.rows(table)
            if row.status not in over and row.grid.startswith(scope)
        )
    c = table.c
    statement = (
        sa.select(c.grid, c.assignee, sa.func.count())
        .where(c.status.not_in(sorted(over)), *within(c.grid, scope))
        .group_by(c.grid, c.assignee)
    )
    return Counter({(grid, assignee): number for grid, assignee, number in view.execute(statement)})


def _loads(items: Open) -> Counter[tuple[str, str]]:
    """Return the number of open items by town and person."""
    loads: Counter[tuple[str, str]] = Counter()
    for (grid, assignee), number in items.items():
        if assignee is not None:
            loads[codes.town_of(grid), assignee] += number
    return loads


def _in_grid(items: Open, code: str) -> int:
    return sum(number for (grid, _), number in items.items() if grid == code)


def _elsewhere(open_tasks: Open, open_cases: Open, scope: str, grids: set[str]) -> list[Elsewhere]:
    found = {grid for grid, _ in open_tasks | open_cases if grid.startswith(scope)} - grids
    return [Elsewhere(code, _in_grid(open_tasks, code), _in_grid(open_cases, code)) for code in sorted(found)]


Posted = dict[str, list[tuple[MemberRow, Posting]]]


def _posted(members: Iterable[MemberRow]) -> Posted:
    """Return who is posted at each place."""
    posted: defaultdict[str, list[tuple[MemberRow, Posting]]] = defaultdict(list)
    for member in sorted(members, key=lambda member: member.id):
        for posting in member.postings:
            posted[posting.place].append((member, posting))
    return posted


def _grid(
    grid: GridRow, posted: Posted, load: Counter[tuple[str, str]], open_tasks: int, open_cases: int
) -> GridStaff:
    posts: dict[Post, list[Person]] = {post: [] for post in GRID_POSTS}
    for member, posting in posted.get(grid.code, []):
        if posting.post not in posts:
            continue
        held = {other.place for other in member.postings if other.post in GRID_POSTS}
        person = Person(
            member.id,
            member.name,
            posting.duty,
            sorted(held - {grid.code}),
            load[member.town, member.id],
        )
        posts[posting.post].append(person)
    vacant = [post for post in TO_BE_FILLED if not posts[post]]
    return GridStaff(grid.code, grid.name, grid.village, posts, vacant, open_tasks, open_cases)


def _totals(grids: list[GridRow], staff: list[GridStaff]) -> StaffTotals:
    people: defaultdict[object, set[tuple[str, str]]] = defaultdict(set)
    guides: dict[str, set[tuple[str, str]]] = {codes.village_of(grid.code): set() for grid in grids}
    for grid in staff:
        town = codes.town_of(grid.code)
        for post, persons in grid.posts.items():
            for person in persons:
                who = (town, person.member)
                for group in {"all", post, person.duty}:
                    people[group].add(who)
                if person.duty is Duty.LEGAL_GUIDE:
                    guides[codes.village_of(grid.code)].add(who)
    return StaffTotals(
        grids=len(grids),
        villages=len(guides),
        chiefs=len(people[Post.CHIEF]),
        full_time=len(people[Post.FULL_TIME]),
        part_time=len(people[Post.PART_TIME]),
        instructors=len(people[Post.INSTRUCTOR]),
        auxiliaries=len(people[Post.AUXILIARY]),
        legal_guides=len(people[Duty.LEGAL_GUIDE]),
        villages_with_legal_guides=sum(bool(found) for found in guides.values()),
        fewest_legal_guides=min(map(len, guides.values()), default=0),
        patrol_teams=sum(_patrols(grid) for grid in staff),
        vacancies=sum(len(grid.vacant) for grid in staff),
        people=len(people["all"]),
    )


def _patrols(grid: GridStaff) -> bool:
    return any(person.duty is Duty.PATROL for persons in grid.posts.values() for person in persons)


def _leaders(members: Iterable[MemberRow], scope: str) -> list[Leader]:
    """Return who leads the towns in a scope, or the town that the scope lies in."""
    found = [
        Leader(member.town, member.id, member.name, posting.post)
        for member in members
        for posting in member.postings
        if posting.post not in GRID_POSTS and posting.place.startswith(codes.town_of(scope))
    ]
    return sorted(found, key=lambda leader: (leader.town, leader.post, leader.member))
