"""What was published beside the same figures as known now, and the events that explain each difference.

A figure as of a time, known at a position, never changes. What was published as of T, known at K, therefore
differs from the same figures now only by events that the log has taken since: late reports of what happened
by T, or, where a later time is asked about, whatever happened in between.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, get_args

import msgspec

from dispatch.domain.event import Recorded
from dispatch.eventlog.log import EventLog, Stored, micros
from projections.audit.events import Audited, Issuers, audited
from projections.publications import Published, numbers_of
from projections.questions.asked import LARGEST_PAGE, Asked, Page, Part, When
from projections.questions.questions import Questions
from projections.spans import Window

PARTS: Final[tuple[Part, ...]] = get_args(Part)


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """An item that stands in one of the two sets only: `entered` what was published, or `left` it.

    `events` are those that the published figure did not know and the present one does; without any, time
    alone has moved it, such as a deadline that has passed.
    """

    item: str
    part: Part
    entered: bool
    events: list[Audited]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that is another now; both as numerator and denominator, a plain number as one number."""

    figure: str
    published: list[int]
    now: list[int]
    items: list[Moved]


class Restatement(msgspec.Struct, frozen=True, kw_only=True):
    """A publication held against the log.

    `unfounded` names the figures that were other numbers than the log gave at that very moment and position:
    no later event explains those.
    """

    publication: Published
    as_of: datetime
    known_at: int
    unchanged: int
    differences: list[Difference]
    unfounded: list[str]


def restate(
    event_log: EventLog,
    questions: Questions,
    decode_whole: Callable[[Stored], Recorded],
    publication: Published,
    *,
    now: datetime,
    as_of: datetime | None = None,
) -> Restatement:
    """Compute what was published once more, as of the same time or another, known at the log's head."""
    asked = Asked(scope=publication.scope, category=publication.category, source=publication.source)
    window = Window(publication.since, publication.until)
    then = When(now=now, as_of=publication.as_of, known_at=publication.known_at)
    today = When(now=now, as_of=as_of or publication.as_of, known_at=event_log.head())
    held, known = (
        {**f, **_single(n)}
        for f, n in (numbers_of(questions.figures(when, asked, window, by=())) for when in (then, today))
    )
    published = {**publication.figures, **_single(publication.numbers)}

    issuers = Issuers(event_log, decode_whole)

    def ids(when: When, figure: str, part: Part) -> dict[str, None]:
        found: dict[str, None] = {}
        after: str | None = None
        while True:
            page = questions.ids(when, figure, part, asked, window, page=Page(LARGEST_PAGE, after))
            found |= dict.fromkeys(f"{page.kind}:{key}" for key in page.ids)
            after = page.next
            if after is None:
                return found

    def moved(figure: str) -> Iterator[Moved]:
        for part in PARTS[: len(published[figure])]:
            before, after = ids(then, figure, part), ids(today, figure, part)
            for item in [*(i for i in after if i not in before), *(i for i in before if i not in after)]:
                events = _unknown_then(event_log, item, then, today)
                yield Moved(
                    item=item,
                    part=part,
                    entered=item in after,
                    events=[audited(decode_whole(stored), issuers) for stored in events],
                )

    differing = [name for name, numbers in published.items() if list(numbers) != list(known[name])]
    return Restatement(
        publication=publication,
        as_of=today.as_of or now,
        known_at=_position(today),
        unchanged=len(published) - len(differing),
        differences=[
            Difference(
                figure=name,
                published=list(published[name]),
                now=list(known[name]),
                items=list(moved(name)),
            )
            for name in differing
        ],
        unfounded=[name for name, numbers in published.items() if list(numbers) != list(held[name])],
    )


def _single(numbers: dict[str, int]) -> dict[str, tuple[int, ...]]:
    return {name: (number,) for name, number in numbers.items()}


def _position(when: When) -> int:
    assert isinstance(when.known_at, int)
    return when.known_at


def _unknown_then(event_log: EventLog, stream: str, then: When, today: When) -> Iterator[Stored]:
    """Give the events of a stream that a question asks about today and did not know then."""
    for stored in event_log.read_stream(stream):
        if _knows(today, stored) and not _knows(then, stored):
            yield stored


def _knows(when: When, stored: Stored) -> bool:
    assert when.as_of is not None
    return stored.position <= _position(when) and stored.at <= micros(when.as_of)
