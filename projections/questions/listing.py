"""Lists of items: sorting, paging from a cursor, and what is shown beside an item's row."""

import base64
import binascii
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa

from dispatch.domain.refusal import Unacceptable
from dispatch.domain.working_time import Calendar, Deadline, TimeOutOfRange, reached
from projections.engine.tables import Row, RowTable
from projections.questions.asked import Page, PageMalformed, Reach
from projections.questions.view import Condition, View

R = TypeVar("R", bound=Row)
Light = Literal["green", "yellow", "red"]

LARGEST: Final = 2**63 - 1
LAST: Final = 2**62
"""Stands in an order for a time that hasn't come."""
DEADLINES: Final = ("acceptance_due", "handling_due")
YELLOW: Final = 0.8
"""The share of the limit up to which the light is green. Source: DOMAIN.md, Time."""


class SortUnknown(Unacceptable):
    """The list can't be sorted by that."""


class Sorting(NamedTuple):
    """What a list is sorted by; the id decides where that is equal."""

    expression: sa.ColumnElement[Any]
    field: str
    descending: bool


class Found(NamedTuple):
    """A page of rows, how many rows the whole list has, and the cursor to go on from."""

    rows: list[Any]
    total: int
    next: str | None


RUNS_OUT: Final = "runs_out"
HANDLED: Final = 2**61
"""Stands in an order for the deadline, if there is none, of what is handled already."""


def running_out(table: RowTable[Any], *, waiting: str, ended: Collection[str]) -> sa.ColumnElement[Any]:
    """Return what a list is sorted by so that the deadline that runs out first is on top.

    While an item has the status `waiting`, it is that of acceptance or that of its handling, whichever comes
    first, and that of its handling afterwards. What has none follows, then what is handled or has `ended`, in
    the order of its deadlines.
    """
    c = table.c
    acceptance, handling = (sa.type_coerce(c[name], sa.BigInteger()) for name in DEADLINES)
    done = [c[name].is_not(None) for name in ("handled_at", "published_at") if name in c]
    return sa.case(
        (sa.or_(c.status.in_(sorted(ended)), *done), LAST + sa.func.coalesce(handling, HANDLED)),
        (sa.and_(c.status == waiting, acceptance < sa.func.coalesce(handling, LAST)), acceptance),
        else_=sa.func.coalesce(handling, LAST),
    )


def sorting(
    table: RowTable[Any],
    fields: Mapping[str, str],
    sort: str,
    *,
    running: sa.ColumnElement[Any] | None = None,
) -> Sorting:
    """Return what `sort` means: a name, after a minus descending. Raises `SortUnknown`.

    `running` is what `runs_out` means where it is known.
    """
    name = sort.removeprefix("-")
    if name == RUNS_OUT and running is not None:
        return Sorting(running, DEADLINES[1], sort.startswith("-"))
    field = fields.get(name)
    if field is None:
        names = [*fields, RUNS_OUT] if running is not None else fields
        raise SortUnknown(sort=sort[:60], allowed=sorted(names))
    column = table.c[field]
    plain = sa.type_coerce(column, sa.BigInteger() if is_time(table, field) else sa.Text())
    expression = sa.func.coalesce(plain, LAST) if is_time(table, field) else sa.func.coalesce(plain, "")
    return Sorting(expression, field, sort.startswith("-"))


def is_time(table: RowTable[Any], field: str) -> bool:
    """Return whether a field is kept as a whole number."""
    return table.columns.stored[field].array == "bigint"


def paged(
    view: View, table: RowTable[R], conditions: list[Condition], *, order: Sorting, page: Page
) -> Found:
    """Return one page of the rows for which the conditions hold. Raises `PageMalformed`."""
    total = int(view.execute(sa.select(sa.func.count()).select_from(table.table).where(*conditions))[0][0])
    where, key = list(conditions), sa.tuple_(order.expression, table.c.id)
    if page.after is not None:
        value, last = _cursor(page.after, is_time(table, order.field))
        place = sa.tuple_(sa.literal(value), sa.literal(last))
        where.append(key < place if order.descending else key > place)
    columns = [sa.type_coerce(column, sa.types.NullType()) for column in table.table.columns]
    ends = [order.expression, table.c.id]
    statement = (
        sa.select(order.expression, *columns)
        .where(*where)
        .order_by(*(end.desc() if order.descending else end.asc() for end in ends))
        .limit(page.limit + 1)
    )
    found = view.execute(statement)
    rows = table.decoded(tuple(one[1:]) for one in found[: page.limit])
    more = len(found) > page.limit
    following = _encoded(found[page.limit - 1][0], str(table.key_of(rows[-1]))) if more else None
    return Found(rows, total, following)


def _encoded(value: Any, key: str) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode((value, key))).decode().rstrip("=")


def _cursor(text: str, whole: bool) -> tuple[Any, str]:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        value, last = msgspec.json.decode(raw, type=tuple[int | str, str])
        # What no database takes is in no list either: whole numbers beyond 64 bits, NUL, half a surrogate.
        sound = abs(value) <= LARGEST if isinstance(value, int) else _is_text(value)
        if isinstance(value, int) == whole and sound and _is_text(last):
            return value, last
    except (binascii.Error, msgspec.DecodeError, UnicodeError) as error:
        raise PageMalformed(after=text[:80]) from error
    raise PageMalformed(after=text[:80])


def _is_text(text: str) -> bool:
    text.encode()
    return "\0" not in text


def reachable(columns: Any, reach: Reach | None) -> list[Condition]:
    """Return the conditions for an item to be a worker's own or in his grids; none for everybody else."""
    if reach is None:
        return []
    reached = columns.grid.in_(sorted(reach.grids))
    if reach.member is not None and "assignee" in columns:
        reached = sa.or_(reached, columns.assignee == reach.member)
    return [reached, columns.id.not_in(reach.gone)] if reach.gone else [reached]


def light(calendar: Calendar, deadline: Deadline | None, as_of: datetime) -> Light | None:
    """Return the light of a running clock: green to 80% of the limit, yellow to 100%, red beyond."""
    if deadline is None:
        return None
    if as_of > deadline.due:
        return "red"
    try:
        return "green" if as_of <= reached(calendar, deadline, YELLOW) else "yellow"
    except TimeOutOfRange:
        return "green"
