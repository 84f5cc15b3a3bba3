"""Windows as sums of days, months and years of Asia/Shanghai."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.domain.rhythm import SHANGHAI
from projections.spans import Window, covering, local_day, spans_of

NOW = datetime(2024, 6, 1, tzinfo=UTC)
# Hypothesis takes the bounds without a zone.
FIRST, LAST = datetime(1900, 1, 3), datetime(2024, 5, 31)  # noqa: DTZ001 - bounds
TIMES = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


@given(TIMES)
def test_a_day_is_the_calendars_in_shanghai(at: datetime) -> None:
    assert local_day(at) == at.astimezone(SHANGHAI).date()


@example(date(1940, 6, 1), date(1940, 7, 1), datetime(1940, 6, 1, tzinfo=UTC))
@given(st.dates(date(1900, 1, 2), date(2024, 5, 1)), st.dates(date(1900, 1, 2), date(2024, 5, 1)), TIMES)
def test_a_moment_lies_in_a_window_as_often_as_in_its_spans(start: date, until: date, at: datetime) -> None:
    window = Window(midnight(start), midnight(until))
    spans = covering(window, NOW)
    assert spans is not None
    assert sum(span in spans for span in spans_of(at)) == window.has(at)


def test_a_year_is_one_span_and_odd_days_are_few() -> None:
    assert covering(Window(midnight(date(2023, 1, 1)), midnight(date(2024, 1, 1))), NOW) == ["2023"]
    odd = covering(Window(midnight(date(2021, 12, 30)), midnight(date(2023, 2, 3))), NOW)
    assert odd == ["2021-12-30", "2021-12-31", "2022", "2023-01", "2023-02-01", "2023-02-02"]


def test_a_window_that_is_not_of_whole_days_has_no_spans() -> None:
    assert covering(Window(midnight(date(2023, 1, 1)) + timedelta(hours=1)), NOW) is None
    assert covering(Window(None, NOW - timedelta(hours=3)), NOW) is None


def test_a_window_without_ends_covers_everything_until_now() -> None:
    spans = covering(Window(), NOW)
    assert spans is not None
    assert spans[0] == "1900"
    assert spans[-1] == "2024"


def test_extreme_windows_are_taken_as_open() -> None:
    extreme = Window(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC))
    assert covering(extreme, NOW) == covering(Window(), NOW)
    assert covering(Window(datetime(9999, 1, 1, tzinfo=UTC)), NOW) == []
