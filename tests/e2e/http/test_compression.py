"""Answers to questions come compressed to who takes that; what is small or holds a secret does not."""

import gzip
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.e2e.http.conftest import Shared
from tests.e2e.http.town import Town

ASKED = "gzip, deflate, br"


@pytest.fixture
def town(on_sqlite: Shared) -> Town:
    return Town(on_sqlite.root).found()


def test_an_answer_comes_small_to_who_takes_that_and_says_the_same(town: Town) -> None:
    for n in range(20):
        town.issue(title=f"巡查 {n}")
    then = f"as_of={town.read('operator', '/clock')['now']}&known_at={town.root.head()}".replace("+", "%2B")
    now = town.read("operator", "/clock")["now"]
    told = town.do("supervisor", "/figures/publish", {"scope": town.code, "title": "通报", "as_of": now})
    for who, asked in (
        ("supervisor", f"/overview?{then}"),
        ("operator", f"/tasks?limit=20&{then}"),
        ("auditor", f"/audit/events?limit=20&through={town.root.head()}"),
        ("auditor", f"/audit/replay?table=tasks&limit=20&until={town.root.head()}"),
        ("auditor", f"/audit/events/{town.root.head()}/effects"),
        ("auditor", f"/audit/restate?publication={told.item('publication')}"),
        ("operator", "/openapi.json"),
    ):
        client, path = town.by(who), f"/api/v1{asked}"
        small, whole = client.get(path, Accept_Encoding=ASKED), client.get(path)
        assert (small.status, small.headers["Content-Encoding"]) == (200, "gzip"), small
        assert whole.headers["Content-Encoding"] is None
        assert small.headers["Vary"] == whole.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(small.content) == whole.content
        assert int(small.headers["Content-Length"]) == len(small.content) < len(whole.content) / 2
        assert client.get(path, Accept_Encoding="br, gzip;q=0").content == whole.content
        # Of one moment it is the same answer, byte by byte.
        assert client.get(path, Accept_Encoding=ASKED).content == small.content


def test_what_is_small_holds_a_secret_or_is_compressed_already_comes_as_it_is(town: Town) -> None:
    asked = {"Accept_Encoding": ASKED}
    worker = town.accounts["worker"].name
    answers = [
        town.by("operator").get("/api/v1/me", **asked),
        town.by("operator").get("/api/v1/inbox?limit=1", **asked),
        town.by("operator").post(
            "/api/v1/tasks", {"grids": town.grids, "title": "巡查" * 90, "category": "patrol"}, **asked
        ),
        town.root.post(f"/api/v1/accounts/{worker}/password", **asked),
        town.root.post(f"/api/v1/accounts/{worker}/tokens", {"expires_at": None}, **asked),
        town.root.get("/api/v1/sessions", **asked),
        town.by("auditor").get("/api/v1/audit/bundle", **asked),
    ]
    assert {(one.status // 100, one.headers["Content-Encoding"]) for one in answers} == {(2, None)}
    assert ZipFile(BytesIO(answers[-1].content)).testzip() is None


def test_the_boundaries_of_the_grids_come_only_to_who_asks_for_them(town: Town) -> None:
    square = [[107.0, 29.8], [107.02, 29.8], [107.02, 29.82], [107.0, 29.82], [107.0, 29.8]]
    outline = {"type": "Polygon", "coordinates": [square]}
    path = f"/api/v1/towns/{town.code}/grids/{town.grids[0]}"
    assert town.root.send("PATCH", path, {"boundary": outline}).status == 200
    after = town.root.head()
    assert all("boundary" not in grid for grid in town.read("worker", f"/grids?after={after}"))
    drawn = town.read("supervisor", f"/grids?boundaries=true&after={after}")
    assert [grid["boundary"] for grid in drawn] == [outline, None, None]
