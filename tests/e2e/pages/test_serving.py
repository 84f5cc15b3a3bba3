"""The built pages over HTTP: what is served to whom, how it may be kept, and what never leaves the folder."""

import gzip
from pathlib import Path

import pytest

from tests.e2e.http.client import Answer
from tests.e2e.http.conftest import Shared
from tests.e2e.http.running import Running
from tests.e2e.http.table import PAGES, Route

FACES = ("/ui/", "/ui/console", "/ui/board", "/ui/audit", "/ui/admin", "/m/")


def asset_of(on_sqlite: Shared, page: str) -> str:
    html = on_sqlite.anybody.get(page).content.decode()
    return html.partition('crossorigin src="')[2].partition('"')[0]


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
def test_the_pages_need_no_token(on_sqlite: Shared, route: Route) -> None:
    assert on_sqlite.anybody.get(route.at or route.path).status in {200, 307}


@pytest.mark.parametrize("page", FACES)
def test_every_address_within_a_face_is_answered_with_it(on_sqlite: Shared, page: str) -> None:
    answer = on_sqlite.anybody.get(page)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    within = on_sqlite.anybody.get(f"{page.rstrip('/')}/tasks/0185c2f0a7b07e3c9d1f2a4b6c8e0d12?lang=en")
    # The start has nothing below it but the other faces.
    expected = (404, within.content) if page == "/ui/" else (200, answer.content)
    assert (within.status, within.content) == expected


def test_the_first_address_leads_to_the_start(on_sqlite: Shared) -> None:
    places = {
        path: on_sqlite.anybody.get(path).headers["Location"] for path in ("/", "/ui", "/m", "/?lang=en")
    }
    assert places == {"/": "/ui/", "/ui": "/ui/", "/m": "/m/", "/?lang=en": "/ui/?lang=en"}


@pytest.mark.parametrize("page", FACES)
def test_a_page_may_load_nothing_that_is_not_its_own(on_sqlite: Shared, page: str) -> None:
    headers = on_sqlite.anybody.get(page).headers
    policy = headers["Content-Security-Policy"]
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"} <= set(
        policy.split("; ")
    )
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    html = on_sqlite.anybody.get(page).content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert "<script>" not in html


def test_what_has_its_digest_in_its_name_is_kept_for_ever(on_sqlite: Shared) -> None:
    asset = asset_of(on_sqlite, "/ui/console")
    answer = on_sqlite.anybody.get(asset)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_browser_that_has_it_is_told_so(on_sqlite: Shared) -> None:
    tag = on_sqlite.anybody.get("/ui/console").headers["ETag"]
    again = on_sqlite.anybody.get("/ui/console", If_None_Match=tag)
    assert (again.status, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert on_sqlite.anybody.get("/ui/console", If_None_Match='"other"').status == 200


def test_texts_come_compressed_to_who_takes_that(on_sqlite: Shared) -> None:
    page = on_sqlite.anybody.get("/ui/console").content.decode()
    sheet = next(part.partition('"')[0] for part in page.split('href="') if ".css" in part.partition('"')[0])
    whole = on_sqlite.anybody.get(sheet)
    zipped = on_sqlite.anybody.get(sheet, Accept_Encoding="gzip, deflate")
    small = on_sqlite.anybody.get(sheet, Accept_Encoding="gzip, deflate, br")
    refused = on_sqlite.anybody.get(sheet, Accept_Encoding="br;q=0, gzip;q=0")
    encodings = [answer.headers["Content-Encoding"] for answer in (whole, zipped, small, refused)]
    assert encodings == [None, "gzip", "br", None]
    assert all(answer.headers["Vary"] == "Accept-Encoding" for answer in (whole, zipped, small))
    assert gzip.decompress(zipped.content) == whole.content == refused.content
    assert len(small.content) < len(zipped.content) < len(whole.content)
    assert len({answer.headers["ETag"] for answer in (whole, zipped, small)}) == 3


@pytest.mark.parametrize(
    "path",
    [
        "/ui/nonsense",
        "/ui/console.js",
        "/ui/consoles",
        "/ui/assets/",
        "/ui/assets/nothing-AAAAAAAA.js",
        "/ui/.digest",
        "/.digest",
        "/ui/../.digest",
        "/ui/%2e%2e/.digest",
        "/ui/..%2f..%2fservice%2fserver.py",
        "/ui/..\\..\\service\\server.py",
        "/m//etc/passwd",
        "/ui//etc/passwd",
        "/m/../../../../../../etc/passwd",
    ],
)
def test_nothing_else_is_served(on_sqlite: Shared, path: str) -> None:
    answer: Answer = on_sqlite.anybody.get(path)
    face = answer.status == 200 and b'<div id="face">' in answer.content
    assert answer.status == 404 or face, answer
    assert b"root:" not in answer.content


def test_without_pages_the_service_works_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    database = f"sqlite:///{tmp_path / 'dispatch.db'}"
    with Running(database, tmp_path, webroot=str(tmp_path / "empty")) as running:
        for page in FACES:
            answer = running.client.get(page)
            assert answer.status == 503
            assert b"scripts/setup" in answer.content
            assert "尚未构建" in answer.content.decode()
        assert running.client.get("/readyz").status == 200
        assert running.client.get("/api/v1/me").code == "unauthenticated"
