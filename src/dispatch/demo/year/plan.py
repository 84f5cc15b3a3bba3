"""A plan: who sends which request when; chains keep the steps of one item in order."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from http import HTTPStatus
from operator import itemgetter
from typing import Any, Final, NamedTuple, Self

import msgspec

from dispatch.demo.year.hours import Hours

ITEM: Final = "{item}"
"""Stands in a path for the id of the step's own item."""
_encode: Final = msgspec.json.Encoder().encode


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One request to the service: `who` is the account, `path` may hold the id of `item`.

    The ids in the answer become those of the items `makes`, in order. `names` is a field of the body that is
    to hold the id of the item `named`. A step is refused as planned if `refused` is its problem's code, and
    `repeats` says that it is sent again under a key that was used already. `not_met` are the numbers of
    households whose ids are to stand in the body under that name.
    """

    who: str
    path: str
    key: str
    body: dict[str, Any] | None = None
    item: int | None = None
    makes: tuple[int, ...] = ()
    names: tuple[str, int] | None = None
    device_at: datetime | None = None
    status: int = HTTPStatus.OK
    refused: str | None = None
    repeats: bool = False
    not_met: tuple[int, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it is to be accepted as a new command."""
        return self.refused is None and not self.repeats

    def repeated(self) -> "Step":
        """Return the same request, sent once more under the same key."""
        return msgspec.structs.replace(self, repeats=True)

    def encoded(self) -> bytes:
        """Return the body as JSON."""
        return b"" if self.body is None else _encode(self.body)


Lane = list[Step]
"""Steps that are sent one after the other; lanes of the same moment are sent at once."""


class Arrival(NamedTuple):
    """Tasks that a recurring plan (by its number) issued at `due`: which items, in the order of the grids."""

    recurring: int
    due: datetime
    items: tuple[int, ...]


class Plan:
    """The steps of the year by moment, and the items that they are about, numbered from 0.

    `arrivals` are by moment what the recurring plans have issued by then, known from the next moment on.
    """

    def __init__(self, seed: int, hours: Hours) -> None:
        self.seed = seed
        self.hours = hours
        self.items = 0
        self.steps = 0
        self.arrivals: dict[datetime, list[Arrival]] = {}
        self._lanes: list[dict[int, Lane]] = [{} for _ in hours.moments]
        self._between: dict[datetime, dict[int, Lane]] = {}

    def new_item(self) -> int:
        """Return the number of a new item."""
        self.items += 1
        return self.items - 1

    def new_key(self) -> str:
        """Return an idempotency key that no other step has."""
        self.steps += 1
        return f"{self.seed}-{self.steps}"

    def add(self, place: int, lane: int, step: Step) -> None:
        """Let a step be sent at the moment `place`, after what is in its `lane` already."""
        self._lanes[place].setdefault(lane, []).append(step)

    def add_between(self, at: datetime, lane: int, step: Step) -> None:
        """Let a step be sent at a moment of its own, between those of the year, in UTC."""
        self._between.setdefault(at, {}).setdefault(lane, []).append(step)

    def arrive(self, place: int, arrival: Arrival) -> None:
        """Let the tasks of a recurring plan be found out at the moment `place`."""
        self.arrivals.setdefault(self.hours.moments[place], []).append(arrival)

    def moments(self) -> Iterator[tuple[datetime, list[Lane]]]:
        """Give each moment that something happens in, and what."""
        usual = zip(self.hours.moments, self._lanes, strict=True)
        for at, lanes in merge(usual, sorted(self._between.items()), key=itemgetter(0)):
            if lanes or at in self.arrivals:
                yield at, list(lanes.values())

    def all_steps(self) -> Iterator[Step]:
        """Give every step in the order of the moments."""
        for _, lanes in self.moments():
            for lane in lanes:
                yield from lane

    @property
    def commands(self) -> int:
        """How many commands are to be accepted."""
        return sum(step.counts for step in self.all_steps())


class Chain:
    """The steps of one item at the moments `places`; `at` is where in them the last step is.

    What would lie beyond the last of `places` happens at that one, still in order.
    """

    def __init__(self, plan: Plan, collection: str, item: int, places: Sequence[int], at: int) -> None:
        self.plan = plan
        self.item = item
        self.at = at
        self.places = places
        self._path = f"/{collection}/{ITEM}/"
        self._lane = item
        self._last: Step | None = None

    def turned_into(self, collection: str) -> Self:
        """Let the next steps be those of another collection: a case that is a dispute or a permit."""
        self._path = f"/{collection}/{ITEM}/"
        return self

    @property
    def place(self) -> int:
        """The moment of the last step."""
        return self.places[self.at]

    @property
    def now(self) -> datetime:
        """The time of the last step."""
        return self.plan.hours.moments[self.place]

    def later(self, moments: int) -> datetime:
        """Return the time so many moments after the last step."""
        return self.plan.hours.moments[self.places[min(self.at + moments, len(self.places) - 1)]]

    def then(
        self,
        moments: int,
        who: str,
        verb: str,
        body: dict[str, Any] | None = None,
        *,
        names: tuple[str, int] | None = None,
        device_at: datetime | None = None,
        refused: tuple[int, str] | None = None,
        not_met: tuple[int, ...] = (),
    ) -> Self:
        """Add a step so many moments after the last; `refused` is the status and code that it is to meet."""
        self.at = min(self.at + moments, len(self.places) - 1)
        status, code = refused or (HTTPStatus.OK, None)
        self._last = Step(
            who=who,
            path=self._path + verb,
            key=self.plan.new_key(),
            body=body,
            item=self.item,
            names=names,
            device_at=device_at,
            status=status,
            refused=code,
            not_met=not_met,
        )
        self.plan.add(self.place, self._lane, self._last)
        return self

    def again(self) -> Self:
        """Send the last step once more, as a phone does that did not hear the answer."""
        assert self._last is not None
        self.plan.add(self.place, self._lane, self._last.repeated())
        return self
