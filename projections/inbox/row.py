"""The rows of the inboxes: notifications, what has been read, and what a fold must know to address them."""

from datetime import datetime
from typing import Final

from dispatch.domain.ladder import Level
from dispatch.domain.modes import Grade
from dispatch.domain.towns import Post
from projections.engine.rows import Rows
from projections.engine.tables import Row, RowTable


class NoticeRow(Row, frozen=True):
    """A notification: an event at `position` that the inbox `owner` hears of; `id` is `<position>-<number>`.

    `name` is the event's, `item` the stream of the task, case or mode and `title` its title (of a switch the
    reason, of a digest the day with the tree's size and root, of a checkpoint these two). `detail` is what
    was said (a reason, an instruction, a signed checkpoint); `level` that of an escalation, `due_at` the
    deadline as it stood then, `until` the end of a suspension or a promise. `by` is who acted. `urgent` is
    what quiet hours don't hold back: a grave case, what is limited in clock hours as everything is in
    emergency mode, a switch of the mode, whether the log is signed, what somebody did to another's account
    or channels, and whatever has come up to the commander or the district.
    `grade` is that of an emergency that was entered, `erased` that addresses were erased for ever.
    """

    id: str
    owner: str
    position: int
    name: str
    item: str
    place: str
    title: str
    at: datetime
    by: str | None
    detail: str
    level: Level | None
    due_at: datetime | None
    until: datetime | None
    urgent: bool
    grade: Grade | None = None
    erased: bool = False


class ReaderRow(Row, frozen=True):
    """Up to which position an account has read."""

    account: str
    through: int


class ReadRow(Row, frozen=True):
    """A notification that an account has read by itself, beyond what it has read up to."""

    account: str
    id: str


class AddressedRow(Row, frozen=True):
    """A task or case, as far as it decides who hears of it.

    `grave` is an emergency by its severity, `clocked` what has a deadline that runs through the night.
    """

    item: str
    place: str
    title: str
    assignee: str | None
    department: str | None
    reporter: str | None
    appellant: str | None
    applicant: str | None
    told: tuple[str, ...]
    due_at: datetime | None
    grave: bool
    clocked: bool


class PersonRow(Row, frozen=True):
    """A member of a town, the places of the posts that he holds, and whether any account is in his name."""

    town: str
    member: str
    places: tuple[str, ...]
    acts: bool


class PlaceRow(Row, frozen=True):
    """Who is in which post at a place, in the order of taking them."""

    place: str
    posts: tuple[tuple[str, Post], ...]


class CountyRow(Row, frozen=True):
    """Whom a switch in a county may concern: the places with posts, and the accounts of who leads there.

    The code may also be that of a province or city, or empty, for the accounts that are above counties.
    """

    county: str
    places: tuple[str, ...]
    leaders: tuple[str, ...]


class LeaderRow(Row, frozen=True):
    """An account that leads in `scope` and reads no shared inbox, and the inbox in which it is told."""

    account: str
    scope: str
    inbox: str


class AuditorsRow(Row, frozen=True):
    """The accounts of all auditors, in the order of being added; there is one such row."""

    key: str
    accounts: tuple[str, ...]


class AccountRow(Row, frozen=True):
    """An account, where it may act, since when, and whether its owner has set a password of his own."""

    account: str
    scope: str
    added_at: datetime
    own: bool


def auditors(rows: Rows) -> tuple[str, ...]:
    """Return the accounts of all auditors."""
    row = rows.get(AUDITORS, "")
    return row.accounts if row else ()


def notice_id(position: int, number: int) -> str:
    """Return the id of the notification of that number that the event at a position came to."""
    return f"{position}-{number}"


NOTICES: Final = RowTable(
    "inbox_notices", NoticeRow, key=("id",), indexes=[("owner", "position"), ("position",)]
)
READERS: Final = RowTable("inbox_readers", ReaderRow, key=("account",))
READ: Final = RowTable("inbox_read", ReadRow, key=("account", "id"))
ADDRESSED: Final = RowTable("inbox_items", AddressedRow, key=("item",))
PERSONS: Final = RowTable("inbox_persons", PersonRow, key=("town", "member"))
PLACES: Final = RowTable("inbox_places", PlaceRow, key=("place",))
COUNTIES: Final = RowTable("inbox_counties", CountyRow, key=("county",))
LEADERS: Final = RowTable("inbox_leaders", LeaderRow, key=("account",))
AUDITORS: Final = RowTable("inbox_auditors", AuditorsRow, key=("key",))
ACCOUNTS: Final = RowTable("inbox_accounts", AccountRow, key=("account",))
TABLES: Final = (NOTICES, READERS, READ, ADDRESSED, PERSONS, PLACES, COUNTIES, LEADERS, AUDITORS, ACCOUNTS)
