"""Between events and the JSON that the log holds: `{"data": {event}, "meta": {metadata}}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from threading import RLock
from typing import Any, cast

import msgspec
from eventsourcing import persistence
from eventsourcing.domain import DomainEventProtocol
from typing_extensions import override

from dispatch.domain.event import Event, Metadata, Recorded, name_of
from dispatch.eventlog.log import EPOCH, Stored, micros, moment
from dispatch.eventlog.registry import domain_events
from dispatch.eventlog.upcasters import UPCASTERS, Upcaster, upcast

encode_json = msgspec.json.Encoder().encode
_MAKING = RLock()


class State(msgspec.Struct, gc=False):
    """What is stored of an event, apart from its columns."""

    data: Event
    meta: Metadata


class UnreadableEvent(persistence.MapperDeserialisationError):
    """An event in the log can't be decoded; nothing may go on as if it weren't there."""

    def __init__(self, name: str, position: int, reason: str) -> None:
        self.name, self.position = name, position
        super().__init__(f"event {position}, {name!r}, can't be read: {reason}")


class UnknownEvent(UnreadableEvent):
    """An event in the log has a name that this program doesn't know."""

    def __init__(self, name: str, position: int) -> None:
        super().__init__(name, position, "no event class and no upcaster has this name")


def encode(event: Event, metadata: Metadata) -> bytes:
    """Return the JSON to store for an event."""
    return encode_json(State(event, metadata))


class UnknownName(LookupError):
    """No event class and no upcaster has this name."""


class Decoders(dict[str, Callable[[bytes], Any]]):
    """A JSON decoder for each event name, made when first asked for; raises `UnknownName`."""

    def __init__(
        self,
        classes: Callable[[], Mapping[str, type[Event]]],
        upcasters: Mapping[str, Upcaster],
        *,
        metadata: bool,
    ) -> None:
        super().__init__()
        self._classes, self._upcasters, self._metadata = classes, upcasters, metadata

    def __missing__(self, name: str) -> Callable[[bytes], Any]:
        # While msgspec looks into a class for the first time, another thread that does too finds it half
        # looked into, and the process ends with a segmentation fault.
        with _MAKING:
            return self.get(name) or self._make(name)

    def _make(self, name: str) -> Callable[[bytes], Any]:
        if name in self._upcasters:
            decoder = self._upcasting(name)
        else:
            event_class = self._classes().get(name)
            if event_class is None:
                raise UnknownName(name)
            fields: list[tuple[str, Any]] = [("data", event_class)]
            if self._metadata:
                fields.append(("meta", Metadata))
            envelope = msgspec.defstruct("Envelope", fields, gc=False)
            decoder = msgspec.json.Decoder(envelope).decode
        self[name] = decoder
        return decoder

    def _upcasting(self, name: str) -> Callable[[bytes], Any]:
        def decode(state: bytes) -> Any:
            stored = msgspec.json.decode(state)
            new_name, data = upcast(name, stored["data"], self._upcasters)
            stored["data"] = {**data, "type": new_name}
            return self[new_name](encode_json(stored))

        return decode


class Codec:
    """Decodes the events of a set of classes.

    `classes` is asked when the first event is decoded, so that importing this module stays cheap.
    """

    def __init__(
        self,
        classes: Callable[[], Mapping[str, type[Event]]],
        upcasters: Mapping[str, Upcaster] = UPCASTERS,
    ) -> None:
        self._events = Decoders(classes, upcasters, metadata=False)
        self._states = Decoders(classes, upcasters, metadata=True)

    def decode(self, stored: Stored) -> Recorded:
        """Decode an event alone, for a fold: its metadata is skipped unread.

        Raises `UnknownEvent`, or `UnreadableEvent` for JSON that doesn't fit the event's class.
        """
        position, stream, version, name, _, recorded_at, state = stored
        try:
            envelope = self._events[name](state)
        except (LookupError, ValueError, TypeError) as error:
            raise _unreadable(stored, error) from error
        return Recorded(
            originator_id=stream,
            originator_version=version,
            position=position,
            recorded_at=EPOCH + timedelta(0, 0, recorded_at),
            event=envelope.data,
        )

    def decode_whole(self, stored: Stored) -> Recorded:
        """Decode an event with its metadata; raises what `decode` raises."""
        try:
            envelope = self._states[stored.name](stored.state)
        except (LookupError, ValueError, TypeError) as error:
            raise _unreadable(stored, error) from error
        return Recorded(
            originator_id=stored.stream,
            originator_version=stored.version,
            position=stored.position,
            recorded_at=moment(stored.recorded_at),
            event=envelope.data,
            metadata=envelope.meta,
        )


def _unreadable(stored: Stored, error: Exception) -> UnreadableEvent:
    if isinstance(error, UnknownName):
        return UnknownEvent(stored.name, stored.position)
    return UnreadableEvent(stored.name, stored.position, str(error))


_domain = Codec(domain_events)
decode = _domain.decode
decode_whole = _domain.decode_whole


@dataclass(frozen=True)
class Drafted(persistence.StoredEvent):
    """The library's form of an event to append; `at` is when it happened, µs since 1970."""

    at: int


@dataclass(frozen=True)
class Listed(persistence.Notification):
    """The library's form of an event in the log; times are µs since 1970."""

    at: int
    recorded_at: int


class Mapper(persistence.Mapper[str]):
    """What the library's applications use to turn a `Recorded` into bytes and back."""

    codec = _domain

    def __init__(
        self,
        transcoder: persistence.Transcoder | None = None,
        compressor: persistence.Compressor | None = None,
        cipher: persistence.Cipher | None = None,
    ) -> None:
        if compressor or cipher:
            raise ValueError("the log holds readable JSON, neither compressed nor encrypted")
        super().__init__(transcoder or persistence.JSONTranscoder())

    @override
    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> Drafted:
        """Return what to append for a `Recorded`; its position and recorded time are the log's to give."""
        recorded = cast("Recorded", domain_event)
        if recorded.metadata is None:
            raise ValueError("an event is recorded together with its metadata")
        return Drafted(
            originator_id=recorded.originator_id,
            originator_version=recorded.originator_version,
            topic=name_of(recorded.event),
            state=encode(recorded.event, recorded.metadata),
            at=micros(recorded.event.at),
        )

    @override
    def to_domain_event(self, stored_event: persistence.StoredEvent) -> DomainEventProtocol[str]:
        """Return the `Recorded`, with its metadata, of an event in the log."""
        assert isinstance(stored_event, Listed)
        stored = Stored(
            stored_event.id,
            str(stored_event.originator_id),
            stored_event.originator_version,
            stored_event.topic,
            stored_event.at,
            stored_event.recorded_at,
            stored_event.state,
        )
        return cast("DomainEventProtocol[str]", self.codec.decode_whole(stored))
