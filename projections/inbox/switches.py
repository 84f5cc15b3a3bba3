"""Who hears of a switch of the mode: everybody with a post where it holds, and who leads there."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec.structs import replace

from dispatch.domain import codes
from dispatch.domain.accounts import AccountAdded, AccountRevoked, Role
from dispatch.domain.event import Recorded
from dispatch.domain.inboxes import of_account, of_centre, of_district, of_member, shared
from dispatch.domain.modes import EmergencyEntered, EmergencyLeft, county_of
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.inbox.row import (
    COUNTIES,
    LEADERS,
    NOTICES,
    PLACES,
    CountyRow,
    LeaderRow,
    notice_id,
)
from projections.inbox.telling import tell

LEADING: Final = frozenset({Role.OPERATOR, Role.SUPERVISOR})
AROUND: Final = tuple(length for length in codes.SCOPE_LENGTHS if length <= codes.COUNTY)
MANY: Final = 100
"""How many notifications a switch comes to in a town; further ones are looked up one by one."""

Switch = EmergencyEntered | EmergencyLeft


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the rows that a switch touches, as far as it can say."""
    county = county_of(recorded.event.scope)  # type: ignore[attr-defined] # asked of switches only
    yield from ((COUNTIES, county[:length]) for length in AROUND)
    yield from ((NOTICES, notice_id(recorded.position, number)) for number in range(MANY))


def note_place(rows: Rows, place: str) -> None:
    """Note a place where somebody has taken a post."""
    county = _county(rows, county_of(place))
    if place not in county.places:
        rows.put(COUNTIES, replace(county, places=(*county.places, place)))


def _county(rows: Rows, county: str) -> CountyRow:
    return rows.get(COUNTIES, county) or CountyRow(county, (), ())


def added(rows: Rows, event: AccountAdded, recorded: Recorded) -> None:
    """Note who leads, unless he reads a shared inbox."""
    del recorded
    # Who reads an inbox of the centre or the district hears of it there.
    if event.role not in LEADING or shared(event.role, event.scope):
        return
    county = _county(rows, county_of(event.scope))
    rows.put(COUNTIES, replace(county, leaders=(*county.leaders, event.account)))
    member = of_member(codes.town_of(event.scope), event.member) if event.member else None
    rows.put(LEADERS, LeaderRow(event.account, event.scope, member or of_account(event.account)))


def revoked(rows: Rows, event: AccountRevoked, recorded: Recorded) -> None:
    """Note who leads no more."""
    del event
    rows.delete(LEADERS, recorded.originator_id.partition(":")[2])


def _switched(rows: Rows, event: Switch, recorded: Recorded) -> None:
    own = {of_account(event.by), of_member(codes.town_of(event.scope), event.by)}
    grade = event.grade if isinstance(event, EmergencyEntered) else None
    told = (owner for owner in _concerned(rows, event.scope) if owner not in own)
    title = event.reason
    tell(rows, told, event, recorded, place=event.scope, title=title, by=event.by, urgent=True, grade=grade)


def _concerned(rows: Rows, scope: str) -> Iterator[str]:
    """Give the inboxes of whom a switch in a scope concerns: within it, and above it."""
    county = county_of(scope)
    places = [place for place in _county(rows, county).places if _touch(scope, place)]
    yield of_district(county)
    towns = [codes.town_of(place) for place in (scope, *places) if len(place) >= codes.TOWN]
    yield from map(of_centre, towns)
    for length in AROUND:
        for account in _county(rows, county[:length]).leaders:
            leader = rows.get(LEADERS, account)
            if leader is not None and _touch(scope, leader.scope):
                yield leader.inbox
    for place in places:
        row = rows.get(PLACES, place)
        yield from (of_member(codes.town_of(place), member) for member, _ in (row.posts if row else ()))


def _touch(scope: str, place: str) -> bool:
    return codes.covers(scope, place) or codes.covers(place, scope)


FOLDS: Final[dict[Any, Fold[Any]]] = {
    EmergencyEntered: _switched,
    EmergencyLeft: _switched,
}
