"""Events to JSON and back, those of former times included."""

import json
from datetime import UTC, datetime
from threading import Thread, get_ident

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.event import Event, Metadata, Recorded, name_of
from dispatch.eventlog import mapper
from dispatch.eventlog.log import Stored, micros, moment
from dispatch.eventlog.mapper import Codec, Decoders, UnknownEvent, UnreadableEvent, encode
from dispatch.eventlog.registry import by_name, domain_events
from dispatch.eventlog.upcasters import Data, upcast

AT = datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
RECORDED_AT = 1_778_051_290_000_001


class LampLit(Event, frozen=True, kw_only=True, tag="lamp.lit"):
    place: str
    watts: int = 40


class Lamp(Event, frozen=True, kw_only=True):
    """Has no name of its own."""


class LampBroken(Lamp, frozen=True, kw_only=True, tag="lamp.broken"):
    why: str


METADATA = Metadata(actor="m:1", role="member", scope="500", command_id="c", correlation_id="d")
CODEC = Codec(lambda: by_name([LampLit, Lamp, LampBroken]), {})


def stored(name: str, state: bytes) -> Stored:
    return Stored(7, "lamp:1", 3, name, micros(AT), RECORDED_AT, state)


def test_what_is_stored_is_readable_json() -> None:
    state = json.loads(encode(LampLit(at=AT, place="门口"), METADATA))
    assert state["data"] == {
        "type": "lamp.lit", "at": "2026-05-06T07:08:09.123456Z", "place": "门口", "watts": 40,
    }  # fmt: skip
    assert state["meta"]["actor"] == "m:1"


def test_an_event_comes_back_as_it_was_with_and_without_its_metadata() -> None:
    event = LampLit(at=AT, place="door", watts=60)
    row = stored("lamp.lit", encode(event, METADATA))
    expected = Recorded(
        originator_id="lamp:1",
        originator_version=3,
        position=7,
        recorded_at=moment(RECORDED_AT),
        event=event,
    )
    assert CODEC.decode(row) == expected
    assert CODEC.decode_whole(row) == msgspec.structs.replace(expected, metadata=METADATA)


def test_a_name_that_nobody_knows_is_an_error_that_says_where() -> None:
    with pytest.raises(UnknownEvent, match=r"event 7, 'lamp.sold'") as caught:
        CODEC.decode(stored("lamp.sold", b"{}"))
    assert (caught.value.name, caught.value.position) == ("lamp.sold", 7)


@pytest.mark.parametrize(
    "state",
    [b"", b"{", b"{}", b'{"data":{}}', b'{"data":{"type":"lamp.broken","why":""}}'],
)
def test_json_that_does_not_fit_is_an_error_and_not_a_guess(state: bytes) -> None:
    for decode in (CODEC.decode, CODEC.decode_whole):
        with pytest.raises(UnreadableEvent, match=r"event 7, 'lamp.lit'"):
            decode(stored("lamp.lit", state))


def test_an_old_event_is_read_as_its_upcasters_say_one_after_another() -> None:
    def renamed(data: Data) -> tuple[str, Data]:
        return "lamp.lit.1", {**data, "spot": data["where"]}

    def reshaped(data: Data) -> tuple[str, Data]:
        return "lamp.lit", {"at": data["at"], "place": data["spot"], "watts": 25}

    codec = Codec(lambda: by_name([LampLit]), {"lamp.on": renamed, "lamp.lit.1": reshaped})
    old = b'{"data":{"type":"lamp.on","at":"2026-05-06T07:08:09.123456Z","where":"door"},"meta":%b}'
    row = stored("lamp.on", old % msgspec.json.encode(METADATA))
    assert codec.decode(row).event == LampLit(at=AT, place="door", watts=25)
    assert codec.decode_whole(row).metadata == METADATA


def test_a_broken_upcaster_is_an_unreadable_event() -> None:
    codec = Codec(lambda: by_name([LampLit]), {"lamp.on": lambda data: ("lamp.lit", data["missing"])})
    with pytest.raises(UnreadableEvent, match="missing"):
        codec.decode(stored("lamp.on", b'{"data":{}}'))


def test_upcasters_that_go_round_in_a_circle_are_found() -> None:
    with pytest.raises(ValueError, match="back to 'a'"):
        upcast("a", {}, {"a": lambda data: ("b", data), "b": lambda data: ("a", data)})


def test_two_events_can_not_have_one_name() -> None:
    class Other(Event, frozen=True, kw_only=True, tag="lamp.lit"):
        pass

    with pytest.raises(ValueError, match=r"both named 'lamp.lit'"):
        by_name([LampLit, Other])


def test_an_event_must_have_a_permanent_name() -> None:
    class Nameless(Event, frozen=True, kw_only=True):
        pass

    with pytest.raises(ValueError, match="needs a permanent name"):
        by_name([Nameless])


def test_all_events_of_the_domain_have_decoders() -> None:
    for name, cls in domain_events().items():
        assert name == name_of(cls)
        assert callable(mapper._domain._events[name])


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_keep_each_microsecond(time: datetime) -> None:
    assert moment(micros(time)) == time


def test_one_thread_at_a_time_looks_into_a_class_for_the_first_time() -> None:
    asked = []

    def classes() -> dict[str, type[Event]]:
        asked.append(get_ident())
        if len(asked) == 1:
            other.start()
            other.join(0.05)
            assert other.is_alive()
        return domain_events()

    decoders = Decoders(classes, {}, metadata=True)
    other = Thread(target=lambda: decoders["task.accepted"])
    first = decoders["task.accepted"]
    other.join()
    assert asked == [get_ident()]
    assert decoders["task.accepted"] is first
