"""The rules of who is reached by which channel."""

import pytest
from msgspec.structs import replace

from commands.assignment import DepartmentUnknown
from commands.context import AccountUnknown, TownUnknown
from commands.recipients.command import (
    ChannelPlan,
    ChannelsCommand,
    ChannelUnacceptable,
    QuietHoursUnacceptable,
)
from commands.recipients.set_channels import InboxUnknown, SetChannels
from commands.recipients.set_own_channels import NotOwnChannels, SetOwnChannels
from commands.towns.command import MemberUnknown
from dispatch.domain.accounts import AccountAdded, Role
from dispatch.domain.codes import CodeMalformed
from dispatch.domain.recipients import ChannelsSet, Quiet, Recipient
from dispatch.domain.refusal import OutOfScope, Refusal
from tests.unit.commands.scenario import ELSEWHERE, SERVICE, TOWN, Scenario, the

MAIL = ChannelPlan(channel="mail", address="li@example.com")
LI = f"member:{TOWN}:member-li"


def channels(inbox: str = LI, *plans: ChannelPlan, quiet: Quiet | None = None) -> SetChannels:
    return SetChannels(inbox=inbox, channels=plans or (MAIL,), quiet=quiet)


@pytest.mark.parametrize("inbox", [LI, "account:operator", f"department:{TOWN}:housing", f"centre:{TOWN}"])
def test_an_administrator_sets_the_channels_of_everybody_in_his_scope(inbox: str) -> None:
    scenario = Scenario()
    event = the(scenario.when(channels(inbox, quiet=Quiet("22:00", "07:00")), "administrator"), ChannelsSet)
    assert (event.channels, event.addresses, event.scope) == (("mail",), ("li@example.com",), TOWN)
    assert scenario.when(channels(inbox, quiet=Quiet("22:00", "07:00")), "administrator") == []
    state = scenario.states[f"recipient:{inbox}"].state
    assert isinstance(state, Recipient)
    assert (state.address("mail"), state.address("sms")) == ("li@example.com", None)


def test_everybody_sets_his_own_and_nobody_elses() -> None:
    scenario = Scenario()
    own = SetOwnChannels(inbox=LI, channels=(MAIL,))
    assert the(scenario.when(own, "li"), ChannelsSet).by == "member-li"
    scenario.refused(NotOwnChannels, own, "wang")
    account = SetOwnChannels(inbox="account:operator", channels=())
    assert the(scenario.when(account, "operator"), ChannelsSet).scope == TOWN


def test_an_auditor_sets_how_he_is_reached() -> None:
    own = SetOwnChannels(inbox="account:auditor", channels=(MAIL,))
    event = the(Scenario().when(own, "auditor"), ChannelsSet)
    assert (event.by, event.by_other) == ("auditor", False)


def test_who_changes_what_somebody_was_reached_by_stands_in_the_event() -> None:
    scenario = Scenario()

    def by_other(command: ChannelsCommand, who: str) -> bool:
        return the(scenario.when(command, who), ChannelsSet).by_other

    assert not by_other(channels(), "administrator")
    assert not by_other(SetOwnChannels(inbox=LI, channels=(replace(MAIL, address="li"),)), "li")
    assert by_other(channels(), "administrator")
    assert by_other(SetChannels(inbox=LI, channels=()), "administrator")
    # Who isn't reached by anything is deprived of nothing.
    assert not by_other(channels(), "administrator")
    assert not by_other(channels("account:administrator"), "administrator")
    assert not by_other(SetChannels(inbox="account:administrator", channels=()), "administrator")


def test_a_villages_account_says_nothing_of_a_member_who_works_in_another() -> None:
    scenario = Scenario()
    for account, member in (("li-2", "member-li"), ("zhao-2", "member-zhao")):
        added = AccountAdded(
            at=scenario.now, account=account, name="x", role=Role.WORKER, scope=f"{TOWN}001", member=member
        )
        scenario.given(f"account:{account}", added)
    zhao = SetOwnChannels(inbox=f"member:{TOWN}:member-zhao", channels=(MAIL,))
    scenario.refused(NotOwnChannels, zhao, "zhao-2")
    assert scenario.when(SetOwnChannels(inbox=LI, channels=(MAIL,)), "li-2")


@pytest.mark.parametrize(
    ("inbox", "refusal", "who"),
    [
        (f"member:{TOWN}:nobody", MemberUnknown, SERVICE),
        (f"department:{TOWN}:nothing", DepartmentUnknown, SERVICE),
        ("account:nobody", AccountUnknown, SERVICE),
        ("member:500115999:li", TownUnknown, SERVICE),
        ("centre:12", CodeMalformed, SERVICE),
        ("district:500115", OutOfScope, "administrator"),
        (f"centre:{ELSEWHERE}", OutOfScope, "administrator"),
        (f"centre:{TOWN}:more", InboxUnknown, SERVICE),
        (f"member:{TOWN}", InboxUnknown, SERVICE),
        ("somebody", InboxUnknown, SERVICE),
        ("", InboxUnknown, SERVICE),
    ],
)
def test_an_inbox_is_that_of_somebody_there(inbox: str, refusal: type[Refusal], who: str) -> None:
    Scenario().refused(refusal, channels(inbox), who)


@pytest.mark.parametrize(
    "plans",
    [
        (MAIL, MAIL),
        (ChannelPlan(channel="Mail"),),
        (ChannelPlan(channel=""),),
        (ChannelPlan(channel="mail", address="li@example.com x"),),
        (ChannelPlan(channel="mail", address="x" * 201),),
        tuple(ChannelPlan(channel=f"c{n}") for n in range(11)),
    ],
)
def test_channels_are_named_once_and_addresses_are_one_word(plans: tuple[ChannelPlan, ...]) -> None:
    Scenario().refused(ChannelUnacceptable, channels(LI, *plans), "administrator")


@pytest.mark.parametrize(("start", "until"), [("22:00", "22:00"), ("24:00", "07:00"), ("22:00", "7:00")])
def test_quiet_hours_begin_and_end(start: str, until: str) -> None:
    Scenario().refused(QuietHoursUnacceptable, channels(quiet=Quiet(start, until)), "administrator")
