"""The departments of a town that cases are given to, and how many cases each still has."""

from collections import Counter

import sqlalchemy as sa

from dispatch.domain import codes
from dispatch.domain.cases import ENDED
from projections.cases.row import CASES
from projections.questions.answers import TownDepartment
from projections.questions.view import View, within
from projections.towns import DEPARTMENTS


def departments(view: View, scope: str) -> list[TownDepartment]:
    """Return the departments of the towns that a scope lies in or holds, in the order of their ids."""
    found = view.rows(DEPARTMENTS, *within(DEPARTMENTS.c.town, scope))
    still = _open_cases(view, scope)
    return [
        TownDepartment(one.town, one.id, one.name, one.closed_at is not None, still[one.town, one.id])
        for one in sorted(found, key=lambda one: (one.town, one.id))
    ]


def _open_cases(view: View, scope: str) -> Counter[tuple[str, str]]:
    """Return the number of open cases by town and department."""
    c = CASES.c
    if view.moment is not None:
        rows = (row for row in view.moment.rows(CASES) if row.grid.startswith(scope))
        had = [(row.grid, row.department, 1) for row in rows if row.department and row.status not in ENDED]
    else:
        conditions = [c.department.is_not(None), c.status.not_in(sorted(ENDED)), *within(c.grid, scope)]
        counted = sa.select(c.grid, c.department, sa.func.count()).where(*conditions)
        had = [tuple(row) for row in view.execute(counted.group_by(c.grid, c.department))]
    cases: Counter[tuple[str, str]] = Counter()
    for grid, department, number in had:
        cases[codes.town_of(grid), department] += number
    return cases
