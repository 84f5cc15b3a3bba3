"""Accounts are made, listed and revoked from the command line, and a token signs in."""

import asyncio
import json
import os
import platform
import pwd
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands.accounts.add import AddAccount
from commands.command import Request
from commands.handler import Handler
from commands.recipients.command import ChannelPlan
from commands.recipients.set_channels import SetChannels
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from commands.towns.rename_member import RenameMember
from dispatch.cli import shell
from dispatch.domain.accounts import Role
from dispatch.eventlog import open_log
from dispatch.eventlog.mapper import decode_whole
from dispatch.service.calendars import china
from dispatch.service.clock import system_clock
from dispatch.service.installation import installation
from dispatch.service.tokens import Unauthenticated, authenticate
from tests.integration.cli.conftest import Dispatch
from tests.vaults import VAULT

TOWN = "500115101"


def signs_in(database: str, secret: str) -> str:
    """The id of the account that a token signs in."""
    with open_log(database, clock=system_clock) as log:
        handler = Handler(log, calendar=china(), clock=system_clock, vault=VAULT)
        question = authenticate(f"Bearer {secret}", handler, now=datetime.now(UTC), fresh=True)
        account, _ = asyncio.run(question)
        return account.account


def test_an_account_is_made_with_a_token_that_is_shown_once(dispatch: Dispatch, database: str) -> None:
    made = dispatch("accounts", "add", "Duty desk", "--role", "operator", "--scope", TOWN, "--json").json
    assert made["account"] == "duty-desk"
    assert signs_in(database, made["token"]) == "duty-desk"
    with open_log(database, clock=system_clock) as log:
        assert not any(made["token"].encode() in stored.state for stored in log.read())
    listed = dispatch("accounts", "list", "--json").json["accounts"]
    assert [(one["id"], one["role"], one["scope"], one["status"]) for one in listed] == [
        ("duty-desk", "operator", TOWN, "active")
    ]
    assert list(listed[0]["tokens"]) == [made["token_id"]]
    assert made["token"] not in json.dumps(listed)
    assert "Duty desk" in dispatch("accounts", "list").out


def test_the_account_of_a_person_goes_by_his_present_name(dispatch: Dispatch, database: str) -> None:
    async def found() -> None:
        with installation(database, make=True) as at:
            for command in (
                FoundTown(town=TOWN, name="万顺镇"),
                JoinMembers(town=TOWN, members=(MemberPlan(member="wang", name="王芳"),)),
                AddAccount(account="wang", name="王芳", role=Role.WORKER, scope=TOWN, member="wang"),
                RenameMember(town=TOWN, member="wang", name="王小芳"),
            ):
                await at.handler.handle(Request(command=command, account="system"))

    asyncio.run(found())
    (listed,) = dispatch("accounts", "list", "--json").json["accounts"]
    shown = dispatch("accounts", "show", "wang", "--json").json
    assert listed["name"] == shown["name"] == "王小芳"


def test_what_is_done_at_the_shell_bears_the_user_of_the_machine(
    dispatch: Dispatch, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setenv("SUDO_USER", "somebody-else")
    dispatch("accounts", "add", "Duty desk", "--role", "operator", "--scope", TOWN)
    with open_log(database, clock=system_clock) as log:
        metadata = [decode_whole(stored).metadata for stored in log.read()]
    user = f"{pwd.getpwuid(os.getuid()).pw_name}@{platform.node()}"
    assert {(one.source, one.address) for one in metadata if one} == {("cli", user)}
    assert f"命令行，{user}" in dispatch("audit", "trail", "account:duty-desk").out


def test_who_became_another_user_is_on_record_as_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = tmp_path / "loginuid"
    monkeypatch.setattr(shell, "LOGIN", login)
    runs = f"{pwd.getpwuid(os.getuid()).pw_name}@{platform.node()}"
    for kept, user in (
        ("4294967295", runs),
        (str(os.getuid()), runs),
        ("1", f"{pwd.getpwuid(1).pw_name}>{runs}"),
        ("3999999", f"3999999>{runs}"),
        ("", runs),
    ):
        login.write_text(kept)
        assert shell.user_of_the_machine() == user


def test_a_token_or_the_whole_account_is_revoked(dispatch: Dispatch, database: str) -> None:
    first = dispatch(
        "accounts", "add", "审计", "--role", "auditor", "--scope", "all", "--id", "audit", "--json"
    )
    second = dispatch("accounts", "token", "audit", "--expires-days", "30", "--json")
    assert dispatch("accounts", "revoke", "audit", "--token", first.json["token_id"]).status == 0
    with pytest.raises(Unauthenticated):
        signs_in(database, first.json["token"])
    assert signs_in(database, second.json["token"]) == "audit"
    reached = SetChannels(
        inbox="account:audit", channels=(ChannelPlan(channel="mail", address="a@b.example"),)
    )
    with installation(database) as at:
        asyncio.run(at.handler.handle(shell.by_shell(reached)))
    ended = dispatch("accounts", "revoke", "audit", "--reason", "left")
    assert "dispatch personal erase recipient:account:audit" in ended.out + ended.err
    erased = dispatch(
        "personal", "erase", "recipient:account:audit", "--ground", "request", "--yes", "--json"
    )
    assert erased.json == {"erased": ["recipient:account:audit"]}
    assert dispatch("verify").status == 0
    again = dispatch("accounts", "revoke", "audit", "--reason", "left")
    assert "personal erase" not in again.out + again.err
    with pytest.raises(Unauthenticated):
        signs_in(database, second.json["token"])
    assert dispatch("accounts", "list", "--json").json["accounts"][0]["status"] == "revoked"
    assert dispatch("accounts", "token", "audit").status == 1


def test_there_is_no_account_that_nobody_made(dispatch: Dispatch, tmp_path: Path) -> None:
    assert dispatch("accounts", "revoke", "admin").status == 1
    (tmp_path / "one.csv").write_text("id,grid,reported\nA1,G1,2023-01-01\n")
    dispatch("import", "cases", tmp_path / "one.csv", "--town", TOWN, "--create-grids")
    assert dispatch("accounts", "list", "--json").json == {"accounts": []}
    assert "There is no account yet" in dispatch("accounts", "list").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("X", "--role", "operator", "--scope", "50011510"), "2, 4, 6, 9, 12 or 15 digits"),
        (("X", "--role", "worker", "--scope", TOWN), "needs the person"),
        (("X", "--role", "operator", "--scope", TOWN, "--id", "Not An Id"), "An account's id begins"),
        (("Duty desk", "--role", "operator", "--scope", TOWN), "is there already"),
        (("Other", "--role", "auditor", "--scope", TOWN, "--id", "duty-desk"), "account of that id already"),
    ],
)
def test_an_account_that_can_not_be_is_refused_with_what_to_do(
    dispatch: Dispatch, arguments: tuple[str, ...], said: str
) -> None:
    dispatch("accounts", "add", "Duty desk", "--role", "operator", "--scope", TOWN)
    ran = dispatch("accounts", "add", *arguments)
    assert ran.status == 1
    assert said in ran.err
    assert not ran.out


def test_a_person_gets_a_first_password_and_is_shown_with_how_he_signs_in(
    dispatch: Dispatch, database: str
) -> None:
    made = dispatch(
        "accounts", "add", "Root", "--role", "administrator", "--scope", TOWN, "--password", "--json"
    ).json
    assert len(made["password"]) == 19
    assert "token" not in made
    (listed,) = dispatch("accounts", "list", "--json").json["accounts"]
    assert listed["tokens"] == {}
    with open_log(database, clock=system_clock) as log:
        assert not any(made["password"].encode() in stored.state for stored in log.read())
    shown = dispatch("accounts", "show", "root", "--json").json
    assert (shown["id"], shown["role"], shown["password"]) == (
        "root",
        "administrator",
        "first, to be changed",
    )
    assert (shown["second_factor"], shown["sessions"]) == (False, [])
    assert dispatch("accounts", "end-sessions", "root").status == 0
    assert "belonged to nobody" in dispatch("accounts", "unlink-identity", "root").err
    assert "had no second factor" in dispatch("accounts", "reset-second-factor", "root").err
    assert "to be changed" in dispatch("accounts", "show", "root").out
    assert "There is no account" in dispatch("accounts", "show", "nobody").err
    dispatch("accounts", "add", "Desk", "--role", "operator", "--scope", TOWN)
    assert dispatch("accounts", "show", "desk", "--json").json["password"] == "none"


def test_a_first_password_stands_alone_on_the_output_and_has_no_end(dispatch: Dispatch) -> None:
    root = ("accounts", "add", "Root", "--role", "administrator", "--scope", TOWN, "--password")
    refused = dispatch(*root, "--expires-days", "30")
    assert (refused.status, refused.out) == (2, "")
    assert "--expires-days is of a token" in refused.err
    made = dispatch(*root)
    assert len(made.out.strip()) == 19
    assert "first password, shown this once" in made.err
