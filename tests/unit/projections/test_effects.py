"""What an event changed is shown to the auditors of every place that it was of, before or after."""

from dispatch.domain import tasks
from dispatch.domain.event import Event
from dispatch.eventlog.mapper import decode
from projections.audit.replay import Effect, effects
from projections.catalogue import PAST
from projections.engine.moment import Moments
from tests.histories import grids_of, stored
from tests.unit.projections.example import ListLog
from tests.unit.projections.folding import deadline, hours

FIRST, SECOND, THIRD = grids_of("500115101", 3)

ISSUED = tasks.TaskIssued(
    at=hours(0),
    grid=FIRST,
    title="巡查",
    category="patrol",
    instructions="",
    by="operator",
    acceptance=deadline(4),
    handling=deadline(24),
)
TRANSFERRED = tasks.TaskTransferred(
    at=hours(1),
    by="operator",
    grid=SECOND,
    assignee=None,
    reason="应由二网格办",
    acceptance=deadline(5, started=1),
    handling=deadline(24),
)


def changed(scope: str, *events: Event) -> list[Effect]:
    """Return what the last event changed in the rows of tasks, as an auditor of a scope is shown it."""
    log = ListLog(stored([("task:1", event) for event in events]))
    found = effects(Moments(log, PAST, decode=decode), log.head(), scope)
    return [one for one in found.changes if one.table == "tasks"]


def test_what_a_transfer_to_another_grid_changed_is_shown_to_the_auditor_of_either() -> None:
    for scope in (FIRST, SECOND, FIRST[:9], ""):
        [change] = changed(scope, ISSUED, TRANSFERRED)
        assert change.before is not None
        assert change.after is not None
        assert (change.before["grid"], change.after["grid"]) == (FIRST, SECOND)
    assert changed(THIRD, ISSUED, TRANSFERRED) == []


def test_what_begins_is_shown_where_it_begins() -> None:
    [change] = changed(FIRST, ISSUED)
    assert change.before is None
    assert changed(SECOND, ISSUED) == []
