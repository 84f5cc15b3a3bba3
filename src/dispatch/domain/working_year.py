"""One year of working time on the UTC time line, found by bisection."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from dispatch.domain.refusal import Unacceptable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH_ORDINAL = EPOCH.toordinal()

# A zone's offset isn't asked for closer to the ends of Python's time than this: it would overflow there.
FIRST_ASKED = datetime(1, 1, 3, tzinfo=UTC)
LAST_ASKED = datetime(9999, 12, 29, tzinfo=UTC)

Span = tuple[time, time]
SPANS: Final[tuple[Span, ...]] = ((time(8), time(12)), (time(14), time(18)))
"""When is worked, unless a town says otherwise. Source: DOMAIN.md, Time."""


class TimeOutOfRange(Unacceptable, ValueError):
    """That time lies outside the years 1 to 9999."""


class TimeWithoutZone(Unacceptable, ValueError):
    """A time must say how far it is from UTC."""


def micros(at: datetime) -> int:
    """Return an aware time as microseconds since 1970, UTC. Raises `TimeWithoutZone`."""
    if at.tzinfo is None:
        raise TimeWithoutZone(time=at.isoformat())
    gone = at - EPOCH
    return gone.days * DAY + gone.seconds * SECOND + gone.microseconds


EARLIEST = micros(datetime.min.replace(tzinfo=UTC))
LATEST = micros(datetime.max.replace(tzinfo=UTC))


def moment(at: int) -> datetime:
    """Return microseconds since 1970 as an aware time in UTC. Raises `TimeOutOfRange`."""
    if not EARLIEST <= at <= LATEST:
        raise TimeOutOfRange
    return EPOCH + timedelta(microseconds=at)


def year_of(at: int) -> int:
    """Return the UTC year of a time in microseconds since 1970. Raises `TimeOutOfRange`."""
    return moment(at).year


class WorkingYear(NamedTuple):
    """The working time of one UTC year: interval `i` is `starts[i] <= at < ends[i]`.

    All values are microseconds, `starts` and `ends` since 1970. `counted[i]` is the working time
    of the year before interval `i`; its last entry, one more than there are intervals, is the
    whole year's.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    counted: Sequence[int]

    @property
    def total(self) -> int:
        """The working time of the year."""
        return self.counted[-1]

    def before(self, at: int) -> int:
        """Return the working time between the beginning of the year and `at`."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0
        return self.counted[index] + min(at, self.ends[index]) - self.starts[index]

    def earliest(self, worked: int) -> int:
        """Return the first time at which `worked` is behind, where 0 < worked <= total."""
        index = bisect_left(self.counted, worked) - 1
        return self.starts[index] + worked - self.counted[index]

    def latest(self, worked: int) -> int:
        """Return the last time at which no more than `worked` is behind, where 0 <= worked < total."""
        index = bisect_right(self.counted, worked) - 1
        return self.starts[index] + worked - self.counted[index]

    def between(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Give the parts of the working intervals that lie between `start` and `end`."""
        for index in range(max(0, bisect_right(self.starts, start) - 1), len(self.starts)):
            if self.starts[index] >= end:
                return
            begin, finish = max(self.starts[index], start), min(self.ends[index], end)
            if begin < finish:
                yield begin, finish


def build(
    year: int, zone: ZoneInfo, spans: Sequence[Span], is_working_day: Callable[[date], bool]
) -> WorkingYear:
    """Return the working time of a UTC year: whenever the zone's clock shows a span of a working day.

    So a span that falls into the hour that a zone skips is that much shorter, and one in the hour
    that it repeats counts both times.
    """
    clock = [(_since_midnight(begin), _since_midnight(until) or DAY) for begin, until in spans]
    found = sorted(
        interval
        for begin, until, offset in _offsets(year, zone)
        for interval in _intervals(begin, until, offset, clock, is_working_day)
    )
    counted = [0]
    for begin, until in found:
        counted.append(counted[-1] + until - begin)
    return WorkingYear([begin for begin, _ in found], [until for _, until in found], counted)


def _since_midnight(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * SECOND + at.microsecond


def offset_at(at: int, zone: ZoneInfo) -> int:
    """Return how far ahead of UTC a zone is at a time, in microseconds."""
    asked = min(max(moment(at), FIRST_ASKED), LAST_ASKED)
    offset = asked.astimezone(zone).utcoffset()
    assert offset is not None
    return offset // MICROSECOND


def _offsets(year: int, zone: ZoneInfo) -> Iterator[tuple[int, int, int]]:
    """Give the stretches of a UTC year with one offset each: begin, until, offset from UTC.

    Looking once a day finds every change: no zone has ever had two of them within four days.
    """
    begin = micros(datetime(year, 1, 1, tzinfo=UTC))
    end = begin + DAY * (date(year, 12, 31).toordinal() - date(year, 1, 1).toordinal() + 1)
    looks = [*range(begin, end, DAY), end - 1]
    offset = offset_at(begin, zone)
    for known, look in pairwise(looks):
        if (other := offset_at(look, zone)) != offset:
            low, high = known, look
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset_at(middle, zone) == offset else (low, middle)
            yield begin, high, offset
            begin, offset = high, other
    yield begin, end, offset


def _intervals(
    begin: int,
    until: int,
    offset: int,
    clock: Sequence[tuple[int, int]],
    is_working_day: Callable[[date], bool],
) -> Iterator[tuple[int, int]]:
    """Give the working intervals of a stretch in which the zone's clock runs evenly."""
    first = (begin + offset) // DAY + EPOCH_ORDINAL
    last = (until + offset - 1) // DAY + EPOCH_ORDINAL
    for ordinal in range(max(first, 1), min(last, date.max.toordinal()) + 1):
        if is_working_day(date.fromordinal(ordinal)):
            midnight = (ordinal - EPOCH_ORDINAL) * DAY - offset
            for opens, closes in clock:
                start, end = max(midnight + opens, begin), min(midnight + closes, until)
                if start < end:
                    yield start, end
