"""Dates and times as people and ledgers write them; a day alone is its first moment in Asia/Shanghai."""

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final

from dispatch.domain.rhythm import SHANGHAI

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

_DAY: Final = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<m1>[0-9]{1,2})-(?P<d1>[0-9]{1,2})"
    r"|/(?P<m2>[0-9]{1,2})/(?P<d2>[0-9]{1,2})|年(?P<m3>[0-9]{1,2})月(?P<d3>[0-9]{1,2})日)"
)


class DateMalformed(ValueError):
    """A text is no date that can be meant; the message says why."""


@lru_cache(maxsize=20_000)
def moment(text: str) -> datetime:
    """Return the moment (UTC) that a text means; `DateMalformed` if it means none.

    `2023-05-01`, `2023/5/1` and `2023年5月1日` are days; after a day may stand a time, `T08:30` or
    ` 08:30:15.5`, and after it a zone, `Z` or `+08:00`; without one it is Asia/Shanghai.
    """
    found = _DAY.match(text)
    if found is None:
        raise DateMalformed("is not a date such as 2023-05-01 or a time such as 2023-05-01T08:30")
    parts = found.groupdict()
    year = int(parts["year"])
    month, day = (int(parts[f"{part}1"] or parts[f"{part}2"] or parts[f"{part}3"]) for part in "md")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DateMalformed(f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    try:
        days = date(year, month, day)
    except ValueError:
        raise DateMalformed("is a day that no calendar has") from None
    clock = _clock(text[found.end() :])
    # A time that the zone's clock shows twice is the first one; a skipped one is read with the offset before.
    if clock.tzinfo is None:
        clock = clock.replace(tzinfo=SHANGHAI)
    return datetime.combine(days, clock).astimezone(UTC)


def _clock(text: str) -> time:
    if not text:
        return time()
    if text[0] not in "T ":
        raise DateMalformed("has something after the day that is no time")
    try:
        return time.fromisoformat(text[1:].strip())
    except ValueError:
        raise DateMalformed("has a time that no clock shows") from None
