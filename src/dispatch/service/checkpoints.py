"""Checkpoints of an installation: issued on a schedule by the process that leads, or when asked for."""

import asyncio
import os
from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from time import monotonic
from typing import Final

import aiohttp
import msgspec
import structlog
from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import SQLAlchemyError

from commands.checkpoints.refuse import RefuseCheckpoint
from commands.checkpoints.report_delivered import ReportDelivered
from commands.checkpoints.report_undelivered import ReportUndelivered
from commands.checkpoints.resume import ResumeCheckpoints
from commands.command import Command
from commands.digests.issue import IssueDigest
from dispatch.domain.checkpoints import Discrepancy, Finding, Outside
from dispatch.domain.digests import Digest, DigestIssued
from dispatch.domain.event import name_of
from dispatch.eventlog import DatabaseLog
from dispatch.eventlog.checkpoints.directory import deliver, last_in, write
from dispatch.eventlog.checkpoints.issuing import KeptCheckpoint, LogRewritten, issue
from dispatch.eventlog.checkpoints.note import Checkpoint, CheckpointUnreadable, NoteMalformed, parse
from dispatch.eventlog.checkpoints.signer import Signer
from dispatch.eventlog.files import in_words
from dispatch.eventlog.log import micros
from dispatch.service.clock import Clock
from dispatch.service.outbox.store import Store
from dispatch.service.settings import ClockKind, Settings
from dispatch.service.signing import checkpoint_directory, signer_for
from projections.audit.digest import digest
from projections.spans import local_day

log = structlog.get_logger(__name__)

LOOK: Final = 5.0
"""Seconds between two looks whether a checkpoint is due."""
POST_SECONDS: Final = 10.0
"""How long the endpoint may take to answer, in all."""
DIGEST: Final = ".digest.json"
"""How the file ends that keeps the digest of a day, beside the checkpoints."""
SIGNING: Final = "signing"
SENDING: Final = "endpoint"
ITSELF: Final = name_of(DigestIssued)
MOST_SAID: Final = 500
"""Characters of what is told of an error."""
MOST_DAYS: Final = 7
"""How many days, without a digest because nothing ran, are told of afterwards."""


class NotDelivered(OSError):
    """A checkpoint was signed and could not be delivered everywhere; says where not, and why."""


def _require_readable(kept: KeptCheckpoint | None) -> None:
    """Raise `CheckpointUnreadable` if what the database keeps as the last checkpoint is none."""
    if kept is None:
        return
    try:
        parse(kept.note)
    except NoteMalformed as error:
        said = f"the database's checkpoint of {kept.size} events can't be read: {error}"
        raise CheckpointUnreadable(said, kept.size) from None


def post(url: str, note: str) -> None:
    """Deliver a checkpoint to an HTTP endpoint; raises `OSError` if it doesn't take it within its time."""
    try:
        status = asyncio.run(_status_of(url, note))
    except TimeoutError:
        raise OSError(f"no answer within {POST_SECONDS:g} seconds") from None
    except aiohttp.ClientOSError as error:
        # Of a host whose name isn't known the resolver tells, by numbers of its own that aren't the system's.
        said = os.strerror(error.errno) if error.errno and error.errno > 0 else in_words(error)
        raise OSError(f"no connection: {said}") from None
    except aiohttp.ClientError as error:
        raise OSError(f"no answer of HTTP: {type(error).__name__}") from None
    if not 200 <= status < 300:  # noqa: PLR2004 - what says that it was taken; a redirect says that it wasn't
        raise OSError(f"it answered {status}")


async def _status_of(url: str, note: str) -> int:
    """Send it, and read no more of the answer than its head."""
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    timeout = aiohttp.ClientTimeout(total=POST_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
        session.post(url, data=note.encode(), headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status


class Checkpoints:
    """Issues, keeps and delivers the checkpoints of one log; one thread at a time."""

    def __init__(
        self, event_log: DatabaseLog, settings: Settings, clock: Clock, shared: Store | None = None
    ) -> None:
        """`shared` is where the processes of a service tell each other what fails."""
        self._log, self._settings, self._clock, self._shared = event_log, settings, clock, shared
        self._issued_at: float | None = None
        self._signed: Checkpoint | None = None
        self._sent = 0
        self._digested: date | None = None
        self._unsaid: deque[Digest] = deque(maxlen=MOST_DAYS)
        self._found: Command | None = None
        self._delivered: set[Outside] = set()
        self._errors: dict[str, str] = {}

    @property
    def error(self) -> str | None:
        """Why the last one could not be issued or delivered; None when all is well."""
        return "; ".join(dict(self._errors).values()) or None

    @property
    def directory(self) -> Path:
        """Where they are delivered to."""
        return checkpoint_directory(self._settings)

    def signer(self) -> Signer:
        """Return who signs; `SigningKeyMissing`, `SigningKeyUnusable`."""
        return signer_for(self._settings)

    def issue(self, *, scheduled: bool = False) -> Checkpoint:
        """Sign the present head and deliver it; the last checkpoint again if nothing was added since.

        Who asks for one waits for the endpoint, and begins with a directory that holds none. The schedule
        does neither: a directory that holds none of those before is another one, or is not mounted.

        Raises `LogRewritten` if the log doesn't go on from the last checkpoint, be it the directory's or
        the database's; `CheckpointUnreadable`; `LogUnavailable`; `NotDelivered`, after all other deliveries
        were made.
        """
        kept = self._log.last_checkpoint()
        try:
            _require_readable(kept)
            outside = last_in(self.directory)
        except CheckpointUnreadable as error:
            found = Discrepancy(finding=Finding.UNREADABLE, size=error.size, sha256="", held=self._log.head())
            self._found = RefuseCheckpoint(discrepancy=found)
            raise
        before = {note for note in (outside, kept and kept.note) if note}
        now, origin = micros(self._clock()), self._settings.log_origin
        try:
            checkpoint = issue(self._log.tree, self.signer(), origin, sorted(before), at=now)
        except LogRewritten as error:
            self._found = RefuseCheckpoint(discrepancy=error.discrepancy)
            raise
        self._found = ResumeCheckpoints(
            size=checkpoint.roots.size, sha256=b64encode(checkpoint.roots.sha256).decode()
        )
        for note in before:
            if parse(note).roots == checkpoint.roots:
                checkpoint = parse(note)
        if checkpoint.roots.size > 0:
            self._signed = checkpoint
            vacant = kept is not None and outside is None
            places: dict[str, Callable[[Checkpoint], None]]
            places = {"database": self._keep, "directory": self._write}
            if not scheduled:
                places["url"] = self._post
            elif vacant:
                places["directory"] = self._miss
            self._deliver(checkpoint, places)
        return checkpoint

    def _deliver(self, checkpoint: Checkpoint, places: Mapping[str, Callable[[Checkpoint], None]]) -> None:
        """Deliver it to each place, whatever becomes of it at the others."""
        failed = []
        for name, delivery in places.items():
            try:
                delivery(checkpoint)
            except (OSError, PersistenceError) as error:
                at = f" ({error.filename})" if isinstance(error, OSError) and error.filename else ""
                failed.append(f"{name}: {in_words(error)}{at}")
        if failed:
            raise NotDelivered("; ".join(failed))

    def _keep(self, checkpoint: Checkpoint) -> None:
        issued_at = checkpoint.issued_at or micros(self._clock())
        self._log.keep_checkpoint(KeptCheckpoint(checkpoint.roots.size, issued_at, checkpoint.note))

    def _write(self, checkpoint: Checkpoint) -> None:
        deliver(self.directory, checkpoint)

    def _miss(self, _: Checkpoint) -> None:
        said = (
            "holds no checkpoint, and some were issued before: mount it, or run dispatch checkpoint to begin"
        )
        raise FileNotFoundError(f"{self.directory} {said}")

    def _post(self, checkpoint: Checkpoint) -> None:
        url = self._settings.checkpoint_url
        if url is not None and checkpoint.roots.size != self._sent:
            post(url, checkpoint.note)
            self._sent = checkpoint.roots.size

    def due(self) -> bool:
        """Tell whether the schedule asks for one: after so many events, or after so many minutes with any.

        The first look of a process that leads asks for one in any case, for the process before may have ended
        before it had delivered its last, and the log may have been put back meanwhile.
        """
        kept = self._log.last_checkpoint()
        new = self._log.head() - (0 if kept is None else kept.size)
        if SIGNING in self._errors or new >= self._settings.checkpoint_events:
            return True
        if self._issued_at is None:
            return True
        return new > 0 and monotonic() - self._issued_at >= self._settings.checkpoint_minutes * 60

    def standing(self) -> dict[str, str | None]:
        """Return what readiness tells, whatever process is asked: what fails, and as `state` if all is well.

        `failing` is what went wrong in the process that leads, or last led, or has been waiting for a
        checkpoint for twice as long as any may. `unknown` while the database is away.
        """
        failing = dict(self._errors)
        try:
            if self._shared is not None:
                failing |= {duty: one.error for duty, one in self._shared.failing().items()}
            state = "failing" if failing or self._overdue() else "up"
        except (PersistenceError, SQLAlchemyError):
            state = "failing" if failing else "unknown"
        return {"state": state, "error": "; ".join(failing.values()) or None}

    @property
    def _patience(self) -> timedelta:
        """How long an event may wait for a checkpoint, and a checkpoint for its delivery."""
        return timedelta(minutes=2 * self._settings.checkpoint_minutes)

    def _overdue(self) -> bool:
        if self._settings.clock is ClockKind.SIMULATED:
            return False  # its time jumps, and the schedule's doesn't
        kept = self._log.last_checkpoint()
        latest = micros(self._clock() - self._patience)
        waiting = self._log.read(after=kept.size if kept else 0, limit=1)
        return any(event.recorded_at < latest for event in waiting)

    def look(self) -> None:
        """Issue one if it is due, and tell of the days that are over.

        What goes wrong with one keeps nothing from the other; it is said loudly and tried again at the next
        look.
        """
        self._do(SIGNING, self._issue_if_due, self._tell_of_days)

    def send(self) -> None:
        """Send the endpoint what was signed last, unless it has taken it from this process."""
        if self._signed is not None or self._settings.checkpoint_url is None:
            self._do(SENDING, self._send)  # until then it stands as the process before has left it

    def _send(self) -> None:
        if self._signed is not None:
            self._deliver(self._signed, {"url": self._post})

    def _do(self, duty: str, *parts: Callable[[], None]) -> None:
        failed = []
        for part in parts:
            try:
                part()
            except Exception as error:
                if str(error) not in self._errors.get(duty, ""):
                    log.exception("checkpoint_failed", directory=str(self.directory))
                failed.append(str(error))
        if failed:
            self._errors[duty] = "; ".join(failed)
        else:
            self._errors.pop(duty, None)
        if self._shared is not None:
            try:
                self._shared.note_failing(duty, self._errors.get(duty), self._clock())
            except SQLAlchemyError:
                log.warning("checkpoint_standing_not_noted", duty=duty)

    def stand_down(self) -> None:
        """Forget what this process did when it led: the one that leads now goes by what it does itself."""
        self._issued_at, self._signed, self._sent = None, None, 0
        self._errors.clear()
        self._delivered.clear()

    def _issue_if_due(self) -> None:
        if not self.due():
            return
        checkpoint = self.issue(scheduled=True)
        self._issued_at = monotonic()
        log.info(
            "checkpoint_issued", size=checkpoint.roots.size, root=b64encode(checkpoint.roots.sha256).decode()
        )

    def _tell_of_days(self) -> None:
        """Say the digest of each day that is over in the service's log, once, also over restarts.

        It is kept as a file beside the checkpoints first, which says that it was told.
        """
        for day in self._untold():
            told = digest(self._log, day)
            if told.last and told.checkpoint is None:
                # Where it could not be delivered, the schedule goes on to try it: here it needs to be signed.
                with suppress(NotDelivered):
                    self.issue(scheduled=True)
                told = digest(self._log, day)
            if told.last:
                write(self.directory / f"{day}{DIGEST}", msgspec.json.encode(told).decode() + "\n")
                log.info("daily_digest", **msgspec.to_builtins(told))
                self._unsaid.append(told)
            self._digested = day

    def _untold(self) -> Iterator[date]:
        """Give the days up to yesterday, of the last few, that come after the last one that was told of."""
        day = local_day(self._clock() - timedelta(days=1))
        if self._digested is None:
            files = sorted(path.name for path in self.directory.glob(f"*{DIGEST}"))
            self._digested = date.fromisoformat(files[-1].removesuffix(DIGEST)) if files else None
            if files:
                # The process before may have ended between keeping it and saying it to the auditors.
                last = msgspec.json.decode((self.directory / files[-1]).read_bytes(), type=Digest)
                self._unsaid.append(last)
        told = self._digested or day - timedelta(days=1)
        for ago in reversed(range(min((day - told).days, MOST_DAYS))):
            yield day - timedelta(days=ago)

    def _reports(self) -> Iterator[ReportDelivered | ReportUndelivered]:
        """Give which deliveries have failed for so long that auditors are to know, and which go well."""
        if self._shared is None or self._settings.clock is ClockKind.SIMULATED:
            return  # a simulated time jumps, and the schedule's doesn't
        failing, latest = self._shared.failing(), self._clock() - self._patience
        signed = 0 if self._signed is None else self._signed.roots.size
        for duty, to, size in (
            (SIGNING, Outside.DIRECTORY, signed),
            (SENDING, Outside.ENDPOINT, self._sent),
        ):
            if found := failing.get(duty):
                if found.since < latest:
                    yield ReportUndelivered(to=to, since=found.since, error=found.error[:MOST_SAID])
            elif size > 0 and to not in self._delivered:
                yield ReportDelivered(to=to, size=size)

    async def say(self, tell: Callable[[Command], Awaitable[None]]) -> None:
        """Tell the auditors what was found; what can't be told now is with the next look.

        That is whether the log is signed and its checkpoints are delivered, which has an effect only where it
        changes, and the days that are over. A day on which nothing was recorded but the digest of the day
        before is not told of: else there would be one of each day for ever.
        """
        wanted = self._settings.daily_digest
        if wanted is None:
            wanted = self._settings.clock is not ClockKind.SIMULATED
        try:
            if self._found is not None:
                await tell(self._found)
                self._found = None
            for report in await asyncio.to_thread(lambda: list(self._reports())):
                await tell(report)
                if isinstance(report, ReportDelivered):
                    self._delivered.add(report.to)
                else:
                    self._delivered.discard(report.to)
            while self._unsaid:
                told = self._unsaid[0]
                if wanted and told.first <= told.last and set(told.events) != {ITSELF}:
                    await tell(IssueDigest(digest=told))
                self._unsaid.popleft()
        except Exception:
            log.exception("auditors_not_told")

    async def run(self, leading: Callable[[], bool], tell: Callable[[Command], Awaitable[None]]) -> None:
        """Look again and again, in the process that leads, until cancelled; the endpoint holds nothing up."""
        await asyncio.gather(self._sign_on(leading, tell), self._send_on(leading))

    async def _sign_on(self, leading: Callable[[], bool], tell: Callable[[Command], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(LOOK)
            if leading():
                await asyncio.to_thread(self.look)
                await self.say(tell)
            else:
                self.stand_down()

    async def _send_on(self, leading: Callable[[], bool]) -> None:
        while True:
            await asyncio.sleep(LOOK)
            if leading():
                await asyncio.to_thread(self.send)
