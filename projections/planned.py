"""Which households a plan is to ask for when it comes round: those on record in its grids and classes."""

from collections import defaultdict

import sqlalchemy as sa

from dispatch.domain.households import HouseholdStatus
from dispatch.domain.plans import PlanTerms
from projections.households import HOUSEHOLDS
from projections.questions.view import within


def households_of(connection: sa.Connection, terms: PlanTerms) -> dict[str, tuple[str, ...]]:
    """Return the ids of a plan's households by grid, in their order."""
    c, targets = HOUSEHOLDS.c, terms.targets
    statement = (
        sa.select(c.grid, c.id)
        .where(
            c.status == HouseholdStatus.ON_RECORD,
            c.household_class.in_(targets.classes),
            *within(c.grid, terms.scope),
            *([c.grid.in_(targets.grids)] if targets.grids else []),
        )
        .order_by(c.grid, c.id)
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for grid, key in connection.execute(statement):
        found[grid].append(key)
    return {grid: tuple(keys) for grid, keys in found.items()}
