"""China's calendar of 2023 is the one that the State Council announced, and towns may add to it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain.working_time import CalendarNotUsable, Limit, LimitKind, due
from dispatch.service.calendars import china

CHINA = ZoneInfo("Asia/Shanghai")


def days(first: date, last: date) -> set[date]:
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}


# 国办发明电〔2022〕16号
OFF_2023 = (
    days(date(2023, 1, 1), date(2023, 1, 2))
    | days(date(2023, 1, 21), date(2023, 1, 27))
    | {date(2023, 4, 5)}
    | days(date(2023, 4, 29), date(2023, 5, 3))
    | days(date(2023, 6, 22), date(2023, 6, 24))
    | days(date(2023, 9, 29), date(2023, 10, 6))
)
WORKED_2023 = {
    date(2023, 1, 28),
    date(2023, 1, 29),
    date(2023, 4, 23),
    date(2023, 5, 6),
    date(2023, 6, 25),
    date(2023, 10, 7),
    date(2023, 10, 8),
}


def test_every_day_of_2023_is_worked_or_off_as_it_was_announced() -> None:
    calendar = china()
    for day in days(date(2023, 1, 1), date(2023, 12, 31)):
        announced = day in WORKED_2023 or (day.isoweekday() <= 5 and day not in OFF_2023)
        assert calendar.is_working_day(day) is announced, day


def test_2023_had_249_working_days() -> None:
    year = days(date(2023, 1, 1), date(2023, 12, 31))
    assert sum(map(china().is_working_day, year)) == 249


def test_a_deadline_over_the_national_day_counts_the_make_up_days() -> None:
    began = datetime(2023, 9, 28, 17, tzinfo=CHINA)
    assert due(china(), began, Limit(LimitKind.WORKING_DAYS, 2)) == datetime(2023, 10, 8, 17, tzinfo=CHINA)


def test_the_version_says_where_the_calendar_comes_from() -> None:
    assert china().version.startswith("holidays ")
    assert china().version.endswith(" CN")
    assert china() is china()


def test_a_town_may_add_days_off_and_worked_days() -> None:
    town = china(days_off=[date(2023, 10, 8), date(2023, 11, 1)], workdays=[date(2023, 10, 2)])
    assert not town.is_working_day(date(2023, 10, 8))
    assert not town.is_working_day(date(2023, 11, 1))
    assert town.is_working_day(date(2023, 10, 2))
    assert town.version.startswith(china().version + ", town ")
    assert town.version != china(days_off=[date(2023, 11, 1)]).version
    assert town is china(days_off=[date(2023, 11, 1), date(2023, 10, 8)], workdays=[date(2023, 10, 2)])


def test_a_town_cannot_name_a_day_as_both() -> None:
    with pytest.raises(CalendarNotUsable):
        china(days_off=[date(2023, 11, 1)], workdays=[date(2023, 11, 1)])
