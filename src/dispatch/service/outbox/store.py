"""The outbox's records: taken up with the position, claimed for a while, noted as sent, failed or dead."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.domain.inboxes import position_of
from dispatch.domain.refusal import NotNow, Unknown
from dispatch.eventlog.log import micros, moment
from dispatch.service.beside import let_go
from dispatch.service.outbox.tables import State, Tables

KEPT: Final = timedelta(days=30)
"""How long it is remembered what was sent or discarded."""
MOST: Final = 500


class DeliveryUnknown(Unknown):
    """There is no delivery of that id in the outbox, or none in your scope."""


class DeliveryNotDead(NotNow):
    """Only what was given up can be tried again or discarded."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One notification on its way by one channel; its `id` is `<notification>~<channel>`.

    `zh` and `en` are what is said, and are forgotten once it has been. The recipient's address never stands
    here: it is looked up when it is sent. `error` says why the last attempt failed.
    """

    id: str
    notification: str
    inbox: str
    channel: str
    place: str
    name: str
    item: str
    zh: str
    en: str
    urgent: bool
    state: State
    attempts: int
    taken_at: datetime
    due_at: datetime
    ended_at: datetime | None = None
    error: str | None = None
    decided_by: str | None = None


TIMES: Final = ("taken_at", "due_at", "ended_at")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How the outbox stands: the position taken up, how many are under way, and how many are dead.

    `oldest_taken_at` is when the oldest was taken up of those that were tried in vain so far.
    """

    taken: int
    waiting: int
    oldest_taken_at: datetime | None
    dead: int


class Failing(NamedTuple):
    """Since when a duty fails, and what was said last."""

    since: datetime
    error: str


class Store:
    """The records of one database's outbox; each call is one transaction, and blocks."""

    def __init__(self, database: str) -> None:
        self._tables = Tables(database)
        self._engine = self._tables.engine
        self._taken, self._deliveries = self._tables.taken, self._tables.deliveries
        self._failing = self._tables.failing

    def open(self, head: Callable[[], int]) -> int:
        """Make the tables if they are not there, and return the position up to which all was taken up.

        A new outbox begins at the log's `head`: what came before is never sent. One that is ahead of the log,
        because the log was put back, goes back with it, and forgets the deliveries of what is gone: else what
        the log says next would be taken for them, by its position, and never be sent.
        """
        self._tables.create()
        position = self._taken.c.position
        with self._engine.begin() as connection:
            taken = connection.execute(sa.select(position)).scalar_one_or_none()
        # The head is asked for after that: others take up meanwhile, and are not ahead of the log.
        last = head()
        with self._engine.begin() as connection:
            if taken is None:
                connection.execute(
                    self._insert(self._taken).values(id=1, position=last).on_conflict_do_nothing()
                )
            elif taken > last:
                connection.execute(sa.update(self._taken).where(position == taken).values(position=last))
                self._forget_after(connection, last)
            return int(connection.execute(sa.select(position)).scalar_one())

    def _forget_after(self, connection: sa.Connection, head: int) -> None:
        c = self._deliveries.c
        found = connection.execute(sa.select(c.notification).distinct()).scalars()
        for gone in [one for one in found if position_of(one) > head]:
            connection.execute(sa.delete(self._deliveries).where(c.notification == gone))

    def close(self) -> None:
        """Let go of the database."""
        let_go(self._engine)

    def _insert(self, table: sa.Table) -> Any:
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)

    def taken(self) -> int:
        """Return the position up to which notifications were taken up."""
        with self._engine.connect() as connection:
            return int(connection.execute(sa.select(self._taken.c.position)).scalar_one())

    def followed(self) -> int | None:
        """Return the same for who only looks: 0 without tables, None if it isn't kept as it was."""
        if not self._tables.holds("taken"):
            return 0
        with self._engine.connect() as connection:
            return self._tables.position(connection, self._taken)

    def take_up(self, deliveries: Sequence[Delivery], *, after: int, through: int) -> bool:
        """Take deliveries up and move the position on, both or neither; False if it wasn't at `after`."""
        with self._engine.begin() as connection:
            moved = sa.update(self._taken).where(self._taken.c.position == after).values(position=through)
            if connection.execute(moved).rowcount != 1:
                return False
            if deliveries:
                insert = self._insert(self._deliveries).on_conflict_do_nothing()
                connection.execute(insert, [_stored(one) for one in deliveries])
            return True

    def claim(
        self, now: datetime, *, lease: timedelta, most: int, without: Collection[str] = ()
    ) -> list[Delivery]:
        """Claim up to `most` deliveries that are due, the urgent first, until `now + lease`.

        What another process claimed and never noted is claimed again when its lease has ended. An attempt
        counts from here. Channels in `without` are left alone.
        """
        c = self._deliveries.c
        due = (
            sa.select(c.id)
            .where(c.state.in_([State.WAITING, State.SENDING]), c.due_at <= micros(now))
            .where(c.channel.not_in(sorted(without)))
            .order_by(c.urgent.desc(), c.due_at, c.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        claimed = (
            sa.update(self._deliveries)
            .where(c.id.in_(due))
            .values(state=State.SENDING, attempts=c.attempts + 1, due_at=micros(now + lease))
            .returning(*self._deliveries.columns)
        )
        with self._engine.begin() as connection:
            return [_delivery(row) for row in connection.execute(claimed).mappings()]

    def sent(self, delivery: Delivery, now: datetime) -> None:
        """Note that a claimed delivery was sent, and forget what it said."""
        self._note(delivery, state=State.SENT, ended_at=micros(now), zh="", en="", error=None)

    def failed(self, delivery: Delivery, error: str, next_at: datetime | None, now: datetime) -> None:
        """Note that an attempt failed: it is tried again at `next_at`, or never (None)."""
        if next_at is None:
            self._note(delivery, state=State.DEAD, ended_at=micros(now), error=error)
        else:
            self._note(delivery, state=State.WAITING, due_at=micros(next_at), error=error)

    def dropped(self, delivery: Delivery, error: str, now: datetime) -> None:
        """Note that a delivery has nobody to go to any more."""
        self._note(delivery, state=State.DISCARDED, ended_at=micros(now), zh="", en="", error=error)

    def _note(self, delivery: Delivery, **values: Any) -> None:
        c = self._deliveries.c
        # Whoever claimed it after our lease had ended notes it himself.
        held = sa.and_(c.id == delivery.id, c.state == State.SENDING, c.attempts == delivery.attempts)
        with self._engine.begin() as connection:
            connection.execute(sa.update(self._deliveries).where(held).values(**values))

    def deliveries(self, state: State, scope: str = "", most: int = MOST) -> list[Delivery]:
        """Return deliveries in a state that concern places of a scope, the oldest first; none without tables.

        No tables are made: that takes rights which who only looks needn't have.
        """
        if not self._tables.holds("deliveries"):
            return []
        c = self._deliveries.c
        statement = (
            sa.select(self._deliveries)
            .where(c.state == state, c.place.startswith(scope, autoescape=True))
            .order_by(c.taken_at, c.id)
            .limit(most)
        )
        with self._engine.connect() as connection:
            return [_delivery(row) for row in connection.execute(statement).mappings()]

    def under_way(self) -> list[Delivery]:
        """Return what is yet to be sent; nothing without tables, and none are made."""
        if not self._tables.holds("deliveries"):
            return []
        under_way = self._deliveries.c.state.in_([State.WAITING, State.SENDING])
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(self._deliveries).where(under_way)).mappings()
            return [_delivery(row) for row in rows]

    def retry(self, key: str, now: datetime, *, by: str, scope: str = "") -> None:
        """Have a dead delivery tried again, from its first attempt; `DeliveryUnknown`, `DeliveryNotDead`."""
        again = {"state": State.WAITING, "attempts": 0, "due_at": micros(now), "ended_at": None}
        self._decide(key, scope, decided_by=by, **again)

    def discard(self, key: str, now: datetime, *, by: str, scope: str = "") -> None:
        """Give a dead delivery up for good; `DeliveryUnknown`, `DeliveryNotDead`."""
        self._decide(key, scope, decided_by=by, state=State.DISCARDED, ended_at=micros(now), zh="", en="")

    def _decide(self, key: str, scope: str, **values: Any) -> None:
        c = self._deliveries.c
        mine = sa.and_(c.id == key, c.place.startswith(scope, autoescape=True))
        with self._engine.begin() as connection:
            changed = sa.update(self._deliveries).where(mine, c.state == State.DEAD).values(**values)
            if connection.execute(changed).rowcount == 1:
                return
            state = connection.execute(sa.select(c.state).where(mine)).scalar_one_or_none()
        raise DeliveryUnknown(delivery=key[:80]) if state is None else DeliveryNotDead(state=state)

    def forget(self, now: datetime) -> None:
        """Forget what was sent or discarded long ago."""
        c = self._deliveries.c
        old = sa.and_(
            c.state.in_([State.SENT, State.DISCARDED]),
            c.ended_at < micros(now - KEPT),
        )
        with self._engine.begin() as connection:
            connection.execute(sa.delete(self._deliveries).where(old))

    def standing(self) -> Standing:
        """Return how the outbox stands."""
        c = self._deliveries.c
        under_way = c.state.in_([State.WAITING, State.SENDING])
        counts = sa.select(
            sa.func.count().filter(under_way),
            sa.func.min(c.taken_at).filter(under_way, c.attempts > 0),
            sa.func.count().filter(c.state == State.DEAD),
        )
        with self._engine.connect() as connection:
            waiting, oldest, dead = connection.execute(counts.where(c.state.in_(OPEN))).one()
            taken = connection.execute(sa.select(self._taken.c.position)).scalar_one()
        oldest_at = None if oldest is None else moment(int(oldest))
        return Standing(taken=taken, waiting=waiting, oldest_taken_at=oldest_at, dead=dead)

    def failing(self) -> dict[str, Failing]:
        """Return which of the service's duties fail, in whatever process."""
        c = self._failing.c
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(c.duty, c.since, c.error).order_by(c.duty))
            return {row.duty: Failing(moment(row.since), row.error) for row in rows}

    def note_failing(self, duty: str, error: str | None, now: datetime) -> None:
        """Note for all processes why a duty fails, and since when; None is that it doesn't."""
        before = self.failing().get(duty)
        if (before and before.error) == error:
            return
        with self._engine.begin() as connection:
            if error is None:
                connection.execute(sa.delete(self._failing).where(self._failing.c.duty == duty))
            else:
                insert = self._insert(self._failing).values(duty=duty, since=micros(now), error=error)
                said = insert.on_conflict_do_update(index_elements=["duty"], set_={"error": error})
                connection.execute(said)


OPEN: Final = (State.WAITING, State.SENDING, State.DEAD)


def _stored(delivery: Delivery) -> dict[str, Any]:
    found = msgspec.structs.asdict(delivery)
    return found | {name: None if found[name] is None else micros(found[name]) for name in TIMES}


def _delivery(row: Any) -> Delivery:
    found = dict(row)
    found |= {name: None if found[name] is None else moment(found[name]) for name in TIMES}
    return Delivery(**found | {"state": State(found["state"]), "urgent": bool(found["urgent"])})
