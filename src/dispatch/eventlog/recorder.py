"""The log as a recorder of the `eventsourcing` library, so that its tools work on our log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import (
    ApplicationRecorder,
    ListenNotifySubscription,
    Notification,
    StoredEvent,
)
from typing_extensions import override

from dispatch.eventlog.log import Append, EventLog, NewEvent, Stored
from dispatch.eventlog.mapper import Drafted, Listed

PAGE = 1_000


class Recorder(ApplicationRecorder):
    """Inserts and selects the library's stored events in an `EventLog`; ids are text.

    `now` gives µs since 1970, for events of a mapper that doesn't say when they happened.
    """

    def __init__(self, log: EventLog, *, now: Any) -> None:
        self._log = log
        self._now = now

    @property
    def log(self) -> EventLog:
        """The log that this recorder works on."""
        return self._log

    @override
    def insert_events(
        self, stored_events: Sequence[StoredEvent], *, command_id: str | None = None, **kwargs: Any
    ) -> Sequence[int]:
        """Append events, and return their positions.

        Without a `command_id`, a save that is repeated is a conflict, as it is with the library's
        own recorders. Raises `StaleRead`, an `IntegrityError`, when a version is taken or skipped.
        """
        if not stored_events:
            return ()
        reads: dict[str, int] = {}
        events = []
        for stored in stored_events:
            stream = str(stored.originator_id)
            reads.setdefault(stream, stored.originator_version - 1)
            at = stored.at if isinstance(stored, Drafted) else self._now()
            events.append(NewEvent(stream, stored.originator_version, stored.topic, at, stored.state))
        appended = self._log.append(Append(command_id or uuid4().hex, b"", tuple(events), reads, b"null"))
        return range(appended.first, appended.last + 1)

    @override
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return a stream's events, those after version `gt` and up to `lte`."""
        stored = self._log.read_stream(str(originator_id), after=gt or 0)
        chosen = [event for event in stored if lte is None or event.version <= lte]
        if desc:
            chosen.reverse()
        return [_listed(event) for event in chosen[:limit]]

    @override
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return at most `limit` events from a position on, of these names only if names are given."""
        after = max((start or 0) - int(inclusive_of_start), 0)
        found: list[Notification] = []
        while len(found) < limit:
            page = self._log.read(after=after, until=stop, limit=PAGE if topics else limit)
            found += [_listed(event) for event in page if not topics or event.name in topics]
            if not topics or len(page) < PAGE:
                break
            after = page[-1].position
        return found[:limit]

    @override
    def max_notification_id(self) -> int | None:
        """Return the head; None when the log is empty."""
        return self._log.head() or None

    @override
    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LogSubscription:
        """Return an iterator over the events after position `gt` that goes on with new ones."""
        return LogSubscription(self, gt, topics)


class LogSubscription(ListenNotifySubscription[Recorder]):
    """The library's subscription, woken by the log; use it in a `with` block."""

    def __init__(self, recorder: Recorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._unsubscribe = recorder.log.subscribe(lambda _: self._has_been_notified.set())
        # What was appended before the log knew of us.
        self._has_been_notified.set()

    @override
    def stop(self) -> None:
        """End the iteration."""
        # The thread that the parent starts may stop us before we have subscribed.
        getattr(self, "_unsubscribe", lambda: None)()
        super().stop()


def _listed(stored: Stored) -> Listed:
    return Listed(
        originator_id=stored.stream,
        originator_version=stored.version,
        topic=stored.name,
        state=stored.state,
        id=stored.position,
        at=stored.at,
        recorded_at=stored.recorded_at,
    )
