"""A day of the log on one page, to be kept on paper: how much was recorded, and where the tree stood."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Final

from dispatch.domain.digests import Digest
from dispatch.domain.rhythm import SHANGHAI
from dispatch.eventlog.database_log import DatabaseLog
from dispatch.eventlog.log import micros
from dispatch.eventlog.mapper import decode_whole

SCANNED: Final = 5_000
"""Events read at a time."""


def digest(log: DatabaseLog, day: date) -> Digest:
    """Return the digest of a day; of today, what has been recorded so far."""
    begin = datetime.combine(day, time.min, SHANGHAI)
    before, last = (log.position_at(micros(at) - 1) for at in (begin, begin + timedelta(days=1)))
    names: Counter[str] = Counter()
    actors: set[str] = set()
    after = before
    while after < last:
        for stored in log.read(after=after, until=last, limit=SCANNED):
            names[stored.name] += 1
            metadata = decode_whole(stored).metadata
            actors.add(metadata.actor if metadata is not None else "")
            after = stored.position
    roots = log.tree.roots(last)
    covering = log.checkpoints(after=last - 1, limit=1) if last else []
    return Digest(
        day=day,
        first=before + 1,
        last=last,
        events=dict(sorted(names.items())),
        actors=len(actors),
        sha256=roots.sha256.hex(),
        sm3=roots.sm3.hex(),
        checkpoint=covering[0].note if covering else None,
    )
