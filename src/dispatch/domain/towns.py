"""A town: its grids, its members and their posts ("1+3+N"), and its departments."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from dispatch.domain import codes
from dispatch.domain.event import Event


class Post(StrEnum):
    """What a member is in a grid; leader and commander are posts in the town."""

    CHIEF = "chief"
    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    INSTRUCTOR = "instructor"
    AUXILIARY = "auxiliary"
    LEADER = "leader"
    COMMANDER = "commander"


GRID_POSTS = (Post.CHIEF, Post.FULL_TIME, Post.PART_TIME, Post.INSTRUCTOR, Post.AUXILIARY)
TOWN_POSTS = (Post.LEADER, Post.COMMANDER)


class Duty(StrEnum):
    """What an auxiliary is there for: the N of "1+3+N"."""

    PATROL = "patrol"
    MEDIATOR = "mediator"
    LEGAL_GUIDE = "legal_guide"
    PARTY_MEMBER = "party_member"
    VOLUNTEER = "volunteer"


class TownFounded(Event, frozen=True, kw_only=True, tag="town.founded"):
    """The command centre of a town began its work; `code` has 9 digits."""

    code: str
    name: str


class TownRenamed(Event, frozen=True, kw_only=True, tag="town.renamed"):
    """The town has another name from now on."""

    name: str


class GridDrawn(Event, frozen=True, kw_only=True, tag="grid.drawn"):
    """A grid was drawn; `boundary` is a GeoJSON Polygon or MultiPolygon in WGS 84, or not known yet."""

    code: str
    name: str
    village: str
    boundary: dict[str, Any] | None = None


class GridChanged(Event, frozen=True, kw_only=True, tag="grid.changed"):
    """A grid got another name, village name or boundary; the fields hold what is true from now on."""

    code: str
    name: str
    village: str
    boundary: dict[str, Any] | None = None


class GridClosed(Event, frozen=True, kw_only=True, tag="grid.closed"):
    """A grid was given up: nothing new goes to it, what is open there goes on."""

    code: str
    reason: str


class DepartmentOpened(Event, frozen=True, kw_only=True, tag="department.opened"):
    """A department of the town can be given cases from now on."""

    department: str
    name: str


class DepartmentRenamed(Event, frozen=True, kw_only=True, tag="department.renamed"):
    """The department has another name from now on; its id stays."""

    department: str
    name: str


class DepartmentClosed(Event, frozen=True, kw_only=True, tag="department.closed"):
    """A department was given up: no case goes to it any more; those that it has stay until transferred."""

    department: str
    reason: str


class MemberJoined(Event, frozen=True, kw_only=True, tag="member.joined"):
    """A person joined the town's governance staff or its auxiliaries."""

    member: str
    name: str


class MemberRenamed(Event, frozen=True, kw_only=True, tag="member.renamed"):
    """The same person has another name from now on: the old one was mistyped, or changed."""

    member: str
    name: str


class MemberPosted(Event, frozen=True, kw_only=True, tag="member.posted"):
    """A member took up a post at `place`, a grid (or the town, for leader and commander)."""

    member: str
    place: str
    post: Post
    duty: Duty | None = None


class MemberUnposted(Event, frozen=True, kw_only=True, tag="member.unposted"):
    """A member gave up a post."""

    member: str
    place: str
    post: Post
    duty: Duty | None = None


class MemberLeft(Event, frozen=True, kw_only=True, tag="member.left"):
    """A member left; all of the member's posts are vacant."""

    member: str
    reason: str


TownEvent = (
    TownFounded
    | TownRenamed
    | GridDrawn
    | GridChanged
    | GridClosed
    | DepartmentOpened
    | DepartmentRenamed
    | DepartmentClosed
    | MemberJoined
    | MemberRenamed
    | MemberPosted
    | MemberUnposted
    | MemberLeft
)


class Posting(msgspec.Struct, frozen=True):
    """One member in one post at one place."""

    member: str
    place: str
    post: Post
    duty: Duty | None = None


class Grid(msgspec.Struct, frozen=True):
    """A grid as it stands."""

    code: str
    name: str
    village: str
    boundary: dict[str, Any] | None = None
    closed: bool = False


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """A town as it stands: grids by code, members' and departments' names by id, and who is posted where.

    `left` are the names of who was a member, by id: an id is one person's for ever. `closed` are the ids of
    the departments that were given up; they keep their names.
    """

    code: str
    name: str
    since: datetime
    grids: dict[str, Grid] = {}
    members: dict[str, str] = {}
    left: dict[str, str] = {}
    departments: dict[str, str] = {}
    closed: frozenset[str] = frozenset()
    postings: frozenset[Posting] = frozenset()

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.code

    @property
    def status(self) -> str:
        """A town has no lifecycle."""
        return "founded"

    def grids_of(self, member: str) -> frozenset[str]:
        """Return the codes of the grids in which `member` has a post."""
        return frozenset(p.place for p in self.postings if p.member == member and p.post in GRID_POSTS)

    def within(self, member: str, scope: str) -> bool:
        """Tell whether `member` has posts in `scope` and none beside it; without one he is the town's."""
        places = {p.place for p in self.postings if p.member == member} or {self.code}
        return all(codes.covers(scope, place) for place in places)

    def posted(self, place: str, post: Post) -> list[str]:
        """Return the ids of the members in `post` at `place`, sorted."""
        return sorted({p.member for p in self.postings if p.place == place and p.post is post})


def evolve(town: Town | None, event: TownEvent) -> Town:  # noqa: C901, PLR0911 - one case for each event
    """Return the town after `event`; an old event always loads."""
    if isinstance(event, TownFounded):
        return Town(code=event.code, name=event.name, since=event.at)
    assert town is not None
    match event:
        case TownRenamed():
            return replace(town, name=event.name)
        case GridDrawn() | GridChanged():
            grid = Grid(event.code, event.name, event.village, event.boundary)
            return replace(town, grids={**town.grids, event.code: grid})
        case GridClosed():
            grid = replace(town.grids[event.code], closed=True)
            return replace(town, grids={**town.grids, event.code: grid})
        case DepartmentOpened() | DepartmentRenamed():
            named = {**town.departments, event.department: event.name}
            return replace(town, departments=named, closed=town.closed - {event.department})
        case DepartmentClosed():
            return replace(town, closed=town.closed | {event.department})
        case MemberJoined() | MemberRenamed():
            return replace(town, members={**town.members, event.member: event.name})
        case MemberPosted():
            posting = Posting(event.member, event.place, event.post, event.duty)
            return replace(town, postings=town.postings | {posting})
        case MemberUnposted():
            posting = Posting(event.member, event.place, event.post, event.duty)
            return replace(town, postings=town.postings - {posting})
        case MemberLeft():
            members = {key: name for key, name in town.members.items() if key != event.member}
            kept = frozenset(p for p in town.postings if p.member != event.member)
            gone = (
                town.left | {event.member: town.members[event.member]}
                if event.member in town.members
                else town.left
            )
            return replace(town, members=members, left=gone, postings=kept)
