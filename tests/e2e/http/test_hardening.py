"""What every answer says to a browser, how much one sender may ask, and the service over HTTPS."""

import json
import ssl
from collections.abc import Mapping
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dispatch.service.http.headers import DATA, SECURE
from dispatch.service.http.json_bodies import DEEPEST
from tests.e2e.http.client import Answer
from tests.e2e.http.conftest import Shared
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town

HSTS = "Strict-Transport-Security"


def require_headers(answer: Answer) -> None:
    for name, value in DATA:
        assert answer.headers.get_all(name.decode()) == [value.decode()], (name, answer)
    assert answer.headers[HSTS] is None


@pytest.fixture(scope="module")
def town(on_sqlite: Shared) -> Town:
    return Town(on_sqlite.root).found()


def test_every_kind_of_answer_has_the_security_headers(town: Town) -> None:
    task = town.issue()
    operator, nobody = town.by("operator"), town.root.bearing(None)
    answers = {
        200: [
            operator.get("/api/v1/tasks"),
            town.by("worker").post(f"/api/v1/tasks/{task}/accept"),
            nobody.get("/healthz"),
            nobody.get("/api/v1/openapi.json"),
        ],
        400: [operator.get("/api/v1/tasks?cursor=%00")],
        401: [nobody.get("/api/v1/tasks"), nobody.post(f"/api/v1/tasks/{task}/cancel", {"reason": "x"})],
        403: [operator.post(f"/api/v1/tasks/{task}/accept")],
        404: [nobody.get("/nowhere"), operator.get(f"/api/v1/tasks/{'0' * 32}")],
        405: [operator.send("PATCH", "/api/v1/tasks")],
        413: [operator.send("POST", "/api/v1/tasks", content=b"x" * 2_000_000)],
        422: [operator.post("/api/v1/tasks", {})],
    }
    for status, found in answers.items():
        for answer in found:
            assert answer.status == status, answer
            require_headers(answer)


def test_what_is_no_request_has_them_too(town: Town) -> None:
    for sent, status in ((b"BREW\r\n\r\n", b"400"), (b"GET / HTTP/1.1\r\nX: " + b"y" * 40_000, b"431")):
        answer = town.root.raw(sent)
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert all(b"\r\n%s: %s\r\n" % header in answer for header in DATA), answer


def test_the_live_stream_has_them_too(town: Town) -> None:
    client = town.by("operator")
    connection = client.connect()
    try:
        connection.request("GET", "/api/v1/stream", headers={"Authorization": f"Bearer {client.token}"})
        response = connection.getresponse()
        require_headers(Answer(response.status, response.headers, b""))
    finally:
        connection.close()


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_body_that_is_too_deep_is_told_so(town: Town, opening: bytes) -> None:
    deep = opening * (DEEPEST + 1)
    for path in ("/tasks", f"/tasks/{'0' * 32}/cancel", "/session"):
        answer = town.by("operator").send("POST", f"/api/v1{path}", content=deep)
        assert (answer.status, answer.code) == (422, "json-too-deep")
        assert answer.json["details"] == {"deepest": DEEPEST}


def test_a_body_that_breaks_off_is_no_fault_of_the_service(sqlite_url: str, tmp_path: Path) -> None:
    with Running(sqlite_url, tmp_path) as running:
        for path in ("/api/v1/tasks", f"/api/v1/tasks/{'0' * 32}/cancel", "/api/v1/session"):
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            running.client.raw(head.encode() + b"Content-Length: 100\r\n\r\n{")
            running.client.raw(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{")
        assert running.client.get("/healthz").status == 200
    assert running.faults() == []


def test_who_asks_too_much_is_told_to_wait_and_nobody_else(sqlite_url: str, tmp_path: Path) -> None:
    root = first_administrator(sqlite_url)
    with Running(sqlite_url, tmp_path, requests_per_minute="10") as running:
        client = running.client.bearing(root)
        answers = [client.get("/api/v1/me") for _ in range(12)]
        assert {answer.status for answer in answers[:10]} == {200}
        last = answers[-1]
        assert (last.status, last.code) == (429, "too-many-requests")
        assert 1 <= int(last.headers["Retry-After"]) <= 6
        require_headers(last)
        # A step, which takes the straight way, is counted like everything else.
        assert client.post(f"/api/v1/tasks/{'0' * 32}/accept").status == 429
        # Who guesses at somebody's token uses up nothing of his.
        for _ in range(12):
            guess = running.client.bearing(f"{root}x").get("/api/v1/me")
        assert guess.status == 429
        assert running.client.get("/healthz").status == 200


def test_an_address_has_its_limit_too_whatever_it_bears(sqlite_url: str, tmp_path: Path) -> None:
    with Running(sqlite_url, tmp_path, requests_per_minute_per_address="30") as running:
        guesses = [running.client.bearing(f"root.{number}").get("/api/v1/me") for number in range(30)]
        assert {answer.status for answer in guesses} <= {401, 429}
        assert guesses[-1].code == "too-many-requests"
        assert running.client.get("/healthz").status == 429
    assert "too_many_requests" in running.said()


def over_https(
    running: Running, path: str, body: object = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Send a request as somebody does who trusts the authority that development made."""
    trusting = ssl.create_default_context(cafile=running.log.parent / "dispatch.db.https" / "authority.pem")
    address = urlsplit(running.address)
    connection = HTTPSConnection(str(address.hostname), address.port, timeout=30, context=trusting)
    try:
        content = None if body is None else json.dumps(body)
        given = {"Content-Type": "application/json", **(headers or {})}
        connection.request("GET" if body is None else "POST", path, content, given)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def test_over_https_the_session_cookie_is_for_https_only(sqlite_url: str, tmp_path: Path) -> None:
    root = {"Authorization": f"Bearer {first_administrator(sqlite_url)}"}
    running = Running(sqlite_url, tmp_path, https="true")
    try:
        running.start()
        assert running.address.startswith("https://")
        account = "desk"
        added = {"account": account, "name": "值班", "role": "supervisor", "scope": "500115101"}
        assert over_https(running, "/api/v1/accounts", added, root).status == 201
        made = over_https(running, f"/api/v1/accounts/{account}/password", {}, root)
        body = {"account": account, "password": made.json["password"]}
        answer = over_https(running, "/api/v1/session", body)
        assert answer.status == 200, answer
        for name, value in SECURE:
            assert answer.headers[name.decode()] == value.decode()
        cookie = {part.strip().partition("=")[0] for part in answer.headers["Set-Cookie"].split(";")}
        assert {"dispatch_session", "Secure", "HttpOnly", "SameSite"} <= cookie
        secret = answer.headers["Set-Cookie"].partition(";")[0]
        assert over_https(running, "/api/v1/me", headers={"Cookie": secret}).json["account"] == account
    finally:
        running.stop()
