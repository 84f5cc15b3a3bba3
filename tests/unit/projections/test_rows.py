"""The rows that a fold sees, in memory and in a batch."""

import pytest

from projections.engine.rows import BatchRows, NotLoaded, RowMissing, Rows
from projections.engine.tables import Change, Key, Row
from tests.unit.projections.example import SEEN, VISITS, Seen, Visit

ROW = Seen("a", "opened", 1)


def batch(**rows: Seen | None) -> BatchRows:
    loaded: dict[Key, Row | None] = {key: row for key, row in rows.items()}  # noqa: C416 (widens the types)
    return BatchRows({SEEN: loaded})


def test_in_memory_a_row_that_is_not_here_does_not_exist() -> None:
    assert Rows([SEEN]).get(SEEN, "a") is None


def test_a_changed_row_is_a_new_one_and_the_old_one_stays_as_it_was() -> None:
    rows = Rows([SEEN])
    rows.put(SEEN, ROW)

    assert rows.change(SEEN, "a", position=2) == rows.get(SEEN, "a") == Seen("a", "opened", 2)
    assert ROW.position == 1


def test_changing_a_row_that_does_not_exist_says_which() -> None:
    with pytest.raises(RowMissing, match="seen 'a'"):
        Rows([SEEN]).change(SEEN, "a", position=2)


def test_a_key_of_several_fields_is_a_tuple() -> None:
    rows = Rows([VISITS])
    rows.put(VISITS, Visit("a", "north", 3))

    assert rows.need(VISITS, ("a", "north")).times == 3


def test_a_copy_goes_its_own_way() -> None:
    rows = Rows([SEEN])
    rows.put(SEEN, ROW)
    rows.copy().delete(SEEN, "a")

    assert rows.get(SEEN, "a") == ROW


def test_in_a_batch_a_row_that_was_not_loaded_is_not_taken_for_missing() -> None:
    with pytest.raises(NotLoaded, match="seen 'b'"):
        batch(a=None).get(SEEN, "b")
    with pytest.raises(NotLoaded):
        batch(b=None).put(SEEN, ROW)
    with pytest.raises(NotLoaded):
        batch(b=None).delete(SEEN, "a")
    with pytest.raises(NotLoaded):
        batch(a=ROW).all(SEEN)


def test_what_an_event_wrote_can_be_undone_without_the_events_before_it() -> None:
    rows = batch(a=None, b=ROW)
    rows.begin()
    rows.put(SEEN, ROW)
    rows.begin()
    rows.change(SEEN, "a", position=7)
    rows.change(SEEN, "a", position=8)
    rows.delete(SEEN, "b")
    rows.undo()

    assert (rows.get(SEEN, "a"), rows.get(SEEN, "b")) == (ROW, ROW)


def test_the_changes_are_what_is_different_in_the_end() -> None:
    rows = batch(a=None, b=ROW, c=ROW, d=None, same=ROW)
    rows.put(SEEN, ROW)
    rows.change(SEEN, "b", id="b", position=9)
    rows.delete(SEEN, "c")
    rows.put(SEEN, Seen("d", "opened", 1))
    rows.delete(SEEN, "d")
    rows.put(SEEN, Seen("same", "opened", 1))
    rows.put(SEEN, ROW)

    assert rows.changes()[SEEN][:3] == [
        Change(None, ROW),
        Change(ROW, Seen("b", "opened", 9)),
        Change(ROW, None),
    ]
    assert batch(a=ROW).changes() == {}
