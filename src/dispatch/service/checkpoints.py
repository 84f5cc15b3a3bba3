"""Checkpoints of an installation: issued on a schedule by the process that leads, or when asked for."""

import asyncio
import urllib.request
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import monotonic
from typing import Final

import msgspec
import structlog

from dispatch.eventlog import DatabaseLog
from dispatch.eventlog.checkpoints.directory import deliver, last_in
from dispatch.eventlog.checkpoints.issuing import KeptCheckpoint, issue
from dispatch.eventlog.checkpoints.note import Checkpoint, parse
from dispatch.eventlog.checkpoints.signer import Signer
from dispatch.eventlog.log import micros
from dispatch.service.clock import Clock
from dispatch.service.settings import Settings
from dispatch.service.signing import checkpoint_directory, signer_for
from projections.audit.digest import digest
from projections.spans import local_day

log = structlog.get_logger(__name__)

LOOK: Final = 5.0
"""Seconds between two looks whether a checkpoint is due."""
POST_SECONDS: Final = 10.0


def post(url: str, note: str) -> None:
    """Deliver a checkpoint to an HTTP endpoint; raises `OSError` if it doesn't take it."""
    request = urllib.request.Request(  # noqa: S310 - the setting admits http and https only
        url, note.encode(), {"Content-Type": "text/plain; charset=utf-8"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=POST_SECONDS):  # noqa: S310 - as above
        pass


class Checkpoints:
    """Issues, keeps and delivers the checkpoints of one log; one thread at a time."""

    def __init__(self, event_log: DatabaseLog, settings: Settings, clock: Clock) -> None:
        self._log, self._settings, self._clock = event_log, settings, clock
        self._looked = monotonic()
        self._posted = 0
        self._digested: date | None = None
        self.error: str | None = None
        """Why the last one could not be issued or delivered; None when all is well."""

    @property
    def directory(self) -> Path:
        """Where they are delivered to."""
        return checkpoint_directory(self._settings)

    def signer(self) -> Signer:
        """Return who signs; `SigningKeyMissing`, `SigningKeyUnusable`."""
        return signer_for(self._settings)

    def issue(self) -> Checkpoint:
        """Sign the present head and deliver it; the last checkpoint again if nothing was added since.

        Raises `LogRewritten` if the log doesn't go on from the last checkpoint, be it the directory's or
        the database's; `LogUnavailable`; `OSError` if it can't be delivered.
        """
        kept = self._log.last_checkpoint()
        outside = last_in(self.directory)
        before = {note for note in (outside, kept and kept.note) if note}
        checkpoint = issue(self._log.tree, self.signer(), self._settings.log_origin, sorted(before))
        for note in before:
            if parse(note).roots == checkpoint.roots:
                checkpoint = parse(note)
        if checkpoint.roots.size == 0:
            return checkpoint
        self._log.keep_checkpoint(
            KeptCheckpoint(checkpoint.roots.size, micros(self._clock()), checkpoint.note)
        )
        deliver(self.directory, checkpoint)
        self._post(checkpoint)
        return checkpoint

    def _post(self, checkpoint: Checkpoint) -> None:
        url = self._settings.checkpoint_url
        if url is not None and checkpoint.roots.size != self._posted:
            post(url, checkpoint.note)
            self._posted = checkpoint.roots.size

    def due(self) -> bool:
        """Tell whether the schedule asks for one: after so many events, or after so many minutes with any."""
        kept = self._log.last_checkpoint()
        new = self._log.head() - (0 if kept is None else kept.size)
        if self.error is not None or new >= self._settings.checkpoint_events:
            return True
        return new > 0 and monotonic() - self._looked >= self._settings.checkpoint_minutes * 60

    def look(self) -> None:
        """Issue one if it is due; what goes wrong is said loudly and tried again at the next look."""
        try:
            self._tell_yesterday()
            if not self.due():
                return
            checkpoint = self.issue()
        except Exception as error:
            if self.error != str(error):
                log.exception("checkpoint_failed")
            self.error = str(error)
            return
        self._looked = monotonic()
        self.error = None
        log.info("checkpoint_issued", size=checkpoint.roots.size, root=checkpoint.roots.sha256.hex())

    def _tell_yesterday(self) -> None:
        """Say the digest of the day before in the service's log, once a day and once after each start."""
        day = local_day(self._clock() - timedelta(days=1))
        if day == self._digested:
            return
        told = digest(self._log, day)
        if told.last and told.checkpoint is None:
            self.issue()
            told = digest(self._log, day)
        if told.last:
            log.info("daily_digest", **msgspec.to_builtins(told))
        self._digested = day

    async def run(self, leading: Callable[[], bool]) -> None:
        """Look again and again, in the process that leads, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            if leading():
                await asyncio.to_thread(self.look)
