"""The outbox over HTTP and at the command line: channels, delivery, dead letters, readiness and logs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.gateways import Webhook, webhook

PATIENCE = 60.0
PHONE = "13800001234"


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as found:
        yield found


@pytest.fixture
def running(database: str, tmp_path: Path, hook: Webhook) -> Iterator[Running]:
    file = tmp_path / "channels.toml"
    file.write_text(f'hook = "{hook.url}?secret=geheim"\n', encoding="utf-8")
    settings = {
        "channels_file": str(file),
        "outbox_attempts": "2",
        "outbox_pause": "0.1",
        "log_level": "debug",
    }
    with Running(database, tmp_path, **settings) as service:
        yield service


@pytest.fixture
def office(database: str, running: Running) -> Town:
    return Town(running.client.bearing(first_administrator(database))).found()


def eventually(ask: Any, wanted: Any) -> None:
    deadline = monotonic() + PATIENCE
    while (found := ask()) != wanted:
        assert monotonic() < deadline, found
        sleep(0.02)


def test_a_notification_goes_out_and_one_that_does_not_can_be_tried_again(
    office: Town, running: Running, hook: Webhook, database: str
) -> None:
    def dead() -> Any:
        return office.read("administrator", "/outbox")["items"]

    reached = {"channels": [{"channel": "hook", "address": PHONE}]}
    answer = office.by("worker").send("PUT", "/api/v1/inbox/channels", reached)
    assert answer.status == 200
    assert office.read("worker", "/inbox/channels")["channels"][0]["address"] == PHONE
    shown = office.read("administrator", f"/channels/member:{office.code}:wang")
    assert (shown["channels"], shown["configured"], shown["addressed"]) == (
        [{"channel": "hook", "address": "138***34"}],
        ["hook"],
        ["hook"],
    )

    office.issue(assignee="wang", title="秘密的标题")
    eventually(lambda: len(hook.got), 1)
    hook.status = 500
    office.issue(assignee="wang", title="第二")
    eventually(lambda: len(dead()), 1)
    (letter,) = dead()
    assert (letter["error"], letter["attempts"], letter["inbox"]) == (
        "not-taken",
        2,
        f"member:{office.code}:wang",
    )
    assert running.client.get("/readyz").json["outbox"]["dead"] == 1
    assert not {"zh", "en", "address"} & letter.keys()

    hook.status = 200
    office.do("administrator", f"/outbox/{letter['id']}/retry")
    eventually(dead, [])
    eventually(lambda: hook.keys.count(letter["notification"]), 3)
    again = office.by("administrator").post(f"/api/v1/outbox/{letter['id']}/discard")
    assert (again.status, again.code) == (409, "delivery-not-dead")

    hook.status = 500
    office.issue(assignee="wang", title="第三")
    eventually(lambda: len(dead()), 1)
    key = dead()[0]["id"]
    assert [one["id"] for one in json.loads(command(database, "list", "--json"))["items"]] == [key]
    command(database, "discard", key)
    assert dead() == []
    said = running.said()
    assert "delivery_failed" in said
    for hidden in (PHONE, "geheim", "秘密", "第二"):
        assert hidden not in said


def test_an_account_may_be_called_with_an_underscore_and_is_reached_and_erased_all_the_same(
    office: Town,
) -> None:
    office.add("zhang_min", "operator")
    inbox = f"account:{office.accounts['zhang_min'].name}"
    reached = {"channels": [{"channel": "hook", "address": PHONE}]}
    assert office.by("administrator").send("PUT", f"/api/v1/channels/{inbox}", reached).status == 200
    assert office.read("zhang_min", "/inbox/channels")["channels"] == reached["channels"]
    office.do(
        "supervisor", "/personal/erase", {"subjects": [f"recipient:{inbox}"], "ground": "purpose_fulfilled"}
    )
    assert office.read("administrator", f"/channels/{inbox}")["erased"]


def command(database: str, *words: str) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from dispatch.cli import main; main()",
            "outbox",
            *words,
            "--database",
            database,
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("DISPATCH_")},
    )
    return done.stdout
