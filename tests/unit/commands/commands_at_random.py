"""Commands with fields at random, likely and unlikely ones."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st

from commands.command import Command
from commands.rights import CATALOGUE
from dispatch.domain.accounts import Role
from dispatch.domain.cases.disputes import DisputeKind
from dispatch.domain.cases.events import Reporter
from dispatch.domain.households import HouseholdClass
from dispatch.domain.rhythm import Rhythm
from dispatch.domain.schedule import Days, Schedule
from dispatch.domain.working_time import Limit, LimitKind
from tests.unit.commands.scenario import ELSEWHERE, GRID, GRID_ELSEWHERE, MONDAY, OTHER_GRID, PEOPLE, TOWN

PLACES = [TOWN, GRID, OTHER_GRID, GRID_ELSEWHERE, ELSEWHERE, "500115101009001", "", "500115", "x", "５" * 15]
MEMBERS = ["member-li", "member-wang", "member-zhao", "stranger", ""]
TEXTS = st.sampled_from(
    ["", " ", "原因", "general", "dispute", "permit", "housing", "courtyard", "village", "town"]
)

moments = st.one_of(
    st.timedeltas(timedelta(days=-400), timedelta(days=400)).map(lambda delta: MONDAY + delta),
    st.datetimes(timezones=st.sampled_from([UTC])),
    st.datetimes(),
    st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]),
)
limits = st.builds(Limit, st.sampled_from(LimitKind), st.sampled_from([0.5, 1.0, 8.0, 40.0, 300.0]))
schedules = st.builds(
    Schedule,
    times=st.sampled_from([(time(8),), (time(8), time(20))]),
    weekdays=st.sampled_from([(), (1,), (6, 7)]),
    days=st.sampled_from([(), (-1,), (30,)]),
    months=st.sampled_from([(), (2,), (1, 7)]),
    on=st.sampled_from(Days),
)
boundaries = st.dictionaries(
    st.sampled_from(["type", "coordinates"]),
    st.recursive(
        st.none() | st.sampled_from(["Polygon", "MultiPolygon"]) | st.integers() | st.floats(),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=12,
    ),
)

BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "grid": st.sampled_from(PLACES),
    "place": st.sampled_from(PLACES),
    "town": st.sampled_from(PLACES),
    "scope": st.sampled_from(PLACES),
    "assignee": st.sampled_from(MEMBERS),
    "member": st.sampled_from(MEMBERS),
    "mediator": st.sampled_from(MEMBERS),
    "checker": st.sampled_from(MEMBERS),
    "account": st.sampled_from([*PEOPLE, "nobody", ""]),
    "boundary": boundaries,
    "schedule": schedules,
    "visits": st.dictionaries(st.sampled_from(HouseholdClass), st.sampled_from(Rhythm)),
}


def _field(name: str, kind: Any, ids: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    """Return values for a field: known ids and places where its name says so, else any of its type."""
    if name in {"case", "into", "task"}:
        return st.sampled_from([*ids["task" if name == "task" else "case"], "unknown"])
    if name in {"plan", "household"}:
        return st.sampled_from([*ids.get(name, ()), "unknown"])
    strategy: st.SearchStrategy[Any]
    if name == "households" and getattr(kind, "__origin__", None) is dict:
        return st.dictionaries(st.sampled_from(PLACES), st.just(("unknown",)))
    if name in BY_NAME:
        strategy = BY_NAME[name]
    elif name == "grids" and kind == tuple[str, ...]:
        strategy = st.lists(st.sampled_from(PLACES), max_size=3).map(tuple)
    else:
        strategy = _of(kind, ids)
    return st.none() | strategy if type(None) in getattr(kind, "__args__", ()) else strategy


def _of(kind: Any, ids: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    arguments = [arg for arg in getattr(kind, "__args__", ()) if arg not in (type(None), ...)]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in (Limit, Reporter):
        return structs(kind, ids)
    if getattr(kind, "__origin__", None) is tuple:
        return st.lists(_of(arguments[0], ids), max_size=2).map(tuple)
    if arguments:
        return _of(arguments[0], ids)
    known: dict[Any, st.SearchStrategy[Any]] = {str: TEXTS, datetime: moments, Limit: limits}
    return known[kind] if kind in known else st.from_type(kind)


def structs(kind: type[msgspec.Struct], ids: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    """Return instances of a command or of a part of one."""
    fields = {field.name: _field(field.name, field.type, ids) for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **fields)


RARE = {
    "TransferTask",
    "DeclineTask",
    "InstructTask",
    "InstructCase",
    "CancelTask",
    "VoidCase",
    "RefuseCase",
    "DoNotRegisterCase",
    "HandUpCase",
    "SelfHandleCase",
    "MergeCase",
}
"""What can nearly always be done, or would end most items before they have seen much."""


def attempts(
    kinds: list[type[Command]], ids: dict[str, list[str]], now: datetime, rng: Random
) -> Iterator[Any]:
    """Yield commands that may well be carried out now, each with somebody who may send it."""
    # What only the service itself may send is not for people.
    kinds = [kind for kind in kinds if CATALOGUE[kind].roles != {Role.SYSTEM}]
    weights = [1 if kind.__name__ in RARE else 20 for kind in kinds]
    while True:
        [kind] = rng.choices(kinds, weights)
        fields = {field.name: _likely(field.name, ids, now, rng) for field in msgspec.structs.fields(kind)}
        roles = CATALOGUE[kind].roles
        who = rng.choice([person for person, (role, _, _) in PEOPLE.items() if role in roles])
        yield kind(**fields), who


def _likely(name: str, ids: dict[str, list[str]], now: datetime, rng: Random) -> Any:
    choices: dict[str, list[Any]] = {
        "task": ids["task"],
        "case": ids["case"],
        "into": ids["case"],
        "grid": [None, GRID, OTHER_GRID],
        "assignee": [None, *MEMBERS[:3]],
        "checker": [None, *MEMBERS[:3]],
        "mediator": MEMBERS[:3],
        "department": [None, None, "housing"],
        "evidence": [(), ("a" * 64,)],
        "until": [now + timedelta(hours=1), now + timedelta(days=9)],
        "promised_at": [now + timedelta(hours=1), now + timedelta(days=9)],
        "level": ["courtyard", "village", "town"],
        "kind": list(DisputeKind),
        "jointly_with": [(), ("village",)],
        "to": ["district"],
    }
    yes_or_no = {"passed", "genuine", "satisfied", "settled", "upheld", "granted", "major"}
    return rng.choice([True, False] if name in yes_or_no else choices.get(name, ["原因"]))
