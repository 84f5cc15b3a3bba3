"""The public record changes only on purpose, and never so that an old event can't be read."""

from datetime import datetime

import pytest

from dispatch.domain.event import Event
from dispatch.domain.working_time import Limit, LimitKind
from tests.unit.golden import record, words
from tests.unit.golden.record import Record


class Happened(Event, frozen=True, kw_only=True, tag="thing.happened"):
    limit: Limit
    until: datetime | None = None
    note: str = ""
    members: tuple[str, ...] = ()

    personal = ("note",)


@pytest.fixture
def before() -> Record:
    return record.describe({"thing.happened": Happened})


@pytest.fixture
def after() -> Record:
    return record.describe({"thing.happened": Happened})


def test_the_public_record_is_the_golden_one() -> None:
    golden, present = record.read(), record.present()
    assert record.breaks(golden, present) == [], (
        "recorded events could not be read: give it a new name instead"
    )
    assert present == golden, "the public record has grown: look at it, then run scripts/golden"


def test_the_pages_call_events_what_the_service_calls_them() -> None:
    for place, text in words.present().items():
        assert place.read_text(encoding="utf-8") == text, "run scripts/golden"


def test_a_record_tells_types_defaults_personal_data_and_what_they_consist_of(before: Record) -> None:
    assert before == {
        "events": {
            "thing.happened": {
                "at": "datetime",
                "limit": "Limit",
                "until": "datetime | none = null",
                "note": 'personal str = ""',
                "members": "[str…] = []",
            }
        },
        "shapes": {"Limit": {"kind": "LimitKind", "amount": "float"}},
        "choices": {"LimitKind": [kind.value for kind in LimitKind]},
    }


def test_growing_breaks_nothing(before: Record, after: Record) -> None:
    after["events"]["thing.ended"] = {"at": "datetime"}
    after["events"]["thing.happened"]["reason"] = 'str = ""'
    after["choices"]["LimitKind"].append("moon_phases")
    assert record.breaks(before, after) == []


def test_every_other_change_is_named(before: Record, after: Record) -> None:
    fields = after["events"]["thing.happened"]
    del fields["members"]
    fields["note"] = 'str = ""'
    fields["reason"] = "str"
    after["shapes"]["Limit"]["amount"] = "int"
    after["choices"]["LimitKind"].remove("clock_hours")
    before["events"]["thing.ended"] = {"at": "datetime"}
    assert record.breaks(before, after) == [
        "Limit.amount was float, is int",
        "LimitKind has no clock_hours any more",
        "thing.ended is gone",
        "thing.happened.members is gone",
        'thing.happened.note was personal str = "", is str = ""',
        "thing.happened.reason is new and has no default",
    ]
