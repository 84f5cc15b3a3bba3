"""What one process of the service is made of, put together in one place."""

import asyncio
import gc
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
from eventsourcing.persistence import PersistenceError

from commands.command import Command, Request
from commands.context import SYSTEM
from commands.handler import Handler
from dispatch.domain.working_time import Calendar
from dispatch.eventlog import DatabaseLog, open_log
from dispatch.eventlog.mapper import decode, decode_whole
from dispatch.service.calendars import china
from dispatch.service.checkpoints import Checkpoints
from dispatch.service.clock import Clock
from dispatch.service.clocks import catch_up, clock_of
from dispatch.service.inbox_feed import InboxFeed
from dispatch.service.live import Feed
from dispatch.service.outbox.opening import open_outbox
from dispatch.service.outbox.outbox import Outbox
from dispatch.service.photos.album import Album, open_album
from dispatch.service.refusals import Refusals
from dispatch.service.settings import SQLITE, Settings
from dispatch.service.sign_in.reception import Reception, open_reception
from dispatch.service.signing import require_key
from dispatch.service.timers.duty import LATEST, Timers
from dispatch.service.turns import Turns
from dispatch.service.vaults import require_own, vault_for
from projections.catalogue import PAST, PROJECTIONS
from projections.engine.generations import Generations
from projections.engine.moment import Moments
from projections.engine.postgres_generations import PostgresGenerations
from projections.engine.sqlite_generations import SqliteGenerations
from projections.engine.supervisor import Supervisor
from projections.questions.questions import Questions

SWITCH_INTERVAL: Final = 0.0005
"""Seconds after which a thread that computes lets another one on."""
GARBAGE: Final = (20_000, 20, 20)
"""New objects, then generations, after which Python looks for garbage."""
ATTACHED_WITHIN: Final = 5.0
"""Seconds that a start waits for read models to answer from; a build that takes longer goes on beside it."""
PAST_OF_ONE: Final = 2
"""Foldings of the log that one account has at work at once, in one process."""
PAST_OF_ALL: Final = 4
"""The same of all accounts: fewer than a process has threads, so that what is asked of now goes on beside."""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """The log, the handler, the read models and the clock of one process."""

    settings: Settings
    log: DatabaseLog
    handler: Handler
    clock: Clock
    calendar: Calendar
    feed: Feed
    read_models: Supervisor
    questions: Questions
    moments: Moments
    checkpoints: Checkpoints
    timers: Timers
    outbox: Outbox
    inbox_feed: InboxFeed
    reception: Reception
    photos: Album
    refusals: Refusals
    duties: set[asyncio.Task[None]] = field(default_factory=set)
    past: Turns = field(default_factory=lambda: Turns(each=PAST_OF_ONE, together=PAST_OF_ALL))
    """Turns at folding the log anew, which holds a thread for seconds where the log is long."""

    async def start(self) -> None:
        """Begin to follow the log. `DatabaseInUse` if another process has this SQLite database."""
        # A request's few steps between threads must not each wait Python's 5 ms for a projecting thread.
        sys.setswitchinterval(SWITCH_INTERVAL)
        # What is loaded stays; searching it for garbage every few requests took a tenth of the time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        await self.reception.take_over()
        await asyncio.to_thread(self.read_models.start)
        await self.feed.start()
        self.timers.start()
        issuing = self.checkpoints.run(lambda: self.read_models.leading, self._tell)
        self.duties.add(asyncio.create_task(issuing))
        self.duties.add(asyncio.create_task(self.outbox.run()))
        self.duties.add(asyncio.create_task(self.inbox_feed.run()))
        self.duties.add(asyncio.create_task(self.refusals.run()))
        self.duties.add(asyncio.create_task(self.photos.run()))
        # Beside other processes a request can come to any one: this one takes none that it couldn't answer.
        await self.read_models.wait_until(0, ATTACHED_WITHIN)

    async def _tell(self, command: Command) -> None:
        """Put on record what the auditors are to hear; a second time has no effect."""
        await self.handler.handle(Request(command=command, account=SYSTEM.account, source="service"))

    async def stop(self) -> None:
        """Stop following the log and let go of the database."""
        self.timers.stop()
        for duty in self.duties:
            duty.cancel()
        await asyncio.gather(*self.duties, return_exceptions=True)
        await self.refusals.close()
        await self.feed.stop()
        await asyncio.to_thread(self.read_models.stop)
        self.close()

    def close(self) -> None:
        """Let go of the database, in a process that never started to follow it."""
        self.outbox.store.close()
        self.reception.close()
        self.photos.close()
        self.log.close()

    async def readiness(self) -> dict[str, Any]:
        """Return whether the service does its work, and what stands still if not."""
        # Before all else: what is said of timers is then of this position, or of a later one.
        status = self.read_models.status
        # Together: where lines to the database are dead, each of them takes a moment to find that out.
        head, outbox, late, checkpoints = await asyncio.gather(
            self._head(),
            self.outbox.standing(),
            self.timers.late(),
            asyncio.to_thread(self.checkpoints.standing),
        )
        database = "away" if head is None else "full" if self.log.full else "up"
        return {
            "ready": database == "up" and status.ready and (late is None or late <= LATEST),
            "database": database,
            "head": head,
            "read_models": msgspec.to_builtins(status),
            "timers": {"late_s": late},
            "checkpoints": checkpoints,
            "outbox": outbox,
        }

    async def _head(self) -> int | None:
        """Return the log's head; None while the database is away."""
        try:
            return await asyncio.to_thread(self.log.head)
        except PersistenceError:
            return None


def open_generations(database: str) -> Generations:
    """Return the generations of read models that belong to a database."""
    if database.startswith(SQLITE):
        return SqliteGenerations(database.removeprefix(SQLITE))
    return PostgresGenerations(database)


def open_runtime(settings: Settings) -> Runtime:
    """Open the log, making it if it is not there yet. `LogUnavailable` if the database is away."""
    require_key(settings)
    vault = vault_for(settings)
    if settings.database.startswith(SQLITE):
        Path(settings.database.removeprefix(SQLITE)).parent.mkdir(parents=True, exist_ok=True)
    clock = clock_of(settings)
    log = open_log(settings.database, clock=clock)
    try:
        require_own(vault, log)
    except BaseException:
        log.close()
        raise
    catch_up(clock, log)
    calendar = china()
    read_models = Supervisor(log, open_generations(settings.database), PROJECTIONS, decode=decode)
    moments = Moments(log, PAST, decode=decode)
    handler = Handler(log, calendar=calendar, clock=clock, vault=vault)
    feed = Feed(log)
    outbox = open_outbox(settings, log, handler, read_models)
    return Runtime(
        settings=settings,
        log=log,
        handler=handler,
        clock=clock,
        calendar=calendar,
        feed=feed,
        inbox_feed=InboxFeed(read_models, feed.wake, lambda: feed.listened),
        checkpoints=Checkpoints(log, settings, clock, outbox.store),
        timers=Timers(log, handler, read_models, clock),
        outbox=outbox,
        reception=open_reception(settings, handler, clock),
        photos=open_album(
            settings.database, log, clock, limit=settings.photo_limit, leading=lambda: read_models.leading
        ),
        refusals=Refusals(handler, clock, seconds=settings.refusals_seconds),
        read_models=read_models,
        moments=moments,
        questions=Questions(
            log, read_models.connection, moments, calendar=calendar, decode_whole=decode_whole
        ),
    )
