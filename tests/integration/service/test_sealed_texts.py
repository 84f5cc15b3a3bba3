"""A sealed text opens in the place that it was sealed for: swapped behind the log's back, it says nothing."""

import asyncio
import json
from typing import Any

import pytest

from commands.households.change import ChangeHousehold
from commands.households.record import NewHousehold, RecordHouseholds
from commands.personal.erase import ErasePersonal
from commands.recipients.command import ChannelPlan
from commands.recipients.set_channels import SetChannels
from dispatch.domain.households import HouseholdClass
from dispatch.domain.personal import Ground
from dispatch.eventlog import DatabaseLog
from dispatch.service.personal import personal_data
from dispatch.service.recipients import recipient_of
from tests.faults.proofs.tampering import Attacker, tamper
from tests.integration.test_handler import GRIDS, Office, office_on

Data = dict[str, Any]


def exchanged(database: str, stream: str, *, first: tuple[int, str], second: tuple[int, str]) -> None:
    """Exchange two texts of a stream's events, each named by its event's version and its field."""
    attacker = Attacker(database)
    try:
        rows = attacker.ask("SELECT version, position, state FROM events WHERE stream = ?", stream)
        positions = {version: position for version, position, _ in rows}
        states: dict[int, Any] = {version: json.loads(bytes(state)) for version, _, state in rows}
        (one, field), (other, second_field) = first, second
        here, there = _holder(states[one]["data"], field), _holder(states[other]["data"], second_field)
        here[0][here[1]], there[0][there[1]] = there[0][there[1]], here[0][here[1]]
        for version in {one, other}:
            attacker.change("state", positions[version], json.dumps(states[version]).encode())
    finally:
        attacker.close()


def _holder(data: Data, field: str) -> tuple[Any, Any]:
    name, _, inner = field.partition(".")
    return (data[name], int(inner) if inner.isdecimal() else inner) if inner else (data, name)


def play(database: str, story: Any) -> None:
    async def whole() -> None:
        with office_on(database) as office:
            await office.open()
            await story(office)

    asyncio.run(whole())


async def shown(office: Office, household: str) -> list[str | None]:
    assert isinstance(office.log, DatabaseLog)
    found = await personal_data(office.log, office.handler, f"household:{household}", shown=True)
    return [one.text for one in found.kept]


@pytest.mark.parametrize(
    ("first", "second"),
    [((1, "name"), (1, "address")), ((1, "address"), (2, "address"))],
    ids=["two fields of an event", "one field of two events"],
)
def test_two_exchanged_texts_of_an_item_are_shown_to_nobody(
    database: str, first: tuple[int, str], second: tuple[int, str]
) -> None:
    async def story(office: Office) -> None:
        new = NewHousehold(grid=GRIDS[0], household_class=HouseholdClass.KEY, name="李四", address="一组")
        household = (await office.send("op", RecordHouseholds(households=(new,)))).key_of("household")
        await office.send("op", ChangeHousehold(household=household, address="二组"))
        assert await shown(office, household) == ["李四", "一组", "二组"]
        exchanged(database, f"household:{household}", first=first, second=second)
        places = [(1, "name"), (1, "address"), (2, "address")]
        assert [
            text
            for place, text in zip(places, await shown(office, household), strict=True)
            if place in {first, second}
        ] == [None, None]

    play(database, story)


def test_what_it_says_is_shown_if_it_is_asked_for_and_after_an_erasure_never(database: str) -> None:
    async def story(office: Office) -> None:
        assert isinstance(office.log, DatabaseLog)
        new = NewHousehold(grid=GRIDS[0], household_class=HouseholdClass.KEY, name="李四", address="一组")
        household = (await office.send("op", RecordHouseholds(households=(new,)))).key_of("household")
        subject = f"household:{household}"
        unasked = await personal_data(office.log, office.handler, subject, shown=False)
        assert [(one.field, one.text) for one in unasked.kept] == [("name", None), ("address", None)]
        assert await shown(office, household) == ["李四", "一组"]
        attacker = Attacker(database)
        [key] = attacker.ask("SELECT subject, suite, wrapped_by, wrapped FROM subject_keys")
        attacker.close()
        await office.send("system", ErasePersonal(subjects=(subject,), ground=Ground.REQUEST))
        assert await shown(office, household) == [None, None]
        # Not even if somebody has kept the key and puts it back.
        tamper(database, "INSERT INTO subject_keys VALUES (?, ?, ?, ?)", *key)
        assert await shown(office, household) == [None, None]

    play(database, story)


def test_a_notification_goes_to_no_address_that_was_another_channels(database: str) -> None:
    async def story(office: Office) -> None:
        channels = (
            ChannelPlan(channel="mail", address="op@example.org"),
            ChannelPlan(channel="sms", address="13800001234"),
        )
        for _ in range(2):
            await office.send("system", SetChannels(inbox="account:op", channels=channels))
        found = await recipient_of(office.another_handler(), "account:op")
        assert found is not None
        assert found.addresses == ("op@example.org", "13800001234")
        stream = "recipient:account:op"
        exchanged(database, stream, first=(1, "addresses.0"), second=(1, "addresses.1"))
        found = await recipient_of(office.another_handler(), "account:op")
        assert found is not None
        # Nor to none, as to a group's robot.
        assert (found.channels, found.addresses) == ((), ())

    play(database, story)
