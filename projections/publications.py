"""Figures that were published: which, by whom, as of when and as known at which position."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from dispatch.domain.event import Event, Recorded
from dispatch.domain.publications import FiguresPublished
from dispatch.eventlog.log import EventLog, Stored
from projections.audit.people import People
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.engine.tables import Row, RowTable
from projections.figures.definitions import PLAIN_NUMBERS, FigureUnknown
from projections.questions.answers import Board
from projections.questions.asked import Page
from projections.questions.view import Condition, View, within


class PublicationRow(Row, frozen=True):
    """A publication; see `dispatch.domain.publications`. `position` is that of its event."""

    id: str
    scope: str
    title: str
    since: datetime | None
    until: datetime | None
    category: str | None
    source: str | None
    as_of: datetime
    known_at: int
    figures: dict[str, Any]
    numbers: dict[str, Any]
    by: str
    at: datetime
    position: int


PUBLICATIONS: Final = RowTable("publications", PublicationRow, key=("id",), indexes=[("scope",)])


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the one row that an event touches."""
    if isinstance(recorded.event, FiguresPublished):
        yield PUBLICATIONS, recorded.originator_id.partition(":")[2]


def row_of(event: FiguresPublished, recorded: Recorded) -> PublicationRow:
    """Return a publication as it was recorded."""
    key = recorded.originator_id.partition(":")[2]
    return PublicationRow(id=key, position=recorded.position, **msgspec.structs.asdict(event))


def _published(rows: Rows, event: FiguresPublished, recorded: Recorded) -> None:
    rows.put(PUBLICATIONS, row_of(event, recorded))


FOLDS: Final[dict[type[Event], Fold[Any]]] = {FiguresPublished: _published}


class Numbers(NamedTuple):
    """What a publication tells: numerator and denominator of each rate, and plain numbers."""

    figures: dict[str, tuple[int, int]]
    numbers: dict[str, int]


def numbers_of(board: Board, names: Collection[str] = ()) -> Numbers:
    """Return the figures of a board, or those of the given names. Raises `FigureUnknown`."""
    figures = {name: (rate.numerator, rate.denominator) for name, rate in board.figures.items()}
    plain = {
        f"{group}.{name}": number
        for group in ("tasks", "cases", "disputes", "permits")
        for name, number in getattr(board.counts, group).items()
    }
    assert plain.keys() == PLAIN_NUMBERS.keys()
    for name in names:
        if name not in figures and name not in plain:
            raise FigureUnknown(figure=name[:60])
    if not names:
        return Numbers(figures, plain)
    return Numbers(
        {name: figures[name] for name in figures if name in names},
        {name: plain[name] for name in plain if name in names},
    )


class Published(PublicationRow, frozen=True):
    """A publication as it is told: `person` is what its publisher is called, `role` in which he acted.

    Of what was published at the server's shell `person` is the machine's user, as the log has him.
    """

    person: str
    role: str


class Publishers:
    """Who published what, from the log: by the name of a moment, as far as a position knew."""

    def __init__(self, event_log: EventLog, decode_whole: Callable[[Stored], Recorded]) -> None:
        self._log, self._decode_whole = event_log, decode_whole
        self._people = People(event_log, decode_whole)

    def told(self, row: PublicationRow, *, as_of: datetime, position: int) -> Published:
        """Return a publication with its publisher."""
        [stored] = self._log.read_stream(f"publication:{row.id}")
        made = self._decode_whole(stored).metadata
        assert made is not None  # each event that a command made says who did it
        if made.source == "cli" and made.address is not None:
            person = made.address
        else:
            person = self._people.name(made.actor, position=position, as_of=as_of)
        return Published(**msgspec.structs.asdict(row), person=person, role=made.role)


class Publications(msgspec.Struct, frozen=True, kw_only=True):
    """A page of publications, the newest first; `next` is the cursor to go on from."""

    items: list[Published]
    next: str | None
    as_of: datetime
    position: int


def publications(view: View, scope: str, page: Page, publishers: Publishers) -> Publications:
    """Return a page of what was published of places in a scope. Raises `PageMalformed`."""
    c = PUBLICATIONS.c
    conditions: list[Condition] = within(c.scope, scope)
    if (before := page.number()) is not None:
        conditions.append(c.position < before)
    newest = sa.type_coerce(c.position, sa.BigInteger()).desc()
    found = view.rows(PUBLICATIONS, *conditions, order=newest, limit=page.limit + 1)
    rows = found[: page.limit]
    return Publications(
        items=[publishers.told(row, as_of=view.as_of, position=view.position) for row in rows],
        next=str(rows[-1].position) if len(found) > len(rows) else None,
        as_of=view.as_of,
        position=view.position,
    )
