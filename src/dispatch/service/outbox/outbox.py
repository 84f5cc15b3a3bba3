"""The outbox at work, in the process that leads: takes notifications up and sends them, until cancelled."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Thread
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from commands.handler import Handler
from dispatch.domain.inboxes import position_of
from dispatch.domain.recipients import Recipient
from dispatch.service.clock import Clock
from dispatch.service.outbox.channels import Channels, NobodyThere, NotSent, OutgoingMessage
from dispatch.service.outbox.store import Delivery, Standing, Store
from dispatch.service.outbox.tables import State
from dispatch.service.outbox.timing import out_of_quiet, pause
from dispatch.service.recipients import recipient_of
from projections.engine.generations import NotReady
from projections.engine.supervisor import Supervisor
from projections.inbox.listing import after, reached
from projections.inbox.phrases import put
from projections.inbox.row import NoticeRow

logger: Final = structlog.get_logger(__name__)

LOOK: Final = 0.5
"""Seconds between two looks for what is new and what is due."""
BATCH: Final = 500
"""Notifications taken up in one transaction."""
AT_ONCE: Final = 16
"""Messages under way together, so that a gateway that hangs leaves room for others."""
AT_ONE: Final = 6
"""Messages under way together by one channel."""
BEYOND: Final = 2.0
"""How many times the gateway's own time a message may take in all; then the attempt has failed."""
LEASE: Final = timedelta(seconds=30)
"""How long a claim holds beyond that: what a killed process held is sent again then."""
STUCK: Final = timedelta(minutes=15)
"""After how long a message that is tried in vain makes the outbox stuck."""
ASKED: Final = 3.0
"""Seconds that readiness waits for what the outbox has to say."""
TIDY: Final = 3_600
"""Looks between two clearings of what was sent long ago."""


class Tuning(NamedTuple):
    """How often and how long: seconds for a gateway's answer and before the second attempt; attempts."""

    seconds: float
    pause: float
    attempts: int
    lease: timedelta = LEASE


class Outbox:
    """Takes up what the inboxes have got and sends it by each recipient's channels, at least once.

    Times are the system's even where the service's clock is simulated: gateways live in our time.
    """

    def __init__(
        self,
        store: Store,
        channels: Channels,
        handler: Handler,
        read_models: Supervisor,
        *,
        clock: Clock,
        tuning: Tuning,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.store, self.channels = store, channels
        self._handler, self._read_models, self._clock = handler, read_models, clock
        self._tuning, self._chance = tuning, chance
        self._under_way: set[asyncio.Task[None]] = set()
        self._busy: Counter[str] = Counter()
        self._room = asyncio.Event()
        self._looks = 0
        self.error: str | None = None
        """Why the last look came to nothing; None when all is well."""

    def now(self) -> datetime:
        """Return the time that attempts are made at."""
        return self._clock()

    async def run(self) -> None:
        """Look again and again, in the process that leads, until cancelled."""
        try:
            while True:
                await self.look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await self._room.wait()
                self._room.clear()
        finally:
            for task in self._under_way:
                task.cancel()

    async def look(self) -> None:
        """Take up what is new and begin to send what is due; what goes wrong, the next look tries again."""
        if not self._read_models.leading:
            return
        try:
            while await self._take_up() >= BATCH:
                pass
            await self._begin()
            if self._looks % TIDY == 0:
                await asyncio.to_thread(self.store.forget, self._clock())
        except NotReady:
            return
        except Exception as error:  # noqa: BLE001 - whatever happens, it goes on: nobody is there to restart it
            # Only its kind: the text of a database's error may hold what was written.
            self.error = type(error).__name__
            logger.warning("outbox_interrupted", error=self.error)
            return
        self._looks += 1
        self.error = None

    async def settled(self) -> None:
        """Return when nothing is under way that was begun before."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def standing(self) -> dict[str, Any]:
        """Return what readiness tells of the outbox; a gateway that is down stops nothing else."""
        try:
            async with asyncio.timeout(ASKED):
                standing: Standing = await asyncio.to_thread(self.store.standing)
        except (SQLAlchemyError, TimeoutError) as error:
            return {"error": type(error).__name__}
        oldest = standing.oldest_taken_at
        stuck = oldest is not None and self._clock() - oldest > STUCK
        return {**msgspec.to_builtins(standing), "stuck": stuck, "error": self.error}

    async def _take_up(self) -> int:
        """Take up to a batch of notifications up, with the position; returns how many that were."""
        taken = await asyncio.to_thread(self.store.taken)
        found, through = await asyncio.to_thread(self._new, taken)
        if through <= taken:
            return 0
        deliveries = await self._deliveries(found)
        await asyncio.to_thread(self.store.take_up, deliveries, after=taken, through=through)
        return len(found)

    def _new(self, taken: int) -> tuple[list[NoticeRow], int]:
        """Return the notifications after a position, and up to which one that is all of them."""
        with self._read_models.connection() as connection:
            through = reached(connection)
            # Where nothing is sent by any channel, there is nothing to read either.
            found = after(connection, taken, BATCH) if self.channels.names else []
        return found, found[-1].position if len(found) >= BATCH else through

    async def _deliveries(self, notices: Sequence[NoticeRow]) -> list[Delivery]:
        now = self._clock()
        recipients: dict[tuple[str, int | None], Recipient | None] = {}
        found = []
        for notice in notices:
            key = notice.owner, _former(notice.owner, notice.item, notice.id)
            if key not in recipients:
                recipients[key] = await self._handler.state(f"recipient:{key[0]}", before=key[1])
            recipient = recipients[key]
            if recipient is not None:
                found += [_delivery(notice, recipient, channel, now) for channel in recipient.channels]
        return found

    async def _begin(self) -> None:
        """Begin to send what is due, as far as there is room."""
        lease = timedelta(seconds=self._tuning.seconds * BEYOND) + self._tuning.lease
        claimed: Sequence[Delivery] | None = None
        while claimed is None or claimed:
            full = [channel for channel, number in self._busy.items() if number >= AT_ONE]
            busiest = max((number for number in self._busy.values() if number < AT_ONE), default=0)
            most = min(AT_ONCE - len(self._under_way), AT_ONE - busiest)
            if most <= 0:
                return
            claimed = await asyncio.to_thread(
                self.store.claim, self._clock(), lease=lease, most=most, without=full
            )
            for delivery in claimed:
                self._busy[delivery.channel] += 1
                task = asyncio.create_task(self._deliver(delivery))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            await self._send(delivery)
        except Exception as error:  # noqa: BLE001 - as above
            # Sent or not, it wasn't noted: it is sent again when the claim has ended.
            logger.warning("delivery_not_noted", delivery=delivery.id, error=type(error).__name__)
        finally:
            self._busy[delivery.channel] -= 1
            self._room.set()

    async def _send(self, delivery: Delivery) -> None:
        before = _former(delivery.inbox, delivery.item, delivery.notification)
        recipient = await recipient_of(self._handler, delivery.inbox, before=before)
        address = recipient.address(delivery.channel) if recipient else None
        if recipient is None or address is None:
            await self._note(delivery, self.store.dropped, "recipient-gone")
            return
        if delivery.attempts > self._tuning.attempts:
            # Each attempt ended with its process: whatever it is about this one, it is no more sent.
            await self._note(delivery, self.store.failed, "interrupted", None)
            return
        message = OutgoingMessage(delivery.zh, _body(delivery), delivery.notification)
        limit = self._tuning.seconds * BEYOND
        try:
            async with asyncio.timeout(limit):
                await _apart(self.channels.send, delivery.channel, address, message)
        except NobodyThere as error:
            await self._note(delivery, self.store.failed, error.code, None)
        except NotSent as error:
            await self._failed(delivery, recipient, error.code)
        except TimeoutError:
            await self._failed(delivery, recipient, "timeout")
        else:
            await asyncio.to_thread(self.store.sent, delivery, self._clock())
            logger.info("delivered", delivery=delivery.id, attempts=delivery.attempts)

    async def _failed(self, delivery: Delivery, recipient: Recipient, code: str) -> None:
        next_at: datetime | None = None
        if delivery.attempts < self._tuning.attempts:
            first = timedelta(seconds=self._tuning.pause)
            next_at = self._clock() + pause(
                delivery.attempts, first, urgent=delivery.urgent, chance=self._chance()
            )
            if not delivery.urgent:
                next_at = out_of_quiet(recipient.quiet, next_at)
        await self._note(delivery, self.store.failed, code, next_at)

    async def _note(self, delivery: Delivery, how: Callable[..., None], code: str, *more: Any) -> None:
        dead = more == (None,)
        logger.warning(
            "delivery_failed", delivery=delivery.id, attempts=delivery.attempts, code=code, dead=dead
        )
        await asyncio.to_thread(how, delivery, code, *more, self._clock())


def _former(inbox: str, item: str, notification: str) -> int | None:
    """Return the position before which the channels count, if the notification is that they were changed.

    Else whoever takes somebody's channels away would take with them what tells of it.
    """
    return position_of(notification) if item == f"recipient:{inbox}" else None


def _delivery(notice: NoticeRow, recipient: Recipient, channel: str, now: datetime) -> Delivery:
    zh, en = put(notice)
    return Delivery(
        id=f"{notice.id}~{channel}",
        notification=notice.id,
        inbox=notice.owner,
        channel=channel,
        place=notice.place,
        name=notice.name,
        item=notice.item,
        zh=zh,
        en=en,
        urgent=notice.urgent,
        state=State.WAITING,
        attempts=0,
        taken_at=now,
        due_at=now if notice.urgent else out_of_quiet(recipient.quiet, now),
    )


def _body(delivery: Delivery) -> str:
    """Return what stands below the line; its last line is what a repeat is known by."""
    return f"{delivery.zh}\n{delivery.en}\n\n{delivery.item}\n通知编号 Notification {delivery.notification}"


async def _apart(function: Callable[..., None], *arguments: Any) -> None:
    """Run in a thread of its own that holds nobody up: neither the service's others nor its end."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def tell(error: BaseException | None) -> None:
        if ended.done():
            return
        if error is None:
            ended.set_result(None)
        else:
            ended.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            function(*arguments)
        except Exception as raised:  # noqa: BLE001 - it is raised again where it is awaited
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, error)

    Thread(target=run, name="delivery", daemon=True).start()
    await ended
