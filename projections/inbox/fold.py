"""The fold of the log into inboxes: a notification for each whom an event is told to."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec.structs import replace

from dispatch.domain import codes, tasks
from dispatch.domain.accounts import (
    AccountAdded,
    AccountRevoked,
    IdentityUnlinked,
    PasswordSet,
    SecondFactorRemoved,
    TokenIssued,
)
from dispatch.domain.cases import disputes, events
from dispatch.domain.cases.kinds import EMERGENCIES
from dispatch.domain.cases.permits import PermitDue
from dispatch.domain.escalation import Escalated, EscalationAnswered
from dispatch.domain.event import Event, Recorded, name_of
from dispatch.domain.inboxes import InboxRead, of_account, of_member
from dispatch.domain.ladder import HIGHEST, Level
from dispatch.domain.limits import LimitKind
from dispatch.domain.modes import EmergencyEntered, EmergencyLeft, county_of
from dispatch.domain.policy import IN_EMERGENCY
from dispatch.domain.recalculation import CaseDeadlineRecalculated, TaskDeadlineRecalculated
from dispatch.domain.recipients import ChannelsSet
from dispatch.domain.towns import MemberJoined, MemberLeft, MemberPosted, MemberUnposted, Post
from dispatch.domain.working_time import Deadline
from projections.engine.projection import Fold
from projections.engine.rows import Rows, Touched
from projections.inbox import accounts, digests, switches
from projections.inbox.audience import AUDIENCES, Hearing
from projections.inbox.row import (
    ADDRESSED,
    AUDITORS,
    COUNTIES,
    LEADERS,
    NOTICES,
    PERSONS,
    PLACES,
    READ,
    READERS,
    AddressedRow,
    NoticeRow,
    PersonRow,
    PlaceRow,
    ReaderRow,
    ReadRow,
    notice_id,
)

BEGINNINGS: Final = (tasks.TaskIssued, events.CaseReported, PermitDue)
NOBODY: Final[dict[str, Any]] = {"assignee": None, "department": None}
RECALCULATED: Final = (TaskDeadlineRecalculated, CaseDeadlineRecalculated)
FEW: Final = 2
"""How many notifications an event comes to as a rule; further ones are looked up one by one."""
HANDS: Final = 4
"""How many that are of a task that is given to a grid and to nobody by name."""


def keys(recorded: Recorded) -> Iterable[Touched]:
    """Name the rows that an event touches, as far as it can say; who holds which post is looked up."""
    event = recorded.event
    match event:
        case InboxRead():
            yield READERS, event.account
            yield from ((READ, (event.account, one)) for one in event.ids)
        case MemberJoined() | MemberLeft():
            yield PERSONS, (_key(recorded), event.member)
        case MemberPosted() | MemberUnposted():
            yield PERSONS, (_key(recorded), event.member)
            yield PLACES, event.place
            yield COUNTIES, county_of(event.place)
        case AccountAdded():
            yield COUNTIES, county_of(event.scope)
            yield LEADERS, event.account
            yield from accounts.keys(recorded)
        case AccountRevoked():
            yield LEADERS, _key(recorded)
            yield AUDITORS, digests.ALL
        case TokenIssued() | PasswordSet() | SecondFactorRemoved() | IdentityUnlinked() | ChannelsSet():
            yield from accounts.keys(recorded)
        case _ if type(event) in digests.FOLDS:
            yield from digests.keys(recorded)
        case EmergencyEntered() | EmergencyLeft():
            yield from switches.keys(recorded)
        case _:
            yield ADDRESSED, recorded.originator_id
            for number in range(_expected(event)):
                yield NOTICES, notice_id(recorded.position, number)


def _key(recorded: Recorded) -> str:
    return recorded.originator_id.partition(":")[2]


def _expected(event: Event) -> int:
    if type(event) not in AUDIENCES:
        return 0
    if isinstance(event, Escalated):
        return len(event.persons) + 1
    given = getattr(event, "assignee", None) or getattr(event, "department", None)
    return FEW if given or not isinstance(event, tasks.TaskIssued) else HANDS


def _begun(event: Any, item: str) -> AddressedRow:
    deadline = getattr(event, "handling", None) or getattr(event, "reporting", None)
    return AddressedRow(
        item=item,
        place=event.grid,
        title=event.title,
        assignee=getattr(event, "assignee", None),
        department=None,
        reporter=event.by if isinstance(event, events.CaseReported) else None,
        appellant=None,
        applicant=None,
        told=(),
        grave=getattr(event, "severity", None) in EMERGENCIES,
        **_timed(deadline, event),
    )


def _timed(deadline: Deadline | None, event: Event) -> dict[str, Any]:
    """Return by when an item is due, and whether its time runs day and night: then its news can't wait."""
    acceptance = getattr(event, "acceptance", None)
    clocked = (
        isinstance(event, RECALCULATED)
        or (deadline is not None and deadline.limit.kind is LimitKind.CLOCK_HOURS)
        or any(one is not None and one.rule.endswith(IN_EMERGENCY) for one in (deadline, acceptance))
    )
    return {"due_at": deadline.due if deadline is not None else None, "clocked": clocked}


def _changes(item: AddressedRow, event: Event) -> dict[str, Any]:  # noqa: C901, PLR0911 - one case for each kind
    """Return what an event changes of who hears of an item."""
    match event:
        case tasks.TaskAccepted():
            return {"assignee": event.by}
        case events.CaseHandlingStarted():
            return {} if item.department is not None else {"assignee": event.by}
        case tasks.TaskTransferred() | events.CaseHandedDown():
            return {"place": event.grid, "assignee": event.assignee, "department": None}
        case events.CaseDispatched() | events.CaseTransferred():
            return {"place": event.grid, "assignee": event.assignee, "department": event.department}
        case disputes.DisputeAssigned():
            return {"assignee": event.mediator, "department": None}
        case (
            tasks.TaskDeclined()
            | events.CaseDeclined()
            | events.CaseHandedUp()
            | events.CaseReopened()
            | disputes.DisputeFlaredUp()
        ):
            return NOBODY
        case tasks.TaskExtensionRequested() | events.CaseExtensionRequested():
            return {"applicant": event.by}
        case events.CaseAppealed():
            return {"appellant": event.by}
        case Escalated():
            return {"told": tuple(dict.fromkeys((*item.told, *event.persons)))}
        case EscalationAnswered():
            return {"told": ()}
        case _:
            return {}


def _told(rows: Rows, event: Event, recorded: Recorded) -> None:
    """Follow an item and tell of the event whom it concerns."""
    stream = recorded.originator_id
    if isinstance(event, BEGINNINGS):
        before = after = _begun(event, stream)
    else:
        before = rows.need(ADDRESSED, stream)
        handling = getattr(event, "handling", None)
        hurried = isinstance(event, RECALCULATED)
        timed = _timed(handling, event) if hurried or isinstance(handling, Deadline) else {}
        after = replace(before, **_changes(before, event), **timed)
    rows.put(ADDRESSED, after)
    audience = AUDIENCES.get(type(event))
    if audience is None:
        return
    owners = dict.fromkeys(audience(Hearing(rows, before, after), event))
    for number, owner in enumerate(_others(owners, event, after)):
        rows.put(NOTICES, _notice(recorded, after, owner, number))


def _others(owners: Iterable[str], event: Event, item: AddressedRow) -> Iterator[str]:
    """Leave out who did it himself."""
    by = getattr(event, "by", None)
    own = () if by is None else (of_member(codes.town_of(item.place), by), of_account(by))
    return (owner for owner in owners if owner not in own)


def _notice(recorded: Recorded, item: AddressedRow, owner: str, number: int) -> NoticeRow:
    event = recorded.event
    level: Level | None = getattr(event, "level", None) if isinstance(event, Escalated) else None
    said = "" if "note" in event.personal else getattr(event, "note", "")
    return NoticeRow(
        id=notice_id(recorded.position, number),
        owner=owner,
        position=recorded.position,
        name=name_of(event),
        item=item.item,
        place=item.place,
        title=item.title,
        at=event.at,
        by=getattr(event, "by", None),
        detail=getattr(event, "reason", "") or said,
        level=level,
        due_at=item.due_at,
        until=getattr(event, "until", None) or getattr(event, "promised_at", None),
        urgent=item.grave or item.clocked or level in HIGHEST,
    )


def _read(rows: Rows, event: InboxRead, recorded: Recorded) -> None:
    before = rows.get(READERS, event.account)
    through = min(event.through or 0, recorded.position)
    rows.put(READERS, ReaderRow(event.account, max(through, before.through if before else 0)))
    for one in event.ids:
        rows.put(READ, ReadRow(event.account, one))


def _joined(rows: Rows, event: MemberJoined, recorded: Recorded) -> None:
    rows.put(PERSONS, PersonRow(_key(recorded), event.member, (), acts=False))


def _posts(rows: Rows, place: str) -> tuple[tuple[str, Post], ...]:
    row = rows.get(PLACES, place)
    return row.posts if row else ()


def _posted(rows: Rows, event: MemberPosted, recorded: Recorded) -> None:
    person = rows.need(PERSONS, (_key(recorded), event.member))
    places = tuple(dict.fromkeys((*person.places, event.place)))
    rows.put(PERSONS, replace(person, places=places))
    # One may hold the same post for several duties; for who hears of what that is one post.
    posts = dict.fromkeys((*_posts(rows, event.place), (event.member, event.post)))
    rows.put(PLACES, PlaceRow(event.place, tuple(posts)))
    switches.note_place(rows, event.place)


def _unposted(rows: Rows, event: MemberUnposted, recorded: Recorded) -> None:
    del recorded
    posts = tuple(one for one in _posts(rows, event.place) if one != (event.member, event.post))
    rows.put(PLACES, PlaceRow(event.place, posts))


def _account_added(rows: Rows, event: AccountAdded, recorded: Recorded) -> None:
    switches.added(rows, event, recorded)
    digests.added(rows, event)
    accounts.added(rows, event, recorded)


def _account_revoked(rows: Rows, event: AccountRevoked, recorded: Recorded) -> None:
    switches.revoked(rows, event, recorded)
    digests.revoked(rows, _key(recorded))


def _left(rows: Rows, event: MemberLeft, recorded: Recorded) -> None:
    person = rows.need(PERSONS, (_key(recorded), event.member))
    for place in person.places:
        posts = tuple(one for one in _posts(rows, place) if one[0] != event.member)
        rows.put(PLACES, PlaceRow(place, posts))
    rows.delete(PERSONS, (_key(recorded), event.member))


FOLLOWED: Final = (
    tasks.TaskAccepted,
    PermitDue,
    events.CaseHandlingStarted,
    events.CaseRegistered,
    events.CaseReopened,
    events.CaseUnmerged,
    disputes.DisputeRegistered,
    disputes.DisputeFlaredUp,
)
"""Events that nobody is told of and that change who hears of the next one, or by when it is due."""
FOLDS: Final[dict[type[Event], Fold[Any]]] = {
    **dict.fromkeys((*AUDIENCES, *FOLLOWED), _told),
    InboxRead: _read,
    MemberJoined: _joined,
    MemberPosted: _posted,
    MemberUnposted: _unposted,
    MemberLeft: _left,
    **switches.FOLDS,
    **accounts.FOLDS,
    AccountAdded: _account_added,
    AccountRevoked: _account_revoked,
    **digests.FOLDS,
}
