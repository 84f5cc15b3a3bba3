"""The two kinds of item that figures count: where their rows are, and what says in which sets they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dispatch.domain.cases.kinds import PERMIT
from projections.cases import membership as case_sets
from projections.cases.row import CASES
from projections.engine.tables import RowTable
from projections.tasks import membership as task_sets
from projections.tasks.row import TASKS

Membership = Callable[[Any, datetime | None], frozenset[str]]


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of item.

    `cohorts` gives for each cohort the field with the moment by which an item falls into a window.
    `sets` are the names that `membership` may give, `by_time` those that an item enters by time alone at
    its `lapses_at`, by category where that makes a difference, else under "". `source` is the field with
    the item's source, if it has one.
    """

    name: str
    table: RowTable[Any]
    membership: Membership
    sets: tuple[str, ...]
    cohorts: Mapping[str, str]
    by_time: Mapping[str, frozenset[str]]
    source: str | None = None

    def entered_by_time(self, category: str) -> frozenset[str]:
        """Return the sets that an item of this category enters at its `lapses_at`."""
        return self.by_time.get(category, self.by_time[""])


TASK: Final = Kind(
    name="task",
    table=TASKS,
    membership=task_sets.membership,
    sets=task_sets.SETS,
    cohorts={"issued": "issued_at"},
    by_time={"": task_sets.BY_TIME},
)
CASE: Final = Kind(
    name="case",
    table=CASES,
    membership=case_sets.membership,
    sets=case_sets.SETS,
    cohorts={"reported": "reported_at", "accepted": "accepted_at", "registered": "registered_at"},
    by_time={"": case_sets.BY_TIME, PERMIT: case_sets.PERMIT_BY_TIME},
    source="source",
)
KINDS: Final = (TASK, CASE)
