"""Towns, their grids, departments and members: who is posted where ("1+3+N")."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from dispatch.domain.event import Event, Recorded
from dispatch.domain.towns import (
    DepartmentClosed,
    DepartmentOpened,
    DepartmentRenamed,
    GridChanged,
    GridClosed,
    GridDrawn,
    MemberJoined,
    MemberLeft,
    MemberPosted,
    MemberRenamed,
    MemberUnposted,
    Posting,
    TownFounded,
    TownRenamed,
)
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.engine.tables import Row, RowTable


class TownRow(Row, frozen=True):
    """A town: its 9-digit code and name, and since when it works."""

    code: str
    name: str
    since: datetime
    position: int


class GridRow(Row, frozen=True):
    """A grid: its 15-digit code, name, village's name and GeoJSON boundary, and whether it was given up."""

    code: str
    name: str
    village: str
    boundary: dict[str, Any] | None
    drawn_at: datetime
    closed_at: datetime | None
    position: int


class DepartmentRow(Row, frozen=True):
    """A department of a town that can be given cases, and whether it was given up."""

    town: str
    id: str
    name: str
    closed_at: datetime | None
    position: int


class MemberRow(Row, frozen=True):
    """A member of a town's staff or auxiliaries, with the posts held, in the order of taking them."""

    town: str
    id: str
    name: str
    postings: tuple[Posting, ...]
    position: int


TOWNS: Final = RowTable("towns", TownRow, key=("code",))
GRIDS: Final = RowTable("grids", GridRow, key=("code",))
DEPARTMENTS: Final = RowTable("departments", DepartmentRow, key=("town", "id"))
MEMBERS: Final = RowTable("members", MemberRow, key=("town", "id"))

STREAM: Final = "town:"


def _town(recorded: Recorded) -> str:
    return recorded.originator_id[len(STREAM) :]


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the one row that an event touches."""
    event = recorded.event
    match event:
        case TownFounded() | TownRenamed():
            yield TOWNS, _town(recorded)
        case GridDrawn() | GridChanged() | GridClosed():
            yield GRIDS, event.code
        case DepartmentOpened() | DepartmentRenamed() | DepartmentClosed():
            yield DEPARTMENTS, (_town(recorded), event.department)
        case MemberJoined() | MemberRenamed() | MemberPosted() | MemberUnposted() | MemberLeft():
            yield MEMBERS, (_town(recorded), event.member)


def _founded(rows: Rows, event: TownFounded, recorded: Recorded) -> None:
    rows.put(TOWNS, TownRow(event.code, event.name, event.at, recorded.position))


def _renamed(rows: Rows, event: TownRenamed, recorded: Recorded) -> None:
    rows.change(TOWNS, _town(recorded), name=event.name, position=recorded.position)


def _drawn(rows: Rows, event: GridDrawn, recorded: Recorded) -> None:
    rows.put(
        GRIDS,
        GridRow(event.code, event.name, event.village, event.boundary, event.at, None, recorded.position),
    )


def _changed(rows: Rows, event: GridChanged, recorded: Recorded) -> None:
    rows.change(
        GRIDS,
        event.code,
        name=event.name,
        village=event.village,
        boundary=event.boundary,
        position=recorded.position,
    )


def _closed(rows: Rows, event: GridClosed, recorded: Recorded) -> None:
    rows.change(GRIDS, event.code, closed_at=event.at, position=recorded.position)


def _opened(rows: Rows, event: DepartmentOpened, recorded: Recorded) -> None:
    row = DepartmentRow(_town(recorded), event.department, event.name, None, recorded.position)
    rows.put(DEPARTMENTS, row)


def _department_renamed(rows: Rows, event: DepartmentRenamed, recorded: Recorded) -> None:
    key = (_town(recorded), event.department)
    rows.change(DEPARTMENTS, key, name=event.name, position=recorded.position)


def _department_closed(rows: Rows, event: DepartmentClosed, recorded: Recorded) -> None:
    key = (_town(recorded), event.department)
    rows.change(DEPARTMENTS, key, closed_at=event.at, position=recorded.position)


def _joined(rows: Rows, event: MemberJoined, recorded: Recorded) -> None:
    rows.put(MEMBERS, MemberRow(_town(recorded), event.member, event.name, (), recorded.position))


def _member_renamed(rows: Rows, event: MemberRenamed, recorded: Recorded) -> None:
    rows.change(MEMBERS, (_town(recorded), event.member), name=event.name, position=recorded.position)


def _posted(rows: Rows, event: MemberPosted, recorded: Recorded) -> None:
    member = rows.need(MEMBERS, (_town(recorded), event.member))
    posting = Posting(event.member, event.place, event.post, event.duty)
    kept = tuple(held for held in member.postings if held != posting)
    rows.put(MEMBERS, replace(member, postings=(*kept, posting), position=recorded.position))


def _unposted(rows: Rows, event: MemberUnposted, recorded: Recorded) -> None:
    member = rows.need(MEMBERS, (_town(recorded), event.member))
    posting = Posting(event.member, event.place, event.post, event.duty)
    kept = tuple(held for held in member.postings if held != posting)
    rows.put(MEMBERS, replace(member, postings=kept, position=recorded.position))


def _left(rows: Rows, event: MemberLeft, recorded: Recorded) -> None:
    rows.delete(MEMBERS, (_town(recorded), event.member))


FOLDS: Final[dict[type[Event], Fold[Any]]] = {
    TownFounded: _founded,
    TownRenamed: _renamed,
    GridDrawn: _drawn,
    GridChanged: _changed,
    GridClosed: _closed,
    DepartmentOpened: _opened,
    DepartmentRenamed: _department_renamed,
    DepartmentClosed: _department_closed,
    MemberJoined: _joined,
    MemberRenamed: _member_renamed,
    MemberPosted: _posted,
    MemberUnposted: _unposted,
    MemberLeft: _left,
}
