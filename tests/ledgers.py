"""What a ledger's closure is by a plain calculation on its rows, which knows nothing of the service."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Entry(NamedTuple):
    """A row that can be taken: its grid's name and both moments."""

    grid: str
    reported: datetime
    closed: datetime | None


def midnight(text: str) -> datetime:
    """The first moment in Shanghai of a day such as 2019-05-01."""
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), SHANGHAI)


def month_ends(first: date, last: date) -> Iterator[datetime]:
    """The last second, in Shanghai, of each month that begins from `first` to `last`."""
    while first <= last:
        first = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield midnight(first.isoformat()) - timedelta(seconds=1)


def closure(entries: Iterable[Entry], as_of: datetime) -> dict[str, tuple[int, int]]:
    """For each grid that had a case by then: how many were closed and how many reported by `as_of`."""
    found: dict[str, tuple[int, int]] = {}
    for entry in entries:
        if entry.reported <= as_of:
            closed, reported = found.get(entry.grid, (0, 0))
            done = entry.closed is not None and entry.closed <= as_of
            found[entry.grid] = (closed + done, reported + 1)
    return found
