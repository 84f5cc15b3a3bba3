"""What can't be meant is refused as a clear problem: never a fault, nothing half done, on both databases."""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.http.client import Answer
from tests.e2e.http.conftest import Shared
from tests.e2e.http.table import OIDC, PROVIDER, ROUTES, SIGN_IN, WRITES, Route, Things
from tests.e2e.http.town import DIGEST, Town

ID = "0" * 32
TASKS = "/api/v1/tasks"
CASES = "/api/v1/cases"
LIMIT = 1_000_000


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest) -> Town:
    found = request.getfixturevalue(f"on_{request.param}")
    assert isinstance(found, Shared)
    return Town(found.root).found()


@pytest.fixture(scope="module")
def things(office: Town) -> Things:
    return Things(office)


@pytest.fixture(scope="module")
def clerk(office: Town, things: Things) -> dict[str, str]:
    """For each route, the name of an account that may use it."""
    return {route.name: min(route.roles or ()) for route in ROUTES}


@pytest.fixture(autouse=True)
def nothing_done(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever was sent, the log is as it was and the service is well."""
    if "office" not in request.fixturenames:
        yield
        return
    office: Town = request.getfixturevalue("office")
    request.getfixturevalue("things")
    before = office.root.head()
    yield
    assert office.root.head() == before
    assert office.root.get("/readyz").status == 200


def refused(answer: Answer, *statuses: int) -> str:
    """Check that a request was refused with a whole problem; returns its code."""
    assert answer.status in (statuses or (400, 404, 405, 409, 412, 413, 422)), (answer.status, answer.content)
    return answer.code


def task_body(office: Town, **changes: Any) -> dict[str, Any]:
    return {"grids": office.grids[:1], "title": "巡查", "category": "patrol", **changes}


def case_body(office: Town, **changes: Any) -> dict[str, Any]:
    return {"grid": office.grids[0], "category": "environment", "title": "垃圾", **changes}


HOSTILE: dict[str, Any] = {
    "nul": "a\0b",
    "lone high surrogate": "a\ud800",
    "lone low surrogate": "\udfff",
    "escape": "\x1b[2J",
    "number beyond 64 bits": 2**64,
    "a very big number": 10**400,
    "negative number": -(2**63) - 1,
    "not a number": float("nan"),
    "infinity": float("inf"),
    "array": [],
    "nested": [[[[[[{}]]]]]],
    "object": {"a": 1},
    "megabyte": "长" * 250_000,
    "truth": True,
}
PASSING = {("truth", bool), ("array", list)}
REFUSALS = {"request-malformed", "body-too-large", "boundary-malformed"}


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path to each value in a body, the whole body too."""
    yield path
    if isinstance(body, dict):
        for name, value in body.items():
            yield from places(value, (*path, name))
    if isinstance(body, list):
        for number, value in enumerate(body):
            yield from places(value, (*path, number))


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    first, *rest = path
    if isinstance(body, dict):
        return {**body, first: replaced(body[first], tuple(rest), value)}
    return [replaced(one, tuple(rest), value) if n == first else one for n, one in enumerate(body)]


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        body = body[step]
    return body


SQLITE = pytest.mark.parametrize("office", ["sqlite"], indirect=True)
"""For what is refused before any database is asked."""
WITH_BODY = [route for route in WRITES if route.body is not None]


@SQLITE
@pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: route.name)
def test_no_field_of_any_body_takes_what_can_not_be_meant(
    office: Town, things: Things, clerk: dict[str, str], route: Route
) -> None:
    whole = things.body(route)
    client = office.by(clerk[route.name])
    # A version that nothing has keeps what would be taken from being done.
    for path in places(whole):
        for name, hostile in HOSTILE.items():
            if (name, type(at(whole, path))) in PASSING:
                continue
            body = replaced(whole, path, hostile)
            answer = client.send(route.method, things.path(route), body, headers={"If-Match": '"999"'})
            assert answer.status in {400, 413, 422}, (path, name, answer)
            assert answer.code in REFUSALS, (path, name, answer)


@pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: route.name)
def test_a_body_that_is_left_out_is_refused_or_is_an_empty_one(
    office: Town, things: Things, clerk: dict[str, str], route: Route
) -> None:
    client = office.by(clerk[route.name])
    path = things.path(route).replace(things.names["case"], ID).replace(things.names["dispute"], ID)
    left_out, empty = (
        client.send(route.method, path, content=content, headers={"If-Match": '"999"'})
        for content in (None, b"{}")
    )
    assert refused(left_out, 404, 409, 412, 422) in {refused(empty), "request-malformed"}


@SQLITE
@pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: route.name)
def test_a_field_that_no_body_has_is_refused_by_its_name(
    office: Town, things: Things, clerk: dict[str, str], route: Route
) -> None:
    client = office.by(clerk[route.name])
    for name in ("colour", "a\0b", "\ud800", "长" * 10_000, "__proto__"):
        body = {**things.body(route), name: 1}
        answer = client.send(route.method, things.path(route), body)
        assert refused(answer, 422) == "request-malformed", name


UNSEEN = ("\u200b", "\u202e\u2066", "\u3164", "\ufeff \u3000", "\u0301")
SAID = {"title", "name", "reason", "village", "number"}
"""Fields that must say something where they are there."""


@SQLITE
@pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: route.name)
def test_what_can_not_be_seen_is_no_title_name_or_reason(
    office: Town, things: Things, clerk: dict[str, str], route: Route
) -> None:
    whole = things.body(route)
    client = office.by(clerk[route.name])
    for path in places(whole):
        if path and path[-1] in SAID and isinstance(at(whole, path), str) and path[0] != "reporter":
            for unseen in (*UNSEEN, "a\x85b", "a\x9fb"):
                answer = client.send(route.method, things.path(route), replaced(whole, path, unseen))
                assert refused(answer, 422) == "request-malformed", (path, unseen)


def test_what_is_pasted_along_with_a_title_is_left_out(service: Shared) -> None:
    town = Town(service.root).found()
    task = town.issue(title="\u202d汛期巡查\u202c\u200b ")
    position = town.root.head()
    assert town.read("operator", f"/tasks/{task}?after={position}")["title"] == "汛期巡查"
    for inside in "\n\u202e\u2066\u200f\u061c\u200b\ufeff":
        answer = town.by("operator").post(TASKS, task_body(town, title=f"汛期{inside}巡查"))
        assert refused(answer, 422) == "request-malformed", inside
    cancel = f"{TASKS}/{task}/cancel"
    answer = town.by("operator").post(cancel, {"reason": "不再\u202e需要"})
    assert refused(answer, 422) == "request-malformed"
    assert "marks that turn its direction" in str(answer.json)
    assert town.by("operator").post(cancel, {"reason": "家人👨‍👩‍👧已在"}).status == 200


NOT_JSON = {
    "nothing": b"",
    "a blank": b" ",
    "half an object": b'{"grids": [',
    "two objects": b"{}{}",
    "null": b"null",
    "an array": b"[]",
    "a number": b"17",
    "a text": b'"x"',
    "no utf-8": b'{"title": "\xff\xfe"}',
    "a form": b"title=x&category=y",
    "deep arrays": b"[" * 10_000 + b"]" * 10_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep and never closed": b"[" * 100_000,
    "a hundred thousand": b"[" + b"1," * 99_999 + b"1]",
    "a number of many digits": b'{"grids": ' + b"9" * 5_000 + b"}",
    "beyond every float": b'{"grids": 1e999}',
    "constants of JavaScript": b'{"grids": [NaN, Infinity, -Infinity]}',
}


@SQLITE
@pytest.mark.parametrize("name", NOT_JSON)
def test_a_body_that_is_no_json_object_is_refused(office: Town, things: Things, name: str) -> None:
    for path in (TASKS, CASES, f"{TASKS}/{things.names['task']}/cancel"):
        answer = office.by("operator").send("POST", path, content=NOT_JSON[name])
        assert refused(answer, 422) == ("json-too-deep" if "deep" in name else "request-malformed")


def test_a_name_that_stands_twice_in_an_object_is_refused(office: Town, things: Things) -> None:
    content = json.dumps(task_body(office))[:-1] + ', "title": "another"}'
    answer = office.by("operator").send("POST", TASKS, content=content.encode())
    assert refused(answer, 422) == "request-malformed"


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "%"]
)
def test_another_content_type_is_refused(office: Town, things: Things, media: str) -> None:
    content = json.dumps(task_body(office)).encode()
    answer = office.by("operator").send("POST", TASKS, content=content, headers={"Content-Type": media})
    assert refused(answer, 415, 422) in {"request-malformed", "unsupported-media-type"}


def pieces(total: int) -> Iterator[bytes]:
    yield from (b"x" * 65_536 for _ in range(total // 65_536))


def test_a_body_of_ten_megabytes_is_refused_however_it_is_sent(office: Town, things: Things) -> None:
    client, size = office.by("operator"), 10_000_000
    for path in (TASKS, f"{TASKS}/{things.names['task']}/cancel", "/api/v1/nowhere", "/healthz"):
        answer = client.send("POST", path, content=b"x" * size)
        assert refused(answer, 413) == "body-too-large"
        answer = client.send("POST", path, content=pieces(size))
        # Where nobody reads a body nobody knows how long it is.
        code = refused(answer, 413, 404, 405)
        assert code == ("body-too-large" if TASKS in path else code), path
    assert client.get("/api/v1/me").status == 200


def sent_whole(office: Town, path: str, content: bytes, *headers: str) -> bytes:
    """Send a request as a client does that reads no answer before it has sent everything."""
    parts = urlsplit(office.root.address)
    head = "\r\n".join(
        [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {office.by('operator').token}", *headers]
    )
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as line:
        line.sendall(head.encode() + b"\r\n\r\n" + content)
        found = b""
        while data := line.recv(65_536):
            found += data
    return found


@pytest.mark.parametrize("goes", ["whole", "in pieces"])
def test_who_sends_all_of_ten_megabytes_before_reading_reads_why_it_was_refused(
    office: Town, things: Things, goes: str
) -> None:
    size = 10_000_000
    if goes == "whole":
        content, length = b"x" * size, f"Content-Length: {size}"
    else:
        piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        content, length = piece * (size // 65_536) + b"0\r\n\r\n", "Transfer-Encoding: chunked"
    answered = sent_whole(office, TASKS, content, length, "Content-Type: application/json")
    assert answered.startswith(b"HTTP/1.1 413 "), answered[:300]
    assert b'"code":"body-too-large"' in answered
    assert office.by("operator").get("/api/v1/me").status == 200


def test_who_asks_first_whether_to_send_is_not_asked_for_a_body_that_is_too_large(
    office: Town, things: Things
) -> None:
    asks = ("Content-Length: 10000000", "Expect: 100-continue")
    answered = sent_whole(office, TASKS, b"", *asks)
    assert answered.startswith(b"HTTP/1.1 413 "), answered[:300]


def test_a_body_is_as_long_as_it_says(office: Town, things: Things) -> None:
    token = office.by("operator").token
    for length in ("-1", "1x", "", "1e3", "99999999999999999999999", "5, 6"):
        request = f"POST {TASKS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        request += f"Content-Length: {length}\r\n\r\n{{}}"
        answered = office.root.raw(request.encode())
        assert answered[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 413"}, (length, answered[:300])


def test_the_limit_of_a_body_is_exact(office: Town, things: Things) -> None:
    client = office.by("operator")
    fits = client.send("POST", TASKS, content=b" " * (LIMIT - 2) + b"{}")
    assert refused(fits, 422) == "request-malformed"
    beyond = client.send("POST", TASKS, content=b" " * (LIMIT - 1) + b"{}")
    assert refused(beyond, 413) == "body-too-large"


BAD_KEYS = [
    "x",
    "0" * 31,
    "0" * 33,
    "G" * 32,
    "0185C2F0A7B07E3C9D1F2A4B6C8E0D12",
    "0" * 31 + "%00",
    "%ff%fe",
    "%ed%a0%80",
    "%2e%2e%2f",
    "..",
    "%F0%9F%92%A9",
    "' or 1=1 --".replace(" ", "%20"),
    "0" * 5_000,
    "٣" * 0 + "%D9%A3" * 32,
]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_malformed_id_is_refused(office: Town, things: Things, key: str) -> None:
    client = office.by("operator")
    for path in (f"{TASKS}/{key}", f"{TASKS}/{key}/timeline", f"{CASES}/{key}", f"/api/v1/campaigns/{key}"):
        refused(client.get(path), 400, 404, 422)
    for path in (f"{TASKS}/{key}/cancel", f"{CASES}/{key}/void"):
        refused(client.post(path, {"reason": "x"}), 400, 404, 405, 422)
    root = office.root
    refused(root.send("PUT", f"/api/v1/towns/{key}", {"name": "x"}), 400, 404, 405, 422)
    refused(root.post(f"/api/v1/accounts/{key}/tokens", {}), 400, 404, 422)
    refused(root.post(f"/api/v1/accounts/{'root'}/tokens/{key}/revoke"), 400, 404, 422)
    refused(client.get(f"/api/v1/figures/{key}/ids"), 400, 404, 422)


def test_an_id_that_nothing_has_is_unknown(office: Town, things: Things) -> None:
    client = office.by("operator")
    for path, code in (
        (f"{TASKS}/{ID}", "no-such-item"),
        (f"{TASKS}/{ID}/timeline", "no-such-item"),
        (f"{CASES}/{ID}", "no-such-item"),
        (f"{CASES}/{ID}/timeline", "no-such-item"),
        (f"/api/v1/campaigns/{ID}", "no-such-item"),
        ("/api/v1/figures/happiness/ids", "figure-unknown"),
        ("/api/v1/nowhere", "not-found"),
        ("/api/v1/", "not-found"),
        ("/api/v1/tasks/", "not-found"),
        ("//api/v1/tasks", "not-found"),
    ):
        answer = client.get(path)
        assert (answer.status, answer.code) == (404, code), path
    for path, body, code in (
        (f"{TASKS}/{ID}/cancel", {"reason": "x"}, "task-unknown"),
        (f"{CASES}/{ID}/void", {"reason": "x"}, "case-unknown"),
        (f"{CASES}/{things.names['case']}/merge", {"into": ID, "reason": "x"}, "case-unknown"),
        (f"/api/v1/disputes/{ID}/register", None, "case-unknown"),
        (f"/api/v1/permits/{ID}/report", {}, "case-unknown"),
    ):
        answer = client.post(path, body)
        assert (answer.status, answer.code) == (404, code), path
    root = office.root
    for method, path, body, code in (
        ("POST", "/api/v1/accounts/nobody/tokens", {}, "account-unknown"),
        ("POST", "/api/v1/accounts/nobody/revoke", {"reason": "x"}, "account-unknown"),
        (
            "POST",
            f"/api/v1/accounts/{things.names['account']}/tokens/{'0' * 16}/revoke",
            None,
            "token-unknown",
        ),
        ("POST", "/api/v1/towns/999999999/departments", {"department": "a", "name": "a"}, "town-unknown"),
        ("PATCH", f"/api/v1/towns/{office.code}/grids/{office.code}008001", {"name": "a"}, "grid-unknown"),
        ("POST", f"/api/v1/towns/{office.code}/members/nobody/leave", {"reason": "x"}, "member-unknown"),
    ):
        answer = root.send(method, path, body)
        assert (answer.status, answer.code) == (404, code), path


BAD_CODES = ["", "5", "50011", "5001151010010010", "x" * 15, "٥" * 15, "50011510100100\0", " " * 15]


@pytest.mark.parametrize("code", BAD_CODES)
def test_a_malformed_code_of_a_place_is_refused(office: Town, things: Things, code: str) -> None:
    client = office.by("operator")
    refused(client.post(TASKS, task_body(office, grids=[code])), 422)
    refused(client.post(CASES, case_body(office, grid=code)), 422)
    plan = {"code": code, "name": "x", "village": "x"}
    refused(office.root.post(f"/api/v1/towns/{office.code}/grids", {"grids": [plan]}), 422)
    account = {"account": "x", "name": "x", "role": "auditor", "scope": code}
    refused(office.root.post("/api/v1/accounts", account), 422)


@pytest.mark.parametrize(
    "code", ["5", "50011", "x", "%00", "%FF", "500115101%2F", "5" * 3_000, "%D9%A5%D9%A5"]
)
def test_a_malformed_scope_of_a_question_is_refused(office: Town, things: Things, code: str) -> None:
    for path in ("/figures", "/figures/closure_rate/ids", "/staffing", "/grids", "/tasks", "/cases"):
        refused(office.by("supervisor").get(f"/api/v1{path}?scope={code}"), 400, 422)


def test_a_grid_outside_the_scope_is_forbidden(office: Town, things: Things) -> None:
    other = Town(office.root)
    client = office.by("operator")
    # The other town's fixture would count as something done, so it is one that nobody founded.
    for grids in (other.grids[:1], [office.grids[0], other.grids[0]]):
        assert refused(client.post(TASKS, task_body(office, grids=grids)), 404) == "grid-unknown"
    scope = office.accounts["operator"].scope
    outside = scope[:-1] + ("8" if scope.endswith("9") else "9")
    assert refused(client.get(f"/api/v1/figures?scope={outside}"), 403) == "out-of-scope"
    assert refused(client.get(f"{TASKS}?scope=500115"), 403) == "out-of-scope"
    assert refused(client.get(f"{CASES}?scope=50"), 403) == "out-of-scope"


BAD_MOMENTS = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
    "0000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "1899-12-31T23:59:59Z",
    "2200-01-01T00:00:00Z",
    "2023-01-01T00:00:00",
    "2023-13-01T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2023-06-31T00:00:00Z",
    "2023-06-30T23:59:60Z",
    "2023-01-01T24:00:01Z",
    "2023-01-01T00:00:00+99:99",
    "2023-01-01T00:00:00 Asia/Shanghai",
    "yesterday",
    "",
    "NaN",
    "Infinity",
    "1e999",
    "99999999999999999999",
    "17",
    "1700000000",
    "1700000000.5",
    "-17",
    "2023-01-01T00:00:00Z\0",
    "２０２３-01-01T00:00:00Z",
]


@pytest.mark.parametrize("moment", BAD_MOMENTS)
def test_a_time_that_is_none_is_refused_wherever_it_stands(office: Town, things: Things, moment: str) -> None:
    from urllib.parse import quote

    client, text = office.by("operator"), quote(moment)
    for path in (
        f"/api/v1/figures?as_of={text}",
        f"/api/v1/figures?from={text}",
        f"/api/v1/figures?until={text}",
        f"{TASKS}?issued_from={text}",
        f"{CASES}?due_before={text}",
        f"{TASKS}/{things.names['task']}?as_of={text}",
        f"{TASKS}/{things.names['task']}/timeline?known_at={text}",
        f"/api/v1/staffing?known_at={text}",
    ):
        if "known_at" not in path or moment != "17":  # which is a position
            refused(client.get(path), 400, 422)
    path = f"{TASKS}/{things.names['task']}/suspend"
    assert refused(client.post(path, {"reason": "x", "until": moment}), 422) == "request-malformed"
    permit = {"grid": office.code, "number": "1", "title": "x", "decided_at": moment}
    assert refused(client.post("/api/v1/permits", permit), 422) == "request-malformed"
    token = f"/api/v1/accounts/{things.names['account']}/tokens"
    assert refused(office.root.post(token, {"expires_at": moment}), 422) == "request-malformed"
    assert refused(office.root.send("PUT", "/api/v1/clock", {"now": moment}), 422)
    if "\0" not in moment:
        device = {"Dispatch-Device-Time": moment.encode()}
        answer = office.by("worker").send("POST", CASES, case_body(office), headers=device)
        assert refused(answer, 422) == "request-malformed"


def test_a_suspension_ends_after_now_and_within_a_year(service: Shared) -> None:
    town = Town(service.root).found()
    task = town.issue()
    town.do("worker", f"/tasks/{task}/accept")
    for until in ("1999-01-01T00:00:00Z", "2150-01-01T00:00:00Z"):
        answer = town.by("operator").post(f"{TASKS}/{task}/suspend", {"reason": "x", "until": until})
        assert refused(answer, 422) == "suspension-end-unacceptable"


def test_a_time_that_lies_wrong_is_refused(office: Town, things: Things) -> None:
    client = office.by("operator")
    permit = {"grid": office.code, "number": "1", "title": "x", "decided_at": "2150-01-01T00:00:00Z"}
    assert refused(client.post("/api/v1/permits", permit), 422) == "moment-unacceptable"
    token = f"/api/v1/accounts/{office.accounts['worker'].name}/tokens"
    answer = office.root.post(token, {"expires_at": "1999-01-01T00:00:00Z"})
    assert refused(answer, 422) == "token-end-unacceptable"
    assert refused(client.get("/api/v1/figures?known_at=-1"), 422) == "request-malformed"
    before_the_log = office.by("auditor").get("/api/v1/audit/replay?table=tasks&until=-1")
    assert refused(before_the_log, 422) == "request-malformed"
    for asked in ("as_of=2150-01-01", "known_at=2150-01-01"):
        assert refused(client.get(f"/api/v1/figures?{asked}"), 422) in {
            "as-of-in-future",
            "known-at-in-future",
        }
    for path in ("/api/v1/figures?", "/api/v1/figures/closure_rate/ids?part=numerator&"):
        for window in ("from=2023-02-01&until=2023-01-01", "from=2023-02-01&until=2023-02-01"):
            assert refused(client.get(path + window), 422) == "window-reversed"


@pytest.mark.parametrize(
    "asked",
    [
        "known_at=-1",
        "known_at=999999999999999999",
        "known_at=9223372036854775807",
        "known_at=9223372036854775808",
        "known_at=18446744073709551616",
        "known_at=" + "9" * 4_000,
        "known_at=1.5",
        "known_at=1e3",
        "known_at=",
        "after=-1",
        "after=9223372036854775807",
        "after=9223372036854775808",
        "after=x",
        "after=1e3",
        "after=%00",
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=9223372036854775808",
        "cursor=%00",
        "cursor=x",
        "cursor=%ff",
        "cursor=" + "A" * 401,
        "cursor=bnVsbA",
        "cursor=WyJ4IiwieCJd",
        "cursor=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5LCJ4Il0",  # [99999999999999999999999, "x"]
        "cursor=WzEsIlx1MDAwMCJd",  # [1, "\u0000"]
        "sort=happiness",
        "sort=%20",
        "sort=;drop",
        "status=happy",
        "open=perhaps",
        "category=%27",
        "category=A",
        "assignee=" + "a" * 100,
        "text=" + "a" * 101,
        "text=%01",
        "campaign=x",
        "scope=",
        "x=" + "y" * 9_000,
    ],
)
def test_a_question_that_is_none_is_refused(office: Town, things: Things, asked: str) -> None:
    refused(office.by("supervisor").get(f"{TASKS}?{asked}"), 400, 422)


def test_a_cursor_sorted_by_text_that_holds_what_no_text_may_is_refused(office: Town, things: Things) -> None:
    import base64

    for cursor in (b'["\\u0000", "x"]', b'["x", "\\u0000"]', b'["\\ud800", "x"]', b'[1, "x"]', b"[]"):
        text = base64.urlsafe_b64encode(cursor).decode().rstrip("=")
        refused(office.by("supervisor").get(f"{TASKS}?sort=title&cursor={text}"), 400, 422)


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency-Key": ""},
        {"Idempotency-Key": "~mine"},
        {"Idempotency-Key": "k" * 201},
        {"Idempotency-Key": "schlüssel".encode("latin-1")},
        {"Idempotency-Key": "钥匙".encode()},
        {"Idempotency-Key": "a\tb"},
        {"If-Match": "*"},
        {"If-Match": ""},
        {"If-Match": "-1"},
        {"If-Match": '"1", "2"'},
        {"If-Match": "1.0"},
        {"If-Match": "99999999999999999999"},
        {"If-Match": "١".encode()},
        {"If-Match": "W/1x"},
        {"Dispatch-Device-Time": "2023-01-01"},
        {"Dispatch-Device-Time": "17"},
    ],
    ids=str,
)
def test_a_malformed_header_is_refused(office: Town, things: Things, headers: dict[str, str | bytes]) -> None:
    answer = office.by("operator").send("POST", TASKS, task_body(office), headers=headers)
    assert refused(answer, 422) == "request-malformed"
    assert answer.json["errors"][0]["at"] == f"header/{next(iter(headers))}"


def test_a_stale_version_is_refused(office: Town, things: Things) -> None:
    for path, who, body in (
        (f"{TASKS}/{things.names['task']}/cancel", "operator", {"reason": "x"}),
        (f"{TASKS}/{things.names['task']}/accept", "worker", None),
        (f"{CASES}/{things.names['case']}/void", "operator", {"reason": "x"}),
        (f"{CASES}/{things.names['case']}/accept", "operator", None),
    ):
        answer = office.by(who).post(path, body, If_Match='"7"')
        assert (answer.status, answer.code) == (412, "stale-version")
        assert answer.json["details"] == {"expected": 7, "found": 1}


def test_a_wrong_state_is_refused(office: Town, things: Things) -> None:
    task, case, dispute = (things.names[kind] for kind in ("task", "case", "dispute"))
    for who, path, body in (
        ("worker", f"{TASKS}/{task}/submit", {"note": "x"}),
        ("worker", f"{TASKS}/{task}/handle", None),
        ("operator", f"{TASKS}/{task}/verify", {"passed": True}),
        ("operator", f"{TASKS}/{task}/resume", None),
        ("operator", f"{TASKS}/{task}/decide-extension", {"granted": True}),
        ("operator", f"{CASES}/{case}/close", {}),
        ("operator", f"{CASES}/{case}/register", None),
        ("operator", f"{CASES}/{case}/unmerge", {"reason": "x"}),
        ("operator", f"{CASES}/{case}/reopen", {"reason": "x"}),
        ("worker", f"{CASES}/{case}/finish", {"note": "x"}),
        ("operator", f"/api/v1/disputes/{case}/classify", {"kind": "debt"}),
        ("operator", f"/api/v1/permits/{dispute}/judge", {"compliant": True}),
    ):
        answer = office.by(who).post(path, body)
        assert refused(answer, 409), path
        assert answer.json["title"] != answer.code


def test_what_does_not_fit_together_is_refused_whole(office: Town, things: Things) -> None:
    tasks: list[tuple[dict[str, Any], str]] = [
        ({"grids": office.grids[:1] * 2}, "grid-named-twice"),
        ({"grids": office.grids, "assignee": "wang"}, "assignee-needs-one-grid"),
        ({"grids": office.grids[2:], "assignee": "wang"}, "assignee-not-in-grid"),
        ({"grids": [office.grids[0], f"{office.code}008001"]}, "grid-unknown"),
        ({"grids": []}, "request-malformed"),
        ({"grids": office.grids[:1] * 501}, "request-malformed"),
        ({"limit": {"kind": "hours", "amount": 1}}, "request-malformed"),
        ({"limit": {"kind": "working_days", "amount": 0}}, "request-malformed"),
        ({"limit": {"kind": "working_days", "amount": 1e308}}, "request-malformed"),
        ({"limit": {"kind": "working_days"}}, "request-malformed"),
        ({"title": " \t\n "}, "request-malformed"),
        ({"category": "Patrol"}, "request-malformed"),
        ({"assignee": ""}, "request-malformed"),
    ]
    for changes, code in tasks:
        answer = office.by("operator").post(TASKS, task_body(office, **changes))
        assert refused(answer, 404, 422) == code, changes
    cases: list[tuple[dict[str, Any], str]] = [
        ({"longitude": 107.0}, "location-unacceptable"),
        ({"longitude": 181.0, "latitude": 0.0}, "request-malformed"),
        ({"source": "rumour"}, "request-malformed"),
        ({"severity": 6}, "request-malformed"),
        ({"evidence": ["x"]}, "request-malformed"),
        ({"evidence": [DIGEST] * 51}, "request-malformed"),
        ({"evidence": [DIGEST.upper()]}, "request-malformed"),
        ({"category": "permit"}, "case-is-permit"),
        ({"grid": f"{office.code}008001"}, "grid-unknown"),
        ({"reporter": {"name": "x" * 101}}, "request-malformed"),
    ]
    for changes, code in cases:
        answer = office.by("worker").post(CASES, case_body(office, **changes))
        assert refused(answer, 404, 409, 422) == code, changes


@pytest.mark.parametrize(
    "boundary",
    [
        {},
        {"type": "Polygon"},
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6]]]},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 3]]]},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 96], [1, 2]]]},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 2**70], [1, 2]]]},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, float("nan")], [1, 2]]]},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, "6"], [1, 2]]]},
        {"type": "MultiPolygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]]},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]], "colour": "red"},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]], "bbox": [float("nan")]},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]], "bbox": [2**70]},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]], "\ud800": 1},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]], "a": "\ud800"},
    ],
    ids=lambda boundary: json.dumps(boundary)[:70],
)
def test_a_boundary_that_is_no_polygon_is_refused(office: Town, things: Things, boundary: object) -> None:
    body = {"grids": [{"code": f"{office.code}009001", "name": "x", "village": "x", "boundary": boundary}]}
    code = refused(office.root.post(f"/api/v1/towns/{office.code}/grids", body), 400, 422)
    assert code in {"boundary-malformed", "request-malformed", "bad-request"}
    patch = f"/api/v1/towns/{office.code}/grids/{office.grids[0]}"
    refused(office.root.send("PATCH", patch, {"boundary": boundary}), 400, 422)


@SQLITE
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_the_route_does_not_have_is_refused(office: Town, things: Things, method: str) -> None:
    for route in ROUTES:
        methods = {r.method for r in ROUTES if r.path == route.path}
        if method in methods or (method == "PUT" and "{town}" in route.path):
            continue
        path = things.path(route).partition("?")[0]
        if method == "GET" and path.count("/") == 4 and ("/tasks/" in path or "/personal/" in path):
            continue
        answer = office.by("operator").send(method, path)
        if method == "BREW":
            assert answer.status == 400  # which is no method of HTTP, so it comes no further
            continue
        assert answer.status in {404, 405}, (method, path, answer)
        if answer.status == 405:
            assert answer.headers["Allow"]
        if method != "HEAD":
            assert answer.code in {"method-not-allowed", "not-found"}


def test_addresses_and_headers_of_any_size_are_refused_or_ignored(office: Town, things: Things) -> None:
    client = office.by("supervisor")
    assert refused(client.get(f"{TASKS}?x={'y' * 8_001}"), 400) == "address-malformed"
    assert refused(client.get(f"{TASKS}/%00"), 400) == "address-malformed"
    assert refused(client.get(f"{TASKS}?text=%00"), 400) == "address-malformed"
    assert client.get(f"{TASKS}?{'&'.join(f'x{n}=1' for n in range(900))}").status in {200, 400, 422}
    assert client.get(TASKS, X_Request_Id="r" * 5_000).status == 200
    assert client.send("GET", TASKS, headers={"X-Request-Id": "查询".encode()}).status == 200
    assert client.get(TASKS, Host="%00\\evil").status == 200
    for header in (b"X: " + b"y" * 300_000, b"X" * 300_000 + b": y"):
        request = f"GET {TASKS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n".encode()
        answered = office.root.raw(request + header + b"\r\nConnection: close\r\n\r\n")
        assert answered[:10] in {b"HTTP/1.1 2", b"HTTP/1.1 4", b""}, answered[:200]


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /api/v1/tasks HTTP/9.9",
        b"GET",
        b"\x00\x01\x02",
        b"GET /api/v1/t\xffasks HTTP/1.1",
        b"GET http://[::1 HTTP/1.1",
        b"get /api/v1/tasks HTTP/1.1",
        b"GET /api/v1/tasks?\xed\xa0\x80 HTTP/1.1",
        b"POST /api/v1/tasks HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3",
        b"POST /api/v1/tasks HTTP/1.1\r\nTransfer-Encoding: gzip, chunked",
        b"POST /api/v1/tasks HTTP/1.1\r\nExpect: 200-ok\r\nContent-Length: 2",
    ],
)
def test_what_is_hardly_http_is_refused(office: Town, things: Things, request_line: bytes) -> None:
    answered = office.root.raw(request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n{}")
    assert answered[:10] in {b"HTTP/1.1 4", b""}, answered[:200]


def test_a_key_used_for_another_request_is_refused_and_the_first_answer_stands(service: Shared) -> None:
    town = Town(service.root).found()
    client, key = town.by("operator"), "k-1"
    first = client.post(TASKS, task_body(town), Idempotency_Key=key)
    head = town.root.head()
    again = client.post(TASKS, task_body(town), Idempotency_Key=key)
    assert again.status == first.status == 201
    assert again.json == first.json | {"repeated": True}
    assert again.headers["Dispatch-Position"] == first.headers["Dispatch-Position"]
    assert again.headers["ETag"] == first.headers["ETag"]
    task = first.item("task")
    for other in (
        client.post(TASKS, task_body(town, title="另一个"), Idempotency_Key=key),
        client.post(f"{TASKS}/{task}/cancel", {"reason": "x"}, Idempotency_Key=key),
        client.post(TASKS, task_body(town), Idempotency_Key=key, Dispatch_Device_Time="2022-12-01T00:00:00Z"),
        client.post(f"{TASKS}/{ID}/cancel", {"reason": "x"}, Idempotency_Key=key),
        client.post(TASKS, task_body(town, grids=[f"{town.code}008001"]), Idempotency_Key=key),
    ):
        assert (other.status, other.code) == (422, "key-reused")
    assert town.root.head() == head


def test_a_refusal_under_a_key_is_repeated_word_for_word(service: Shared) -> None:
    town = Town(service.root).found()
    task = town.issue()
    path, body = f"{TASKS}/{task}/verify", {"passed": True}
    early = town.by("operator").post(path, body, Idempotency_Key="early")
    for step in ("accept", "handle", "submit"):
        town.do("worker", f"/tasks/{task}/{step}", {"note": "好了"} if step == "submit" else None)
    again = town.by("operator").post(path, body, Idempotency_Key="early")
    assert (again.status, again.json) == (early.status, early.json)
    assert (early.status, early.code) == (409, "task-status-forbids")
    town.do("operator", f"/tasks/{task}/verify", body, Idempotency_Key="in-time")


def test_a_device_may_be_late_but_not_ahead(service: Shared) -> None:
    town = Town(service.root).found()
    now = town.read("operator", "/clock")["now"]
    for device, happened in (
        ("2022-12-01T08:00:00+08:00", "2022-12-01T00:00:00Z"),
        ("2100-01-01T00:00Z", now),
    ):
        case = town.do("worker", "/cases", case_body(town), Dispatch_Device_Time=device).item("case")
        entry = town.read("operator", f"/cases/{case}/timeline?after={town.root.head()}")["entries"][0]
        assert entry["at"].replace("Z", "+00:00") == happened.replace("Z", "+00:00")
        assert entry["device_at"] is not None
        assert entry["recorded_at"].replace("Z", "+00:00") == now


def test_a_parameter_that_the_route_does_not_declare_is_refused_by_its_name(
    office: Town, things: Things, clerk: dict[str, str]
) -> None:
    for route in (
        *ROUTES,
        SIGN_IN,
        PROVIDER,
        *OIDC[:1],
    ):  # but that to which the provider sends what it likes
        path = things.path(route)
        mark = "&" if "?" in path else "?"
        client = office.by(clerk.get(route.name, "operator"))
        for name, said in (("%F0%9F%92%A9", "💩"), ("__proto__", "__proto__"), ("bearer", "bearer")):
            answer = client.send(route.method, f"{path}{mark}{name}=1", things.body(route))
            assert refused(answer, 422) == "request-malformed", route
            assert said in [error["at"].removeprefix("query/") for error in answer.json["errors"]], route


@pytest.mark.parametrize("asked", ["audit/replay?table=tasks&until=abc", "audit/events?limit=1&until=abc"])
def test_where_a_value_is_wrong_is_said_in_the_words_of_who_asks(office: Town, asked: str) -> None:
    answer = office.by("auditor").get(f"/api/v1/{asked}")
    assert refused(answer, 422) == "request-malformed"
    [error] = answer.json["errors"]
    assert re.fullmatch("query/until(/time)?", error["at"])
    assert not error["wrong"].startswith("Value error")


def test_what_the_document_declares_a_route_knows(office: Town, things: Things) -> None:
    document = office.read("operator", "/openapi.json")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
            asked = "&".join(f"{name}=%27" for name in names)
            answer = office.root.send(method.upper(), f"{path.replace('{', '').replace('}', '')}?{asked}")
            assert b"no such parameter" not in answer.content, (path, method, answer)


def test_a_parameter_that_is_mistyped_is_told_with_the_one_that_was_meant(
    office: Town, things: Things
) -> None:
    answer = office.by("supervisor").get("/api/v1/figures?categroy=patrol&as_of=2024-01-01&colour=red")
    assert refused(answer, 422) == "request-malformed"
    assert answer.json["errors"] == [
        {"at": "query/categroy", "wrong": "There is no such parameter; category is one"},
        {"at": "query/colour", "wrong": "There is no such parameter"},
    ]
    # A step without parameters is not taken for one by another way.
    task = things.names["task"]
    assert refused(office.by("worker").post(f"{TASKS}/{task}/accept?begin=true"), 422) == "request-malformed"
