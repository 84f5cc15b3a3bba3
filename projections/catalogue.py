"""Every projection of the service, for the engine and for past moments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from dispatch.domain.cases import events
from dispatch.domain.cases.permits import PermitDue
from dispatch.domain.event import Event, Recorded
from dispatch.domain.tasks import TaskIssued
from projections import access, campaigns, households, modes, plans, publications, towns
from projections.campaigns import CAMPAIGNS
from projections.cases import fold as case_fold
from projections.cases import fold_kinds
from projections.cases.row import CASES
from projections.engine.projection import Fold, Keys, Projection
from projections.engine.rows import Touched
from projections.engine.tables import RowTable, Tally
from projections.figures.tally import CASE_TALLY, LEVEL_TALLY, TASK_TALLY
from projections.households import HOUSEHOLDS, NUMBERS, SPELLS, VISITS
from projections.inbox import fold as inbox_fold
from projections.inbox.row import TABLES as INBOX_TABLES
from projections.modes import EMERGENCIES
from projections.plans import OCCURRENCES, PLANS
from projections.publications import PUBLICATIONS
from projections.tasks import fold as task_fold
from projections.tasks.row import TASKS
from projections.towns import DEPARTMENTS, GRIDS, MEMBERS, TOWNS

Folds = Mapping[type[Event], Fold[Any]]

TASK_FOLDS: Final[Folds] = {
    TaskIssued: task_fold.issued,
    **dict.fromkeys(task_fold.CHANGES, task_fold.changed),
}
CASE_FOLDS: Final[Folds] = {
    events.CaseReported: case_fold.reported,
    PermitDue: fold_kinds.permit_due,
    **dict.fromkeys(case_fold.CHANGES, case_fold.changed),
}
TOWN_TABLES: Final = (TOWNS, GRIDS, DEPARTMENTS, MEMBERS, EMERGENCIES)
TOWN_FOLDS: Final[Folds] = {**towns.FOLDS, **modes.FOLDS}
CASE_TALLIES: Final = (CASE_TALLY, LEVEL_TALLY)
ROUTINE_TABLES: Final = (PLANS, OCCURRENCES, HOUSEHOLDS, NUMBERS, SPELLS, VISITS)
ROUTINE_FOLDS: Final[Folds] = {**plans.FOLDS, **households.FOLDS}


def _town_keys(recorded: Recorded) -> Iterable[Touched]:
    return modes.keys(recorded) if type(recorded.event) in modes.FOLDS else towns.keys(recorded)


def _routine_keys(recorded: Recorded) -> Iterable[Touched]:
    module = plans if type(recorded.event) in plans.FOLDS else households
    touched: Iterable[Touched] = module.keys(recorded)
    return touched


def _projection(
    name: str,
    tables: Sequence[RowTable[Any]],
    keys: Keys,
    folds: Folds,
    tallies: Sequence[Tally] = (),
    *,
    version: int = 1,
    follows: bool = False,
) -> Projection:
    projection = Projection(name, version=version, tables=tables, keys=keys, tallies=tallies, follows=follows)
    for event, fold in folds.items():
        projection.on(event)(fold)
    return projection


INBOX: Final = _projection("inbox", INBOX_TABLES, inbox_fold.keys, inbox_fold.FOLDS, version=7, follows=True)
"""Who holds a post when something is told to it, only the rows can say."""

ACCESS: Final = _projection("access", access.TABLES, access.keys, access.FOLDS)
"""For a replay only: the service asks the streams themselves who may do what."""

ITEMS: Final = (
    _projection("towns", TOWN_TABLES, _town_keys, TOWN_FOLDS),
    _projection("campaigns", [CAMPAIGNS], campaigns.keys, campaigns.FOLDS),
    _projection("tasks", [TASKS], task_fold.keys, TASK_FOLDS, [TASK_TALLY], version=2),
    _projection("cases", [CASES], case_fold.keys, CASE_FOLDS, CASE_TALLIES, version=2),
    _projection("routine", ROUTINE_TABLES, _routine_keys, ROUTINE_FOLDS, follows=True),
    _projection("publications", [PUBLICATIONS], publications.keys, publications.FOLDS),
)
"""What the figures and lists are made of."""
PROJECTIONS: Final = (*ITEMS, INBOX)
"""For the engine: each at its own pace, so that one that stops leaves the others alone."""


def _keys(recorded: Recorded) -> Iterable[Touched]:
    return (touched for one in ITEMS if one.reads(recorded) for touched in one.keys(recorded))


PAST: Final = (
    _projection(
        "everything",
        [*TOWN_TABLES, CAMPAIGNS, TASKS, CASES, *ROUTINE_TABLES, PUBLICATIONS],
        _keys,
        {
            **TOWN_FOLDS,
            **campaigns.FOLDS,
            **TASK_FOLDS,
            **CASE_FOLDS,
            **ROUTINE_FOLDS,
            **publications.FOLDS,
        },
        [TASK_TALLY, *CASE_TALLIES],
    ),
    INBOX,
    ACCESS,
)
"""The same folds for `Moments`, those of figures and lists in one: a past moment then reads and decodes the
log only once. The inboxes are folded when somebody asks for one, and so is who could do what."""
