"""What a row means as a case, and each reason for which it can't be taken."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.service.dates import DateMalformed, moment
from dispatch.service.ledger_import.columns import Columns, ColumnsDoNotFit, locate
from dispatch.service.ledger_import.reading import Ledger, Record
from dispatch.service.ledger_import.rows import Reject, Repeat, Row, rows

NOW = datetime(2024, 1, 1, tzinfo=UTC)
COLUMNS = Columns(0, 1, 2, 3, 4, 5)
GOOD = ["A1", "桂花村", "2023-05-01", "2023-05-03", "Noise", "Loud"]


def judged(*records: list[str]) -> list[Row | Reject | Repeat]:
    numbered = (Record(line, ",".join(values), values) for line, values in enumerate(records, 2))
    return list(rows(numbered, COLUMNS, now=NOW))


def test_a_row_is_a_case_with_its_true_dates() -> None:
    (row,) = judged(GOOD)
    assert isinstance(row, Row)
    assert row.reported == datetime(2023, 4, 30, 16, tzinfo=UTC)
    assert row.closed == datetime(2023, 5, 2, 16, tzinfo=UTC)


def test_category_subject_and_closed_may_be_empty() -> None:
    (row,) = judged(["A1", "G1", "2023-05-01", "", "", " "])
    assert isinstance(row, Row)
    assert (row.closed, row.category, row.subject) == (None, "", "")


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (0, " ", "has no id"),
        (1, "", "has no grid"),
        (2, "", "has no reported date"),
        (2, "01/05/2023", "is not a date"),
        (2, "2023-02-30", "no calendar has"),
        (2, "0001-01-01", "outside the years"),
        (2, "9999-12-31", "outside the years"),
        (2, "2024-01-02", "lies in the future"),
        (3, "2023-04-30", "closed before it was reported"),
        (3, "2025-01-01", "lies in the future"),
        (3, "soon", "is not a date"),
        (4, "x" * 101, "category has 101 characters"),
        (5, "x" * 201, "subject has 201 characters"),
        (5, "a\0b", "no text (U+0000)"),
        (0, "A\ud800", "no text (U+D800)"),
    ],
)
def test_a_row_that_can_not_be_taken_says_why(place: int, value: str, reason: str) -> None:
    values = [*GOOD[:place], value, *GOOD[place + 1 :]]
    (reject,) = judged(values)
    assert isinstance(reject, Reject)
    assert reason in reject.reason
    assert reject.text == ",".join(values)


def test_of_rows_with_one_id_the_first_counts() -> None:
    first, same, other = judged(GOOD, GOOD, [*GOOD[:4], "Water", ""])
    assert isinstance(first, Row)
    assert same == Repeat(3)
    assert isinstance(other, Reject)
    assert other.reason == "contradicts line 2, which has the same id 'A1'"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2023-05-01", (2023, 4, 30, 16)),
        ("2023/5/1", (2023, 4, 30, 16)),
        ("2023年5月1日", (2023, 4, 30, 16)),
        ("2023-05-01T08:30", (2023, 5, 1, 0, 30)),
        ("2023-05-01 08:30:15", (2023, 5, 1, 0, 30, 15)),
        ("2023-05-01T08:30:15Z", (2023, 5, 1, 8, 30, 15)),
        ("2023-05-01T08:30:15.250+02:00", (2023, 5, 1, 6, 30, 15, 250_000)),
        # Shanghai's clocks were set forward at midnight of that day: it began at one o'clock.
        ("1940-06-01", (1940, 5, 31, 16)),
    ],
)
def test_dates_and_times_mean_a_moment(text: str, utc: tuple[int, ...]) -> None:
    assert moment(text) == datetime(*utc, tzinfo=UTC)  # type: ignore[misc, arg-type]  # pieces of a datetime


@pytest.mark.parametrize("text", ["", "yesterday", "2023-05", "2023-05-01x", "2023-05-01T25:00", "20230501"])
def test_other_texts_are_no_moment(text: str) -> None:
    with pytest.raises(DateMalformed):
        moment(text)


def _ledger(*header: str) -> Ledger:
    return Ledger(Path("ledger.csv"), "utf-8", list(header))


def test_columns_are_found_by_what_they_are_called() -> None:
    spec = "id=case_id, grid=district,reported=opened,closed=closed"
    found = locate(_ledger("opened", "case_id", "district", "closed"), spec)
    assert found == Columns(id=1, grid=2, reported=0, closed=3, category=None, subject=None)
    assert locate(_ledger("id", "subject", "grid", "reported"), None) == Columns(0, 2, 3, None, None, 1)
    assert locate(_ledger("a=b", "c,d", "e"), '"grid=c,d",id=a=b,reported=e').grid == 1


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("id=case_id,grid=district", "--columns says nothing about reported"),
        (
            "id=case_id,grid=district,reported=when",
            "has no column 'when'; it has case_id, district, opened, opened",
        ),
        ("id=case_id,grid=district,reported=opened", "several columns called 'opened'"),
        ("id=case_id,id=district", "names id twice"),
        ("number=case_id", "'number=case_id': write NAME=COLUMN"),
        ("id", "'id': write NAME=COLUMN"),
        (None, "has no column 'id', 'grid', 'reported'"),
    ],
)
def test_columns_that_do_not_fit_are_named_with_what_there_is(spec: str | None, said: str) -> None:
    with pytest.raises(ColumnsDoNotFit) as refused:
        locate(_ledger("case_id", "district", "opened", "opened"), spec)
    assert said in refused.value.message
