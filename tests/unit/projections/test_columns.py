"""What a field of a row becomes in a table, and back."""

from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum
from typing import Annotated, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.engine.columns import Refused, from_microseconds, stored_as, to_microseconds
from projections.engine.tables import Row, RowTable

TaskId = NewType("TaskId", str)


class Light(StrEnum):
    GREEN = "green"
    RED = "red"


class Grade(IntEnum):
    I = 1  # noqa: E741 (the grade's own name)
    II = 2


class Everything(Row, frozen=True, kw_only=True):
    id: TaskId
    text: str
    number: int
    share: float
    yes: bool
    raw: bytes
    at: datetime
    day: date
    light: Light
    grade: Grade
    people: tuple[str, ...]
    counts: dict[str, int]
    note: Annotated[str | None, "a note"] = None
    until: datetime | None = None
    urgent: bool | None = None


EVERYTHING = RowTable("everything", Everything, key=("id",))


def test_a_table_has_the_fields_of_its_row_as_columns() -> None:
    assert tuple(EVERYTHING.table.columns.keys()) == Everything.__struct_fields__
    nullable = [column.name for column in EVERYTHING.table.columns if column.nullable]
    assert nullable == ["note", "until", "urgent"]
    assert [column.name for column in EVERYTHING.table.primary_key] == ["id"]


@pytest.mark.parametrize(
    ("hint", "array"),
    [(str, "text"), (TaskId, "text"), (int, "bigint"), (Grade, "bigint"), (Light | None, "text")],
)
def test_a_type_is_stored_as_the_plain_type_below_it(hint: object, array: str) -> None:
    assert stored_as(hint).array == array


@given(st.builds(Everything, at=st.datetimes(timezones=st.just(UTC)), until=st.none()))
def test_a_row_comes_back_as_it_was(row: Everything) -> None:
    stored = list(zip(*EVERYTHING.encoded([row]), strict=True))

    assert EVERYTHING.decoded(stored) == [row]
    assert all(isinstance(value, str | int | float | bytes | None) for value in stored[0])


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_kept_to_the_microsecond(at: datetime) -> None:
    assert from_microseconds(to_microseconds(at)) == at


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(Refused, match="at"):
        EVERYTHING.columns.encoded([("1", "", 1, 1.0, True, b"", "today", *[None] * 8)])
