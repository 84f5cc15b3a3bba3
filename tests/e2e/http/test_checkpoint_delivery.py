"""Checkpoints reach an endpoint outside, later if it is down, and nobody waits for it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from dispatch.eventlog.checkpoints.note import parse
from tests.e2e.http.checkpoint_endpoint import Endpoint, endpoint
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.test_daily_digest import eventually
from tests.e2e.http.town import Town


@pytest.fixture
def outside() -> Iterator[Endpoint]:
    with endpoint() as there:
        yield there


@pytest.fixture
def town(sqlite_url: str, tmp_path: Path, outside: Endpoint) -> Iterator[Town]:
    """A town of a service that issues a checkpoint after each event, and delivers it to the endpoint."""
    root = first_administrator(sqlite_url)
    settings = {"checkpoint_events": "1", "checkpoint_url": outside.url}
    with Running(sqlite_url, tmp_path, clock="simulated", **settings) as running:
        yield Town(running.client.bearing(root)).found()


def kept(town: Town) -> list[str]:
    return [one["note"] for one in town.read("auditor", "/audit/checkpoints")]


def size_of(note: str) -> int:
    return parse(note).roots.size


def test_an_endpoint_gets_the_very_checkpoint_that_is_kept(town: Town, outside: Endpoint) -> None:
    status, note = outside.until(1)[-1]
    assert status == 204
    assert note in kept(town)
    assert parse(note).origin == "dispatch.local/log"
    before = len(outside.came)
    head = town.do(
        "operator", "/tasks", {"grids": town.grids[:1], "title": "巡查", "category": "patrol"}
    ).position
    sizes = [parse(note).roots.size for _, note in outside.until(before + 1)]
    assert sizes == sorted(set(sizes))
    assert sizes[-1] >= head


def test_what_it_refuses_is_sent_again_until_it_is_taken(town: Town, outside: Endpoint) -> None:
    before = len(outside.until(1))
    outside.answers = 503
    town.issue()
    refused = [note for status, note in outside.until(before + 3)[before:] if status == 503]
    assert len(refused) >= 2
    assert "503" in town.root.bearing(None).get("/readyz").json["checkpoints"]["error"]
    far = town.root.bearing(None).get("/readyz", X_Forwarded_For="203.0.113.9")
    assert far.json.keys() == {"ready", "database", "timers", "read_models", "checkpoints"}
    assert far.json["read_models"].keys() == {"state"}
    assert (far.json["ready"], far.json["checkpoints"]) == (True, {"state": "failing"})
    assert refused[0] in kept(town)  # meanwhile it is kept here
    outside.answers = 204
    status, note = outside.until(len(outside.came) + 1)[-1]
    assert status == 204
    assert parse(note).roots.size >= parse(refused[-1]).roots.size


def test_one_that_does_not_answer_keeps_nobody_waiting(town: Town, outside: Endpoint) -> None:
    before = len(outside.until(1))
    outside.open.clear()
    town.issue()
    waiting = outside.until(before + 1)[-1][1]
    # While the sender waits for the endpoint, work goes on, and what was issued is kept here.
    for _ in range(5):
        town.issue()
    assert waiting in kept(town)
    # Nor does what is recorded meanwhile wait to be signed.
    later = eventually(lambda: next((one for one in kept(town) if size_of(one) > size_of(waiting)), None))
    assert len(outside.came) == before + 1
    outside.open.set()
    note = outside.until(len(outside.came) + 1)[-1][1]
    assert size_of(note) >= size_of(later)


def test_one_whose_answer_never_ends_has_not_taken_it(town: Town, outside: Endpoint) -> None:
    before = len(outside.until(1))
    outside.dripping = True
    town.issue()
    outside.until(before + 1)
    readyz = partial(town.root.bearing(None).get, "/readyz")
    said = eventually(lambda: readyz().json["checkpoints"]["error"])
    assert said == "url: no answer within 10 seconds"
    outside.dripping = False
    assert eventually(lambda: readyz().json["checkpoints"]["state"] == "up")
