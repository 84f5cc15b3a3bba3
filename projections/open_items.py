"""Which open items a switch to emergency mode concerns: those whose handling has no emergency limit yet."""

from typing import Any, Final

import sqlalchemy as sa

from dispatch.domain import cases, tasks
from dispatch.domain.categories import EVERY
from dispatch.domain.modes import Emergency
from dispatch.domain.policy import IN_EMERGENCY
from projections.cases.row import CASES
from projections.questions.view import within
from projections.tasks.row import TASKS

READ_MODELS: Final = frozenset({"tasks", "cases"})
"""The projections that know them."""
KINDS: Final[tuple[tuple[str, Any, frozenset[str]], ...]] = (
    ("task", TASKS.c, frozenset(tasks.ENDED)),
    ("case", CASES.c, frozenset(cases.ENDED)),
)


def concerned(connection: sa.Connection, emergency: Emergency) -> list[str]:
    """Return the streams of the open items in an emergency's scope and listed categories, in order."""
    found: list[str] = []
    for kind, c, ended in KINDS:
        conditions = [
            *within(c.grid, emergency.scope),
            c.status.not_in(sorted(ended)),
            sa.or_(c.rule.is_(None), sa.not_(c.rule.endswith(IN_EMERGENCY))),
        ]
        if EVERY not in emergency.recalculates:
            conditions.append(c.category.in_(emergency.recalculates))
        statement = sa.select(c.id).where(*conditions).order_by(c.id)
        found += [f"{kind}:{key}" for (key,) in connection.execute(statement)]
    return found
