"""What every auditor is told of the whole log, once: a day that is over, and a log that is signed no more."""

import asyncio
import json
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from commands.accounts.add import AddAccount
from commands.accounts.issue_token import IssueToken
from commands.accounts.revoke import RevokeAccount
from commands.command import Command, Request
from commands.handler import Handler
from commands.recipients.command import ChannelPlan
from commands.recipients.set_channels import SetChannels
from dispatch.domain.accounts import Role
from dispatch.domain.inboxes import of_account
from dispatch.eventlog import open_log
from dispatch.eventlog.checkpoints.directory import files_in
from dispatch.eventlog.checkpoints.note import parse
from dispatch.eventlog.checkpoints.signer import new_pem
from dispatch.service.calendars import china
from dispatch.service.checkpoints import Checkpoints
from dispatch.service.clock import system_clock
from dispatch.service.settings import Settings
from dispatch.service.tokens import new_token
from projections.spans import local_day
from tests.e2e.http.client import Client
from tests.e2e.http.running import LOOKS_EVERY, Running, first_administrator
from tests.gateways import Webhook, webhook
from tests.vaults import VAULT

PATIENCE = 60.0
PEOPLE = {
    "root": (Role.ADMINISTRATOR, ""),
    "auditor": (Role.AUDITOR, "500115101"),
    "district": (Role.AUDITOR, "500115"),
    "gone": (Role.AUDITOR, "500115101"),
    "operator": (Role.OPERATOR, "500115101"),
    "supervisor": (Role.SUPERVISOR, "500115101"),
}


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as found:
        yield found


def yesterday(database: str) -> dict[str, str]:
    """Record what a log holds since the day before, and return the accounts' tokens."""
    at = datetime.now(UTC) - timedelta(days=1)
    secrets = {}

    async def record() -> None:
        with open_log(database, clock=lambda: at) as log:
            handler = Handler(log, calendar=china(), clock=lambda: at, vault=VAULT)

            async def send(command: Command) -> None:
                await handler.handle(Request(command=command, account="system", source="test"))

            for name, (role, scope) in PEOPLE.items():
                token = new_token(name)
                secrets[name] = token.secret
                await send(AddAccount(account=name, name=name, role=role, scope=scope))
                await send(IssueToken(account=name, token=token.token, digest=token.digest))
            await send(RevokeAccount(account="gone", reason="调离"))
            # Before the digest is told: what had no channel then is not sent later.
            reached = ChannelPlan(channel="hook", address="13800001234")
            await send(SetChannels(inbox=of_account("district"), channels=(reached,)))

    asyncio.run(record())
    return secrets


def inbox(client: Client) -> list[Any]:
    answer = client.get("/api/v1/inbox")
    assert answer.status == 200, answer
    found: list[Any] = answer.json["items"]
    return found


def files(directory: Path) -> list[Path]:
    return list(directory.glob("*.digest.json"))


def eventually(ask: Any) -> Any:
    deadline = monotonic() + PATIENCE
    while not (found := ask()):
        assert monotonic() < deadline
        sleep(0.1)
    return found


def test_each_auditor_has_it_in_his_inbox_and_by_his_channel_once_however_many_processes_run(
    database: str, tmp_path: Path, hook: Webhook
) -> None:
    secrets = yesterday(database)
    channels = tmp_path / "channels.toml"
    channels.write_text(f'hook = "{hook.url}"\n', encoding="utf-8")
    workers = {} if database.startswith("sqlite") else {"workers": "3"}
    day = str(local_day(datetime.now(UTC) - timedelta(days=1)))
    for time in ("first", "second"):
        # The second service finds none of the files of the first, only the log.
        settings = {"checkpoint_directory": str(tmp_path / time), "channels_file": str(channels), **workers}
        with Running(database, tmp_path, **settings) as running:
            by = {name: running.client.bearing(secret) for name, secret in secrets.items()}
            for who in ("auditor", "district"):
                [notice] = eventually(partial(inbox, by[who]))
                assert notice["name"] == "digest.issued"
                assert (notice["kind"], notice["item"]) == ("digest", day)
                checkpoint = parse(notice["detail"])
                size, root = notice["title"].split(" · ")[1:]
                assert 1 <= int(size) <= checkpoint.roots.size
                assert day in notice["zh"]
                assert root in notice["en"]
                if checkpoint.roots.size == int(size):
                    assert b64encode(checkpoint.roots.sha256).decode() == root
            kept = eventually(partial(files, tmp_path / time))
            assert [file.name for file in kept] == [f"{day}.digest.json"]
            for who in ("root", "operator", "supervisor"):
                assert inbox(by[who]) == []
            eventually(lambda: hook.got)
            # Long enough for each process to have looked once more.
            sleep(LOOKS_EVERY + 1)
            assert [len(inbox(by[who])) for who in ("auditor", "district")] == [1, 1]
            assert len(set(hook.keys)) == 1
    assert len(hook.got) == 1
    with open_log(database, clock=lambda: datetime.now(UTC)) as log:
        names = [stored.name for stored in log.read(after=0, limit=1_000)]
    assert names.count("digest.issued") == 1


@contextmanager
def copy_of(database: str, directory: Path) -> Iterator[str]:
    """Keep a copy of a database, as a backup of it does; gives its URL."""
    if database.startswith("sqlite"):
        file = directory / "copy.db"
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as one:
            one.execute("VACUUM INTO ?", [str(file)])
        yield f"sqlite:///{file}"
        return
    url = urlsplit(database)
    name = url.path.removeprefix("/")
    original, copy = sql.Identifier(name), sql.Identifier(f"{name}_copy")
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, original))
        yield url._replace(path=f"/{name}_copy").geturl()
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(copy))


def told(client: Client, name: str) -> list[Any]:
    return [notice for notice in inbox(client) if notice["name"] == name]


def test_a_log_that_was_put_back_is_told_once_and_so_is_that_it_is_signed_again(
    database: str, tmp_path: Path, hook: Webhook
) -> None:
    secrets = yesterday(database)
    pem, outside = new_pem(), tmp_path / "outside"
    settings = Settings(database=database, signing_key=SecretStr(pem), checkpoint_directory=outside)

    def sign() -> int:
        with open_log(database, clock=system_clock) as log:
            return Checkpoints(log, settings, system_clock).issue().roots.size

    held = sign()
    channels = tmp_path / "channels.toml"
    channels.write_text(f'hook = "{hook.url}"\n', encoding="utf-8")
    with copy_of(database, tmp_path) as copy:
        first_administrator(database)
        known = sign()
        chosen = {"signing_key": pem, "checkpoint_directory": str(outside), "channels_file": str(channels)}
        with Running(copy, tmp_path, daily_digest="false", **chosen) as running:
            by = {name: running.client.bearing(secret) for name, secret in secrets.items()}
            for who in ("auditor", "district"):
                [notice] = eventually(partial(inbox, by[who]))
                assert (notice["name"], notice["urgent"]) == ("checkpoint.refused", True)
                assert notice["title"].startswith(f"{known} · ")
                assert "检查点拒签" in notice["zh"]
                assert "signed no more" in notice["en"]
            eventually(lambda: hook.got)
            assert "检查点拒签" in json.dumps(hook.got, ensure_ascii=False, default=str)
            # Somebody who knows why puts the checkpoint aside that the log will never go on from.
            files_in(outside)[-1].rename(tmp_path / "aside")
            [again] = eventually(partial(told, by["district"], "checkpoint.resumed"))
            eventually(lambda: len(hook.got) > 1)
            assert inbox(by["root"]) == []
            assert len(inbox(by["auditor"])) == 2
        with open_log(copy, clock=system_clock) as log:
            recorded = [(one.position, one.name) for one in log.read(after=held, limit=1_000)]
        assert recorded[:2] == [(held + 1, "checkpoint.refused"), (held + 2, "checkpoint.resumed")]
        assert again["position"] == held + 2
        assert {name.partition(".")[0] for _, name in recorded[2:]} <= {"inbox"}
