"""The rules of what has been read."""

import pytest

from commands.inboxes.read import NothingRead, NotificationMalformed, NotOwnInbox, ReadInbox
from dispatch.domain.accounts import Account, Role
from dispatch.domain.inboxes import Inbox, InboxRead, own
from dispatch.domain.towns import MemberPosted, Post
from tests.unit.commands.scenario import GRID, OTHER_GRID, TOWN, Scenario, the

VILLAGE = GRID[:12]


def read(account: str = "li", through: int | None = None, *ids: str) -> ReadInbox:
    return ReadInbox(account=account, through=through, ids=ids)


def test_what_was_read_is_noted_once() -> None:
    scenario = Scenario()
    event = the(scenario.when(read("li", 40, "39-0", "41-1"), "li"), InboxRead)
    assert (event.through, event.ids, event.scope) == (40, ("41-1",), TOWN)
    assert scenario.when(read("li", 40, "39-0", "41-1"), "li") == []
    assert the(scenario.when(read("li", None, "41-1", "41-2"), "li"), InboxRead).ids == ("41-2",)
    assert the(scenario.when(read("li", 41), "li"), InboxRead).through == 41
    state = scenario.states["inbox:li"].state
    assert isinstance(state, Inbox)
    assert (state.through, state.ids) == (41, frozenset())


def test_nobody_reads_the_inbox_of_another() -> None:
    Scenario().refused(NotOwnInbox, read("wang", 1), "li")


@pytest.mark.parametrize(
    "command",
    [read(), read("li", -1), read("li", 2**63), read("li", None, *(f"{n}-0" for n in range(1, 502)))],
)
def test_something_is_read_and_not_everything_for_ever(command: ReadInbox) -> None:
    Scenario().refused(NothingRead, command, "li")


@pytest.mark.parametrize("notification", ["", "0-0", "1", "1-", "-1-0", "1-0-0", "一-0", "1-0\n"])
def test_a_notification_has_a_position_and_a_number(notification: str) -> None:
    Scenario().refused(NotificationMalformed, read("li", None, notification), "li")


@pytest.mark.parametrize(
    ("role", "scope", "member", "shared"),
    [
        (Role.OPERATOR, TOWN, None, [f"centre:{TOWN}"]),
        (Role.OPERATOR, TOWN[:6], None, ["district:500115"]),
        (Role.SUPERVISOR, TOWN[:6], None, ["district:500115"]),
        (Role.SUPERVISOR, TOWN, "chen", [f"member:{TOWN}:chen"]),
        (Role.WORKER, TOWN, "li", [f"member:{TOWN}:li"]),
        (Role.ADMINISTRATOR, TOWN, None, []),
    ],
)
def test_each_reads_his_own_inboxes(role: Role, scope: str, member: str | None, shared: list[str]) -> None:
    account = Account(account="a", name="a", role=role, scope=scope, member=member)
    assert own(account, None) == ("account:a", *shared)


@pytest.mark.parametrize(
    ("scope", "member", "read"),
    [
        (GRID, "member-li", True),
        (VILLAGE, "member-li", True),
        (VILLAGE, "member-zhao", False),
        (VILLAGE, "member-wang", False),
        (VILLAGE, "member-without-post", False),
        (TOWN, "member-wang", True),
    ],
)
def test_an_account_reads_a_members_inbox_if_he_has_no_post_outside_its_scope(
    scope: str, member: str, read: bool
) -> None:
    scenario = Scenario()
    wang = MemberPosted(at=scenario.now, member="member-wang", place=OTHER_GRID, post=Post.PART_TIME)
    scenario.given(f"town:{TOWN}", wang)
    town = scenario.states[f"town:{TOWN}"].state
    account = Account(account="a", name="a", role=Role.WORKER, scope=scope, member=member)
    assert own(account, town) == ("account:a", *([f"member:{TOWN}:{member}"] if read else []))
