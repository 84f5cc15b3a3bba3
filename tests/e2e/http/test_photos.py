"""Photos over HTTP: sent by who works, shown with the item to who may see it, on both databases."""

import json
from base64 import b64decode
from hashlib import sha256
from typing import Any

import pytest

from tests.e2e.http.browser import Place, signed_in
from tests.e2e.http.client import Answer
from tests.e2e.http.conftest import Shared
from tests.e2e.http.town import COUNTY, ROLES, Town
from tests.pictures import HERE, exif, jpeg, png, webp

BOUNDARY = "f0rm"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
LARGEST = 5_000_000
HUGE = jpeg().replace(b"\x08\0\x10\0\x10", b"\x08\x7f\xff\x7f\xff")
"""Says that it is 32,767 pixels wide and high."""


def form(file: bytes, *, name: str = "photo", said: str = "image/jpeg", filename: str = "x.jpg") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {said}'
    return b"\r\n".join((f"--{BOUNDARY}\r\n{head}\r\n".encode(), file, f"--{BOUNDARY}--\r\n".encode()))


def send(town: Town, who: str | None, content: bytes, media_type: str = MULTIPART) -> Answer:
    client = town.root.bearing(None) if who is None else town.by(who)
    return client.send("POST", "/api/v1/photos", content=content, headers={"Content-Type": media_type})


def sent(town: Town, who: str, file: bytes) -> str:
    answer = send(town, who, form(file))
    assert answer.status == 201, answer
    digest: str = answer.json["digest"]
    return digest


def report(town: Town, *digests: str, who: str = "worker") -> str:
    body = {"grid": town.grids[0], "category": "environment", "title": "垃圾", "evidence": list(digests)}
    answer = town.do(who, "/cases", body)
    town.read("operator", f"/cases?limit=1&after={answer.position}")
    return answer.item("case")


@pytest.mark.parametrize(
    ("file", "media_type"),
    [(jpeg(beside=exif()), "image/jpeg"), (png(), "image/png"), (webp(), "image/webp")],
)
def test_what_a_worker_sends_is_shown_with_his_report(town: Town, file: bytes, media_type: str) -> None:
    answer = send(town, "worker", form(file, said="text/html", filename="../../x.html"))
    assert answer.status == 201
    kept = answer.json
    assert kept == {
        "digest": kept["digest"],
        "media_type": media_type,
        "size": kept["size"],
        "width": 16,
        "height": 9 if media_type == "image/webp" else 16,
    }
    assert send(town, "worker", form(file)).json == kept
    case = report(town, kept["digest"])
    assert town.read("operator", f"/cases/{case}/photos") == {"photos": [kept]}
    shown = town.by("operator").get(f"/api/v1/cases/{case}/photos/{kept['digest']}")
    assert shown.status == 200
    assert (sha256(shown.content).hexdigest(), len(shown.content)) == (kept["digest"], kept["size"])
    assert HERE not in shown.content
    assert shown.headers["Content-Type"] == media_type
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "no-store" in shown.headers["Cache-Control"]
    assert shown.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert shown.headers["Content-Disposition"].startswith(f'inline; filename="{kept["digest"][:12]}.')


def test_a_tasks_photos_are_those_of_its_submission(town: Town) -> None:
    task = town.issue(assignee="wang")
    town.do("worker", f"/tasks/{task}/accept", {"begin": True})
    before, after = sent(town, "worker", jpeg()), sent(town, "worker", jpeg(shade=2))
    body = {"note": "已清理", "evidence": [after, "ab" * 32, before]}
    position = town.do("worker", f"/tasks/{task}/submit", body).position
    found = town.read("worker", f"/tasks/{task}/photos?after={position}")["photos"]
    assert [one["digest"] for one in found] == [after, before]
    assert town.by("worker").get(f"/api/v1/tasks/{task}/photos/{after}").content == jpeg(shade=2)
    # The event itself says which of them were photos, so that one of which nothing is left is missed.
    stored = b64decode(town.read("auditor", f"/audit/events/{position}")["state"])
    assert json.loads(stored)["meta"]["photos"] == [after, before]


def test_a_photo_is_shown_to_who_may_see_the_item_and_to_nobody_for_its_digest(town: Town) -> None:
    digest = sent(town, "worker", jpeg(shade=7))
    case, other = report(town, digest), report(town)
    for name, scope in (("sibling", f"{COUNTY}999"), ("grid", town.grids[1]), ("above", COUNTY)):
        town.add(name, "supervisor", scope=scope)
    seen = {"operator", "supervisor", "auditor", "worker", "li", "above"}
    for who in (*ROLES, "zhao", "li", "sibling", "grid", "above"):
        for path in ("photos", f"photos/{digest}"):
            answer = town.by(who).get(f"/api/v1/cases/{case}/{path}")
            expected = (
                (200, "")
                if who in seen
                else (403, {"administrator": "role-not-allowed"}.get(who, "out-of-scope"))
            )
            assert (answer.status, "" if answer.status == 200 else answer.code) == expected, (who, path)
    path = f"/api/v1/cases/{case}/photos/{digest}"
    assert town.root.bearing(None).get(path).code == "unauthenticated"
    # With another item, under another kind, or as nobody's photo, it is none.
    for path in (f"cases/{other}/photos/{digest}", f"cases/{case}/photos/{'ab' * 32}"):
        assert town.by("operator").get(f"/api/v1/{path}").code == "photo-unknown"
    assert town.by("operator").get(f"/api/v1/tasks/{case}/photos/{digest}").status == 404
    # Who has learnt of its digest sees it no sooner for naming it in a report of his own.
    body = {"grid": town.grids[1], "category": "environment", "title": "x", "evidence": [digest]}
    answer = town.do("zhao", "/cases", body)
    stolen = f"/api/v1/cases/{answer.item('case')}/photos/{digest}?after={answer.position}"
    assert town.by("zhao").get(stolen).code == "photo-unknown"
    sent(town, "zhao", jpeg(shade=7))
    assert town.by("zhao").get(stolen).status == 200


def test_only_who_works_sends_photos(town: Town) -> None:
    for who in ROLES:
        answer = send(town, who, form(jpeg()))
        assert answer.status == (201 if who in {"operator", "worker"} else 403), who
    assert send(town, None, form(jpeg())).code == "unauthenticated"
    # Who is nobody is told so before his photo is read.
    assert send(town, None, b"no form").code == "unauthenticated"


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (form(b"<!doctype html><script>alert(1)</script>"), MULTIPART, "photo-unusable"),
        (
            form(b"<svg xmlns='http://www.w3.org/2000/svg'/>", said="image/svg+xml"),
            MULTIPART,
            "photo-unusable",
        ),
        (form(b"GIF89a"), MULTIPART, "photo-unusable"),
        (form(b""), MULTIPART, "photo-unusable"),
        (form(jpeg()[:-2]), MULTIPART, "photo-unusable"),
        (form(png(1, 1)[:40] + jpeg()), MULTIPART, "photo-unusable"),
        (form(HUGE), MULTIPART, "photo-too-large"),
        (form(jpeg(), name="picture"), MULTIPART, "request-malformed"),
        (form(jpeg()).partition(f"--{BOUNDARY}--".encode())[0] + form(jpeg()), MULTIPART, "bad-request"),
        (form(jpeg())[:60], MULTIPART, "request-malformed"),
        (b"", MULTIPART, "request-malformed"),
        (jpeg(), "image/jpeg", "request-malformed"),
        (b"{}", "application/json", "request-malformed"),
        (b"photo=x", "application/x-www-form-urlencoded", "request-malformed"),
        (form(jpeg()), "multipart/form-data", "bad-request"),
        (b"\0" * 500, MULTIPART, "bad-request"),
        (form(jpeg()).replace(b'; filename="x.jpg"', b""), MULTIPART, "request-malformed"),
    ],
)
def test_what_is_no_photo_is_refused_by_its_content(
    town: Town, content: bytes, media_type: str, code: str
) -> None:
    answer = send(town, "worker", content, media_type)
    assert 400 <= answer.status < 500, answer
    assert answer.code == code


def test_a_photo_has_a_limit_of_its_own_and_other_bodies_keep_theirs(town: Town) -> None:
    large = jpeg(beside=b"".join(b"\xff\xe1\xff\xff" + b"\0" * 65_533 for _ in range(60)))
    assert 3_000_000 < len(large) < LARGEST
    assert send(town, "worker", form(large)).json["size"] == len(jpeg())
    for size, code in ((LARGEST + 1, "photo-too-large"), (LARGEST + 20_000, "body-too-large")):
        answer = send(town, "worker", form(jpeg() + b"\0" * (size - len(jpeg()))))
        assert (answer.status, answer.code) == (413, code)
    pieces = (form(jpeg() + b"\0" * LARGEST)[n : n + 65_536] for n in range(0, LARGEST + 60_000, 65_536))
    client = town.by("worker")
    answer = client.send("POST", "/api/v1/photos", content=pieces, headers={"Content-Type": MULTIPART})
    assert answer.status == 413
    body: Any = {
        "grid": town.grids[0],
        "category": "environment",
        "title": "x",
        "description": "长" * 400_000,
    }
    assert client.post("/api/v1/cases", body).code == "body-too-large"


def test_photos_of_a_case_whose_personal_data_was_erased_are_shown_to_nobody(town: Town) -> None:
    digest = sent(town, "worker", jpeg(shade=9))
    case, other = report(town, digest), report(town, digest)
    town.do("supervisor", "/personal/erase", {"subjects": [f"case:{case}"], "ground": "request"})
    assert town.read("operator", f"/cases/{case}/photos") == {"photos": []}
    assert town.by("worker").get(f"/api/v1/cases/{case}/photos/{digest}").code == "photo-unknown"
    assert town.by("operator").get(f"/api/v1/cases/{other}").status == 200


def test_photos_are_of_the_moment_that_is_asked_about(town: Town) -> None:
    digest = sent(town, "worker", jpeg())
    task = town.issue(assignee="wang")
    town.do("worker", f"/tasks/{task}/accept", {"begin": True})
    before = town.root.head()
    position = town.do("worker", f"/tasks/{task}/submit", {"note": "已清理", "evidence": [digest]}).position
    path = f"/tasks/{task}/photos"
    assert town.read("operator", f"{path}?known_at={before}&after={position}") == {"photos": []}
    assert len(town.read("operator", f"{path}?known_at={position}")["photos"]) == 1


def test_a_page_from_elsewhere_sends_no_photo_in_somebodys_name(service: Shared, town: Town) -> None:
    """Any page may send a form here, and the browser adds the cookie: that alone is not enough."""
    browser = signed_in(Place(town, service.running), "worker")
    assert browser.cookie is not None
    headers = {"Content-Type": MULTIPART, "Cookie": browser.cookie}
    for site, status in (("same-origin", 201), ("cross-site", 403)):
        given = headers | {"Sec-Fetch-Site": site}
        answer = service.anybody.send("POST", "/api/v1/photos", content=form(jpeg()), headers=given)
        assert answer.status == status, site
