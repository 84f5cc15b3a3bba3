"""In which calendar a deadline is counted: the one that the policy behind its rule makes."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from msgspec.structs import replace

from dispatch.domain.event import Recorded
from dispatch.domain.policies import PolicySet
from dispatch.domain.policy import DEFAULT
from dispatch.domain.working_time import Calendar, Deadline, Limit, LimitKind, compute
from projections.calendars import Calendars
from projections.questions.listing import light

MONDAY = datetime(2024, 3, 4, 0, tzinfo=UTC)  # 08:00 in Shanghai
TOWN = "500115101"
NATIONAL = Calendar(version="test@1")
EVENINGS = replace(DEFAULT, version=f"{TOWN}@1", working_time=((time(8), time(10)), (time(20), time(22))))


def recall(stream: str) -> Iterator[Recorded]:
    if stream == f"policy:{TOWN}":
        event = PolicySet(at=MONDAY, scope=TOWN, by="admin", policy=EVENINGS)
        yield Recorded(
            originator_id=stream, originator_version=1, position=1, recorded_at=MONDAY, event=event
        )


def deadline(policy: str, calendar: Calendar) -> Deadline:
    return compute(calendar, f"{policy}/task/*/handling", Limit(LimitKind.WORKING_HOURS, 4), MONDAY)


def test_a_light_goes_by_the_towns_own_working_time() -> None:
    calendars = Calendars(NATIONAL, recall)
    own = deadline(EVENINGS.version, EVENINGS.calendar(NATIONAL))
    assert own.due == MONDAY + timedelta(hours=14)
    # The last fifth of it, 48 minutes, is all of the evening's; by the national hours it would be noon's.
    for hours, colour in ((5, "green"), (13, "green"), (13.5, "yellow"), (14.5, "red")):
        assert light(calendars.of(own), own, MONDAY + timedelta(hours=hours)) == colour
    assert light(NATIONAL, own, MONDAY + timedelta(hours=13)) == "yellow"


def test_what_no_town_has_set_goes_by_the_national_calendar() -> None:
    calendars = Calendars(NATIONAL, recall)
    for policy in (DEFAULT.version, f"{TOWN}@2", "500115102@1", "altered@x", ""):
        assert calendars.of(deadline(policy, NATIONAL)) is NATIONAL, policy
    assert calendars.of(None) is NATIONAL
