"""Appending: what is taken, what is refused, and what a repeat gets."""

import asyncio
from dataclasses import replace

import pytest
from eventsourcing.persistence import IntegrityError

from dispatch.eventlog import (
    Append,
    Appended,
    CommandIdReused,
    EventLog,
    LogUnavailable,
    StaleRead,
    micros,
    open_log,
)
from dispatch.eventlog.vault.vault import WrappedKey
from tests.unit.eventlog.making import NOON, Clock, append, event
from tests.vaults import VAULT


def test_an_append_gets_the_next_positions_and_the_time(log: EventLog) -> None:
    first = log.append(append("a", events=2, command_id="1"))
    second = log.append(append("b", events=1, command_id="2"))
    assert first == Appended(1, 2, micros(NOON), b'"1"', repeated=False)
    assert second == Appended(3, 3, micros(NOON), b'"2"', repeated=False)
    assert log.head() == 3


def test_one_append_may_write_to_several_streams_and_keeps_the_order(log: EventLog) -> None:
    events = (event("a", 1), event("b", 1), event("a", 2))
    log.append(Append("1", b"", events, {"a": 0, "b": 0}, b"null"))
    assert [(e.position, e.stream, e.version) for e in log.read()] == [
        (1, "a", 1), (2, "b", 1), (3, "a", 2),
    ]  # fmt: skip


def test_an_append_without_events_keeps_its_answer_and_moves_nothing(log: EventLog) -> None:
    log.append(append("a", events=2))
    nothing = log.append(append("a", read=2, events=0, command_id="none"))
    assert (nothing.first, nothing.last) == (2, 2)
    assert log.head() == 2
    assert log.append(append("a", read=2, events=0, command_id="none")) == nothing._replace(repeated=True)


def test_the_first_append_may_be_one_without_events(log: EventLog) -> None:
    assert log.append(append("a", events=0)).last == 0
    assert log.head() == 0


@pytest.mark.parametrize("read", [0, 1, 3])
def test_an_append_on_another_version_than_the_present_one_is_refused(log: EventLog, read: int) -> None:
    log.append(append("a", events=2))
    with pytest.raises(StaleRead) as caught:
        log.append(append("a", read=read))
    assert caught.value.streams == ("a",)
    assert isinstance(caught.value, IntegrityError)
    assert log.head() == 2


def test_what_was_only_read_must_still_hold_too(log: EventLog) -> None:
    log.append(append("grid", events=1))
    with pytest.raises(StaleRead) as caught:
        log.append(Append("1", b"", (event("task", 1),), {"task": 0, "grid": 0, "town": 4}, b"null"))
    assert caught.value.streams == ("grid", "town")
    assert log.versions(["task", "grid"]) == {"task": 0, "grid": 1}


def test_a_refused_append_leaves_its_command_id_unused(log: EventLog) -> None:
    log.append(append("a"))
    with pytest.raises(StaleRead):
        log.append(append("a", command_id="1"))
    assert log.outcome("1") is None
    assert not log.append(append("a", read=1, command_id="1")).repeated


def test_a_repeat_gets_the_first_answer_whatever_happened_since(log: EventLog, clock: Clock) -> None:
    first = log.append(append("a", command_id="1"))
    clock.move(5)
    log.append(append("a", read=1))
    assert log.append(append("a", command_id="1")) == first._replace(repeated=True)
    assert log.head() == 2


def test_a_command_id_is_good_for_one_request_only(log: EventLog) -> None:
    log.append(append("a", command_id="1", fingerprint=b"this"))
    with pytest.raises(CommandIdReused, match="'1'"):
        log.append(append("a", read=1, command_id="1", fingerprint=b"that"))
    assert log.outcome("1") == (b"this", b'"1"', 1)


def test_recorded_times_never_go_back_when_the_clock_does(log: EventLog, clock: Clock) -> None:
    log.append(append("a"))
    clock.move(-3600)
    assert log.append(append("b")).recorded_at == micros(NOON)
    clock.move(7200)
    assert log.append(append("c")).recorded_at == micros(clock.now)


def test_bytes_and_texts_come_back_as_they_were(log: EventLog) -> None:
    state = bytes(range(256)) * 40
    stream = "town:东城 'quoted\" \\ %s ? 🙂"
    log.append(Append("编号", b"\0\xff", (event(stream, 1, at=-5, state=state),), {stream: 0}, b"\0\x80"))
    [stored] = log.read_stream(stream)
    assert (stored.stream, stored.at, stored.state) == (stream, -5, state)
    assert isinstance(stored.state, bytes)
    assert log.outcome("编号") == (b"\0\xff", b"\0\x80", 1)


def test_coroutines_append_and_get_each_its_own_answer(log: EventLog) -> None:
    async def main() -> list[Appended | BaseException]:
        appends = [append(f"s{n % 40}", command_id=str(n)) for n in range(60)]
        return await asyncio.gather(*map(log.append_async, appends), return_exceptions=True)

    answers = asyncio.run(main())
    good = [answer for answer in answers if isinstance(answer, Appended)]
    assert sorted(answer.first for answer in good) == list(range(1, 41))
    assert [type(answer) for answer in answers[40:]] == [StaleRead] * 20
    assert all(answer.outcome == f'"{n}"'.encode() for n, answer in enumerate(good))


def test_a_large_append_is_taken_whole(log: EventLog) -> None:
    assert log.append(append("a", events=12_000)).last == 12_000
    assert len(log.read()) == 12_000


def test_the_log_goes_on_where_it_was_when_it_is_opened_again(database: str, clock: Clock) -> None:
    with open_log(database, clock=clock) as log:
        first = log.append(append("a", events=2, command_id="1"))
    clock.move(-60)
    with open_log(database, clock=clock) as log:
        assert log.head() == 2
        assert log.append(append("a", events=2, command_id="1")) == first._replace(repeated=True)
        assert log.append(append("a", read=2)).first == 3
        assert [e.recorded_at for e in log.read()] == [micros(NOON)] * 3


def test_a_closed_log_says_so(database: str, clock: Clock) -> None:
    log = open_log(database, clock=clock)
    log.append(append("a"))
    log.close()
    for use in (lambda: log.append(append("b")), log.head, log.read):
        with pytest.raises(LogUnavailable, match="closed"):
            use()
    log.close()


def test_a_log_can_live_in_memory(clock: Clock) -> None:
    with open_log("sqlite:///:memory:", clock=clock) as log:
        log.append(append("a"))
        with pytest.raises(StaleRead):
            log.append(append("a"))
        assert [e.stream for e in log.read()] == ["a"]


def test_another_kind_of_database_is_refused(clock: Clock) -> None:
    with pytest.raises(ValueError, match="can't be kept in 'mysql'"):
        open_log("mysql://somewhere/db", clock=clock)


def key(subject: str) -> WrappedKey:
    return VAULT.wrap(VAULT.new_key(subject))


def test_keys_come_with_their_append_and_go_with_the_one_that_erases(log: EventLog) -> None:
    first, second = key("a"), key("b")
    for number, kept in enumerate((first, second)):
        log.append(
            replace(
                append(kept.subject, command_id=f"new-{number}"),
                keys=(kept,),
                telephones=((b"same", kept.subject), (b"own", kept.subject), (b"own", kept.subject)),
            )
        )
    assert (log.key("a"), log.key("b"), log.key("c")) == (first, second, None)
    assert log.found_by_telephone(b"same", 9) == ["a", "b"]
    assert log.found_by_telephone(b"same", 1) == ["a"]
    log.append(replace(append("a", read=1, command_id="erases"), erased=("a",)))
    assert log.wipe()
    assert (log.key("a"), log.key("b")) == (None, second)
    assert log.found_by_telephone(b"same", 9) == ["b"]


def test_no_key_is_kept_for_an_append_that_is_refused_or_repeated(log: EventLog) -> None:
    kept = key("a")
    first = replace(append("a", command_id="1"), keys=(kept,))
    log.append(first)
    assert log.append(replace(first, keys=(key("a"),))).repeated
    with pytest.raises(StaleRead):
        log.append(replace(append("a", command_id="2"), keys=(key("b"),), erased=("a",)))
    assert (log.key("a"), log.key("b")) == (kept, None)


def test_no_key_takes_the_place_of_another(log: EventLog) -> None:
    kept = key("a")
    log.append(replace(append("a", command_id="1"), keys=(kept,)))
    with pytest.raises(Exception, match=r"(?i)refused|unique|duplicate"):
        log.append(replace(append("a", read=1, command_id="2"), keys=(key("a"),)))
    assert log.key("a") == kept
    assert log.head() == 1


def test_another_process_appends_meanwhile_and_the_keys_are_kept_all_the_same(
    database: str, clock: Clock, log: EventLog
) -> None:
    with open_log(database, clock=clock) as other:
        for number, one in enumerate((log, other, log, log, other)):
            kept = key(f"s{number}")
            one.append(
                replace(
                    append(kept.subject, command_id=str(number)),
                    keys=(kept,),
                    telephones=((b"t", kept.subject),),
                )
            )
            assert other.key(kept.subject) == log.key(kept.subject) == kept
        assert log.found_by_telephone(b"t", 9) == [f"s{number}" for number in range(5)]
