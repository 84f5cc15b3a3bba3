"""The one command handler: who may, load, decide, append, answer.

Authorisation, idempotency, concurrency and metadata stand here, so a command's own module is its rule alone.
"""

import asyncio
import secrets
import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from cachetools import LRUCache
from msgspec.structs import replace

from commands.command import On, Outcome, Request, Written
from commands.context import CommandUnauthenticated, Context, Loaded, NotLoaded, PersonalDataErased
from commands.rights import CATALOGUE
from commands.sealing import KeyNotLoaded, Keys, opened
from dispatch.domain.event import Event, Metadata, name_of
from dispatch.domain.personal import SUBJECTS, PersonalErased
from dispatch.domain.refusal import NotNow, Refusal, RoleNotAllowed, TooBusy, Unacceptable
from dispatch.domain.streams import evolve
from dispatch.domain.unchanged import CommandHadNoEffect, CommandRefused
from dispatch.domain.working_time import Calendar
from dispatch.eventlog import (
    Append,
    Appended,
    CommandIdReused,
    EventLog,
    LogUnavailable,
    NewEvent,
    StaleRead,
    Stored,
    answered_as,
    micros,
)
from dispatch.eventlog.mapper import UnreadableEvent, decode, encode
from dispatch.eventlog.vault import sealing
from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.sealing import Sealed
from dispatch.eventlog.vault.vault import SubjectKey, Vault

logger: Final = structlog.get_logger(__name__)

ATTEMPTS: Final = 12
"""How often a decision is taken anew because what it had read has changed."""

SELDOM_THERE: Final = ("policy:", "mode:", "personal:")
"""Most places have set no policy and had no emergency, and every clock that starts asks for both."""
MOST_FOUND: Final = 1_000
"""How many subjects of one telephone number are looked at."""
STATES_KEPT: Final = 20_000
"""How many streams' states stay in memory; each is about a kilobyte."""


class KeyReused(Unacceptable):
    """That key was used before for another request: use a new key for a new request."""


class RecordedRefusal(NotNow):
    """The request was refused."""

    def __init__(self, code: str, message: str, details: dict[str, Any]) -> None:
        self.code = code  # type: ignore[misc] # the first answer has its own
        self._message = message
        super().__init__(**details)

    @property
    def message(self) -> str:
        """The sentence of the first answer."""
        return self._message


class _Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept with a command id: what was written, or how it was refused."""

    written: tuple[Written, ...] = ()
    refused: str | None = None
    message: str = ""
    details: dict[str, Any] = {}


_encoder = msgspec.json.Encoder(order="deterministic", enc_hook=str)
_answers = msgspec.json.Decoder(_Answer)


class _Seen:
    """What one attempt has loaded: states, over those in memory, and subjects' keys."""

    def __init__(self, held: MutableMapping[str, Loaded]) -> None:
        self.loaded: dict[str, Loaded] = {}
        self.states = ChainMap(self.loaded, held)
        self.keys: dict[str, SubjectKey | None] = {}


class _Drafted(NamedTuple):
    """An event before it is encoded: its place in its stream, and the code of the place that it concerns."""

    stream: str
    version: int
    event: Event
    scope: str


class _Draft:
    """The events of one decision, what is personal in them sealed, with the states after them."""

    def __init__(self, context: Context, loaded: Mapping[str, Loaded], keys: Keys) -> None:
        self.keys = keys
        self.telephones: list[tuple[bytes, str]] = []
        self.after: dict[str, Loaded] = {}
        self.events: list[_Drafted] = []
        self._context = context
        self._loaded = loaded

    def add(self, stream: str, event: Event) -> None:
        """Take one more event; its stream counts as read."""
        if stream not in self.after:
            self.after[stream] = before = self._before(stream)
            self._context.reads[stream] = before.version
        version, state = self.after[stream]
        if stream.startswith(SUBJECTS) and self._context.reads[stream] and sealing.has_words(event):
            self._require_kept(stream)
        if event.personal and sealing.has_texts(event):
            event = self._sealed(stream, version + 1, event)
        state = evolve(stream, state, event)
        self.after[stream] = Loaded(version + 1, state)
        # Where it happened: a later event of the same decision may lie elsewhere.
        self.events.append(_Drafted(stream, version + 1, event, state.place))

    def _require_kept(self, stream: str) -> None:
        """Refuse to write another word, sealed or in clear, on a record whose personal data was erased."""
        if self._context.erased(stream):
            raise PersonalDataErased(subject=stream)

    def _sealed(self, stream: str, version: int, event: Event) -> Event:
        """Return the event as the log is to hold it, before any state is made of it."""
        key = self.keys.of(stream, new=not self._context.reads[stream])
        found = (self.keys.vault.telephones(text) for _, text in sealing.telephones(event))
        self.telephones += [(digest, stream) for digest in sorted(set().union(*found))]
        return sealing.changed(
            event, lambda field, text: key.seal(sealing.place(name_of(event), version, field), text)
        )

    def erased(self) -> tuple[str, ...]:
        """Return the subjects whose keys are to be destroyed."""
        return tuple(event.subject for _, _, event, _ in self.events if isinstance(event, PersonalErased))

    def _before(self, stream: str) -> Loaded:
        if stream.partition(":")[2] in self._context.new_ids:
            return Loaded(0, None)
        try:
            return self._loaded[stream]
        except KeyError:
            raise NotLoaded(stream) from None

    def written(self) -> tuple[Written, ...]:
        """Return what the decision writes to."""
        return tuple(
            Written(stream=stream, version=version, status=str(state.status))
            for stream, (version, state) in self.after.items()
        )


class Handler:
    """Handles every command of one process, on one log."""

    def __init__(
        self, log: EventLog, *, calendar: Calendar, clock: Callable[[], datetime], vault: Vault
    ) -> None:
        self._log = log
        self.vault = vault
        self._calendar = calendar
        self._clock = clock
        self._states: LRUCache[str, Loaded] = LRUCache(STATES_KEPT)

    async def handle(self, request: Request) -> Outcome:
        """Carry a request out and answer with the position; or raise the `Refusal`.

        The same `key` of the same account gets the first answer again. `TooBusy` when others kept changing
        the same item, `LogUnavailable` when the log can't be reached: then nothing was recorded, or the same
        key finds what was.
        """
        command_id = self._command_id(request)
        fingerprint = self.vault.fingerprint(_encoder.encode((request.command.asked(), request.device_at)))
        now = self._clock()
        for _ in range(ATTEMPTS):
            outcome = await self._attempt(request, command_id, fingerprint, now)
            if outcome is not None:
                return outcome
        raise TooBusy

    def head(self) -> int:
        """Return the log's last position; blocks while it asks."""
        return self._log.head()

    def read(self, after: int, limit: int) -> Sequence[Stored]:
        """Return the log's events after a position, up to `limit` of them; blocks while it reads."""
        return self._log.read(after, limit=limit)

    async def state(self, stream: str, *, fresh: bool = True, before: int | None = None) -> Any:
        """Return a stream's state, or None; `fresh` asks the log whether the one in memory is the last.

        With `before` it is the one just before that position of the log.
        """
        return (await self.loaded(stream, fresh=fresh, before=before)).state

    async def loaded(self, stream: str, *, fresh: bool = True, before: int | None = None) -> Loaded:
        """Return a stream's state with its version."""
        if before is not None:
            return await asyncio.to_thread(self._fold, stream, before)
        held = self._states.get(stream)
        if held is None or (
            fresh and (await asyncio.to_thread(self._log.versions, [stream])).get(stream, 0) != held.version
        ):
            held = await self._load(stream)
        return held

    async def foresee(self, request: Request) -> int:
        """Return how many events a request would record now, or raise its `Refusal`; nothing is recorded."""
        seen = _Seen(self._states)
        now, command_id = self._clock(), self._command_id(request)
        while True:
            try:
                return len(self._decide(request, self._context(request, seen, now, command_id), seen).events)
            except (NotLoaded, KeyNotLoaded) as missing:
                await self._look(seen, missing)

    def found_by_telephone(self, number: str) -> list[str]:
        """Return the subjects that a telephone number stands in; blocks while it asks."""
        found = (self._log.found_by_telephone(digest, MOST_FOUND) for digest in self.vault.telephones(number))
        return list(dict.fromkeys(chain.from_iterable(found)))[:MOST_FOUND]

    async def opened(self, subject: str, texts: Sequence[Sealed]) -> list[str | None]:
        """Return what personal texts of a subject say in their places; None for what nobody can read."""
        key = await self._key(subject)
        return [opened(key, text) for text in texts]

    async def fetch(self, streams: Sequence[str]) -> set[str]:
        """Load streams in one go for commands that follow, and return those that exist.

        That a stream doesn't exist is kept too; whoever makes it meanwhile is noticed at the append.
        """
        found = await asyncio.to_thread(self._fold_several, streams)
        self._keep(found.items())
        for stream, loaded in found.items():
            if not loaded.version:
                self._states.setdefault(stream, loaded)
        return {stream for stream, loaded in found.items() if loaded.version}

    def _fold_several(self, streams: Sequence[str]) -> dict[str, Loaded]:
        versions = self._log.versions(streams)
        return {s: self._fold(s) if versions.get(s) else Loaded(0, None) for s in streams}

    @staticmethod
    def _command_id(request: Request) -> str:
        if request.key is not None:
            return f"{request.account}/{request.key}"
        # No key of the client's: an id of our own still finds a commit whose acknowledgement was lost.
        return f"{request.account}/~{time.time_ns():x}{secrets.token_hex(6)}"

    async def _attempt(
        self, request: Request, command_id: str, fingerprint: bytes, now: datetime
    ) -> Outcome | None:
        """Decide and append once; None when what was read has changed, so that it is to be done again."""
        seen = _Seen(self._states)
        while True:
            context = self._context(request, seen, now, command_id)
            try:
                draft = self._decide(request, context, seen)
            except (NotLoaded, KeyNotLoaded) as missing:
                await self._look(seen, missing)
                continue
            except Refusal as refusal:
                return await self._refuse(request, command_id, fingerprint, refusal, context)
            break
        if not draft.events and request.key is None:
            if await self._stale(context.reads):
                return None
            return Outcome(position=await asyncio.to_thread(self._log.head), written=())
        append = _append_of(
            context,
            fingerprint,
            draft.events or [_unchanged(context)],
            _Answer(written=draft.written()),
            keys=tuple(map(self.vault.wrap, draft.keys.made.values())),
            telephones=tuple(draft.telephones),
            erased=draft.erased(),
        )
        appended = await self._append(append, context)
        if appended is None:
            return None
        if not appended.repeated:
            self._keep(draft.after.items())
            if append.erased and not await asyncio.to_thread(self._log.wipe):
                logger.warning("destroyed_keys_not_wiped", position=appended.last)
        return self._outcome(appended)

    def _context(self, request: Request, seen: _Seen, now: datetime, command_id: str) -> Context:
        return Context(
            request,
            seen.states,
            now=now,
            command_id=command_id,
            calendar=self._calendar,
            opened=Keys(self.vault, seen.keys).opened,
        )

    async def _look(self, seen: _Seen, missing: NotLoaded | KeyNotLoaded) -> None:
        """Load what a decision lacked."""
        if isinstance(missing, KeyNotLoaded):
            seen.keys[missing.subject] = await self._key(missing.subject)
        else:
            stream = missing.stream
            seen.loaded[stream] = self._states.get(stream) or await self._load(stream)

    async def _key(self, subject: str) -> SubjectKey | None:
        kept = await asyncio.to_thread(self._log.key, subject)
        try:
            return kept and self.vault.unwrap(kept)
        except Unopenable:
            # Another key in its place would leave what is sealed already for ever unread.
            raise LogUnavailable("the key-encryption key isn't the one of this log") from None

    def _decide(self, request: Request, context: Context, seen: _Seen) -> _Draft:
        entry = CATALOGUE[type(request.command)]
        if context.actor.role not in entry.roles:
            raise RoleNotAllowed(role=context.actor.role, command=request.command.__struct_config__.tag)
        draft = _Draft(context, seen.states, Keys(self.vault, seen.keys))
        for item in entry.decide(request.command, context):
            if isinstance(item, On):
                draft.add(item.stream, item.event)
            else:
                draft.add(request.command.stream, item)
        return draft

    async def _refuse(
        self, request: Request, command_id: str, fingerprint: bytes, refusal: Refusal, context: Context
    ) -> Outcome | None:
        """Raise the refusal if it rests on present states; None if it is to be decided anew.

        Under a client's key a refusal for the item's state is recorded, so that a repeat gets the same answer
        whatever has changed meanwhile, and a repeat of something done finds its first answer here.
        """
        if request.key is None or not isinstance(refusal, NotNow):
            if await self._stale(context.reads):
                return None
            # Whoever may do nothing any more isn't told what he was answered before.
            repeats = request.key is not None and not isinstance(refusal, CommandUnauthenticated)
            if repeats and (first := await self._first_answer(command_id, fingerprint)):
                return first
            raise refusal
        answer = _Answer(refused=refusal.code, message=refusal.message, details=refusal.details)
        appended = await self._append(
            _append_of(context, fingerprint, [_unchanged(context, refusal)], answer), context
        )
        if appended is None:
            return None
        if appended.repeated:
            return self._outcome(appended)
        raise refusal

    async def _first_answer(self, command_id: str, fingerprint: bytes) -> Outcome | None:
        stored = await asyncio.to_thread(self._log.outcome, command_id)
        if stored is None:
            return None
        first, outcome, last = stored
        if first != fingerprint:
            raise KeyReused
        return self._answered(outcome, last, repeated=True)

    async def _append(self, append: Append, context: Context) -> Appended | None:
        """Append, or return what was answered before; None when it is to be decided anew."""
        try:
            appended = await self._log.append_async(append)
        except StaleRead as stale:
            for stream in stale.streams:
                self._states.pop(stream, None)
            return None
        except CommandIdReused:
            if await self._stale(context.actor_reads):
                return None
            raise KeyReused from None
        # A repeat writes nothing, so that nothing has asked yet whether the actor still may act.
        if appended.repeated and await self._stale(context.actor_reads):
            return None
        return appended

    def _outcome(self, appended: Appended) -> Outcome:
        return self._answered(appended.outcome, appended.last, repeated=appended.repeated)

    @staticmethod
    def _answered(outcome: bytes, last: int, *, repeated: bool) -> Outcome:
        answer = _answers.decode(outcome)
        if answer.refused is not None:
            raise RecordedRefusal(answer.refused, answer.message, answer.details)
        return Outcome(position=last, written=answer.written, repeated=repeated)

    async def _stale(self, reads: dict[str, int]) -> bool:
        versions = await asyncio.to_thread(self._log.versions, list(reads))
        changed = [stream for stream, version in reads.items() if versions.get(stream, 0) != version]
        for stream in changed:
            self._states.pop(stream, None)
        return bool(changed)

    async def _load(self, stream: str) -> Loaded:
        """Fold a stream from the log into a state, and keep it."""
        loaded = await asyncio.to_thread(self._fold, stream)
        # That there is none is worth keeping, as it is checked at the append like everything that was read.
        if loaded.version or stream.startswith(SELDOM_THERE):
            self._keep([(stream, loaded)])
        return loaded

    def _fold(self, stream: str, before: int | None = None) -> Loaded:
        state, version = None, 0
        for stored in self._log.read_stream(stream):
            if before is not None and stored.position >= before:
                break
            if stored.version != version + 1:
                # Nobody decides on half of what happened: what is missing may be that an account was revoked.
                raise UnreadableEvent(stored.name, stored.position, "what happened before it is missing")
            state, version = evolve(stream, state, decode(stored).event), stored.version
        return Loaded(version, state)

    def _keep(self, states: Iterable[tuple[str, Loaded]]) -> None:
        for stream, loaded in states:
            held = self._states.get(stream)
            if held is None or held.version < loaded.version:
                self._states[stream] = loaded


def _unchanged(context: Context, refusal: Refusal | None = None) -> _Drafted:
    """Return the event that says that a command was refused, or had no effect; its stream counts as read."""
    asked = context.request.command
    command, item, scope = str(asked.__struct_config__.tag), asked.item, context.place_of(asked.item)
    stream = f"command:{context.command_id}"
    context.reads[stream] = 0
    event: Event
    if refusal is None:
        event = CommandHadNoEffect(at=context.now, command=command, item=item, scope=scope)
    else:
        event = CommandRefused(at=context.now, command=command, item=item, code=refusal.code, scope=scope)
    return _Drafted(stream, 1, event, scope)


def _append_of(
    context: Context, fingerprint: bytes, events: Sequence[_Drafted], answer: _Answer, **beside: Any
) -> Append:
    """Return what is to be appended, its events vouching for the answer; `beside` are keys and telephones."""
    outcome = _encoder.encode(answer)
    answered = answered_as(fingerprint, outcome)
    return Append(
        command_id=context.command_id,
        fingerprint=fingerprint,
        events=tuple(_encoded(context, events, answered)),
        reads=context.reads,
        outcome=outcome,
        **beside,
    )


def _encoded(context: Context, events: Iterable[_Drafted], answered: str) -> Iterable[NewEvent]:
    """Return events as the log holds them, the first one with what is kept as the answer."""
    request, command_id = context.request, context.command_id
    metadata: dict[str, Metadata] = {}
    for number, (stream, version, event, scope) in enumerate(events):
        if scope not in metadata:
            metadata[scope] = Metadata(
                actor=context.actor.account,
                role=context.actor.role,
                scope=scope,
                command_id=command_id,
                correlation_id=request.correlation_id or command_id,
                causation_id=request.causation_id,
                source=request.source,
                device_at=request.device_at,
                address=request.address,
                request_id=request.request_id,
                session=request.session,
                token=request.token if request.session is None else None,
                photos=request.photos,
            )
        known = metadata[scope]
        state = encode(event, known if number else replace(known, answered=answered))
        yield NewEvent(stream, version, name_of(event), micros(event.at), state)
