"""What lies beside the events, held against them: answers to commands, keys, digests of telephones."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

import msgspec

from dispatch.domain.event import name_of
from dispatch.domain.personal import PersonalErased, stream_of
from dispatch.eventlog import DatabaseLog, answered_as
from dispatch.eventlog.log import Stored, StoredCommand
from dispatch.eventlog.mapper import UnreadableEvent, decode
from dispatch.eventlog.tree.checking import Fault
from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.sealing import Sealed, sealed_in, telephones, texts
from dispatch.eventlog.vault.vault import SEALED, SubjectKey, Vault, WrappedKey

MARK: Final = f'"{SEALED}'.encode()
"""Bytes without which the JSON of an event holds no sealed text."""
ERASED: Final = name_of(PersonalErased)
AT_ONCE: Final = 1_000
"""Rows that are asked for together."""


class _Caused(msgspec.Struct, gc=False, frozen=True):
    command_id: str = ""
    answered: str = ""


class _Envelope(msgspec.Struct, gc=False, frozen=True):
    meta: _Caused = _Caused()


class _Written(msgspec.Struct, gc=False, frozen=True):
    stream: str
    version: int


class _Answer(msgspec.Struct, gc=False, frozen=True):
    written: tuple[_Written, ...] = ()


R = TypeVar("R")
K = TypeVar("K", str, tuple[str, bytes])

_envelopes: Final = msgspec.json.Decoder(_Envelope)
_answers: Final = msgspec.json.Decoder(_Answer)


class _Run(msgspec.Struct):
    """The events of one command, which stand side by side: where, and what each stream came to.

    `answered` is what the first of them says of the answer; "" from before events did.
    """

    command_id: str
    answered: str
    first: int
    last: int
    recorded_at: int
    versions: dict[str, int]


class _Subject(NamedTuple):
    """Whose texts are sealed: where the first of them stands, what it is, and all telephone numbers."""

    position: int
    text: Sealed
    numbers: list[Sealed]


class BesideCheck:
    """Looks at every event of a walk over the log, and at what lies beside them after that.

    Without a `vault` nothing is opened: then keys are only counted, and telephones not looked at.
    """

    def __init__(self, log: DatabaseLog, vault: Vault | None) -> None:
        self._log, self._vault = log, vault
        self._seen = 0
        self._runs: list[_Run] = []
        self._on_record: int | None = None
        self._from_before = 0
        self._nameless: list[list[int]] = []
        self._told: set[str] = set()
        self._subjects: dict[str, _Subject] = {}
        self._erased: dict[str, int] = {}
        self._faults: list[Fault] = []

    def look(self, events: Sequence[Stored]) -> None:
        """Look at events that come after those looked at before."""
        for event in events:
            self._seen = event.position
            self._follow(event)
            if MARK in event.state or event.name == ERASED:
                self._note(event)
        ended, self._runs = self._runs[:-1], self._runs[-1:]  # the last one may go on
        self._settle(ended)

    @property
    def unchecked(self) -> list[str]:
        """What can't be looked at, once the faults were told."""
        if not self._from_before:
            return []
        return [f"answers to commands from before events told of them: {self._from_before:,}"]

    def faults(self) -> Iterator[Fault]:
        """Return what is wrong, once all events were looked at."""
        self._settle(self._runs)
        self._runs = []
        yield from self._faults
        yield from self._answers_of_none()
        yield from self._of_subjects()

    def _follow(self, event: Stored) -> None:
        """Note of which command an event is; one that says none is not the handler's."""
        caused = _caused_by(event)
        command_id, at = caused.command_id, event.position
        if not command_id:
            if self._nameless and self._nameless[-1][1] == at - 1:
                self._nameless[-1][1] = at
            else:
                self._nameless.append([at, at])
            return
        if self._on_record is None and caused.answered:
            self._on_record = at
        if not self._runs or self._runs[-1].command_id != command_id:
            self._runs.append(_Run(command_id, caused.answered, at, at, event.recorded_at, {}))
        self._runs[-1].last = event.position
        self._runs[-1].versions[event.stream] = event.version

    def _note(self, event: Stored) -> None:
        """Note whose texts an event holds, or whose it erased."""
        try:
            said = decode(event).event
        except UnreadableEvent:
            return
        if isinstance(said, PersonalErased):
            self._erased[said.subject] = event.position
            return
        found = [one for one in sealed_in(event.name, event.version, texts(said)) if _is_sealed(one)]
        if found:
            numbers = filter(_is_sealed, sealed_in(event.name, event.version, telephones(said)))
            before = self._subjects.setdefault(event.stream, _Subject(event.position, found[0], []))
            before.numbers.extend(numbers)

    def _settle(self, runs: Sequence[_Run]) -> None:
        """Hold the stored answers of commands against their events."""
        for begin in range(0, len(runs), AT_ONCE):
            some = runs[begin : begin + AT_ONCE]
            kept = {row.command_id: row for row in self._log.commands([run.command_id for run in some])}
            for run in some:
                self._told.add(run.command_id)
                row = kept.get(run.command_id)
                if row is None:
                    self._faults.append(Fault(run.first, f"the answer to {run.command_id} is missing"))
                elif not _belongs(row, run):
                    what = f"the answer to {run.command_id} is not that of its events"
                    self._faults.append(Fault(run.first, what))
                elif not run.answered:
                    self._from_before += 1

    def _answers_of_none(self) -> Iterator[Fault]:
        """Return which stored answers no event tells of.

        Before events did, a refusal that was kept for a repeat had none to be held against.
        """
        for row in _all(lambda start: self._log.commands_from(start, AT_ONCE), _command_of, ""):
            if row.command_id in self._told or self._is_nameless(row) or self._is_newer(row):
                continue
            at, answer = min(max(row.first, 0), self._seen), _answer_of(row)
            if answer is None:
                yield Fault(at, f"the answer to {row.command_id} can't be read")
            elif answer.written or not self._is_from_before(row):
                yield Fault(at, f"the answer to {row.command_id} says what no event of it does")
            else:
                self._from_before += 1

    def _is_newer(self, row: StoredCommand) -> bool:
        """Tell whether a stored answer is that of events which were recorded during the walk."""
        if row.first <= self._seen:
            return False
        first = self._log.read(after=row.first - 1, until=row.first)
        return any(_caused_by(event).command_id in (row.command_id, "") for event in first)

    def _is_from_before(self, row: StoredCommand) -> bool:
        """Tell whether a stored answer without an event can be from before events told of answers.

        It then has the head of that time as its position, and was recorded before the next event was.
        """
        if row.first != row.last or not 0 <= row.first < (self._on_record or self._seen + 1):
            return False
        if row.first == 0 and self._on_record == 1:
            return False
        around = self._log.read(after=max(row.first - 1, 0), until=row.first + 1)
        times = {event.position: event.recorded_at for event in around}
        begin, end = times.get(row.first, 0), times.get(row.first + 1)
        return begin <= row.recorded_at and (end is None or row.recorded_at <= end)

    def _is_nameless(self, row: StoredCommand) -> bool:
        """Tell whether a stored answer is that of events that name no command, and so is none of ours."""
        at = bisect_right(self._nameless, row.first, key=lambda one: one[0]) - 1
        return at >= 0 and row.first <= row.last <= self._nameless[at][1]

    def _of_subjects(self) -> Iterator[Fault]:
        kept = {row.subject: row for row in self._all_keys()}
        vault = self._vault
        if vault is not None and kept and all(row.wrapped_by != vault.id for row in kept.values()):
            yield Fault(0, f"none of the {len(kept)} keys of personal data lies under the key-encryption key")
            vault = None
        keys: dict[str, SubjectKey] = {}
        for subject in self._subjects:
            yield from self._of_key(subject, kept.pop(subject, None), vault, keys)
        for subject in kept:
            if not self._goes_on(subject):
                yield Fault(0, f"there is a key of {subject}, of which nothing is sealed")
        yield from self._of_telephones(vault, keys)

    def _of_key(
        self, subject: str, row: WrappedKey | None, vault: Vault | None, keys: dict[str, SubjectKey]
    ) -> Iterator[Fault]:
        """Hold what is kept as a subject's key against the first of its texts; note one that opens that."""
        position, text, _ = self._subjects[subject]
        if (erased := self._erased.get(subject)) is not None:
            if row is not None:
                yield Fault(erased, f"the key of {subject} is there, though it was erased here")
        elif row is None:
            if not self._goes_on(subject):
                yield Fault(position, f"the key of {subject}, whose texts are sealed, is missing")
        elif vault is not None:
            try:
                key = vault.unwrap(row)
                key.open(*text)
                keys[subject] = key
                if row.wrapped_by != vault.id:
                    yield Fault(position, f"the key of {subject} says that another key lies over it")
            except Unopenable:
                yield Fault(position, f"the key of {subject} doesn't open what is sealed here")

    def _of_telephones(self, vault: Vault | None, keys: dict[str, SubjectKey]) -> Iterator[Fault]:
        """Hold the digests that items are found by against the numbers themselves, as far as they open."""
        kept: dict[str, set[bytes]] = {}
        for digest, subject in self._all_telephones():
            kept.setdefault(subject, set()).add(digest)
        for subject in self._erased.keys() & kept.keys():
            yield Fault(
                self._erased[subject], f"{subject} is found by a telephone, though it was erased here"
            )
        for subject in kept.keys() - self._erased.keys():
            known = self._subjects.get(subject)
            if (known is None or not known.numbers) and not self._goes_on(subject):
                yield Fault(0, f"{subject} is found by a telephone, and has none")
        if vault is None:
            return
        for subject, key in keys.items():
            position, _, numbers = self._subjects[subject]
            right = not numbers or kept.get(subject, set()) == _digests(vault, key, numbers)
            if not right and not self._goes_on(subject):
                yield Fault(position, f"{subject} is not found by the telephone that it has")

    def _goes_on(self, subject: str) -> bool:
        """Tell whether more happened to a subject than was looked at, so that it is told by the next walk."""
        return any(
            event.position > self._seen
            for stream in (subject, stream_of(subject))
            for event in self._log.read_stream(stream)
        )

    def _all_keys(self) -> Iterator[WrappedKey]:
        return _all(lambda start: self._log.keys_from(start, AT_ONCE), _subject_of, "")

    def _all_telephones(self) -> Iterator[tuple[bytes, str]]:
        return _all(
            lambda start: self._log.telephones_from(*start, AT_ONCE), lambda row: (row[1], row[0]), ("", b"")
        )


def _caused_by(event: Stored) -> _Caused:
    """Return what an event says of its command; nothing where it can't be read, as the tree tells."""
    try:
        return _envelopes.decode(event.state).meta
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Caused()


def _all(ask: Callable[[K], Sequence[R]], key: Callable[[R], K], start: K) -> Iterator[R]:
    """Return all rows, asked for by pages in the order of their keys, each from the last one's end on.

    What is no text any more is read as another one, which need not come after that before: then it ends.
    """
    rows = ask(start)
    while rows:
        yield from rows
        if not start < (last := key(rows[-1])):
            return
        start = last
        rows = [row for row in ask(start) if key(row) != start]


def _command_of(row: StoredCommand) -> str:
    return row.command_id


def _subject_of(row: WrappedKey) -> str:
    return row.subject


def _is_sealed(one: Sealed) -> bool:
    return one.text.startswith(SEALED)


def _belongs(row: StoredCommand, run: _Run) -> bool:
    """Tell whether a stored answer says where its events are and what each stream came to."""
    answer = _answer_of(row)
    if answer is None or (row.first, row.last, row.recorded_at) != (run.first, run.last, run.recorded_at):
        return False
    if run.answered:
        return run.answered == answered_as(row.fingerprint, row.outcome)
    written = {one.stream: one.version for one in answer.written}
    return len(written) == len(answer.written) and written == run.versions


def _answer_of(row: StoredCommand) -> _Answer | None:
    """Return a stored answer; None for one that can't be read."""
    try:
        return _answers.decode(row.outcome)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _digests(vault: Vault, key: SubjectKey, numbers: Iterable[Sealed]) -> set[bytes] | None:
    """Return the digests of sealed numbers; None where one doesn't open."""
    try:
        return set().union(*(vault.telephones(key.open(*one)) for one in numbers))
    except Unopenable:
        return None
