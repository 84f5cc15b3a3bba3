"""An auditor takes checkpoints and proofs from the running service and checks them by himself."""

import gzip
import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from zipfile import ZipFile

import pytest

from dispatch.eventlog.checkpoints.note import parse
from dispatch.eventlog.tree.hashes import ALGORITHMS
from dispatch.eventlog.tree.leaf import leaf
from dispatch.eventlog.tree.proofs import consistent, includes
from tests.e2e.http.client import Answer
from tests.e2e.http.conftest import Shared
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.test_life import known, let_pass
from tests.e2e.http.town import COUNTY, Town


@pytest.fixture
def checkpointing(tmp_path: Path) -> Iterator[Shared]:
    """A service of this test's own that issues a checkpoint every few events."""
    database = f"sqlite:///{tmp_path / 'dispatch.db'}"
    root = first_administrator(database)
    with Running(database, tmp_path, clock="simulated", checkpoint_events="3") as running:
        yield Shared(running, root)


def roots_of(hashes: dict[str, str]) -> list[bytes]:
    return [b64decode(hashes[algorithm.name]) for algorithm in ALGORITHMS]


def paths_of(hashes: dict[str, list[str]]) -> list[list[bytes]]:
    return [[b64decode(step) for step in hashes[algorithm.name]] for algorithm in ALGORITHMS]


def test_proofs_lead_from_each_event_to_the_root(town: Town) -> None:
    size = town.root.head()
    for position in (1, size // 2, size):
        found = town.read("auditor", f"/audit/proof/inclusion?position={position}&size={size}")
        kinds = zip(
            ALGORITHMS,
            roots_of(found["leaf"]),
            paths_of(found["proof"]),
            roots_of(found["root"]),
            strict=True,
        )
        for algorithm, leaf_hash, path, root in kinds:
            assert includes(algorithm, leaf_hash, path, index=position - 1, size=size, root=root)


def test_a_log_that_grew_is_shown_to_have_only_grown(town: Town) -> None:
    old = town.root.head()
    town.issue()
    new = town.root.head()
    found = town.read("supervisor", f"/audit/proof/consistency?from={old}&to={new}")
    assert (found["from"], found["to"]) == (old, new)
    befores, afters = roots_of(found["from_root"]), roots_of(found["to_root"])
    kinds = zip(ALGORITHMS, paths_of(found["proof"]), befores, afters, strict=True)
    for algorithm, path, before, after in kinds:
        assert consistent(algorithm, path, old=old, size=new, old_root=before, root=after)


@pytest.mark.parametrize(
    "asked", ["inclusion?position=5&size=4", "inclusion?position=1&size=99999999", "consistency?from=9&to=8"]
)
def test_what_is_not_in_the_log_cannot_be_proved(town: Town, asked: str) -> None:
    answer = town.by("auditor").get(f"/api/v1/audit/proof/{asked}")
    assert (answer.status, answer.code) == (422, "size-outside-log")


def test_the_service_issues_checkpoints_by_itself(checkpointing: Shared, tmp_path: Path) -> None:
    town = Town(checkpointing.root).found()
    began = monotonic()
    while (answer := town.by("auditor").get("/api/v1/audit/checkpoint")).status == 404:
        assert monotonic() - began < 60
        sleep(0.5)
    checkpoint = parse(answer.content.decode())
    kept = town.read("auditor", "/audit/checkpoints")
    assert checkpoint.note in [one["note"] for one in kept]
    delivered = [path.read_text() for path in (tmp_path / "dispatch.db.checkpoints").iterdir()]
    assert checkpoint.note in delivered
    size = checkpoint.roots.size
    found = town.read("auditor", f"/audit/proof/inclusion?position=1&size={size}")
    assert roots_of(found["root"]) == list(checkpoint.roots[1:])


def lines_of(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer
    return [json.loads(line) for line in answer.content.splitlines()]


def test_the_log_is_told_event_by_event_and_goes_on_where_a_page_ended(town: Town) -> None:
    task = town.issue()
    town.do("worker", f"/tasks/{task}/accept")
    auditor = town.by("auditor")
    whole = lines_of(auditor.get("/api/v1/audit/events?limit=5000"))
    assert {one["scope"][:9] for one in whole} == {town.code}
    told: list[dict[str, Any]] = []
    after: str | None = "0"
    while after is not None:
        page = auditor.get(f"/api/v1/audit/events?limit=3&after={after}")
        told += lines_of(page)
        after = page.headers["Dispatch-Next"]
    assert told == whole
    [issued, accepted] = lines_of(auditor.get(f"/api/v1/audit/events?item={task}"))
    assert [issued["name"], accepted["name"]] == ["task.issued", "task.accepted"]
    assert (accepted["actor"], accepted["role"]) == (town.accounts["worker"].name, "worker")
    assert (accepted["address"], accepted["source"]) == ("127.0.0.1", "http")


@pytest.mark.parametrize(
    "asked", ["stream=task:{task}", "item={task}", "stream=task:{task}&name=task.issued"]
)
def test_each_filter_leaves_what_it_names(town: Town, asked: str) -> None:
    task = town.issue()
    found = lines_of(town.by("auditor").get(f"/api/v1/audit/events?{asked.format(task=task)}"))
    assert [one["stream"] for one in found] == [f"task:{task}"]
    position = found[0]["position"]
    for nothing in (f"after={position}", f"through={position - 1}", "actor=nobody", "until=2000-01-01"):
        asking = f"/api/v1/audit/events?{asked.format(task=task)}&{nothing}"
        assert lines_of(town.by("auditor").get(asking)) == [], nothing


def test_an_event_is_a_cloud_event_on_request(town: Town) -> None:
    task = town.issue()
    path = f"/api/v1/audit/events?stream=task:{task}"
    [one] = lines_of(town.by("auditor").get(path, Accept="application/cloudevents+json"))
    assert lines_of(town.by("auditor").get(f"{path}&form=cloudevents")) == [one]
    assert (one["specversion"], one["type"], one["subject"]) == ("1.0", "task.issued", f"task:{task}")
    assert one["source"] == "//dispatch.local/log"
    assert one["data"]["title"] == "汛期巡查"
    assert all(name.isalnum() and name.islower() for name in one)


def test_no_event_shows_an_auditor_personal_data(town: Town) -> None:
    canaries = {"name": "张某某甲", "telephone": "13912345678", "address": "幸福路八十八号", "note": "夜里吵"}
    case = town.report(reporter=canaries, description="邻居李某某夜里施工", source="hotline")
    answer = town.by("auditor").get(f"/api/v1/audit/events?item={case}")
    [reported] = lines_of(answer)
    assert {"reporter", "description"} <= set(reported["withheld"])
    text = answer.content.decode()
    assert not [canary for canary in (*canaries.values(), "邻居李某某夜里施工") if canary in text]


@pytest.mark.parametrize("named", ["{case}", "case:{case}"])
def test_who_looked_at_an_items_personal_data_is_part_of_what_happened_to_it(town: Town, named: str) -> None:
    case = town.report(reporter={"name": "张某某甲"})
    look = {"subject": f"case:{case}", "purpose": "contact"}
    looked = town.by("operator").post("/api/v1/personal/disclose", look).position
    town.by("operator").post(f"/api/v1/cases/{case}/close", {"note": ""}, **{"Idempotency-Key": case})
    found = lines_of(town.by("auditor").get(f"/api/v1/audit/events?item={named.format(case=case)}"))
    assert [one["name"] for one in found] == ["case.reported", "personal.disclosed", "command.refused"]
    told = town.read("auditor", f"/audit/events/{looked}")
    assert "查看个人信息：联系，" in told["zh"]
    assert "Personal data shown: getting in touch;" in told["en"]


def test_a_read_model_is_replayed_to_any_position(town: Town) -> None:
    task = town.issue()
    issued = town.root.head()
    town.do("operator", f"/tasks/{task}/cancel", {"reason": "重复"})
    cancelled = town.root.head()
    then = town.read("auditor", f"/audit/replay?table=tasks&until={issued}")
    now = town.read("auditor", f"/audit/replay?table=tasks&until={cancelled}")
    assert [[row["status"] for row in one["rows"]] for one in (then, now)] == [["issued"], ["cancelled"]]
    found = town.read("auditor", f"/audit/replay?table=tasks&from={issued}&until={cancelled}")
    [change] = found["changes"]
    assert (change["before"]["status"], change["after"]["status"]) == ("issued", "cancelled")
    keyed = town.read("auditor", f"/audit/replay?table=tasks&key={task[:20]}")
    assert [row["id"] for row in keyed["rows"]] == [task]
    assert town.read("auditor", "/audit/replay?table=tasks&key=none")["total"] == 0
    for asked, code in (
        (f"table=tasks&from={cancelled}&until={issued}", "range-reversed"),
        ("table=tasks&until=99999999", "not-in-log-yet"),
        ("table=tasks&until=2199-01-01", "not-in-log-yet"),
        ("table=secrets", "table-unknown"),
        ("table=tasks&cursor=x", "cursor-malformed"),
    ):
        assert town.by("auditor").get(f"/api/v1/audit/replay?{asked}").code == code


def test_who_could_do_what_is_replayed_to_any_position(town: Town) -> None:
    """Also before the service knew of it as a read model: it is folded from the log."""
    town.add("wang", "operator", scope=town.code)
    name = town.accounts["wang"].name
    added = town.root.head()
    revoked = town.do("administrator", f"/accounts/{name}/revoke", {"reason": "调离"}).position
    found = town.read("auditor", f"/audit/replay?table=accounts&from={added}&until={revoked}&key={name}")
    [change] = found["changes"]
    before, after = change["before"], change["after"]
    assert (before["role"], before["scope"], before["revoked_at"]) == ("operator", town.code, None)
    assert (after["reason"], after["tokens"]) == ("调离", [])
    assert len(before["tokens"]) == 1
    effects = town.read("auditor", f"/audit/events/{revoked}/effects")
    assert "accounts" in {one["table"] for one in effects["changes"]}


def test_a_replay_shows_an_auditor_what_lies_in_his_scope_in_every_read_model(town: Town) -> None:
    """Also where a row itself says no place: of a plan, a household or an inbox of the town."""
    household = {"grid": town.grids[0], "household_class": "key", "name": "张三户", "address": "一组12号"}
    met = town.do("administrator", "/households", {"households": [household]}).item("household")
    terms = {
        "scope": town.code,
        "title": "走访",
        "category": "visit",
        "schedule": {"times": ["08:00"]},
        "targets": {"classes": ["key"]},
        "assign_to": "chief",
    }
    plan = town.do("operator", "/plans", terms).item("plan")
    let_pass(town, hours=25)
    round_ = town.read("supervisor", f"/plans/{plan}/occurrences?{known(town)}")["items"][0]
    task = round_["tasks"][0]
    town.do("li", f"/tasks/{task}/accept", {"begin": True})
    town.do("li", f"/tasks/{task}/submit", {"note": "已走访"})
    verified = town.do("operator", f"/tasks/{task}/verify", {"passed": True}).position
    told = town.read("li", f"/inbox?{known(town)}")["items"]
    town.do("li", "/inbox/read", {"through": 1, "ids": [told[0]["id"]]})
    town.add("county", "auditor", scope=COUNTY)
    town.add("village", "auditor", scope=town.grids[2][:12])

    def shown(who: str, table: str) -> tuple[list[dict[str, Any]], int]:
        found = town.read(who, f"/audit/replay?table={table}&limit=500")
        assert len(found["rows"]) == min(found["total"], 500)
        return found["rows"], found["wider"]

    assert plan in [row["plan"] for row in shown("auditor", "plan_occurrences")[0]]
    assert [(row["household"], row["task"]) for row in shown("auditor", "visits")[0]] == [(met, task)]
    for table in ("inbox_notices", "inbox_items", "inbox_places"):
        rows, _ = shown("auditor", table)
        # A day's digest is of no place, and in the inbox of each auditor.
        assert {row["place"][:9] for row in rows if row.get("name") != "digest.issued"} == {town.code}
    for table in ("inbox_readers", "inbox_read"):
        assert {row["account"] for row in shown("auditor", table)[0]} == {town.accounts["li"].name}
    for table in ("inbox_counties", "inbox_auditors"):
        rows, wider = shown("auditor", table)
        assert (rows, wider > 0) == ([], True)
    assert shown("county", "inbox_counties")[0]
    village = {table: shown("village", table) for table in ("visits", "plan_occurrences")}
    assert village["visits"] == ([], 0)
    assert village["plan_occurrences"] == ([], len(shown("auditor", "plan_occurrences")[0]))

    changed = town.read("auditor", f"/audit/events/{verified}/effects")
    assert "visits" in {one["table"] for one in changed["changes"]}
    assert changed["wider"] == 0


def test_the_newest_come_first_on_request_and_go_on_where_a_page_ended(town: Town) -> None:
    task = town.issue()
    town.do("worker", f"/tasks/{task}/accept")
    auditor = town.by("auditor")
    whole = lines_of(auditor.get("/api/v1/audit/events?limit=5000"))
    told: list[dict[str, Any]] = []
    through: str | None = str(town.root.head())
    while through is not None:
        page = auditor.get(f"/api/v1/audit/events?limit=4&order=newest&through={through}")
        told += lines_of(page)
        through = page.headers["Dispatch-Next"]
    assert told == whole[::-1]


def test_events_are_found_by_how_they_came_to_be(town: Town) -> None:
    task = town.issue()
    accepted = town.do("worker", f"/tasks/{task}/accept", X_Request_Id="request-9", Idempotency_Key="key-9")
    worker = town.accounts["worker"].name
    for asked in (
        "role=worker",
        "address=127.0.0.1&name=task.accepted",
        "source=http&name=task.accepted",
        "name=task.&role=worker",
        "request=request-9",
        f"command={worker}/key-9",
        f"correlation={worker}/key-9",
    ):
        found = lines_of(town.by("auditor").get(f"/api/v1/audit/events?{asked}"))
        assert [one["position"] for one in found] == [accepted.position], asked
    for nothing in (
        "session=none",
        "address=127.0.0.2",
        "request=request-8",
        "role=supervisor&name=task.",
    ):
        assert lines_of(town.by("auditor").get(f"/api/v1/audit/events?{nothing}")) == [], nothing


@pytest.mark.parametrize("name", ["task", "task.ended", "tasks.", ".", "account.signed", "Task.issued"])
def test_a_name_that_no_event_has_is_refused_and_not_taken_for_what_never_happened(
    town: Town, name: str
) -> None:
    answer = town.by("auditor").get(f"/api/v1/audit/events?name={name}")
    assert (answer.status, answer.code) == (422, "event-name-unknown")


def test_an_event_is_told_in_words_and_its_bytes_are_those_of_its_leaf(town: Town) -> None:
    campaign = town.do("operator", "/tasks", {"grids": town.grids, "title": "汛期巡查", "category": "patrol"})
    found = town.read("auditor", f"/audit/events/{campaign.position}")
    assert "operator" in found["en"]
    assert found["person"] == "operator"
    assert len(found["shared"]) == 3
    columns = found["columns"]
    stored = tuple(columns[name] for name in ("position", "stream", "version", "name", "at", "recorded_at"))
    covered = leaf((*stored, b64decode(found["state"])))
    proof = town.read(
        "auditor", f"/audit/proof/inclusion?position={campaign.position}&size={town.root.head()}"
    )
    for algorithm, expected in zip(ALGORITHMS, roots_of(proof["leaf"]), strict=True):
        assert algorithm.leaf(covered) == expected


def test_bytes_with_personal_data_in_clear_or_a_secrets_digest_stay_where_they_are(town: Town) -> None:
    positions = {
        one["position"]: one
        for one in lines_of(town.by("auditor").get("/api/v1/audit/events?name=account.token_issued"))
    }
    assert positions
    for position in positions:
        assert town.read("auditor", f"/audit/events/{position}")["state"] is None
    stranger = town.root.head()
    Town(town.root).found()
    for path in ("", "/effects"):
        beyond = town.by("auditor").get(f"/api/v1/audit/events/{stranger + 1}{path}")
        assert (beyond.status, beyond.code) == (403, "out-of-scope")
        nowhere = town.by("auditor").get(f"/api/v1/audit/events/99999999{path}")
        assert (nowhere.status, nowhere.code) == (422, "not-in-log-yet")


def test_what_an_event_changed_is_shown_row_by_row(town: Town) -> None:
    task = town.issue()
    position = town.do("operator", f"/tasks/{task}/cancel", {"reason": "重复"}).position
    found = town.read("auditor", f"/audit/events/{position}/effects")
    [change] = [one for one in found["changes"] if one["table"] == "tasks"]
    assert (change["before"]["status"], change["after"]["status"]) == ("issued", "cancelled")
    assert change["before"]["id"] == task


def test_what_was_published_is_held_against_what_is_known_now(town: Town) -> None:
    first = town.report(title="垃圾堆放")
    town.do("operator", f"/cases/{first}/accept")
    now = town.read("operator", "/clock")["now"]
    published = town.do("supervisor", "/figures/publish", {"scope": town.code, "title": "通报", "as_of": now})
    path = f"/audit/restate?publication={published.item('publication')}"
    same = town.read("auditor", path)
    assert (same["differences"], same["unfounded"]) == ([], [])
    late = town.by("worker").post(
        "/api/v1/cases",
        {
            "grid": town.grids[0],
            "category": "environment",
            "title": "迟报",
            "self_handled": True,
            "note": "已清",
        },
        Dispatch_Device_Time=now,
    )
    found = town.read("auditor", path)
    rate = next(one for one in found["differences"] if one["figure"] == "closure_rate")
    assert (rate["published"], rate["now"]) == ([0, 1], [1, 2])
    moved = {one["item"] for one in rate["items"]}
    assert moved == {f"case:{late.item('case')}"}
    assert late.position in {event["position"] for one in rate["items"] for event in one["events"]}
    unknown = town.by("auditor").get(f"/api/v1/audit/restate?publication={'0' * 32}")
    assert (unknown.status, unknown.code) == (404, "publication-unknown")


def test_figures_are_published_as_they_were_looked_at(town: Town) -> None:
    town.report(title="垃圾堆放")
    seen = town.read("supervisor", f"/figures?after={town.root.head()}")
    town.report(title="路灯不亮")
    body = {"scope": town.code, "title": "通报", "as_of": seen["as_of"], "known_at": seen["position"]}
    done = town.do("supervisor", "/figures/publish", body)
    [published] = town.read("supervisor", f"/figures/published?after={done.position}")["items"]
    assert (published["person"], published["role"]) == ("supervisor", "supervisor")
    assert (published["as_of"], published["known_at"]) == (seen["as_of"], seen["position"])
    assert published["numbers"]["cases.reported"] == seen["counts"]["cases"]["reported"] == 1
    body["known_at"] = 2**40
    refused = town.by("supervisor").post("/api/v1/figures/publish", body)
    assert (refused.status, refused.code) == (422, "known-at-in-future")


def test_the_key_that_checkpoints_name_is_told(checkpointing: Shared) -> None:
    town = Town(checkpointing.root).found()
    answer = town.by("supervisor").get("/api/v1/audit/key")
    assert answer.content.decode().startswith("dispatch.local/log+")


@pytest.mark.parametrize("days", [0, 2])
def test_a_read_model_is_replayed_to_a_time(town: Town, days: int) -> None:
    task = town.issue()
    issued = datetime.fromisoformat(town.read("operator", "/clock")["now"])
    later = issued + timedelta(days=3)
    assert town.root.send("PUT", "/api/v1/clock", {"now": later.isoformat()}).status == 200
    town.do("operator", f"/tasks/{task}/cancel", {"reason": "重复"})
    then = (issued + timedelta(days=days)).isoformat().replace("+", "%2B")
    rows = town.read("auditor", f"/audit/replay?table=tasks&until={then}")["rows"]
    assert [row["status"] for row in rows] == ["issued"]
    now = town.read("operator", "/clock")["now"].replace("+", "%2B")
    changes = town.read("auditor", f"/audit/replay?table=tasks&from={then}&until={now}")["changes"]
    assert [(one["before"]["status"], one["after"]["status"]) for one in changes] == [("issued", "cancelled")]


def test_a_bundle_withholds_what_is_not_for_the_auditor_and_verifies_all_the_same(
    checkpointing: Shared, tmp_path: Path
) -> None:
    town, other = Town(checkpointing.root).found(), Town(checkpointing.root).found()
    secret = {"name": "张某某甲", "telephone": "13912345678"}
    town.report(reporter=secret, source="hotline")
    for one in (town, other):
        one.issue()
    path = "/api/v1/audit/events?name=account.token_issued"
    tokens = {event["position"] for event in lines_of(town.by("auditor").get(path))}
    answer = town.by("auditor").get("/api/v1/audit/bundle")
    assert answer.status == 200
    file = tmp_path / "log.zip"
    file.write_bytes(answer.content)
    lines: list[dict[str, Any]] = []
    with ZipFile(file) as archive:
        for name in archive.namelist():
            if name.startswith("events/"):
                lines += [json.loads(line) for line in gzip.decompress(archive.read(name)).splitlines()]
        text = (
            b"".join(map(archive.read, archive.namelist())) + json.dumps(lines, ensure_ascii=False).encode()
        )
        (tmp_path / "verify_bundle.py").write_bytes(archive.read("verify_bundle.py"))
        about = archive.read("README.md").decode()
    assert len(lines) == int(answer.headers["Dispatch-Position"] or 0)
    shown = [line for line in lines if not line.get("withheld")]
    assert {json.loads(line["state"])["meta"]["scope"][:9] for line in shown} == {town.code}
    assert not [word for word in (*secret.values(), other.code) if word.encode() in text]
    issued = [line for line in lines if line["position"] in tokens]
    assert issued
    assert all(line.get("withheld") for line in issued)
    assert "digest of a token or a session" in about
    assert "令牌、会话摘要" in about
    verify = [sys.executable, "-I", str(tmp_path / "verify_bundle.py"), str(file), "--language", "en"]
    said = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"{len(lines) - len(shown):,} events withheld" in said.stdout


def test_a_bundle_ends_within_the_log(town: Town) -> None:
    beyond = town.by("auditor").get("/api/v1/audit/bundle?until=99999999")
    assert (beyond.status, beyond.code) == (422, "not-in-log-yet")
    within = town.by("auditor").get("/api/v1/audit/bundle?until=3")
    assert (within.status, within.headers["Dispatch-Position"]) == (200, "3")


def test_what_was_done_with_a_token_names_it_and_who_had_issued_it(town: Town) -> None:
    task = town.issue()
    town.do("worker", f"/tasks/{task}/accept")
    worker = town.accounts["worker"]
    path = f"/api/v1/audit/events?stream=task:{task}&token={worker.token}"
    [accepted] = lines_of(town.by("auditor").get(path))
    assert (accepted["name"], accepted["actor"]) == ("task.accepted", worker.name)
    assert (accepted["token"], accepted["token_issuer"], accepted["session"]) == (worker.token, "root", None)
    whole = town.read("auditor", f"/audit/events/{accepted['position']}")
    assert "from the API, " in whole["en"]
    assert f"by token {worker.token} issued by root" in whole["en"]
    assert "来自程序接口，" in whole["zh"]
    assert f"凭root签发的令牌{worker.token}" in whole["zh"]
    [form] = lines_of(town.by("auditor").get(f"{path}&form=cloudevents"))
    assert (form["token"], form["tokenissuer"]) == (worker.token, "root")
