"""Given what has happened, when somebody asks for something, then this follows."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from commands.command import Command, On, Request
from commands.context import SYSTEM, Context, Loaded, NotLoaded
from commands.rights import CATALOGUE
from dispatch.domain.accounts import AccountAdded, Role
from dispatch.domain.event import Event, Recorded
from dispatch.domain.refusal import Refusal, RoleNotAllowed
from dispatch.domain.streams import evolve
from dispatch.domain.towns import (
    DepartmentOpened,
    Duty,
    GridDrawn,
    MemberJoined,
    MemberPosted,
    Post,
    TownFounded,
)
from dispatch.domain.working_time import Calendar

E = TypeVar("E", bound=Event)

TOWN = "500115101"
GRID = TOWN + "001001"
OTHER_GRID = TOWN + "002001"
ELSEWHERE = "500115102"
GRID_ELSEWHERE = ELSEWHERE + "001001"

MONDAY = datetime(2024, 3, 4, 1, 0, tzinfo=UTC)
"""Monday the 4th of March 2024, 09:00 in Shanghai: an ordinary week without holidays."""

CALENDAR = Calendar(version="test@1")

PEOPLE = {
    "operator": (Role.OPERATOR, TOWN, None),
    "operator-2": (Role.OPERATOR, TOWN, None),
    "operator-3": (Role.OPERATOR, TOWN, None),
    "supervisor": (Role.SUPERVISOR, TOWN, None),
    "auditor": (Role.AUDITOR, "", None),
    "administrator": (Role.ADMINISTRATOR, TOWN, None),
    "elsewhere": (Role.OPERATOR, ELSEWHERE, None),
    "li": (Role.WORKER, TOWN, "member-li"),
    "wang": (Role.WORKER, TOWN, "member-wang"),
    "zhao": (Role.WORKER, TOWN, "member-zhao"),
}
"""Account -> role, scope and member. Li and Wang work in GRID, Zhao in OTHER_GRID."""


def account_events() -> dict[str, list[Event]]:
    at = MONDAY - timedelta(days=400)
    return {
        f"account:{account}": [
            AccountAdded(at=at, account=account, name=account, role=role, scope=scope, member=member)
        ]
        for account, (role, scope, member) in PEOPLE.items()
    }


def town_events() -> dict[str, list[Event]]:
    at = MONDAY - timedelta(days=400)
    return {
        f"town:{TOWN}": [
            TownFounded(at=at, code=TOWN, name="万顺镇"),
            GridDrawn(at=at, code=GRID, name="第一网格", village="院子村"),
            GridDrawn(at=at, code=OTHER_GRID, name="第二网格", village="白合村"),
            DepartmentOpened(at=at, department="housing", name="建管办"),
            *(MemberJoined(at=at, member=f"member-{name}", name=name) for name in ("li", "wang", "zhao")),
            MemberPosted(at=at, member="member-li", place=GRID, post=Post.CHIEF),
            MemberPosted(at=at, member="member-wang", place=GRID, post=Post.PART_TIME),
            MemberPosted(at=at, member="member-zhao", place=OTHER_GRID, post=Post.CHIEF),
            MemberPosted(
                at=at, member="member-zhao", place=OTHER_GRID, post=Post.AUXILIARY, duty=Duty.MEDIATOR
            ),
        ],
        f"town:{ELSEWHERE}": [
            TownFounded(at=at, code=ELSEWHERE, name="别处镇"),
            GridDrawn(at=at, code=GRID_ELSEWHERE, name="别处网格", village="别处村"),
        ],
    }


class Scenario:
    """A log in memory, with the town of these tests in it, and a clock moved by hand."""

    def __init__(self, *, empty: bool = False) -> None:
        self.streams: dict[str, list[Event]] = {}
        self.states: dict[str, Loaded] = {}
        self.log: list[Recorded] = []
        self.now = MONDAY
        self._ids = itertools.count()
        events = account_events() if empty else account_events() | town_events()
        for stream, given in events.items():
            self.given(stream, *given)

    def given(self, stream: str, *events: Event) -> None:
        """Record what has happened."""
        for event in events:
            held = self.states.get(stream, Loaded(0, None))
            self.states[stream] = Loaded(held.version + 1, evolve(stream, held.state, event))
            self.streams.setdefault(stream, []).append(event)
            self.log.append(
                Recorded(
                    originator_id=stream,
                    originator_version=held.version + 1,
                    position=len(self.log) + 1,
                    recorded_at=self.now,
                    event=event,
                )
            )

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    def when(
        self, command: Command, by: str, *, device_at: datetime | None = None, version: int | None = None
    ) -> list[Event]:
        """Carry a command out and return the events that follow."""
        request = Request(command=command, account=by, device_at=device_at, version=version)
        command_id = f"command-{next(self._ids)}"
        loaded: dict[str, Loaded] = dict(self.states)
        while True:
            context = Context(request, loaded, now=self.now, command_id=command_id, calendar=CALENDAR)
            entry = CATALOGUE[type(command)]
            if context.actor.role not in entry.roles:
                raise RoleNotAllowed(role=context.actor.role)
            try:
                decided = list(entry.decide(command, context))
            except NotLoaded as missing:
                loaded[missing.stream] = Loaded(0, None)
                continue
            break
        for item in decided:
            stream, event = item if isinstance(item, On) else (command.stream, item)
            self.given(stream, event)
        return [item.event if isinstance(item, On) else item for item in decided]

    def refused(
        self, refusal: type[Refusal], command: Command, by: str, *, version: int | None = None
    ) -> Refusal:
        """Carry a command out that must be refused, exactly so, and leave no trace."""
        before = {stream: list(events) for stream, events in self.streams.items()}
        with pytest.raises(refusal) as caught:
            self.when(command, by, version=version)
        assert type(caught.value) is refusal
        assert caught.value.message.endswith((".", "?"))
        assert self.streams == before
        return caught.value

    def key(self, kind: str) -> str:
        """Return the id of the newest item of a kind."""
        return [stream for stream in self.streams if stream.startswith(f"{kind}:")][-1].partition(":")[2]


def the(events: list[Event], kind: type[E]) -> E:
    """Return the one event of that kind."""
    found = [event for event in events if isinstance(event, kind)]
    assert len(found) == 1, events
    return found[0]


def kinds(events: list[Event]) -> list[str]:
    """Return the names of events, in order."""
    return [str(event.__struct_config__.tag) for event in events]


SERVICE = SYSTEM.account
