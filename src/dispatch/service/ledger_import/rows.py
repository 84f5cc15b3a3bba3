"""What one record of a ledger means as a case, or why it can't be taken."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from dispatch.domain.text import CONTROL_IN_LINE, NO_WIDTH, says_something, trimmed
from dispatch.service.dates import DateMalformed, moment
from dispatch.service.ledger_import.columns import Columns
from dispatch.service.ledger_import.reading import Record

LONGEST: Final = {"id": 200, "grid": 100, "category": 100, "subject": 200}
"""The longest value of each column, in characters."""

_LINE_ENDS: Final = re.compile(r"[\t\r\n]+")


class Row(NamedTuple):
    """One row of a ledger that can be taken: a case with its true dates, in UTC."""

    line: int
    text: str
    id: str
    grid: str
    reported: datetime
    closed: datetime | None
    category: str
    subject: str


class Reject(NamedTuple):
    """One row of a ledger that can't be taken, with the reason in words."""

    line: int
    text: str
    reason: str


class Repeat(NamedTuple):
    """A row that says once more what an earlier row of the same file said."""

    line: int


class _CanNotBeTaken(Exception):
    """The reason why."""


def rows(records: Iterator[Record], columns: Columns, *, now: datetime) -> Iterator[Row | Reject | Repeat]:
    """Judge every record; the first of several rows with one id counts, another that differs is rejected."""
    seen: dict[str, tuple[int, int]] = {}
    for record in records:
        try:
            row = _row(record, columns, now)
        except _CanNotBeTaken as why:
            yield Reject(record.line, record.text, str(why))
            continue
        content = hash(row[3:])
        line, first = seen.setdefault(row.id, (row.line, content))
        if line == row.line:
            yield row
        elif first == content:
            yield Repeat(row.line)
        else:
            reason = f"contradicts line {line}, which has the same id {row.id!r}"
            yield Reject(record.line, record.text, reason)


def _row(record: Record, columns: Columns, now: datetime) -> Row:
    if record.fault is not None:
        raise _CanNotBeTaken(record.fault)

    values = record.values
    case, grid = _text("id", values[columns.id]), _text("grid", values[columns.grid])
    for name, given in (("id", case), ("grid", grid)):
        if not says_something(given):
            raise _CanNotBeTaken(f"has no {name}")
    reported = _moment("reported", values[columns.reported], now)
    if reported is None:
        raise _CanNotBeTaken("has no reported date")
    closed = None if columns.closed is None else _moment("closed", values[columns.closed], now)
    if closed is not None and closed < reported:
        raise _CanNotBeTaken("was closed before it was reported")
    category = "" if columns.category is None else _text("category", values[columns.category])
    # A title is one line, whatever a cell of the ledger looked like.
    subject = "" if columns.subject is None else _LINE_ENDS.sub(" ", values[columns.subject].strip())
    subject = NO_WIDTH.sub("", subject)
    _text("subject", subject)
    return Row(record.line, record.text, case, grid, reported, closed, category, subject)


def _text(name: str, given: str) -> str:
    text = trimmed(given)
    if len(text) > LONGEST[name]:
        raise _CanNotBeTaken(f"{name} has {len(text)} characters, at most {LONGEST[name]} fit")
    control = CONTROL_IN_LINE.search(text)
    if control is not None:
        raise _CanNotBeTaken(f"{name} holds a character that is no text (U+{ord(control[0]):04X})")
    return text


def _moment(name: str, given: str, now: datetime) -> datetime | None:
    text = trimmed(given)
    if not text:
        return None
    try:
        at = moment(text)
    except DateMalformed as why:
        raise _CanNotBeTaken(f"{name} {text[:40]!r} {why}") from None
    if at > now:
        raise _CanNotBeTaken(f"{name} {text[:40]!r} lies in the future")
    return at
