"""The personal texts of events: found, sealed in their places, and nothing else changed."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from dispatch.domain.cases.disputes import DisputeAgreed
from dispatch.domain.cases.events import CaseFollowedUp
from dispatch.domain.event import Event, name_of
from dispatch.domain.households import HouseholdChanged, HouseholdClass
from dispatch.domain.recipients import ChannelsSet
from dispatch.domain.rhythm import Rhythm
from dispatch.eventlog.registry import domain_events
from dispatch.eventlog.vault.sealing import changed, has_texts, place, texts

AT = datetime(2024, 1, 1, tzinfo=UTC)


def test_texts_are_found_in_structs_and_lists_and_only_where_they_say_something() -> None:
    followed = CaseFollowedUp(at=AT, by="op", satisfied=True)
    assert not has_texts(followed)
    channels = ChannelsSet(
        at=AT, inbox="account:op", scope="5", by="op", channels=("a", "b"), addresses=("13800001234", "")
    )
    assert list(texts(channels)) == [("addresses.0", "13800001234")]


def test_a_sealed_event_differs_in_its_personal_texts_only() -> None:
    event = DisputeAgreed(at=AT, by="op", level="town", terms="赔偿五百元")
    sealed = changed(event, lambda field, text: f"<{field}:{len(text)}>")
    assert sealed == DisputeAgreed(at=AT, by="op", level="town", terms="<terms:5>")
    assert place(name_of(event), 7, "terms") == "dispute.agreed/7/terms"
    moved = HouseholdChanged(
        at=AT,
        grid="5",
        household_class=HouseholdClass.GENERAL,
        every=Rhythm.WEEK,
        by="op",
        name=None,
        address="村",
    )
    assert (moved.name, changed(moved, lambda *_: "x")) == (None, replace(moved, address="x"))


@pytest.mark.parametrize("event", [one for one in domain_events().values() if one.telephones])
def test_a_telephone_is_one_of_the_personal_texts(event: type[Event]) -> None:
    assert all(field.partition(".")[0] in event.personal for field in event.telephones)
