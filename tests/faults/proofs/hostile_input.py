"""No input makes the service fail or hang: whatever is sent is answered, and what is refused is a problem.

Rubbish goes into each field of each body, each part of each address, each header, and onto the line itself;
requests generated from the API's own document go to each operation, by each role. No answer may be a 5xx or
take longer than the limit; afterwards every part of the service must do its work, with no fault in its log.
The break: a service that takes control characters and halves of surrogate pairs for text.
"""

import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests import postgres
from tests.e2e.http.client import Client
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.table import ROUTES, WRITES, Route, Things
from tests.e2e.http.town import ROLES, Town
from tests.faults.proofs import ProofResult

NAME = "hostile-input"
BROKEN = (Path(__file__).parent.parent / "broken_service.py", "credulous")
SHORT, FULL = 400, 14_000
"""Requests with rubbish in them."""
GENERATED_SHORT, GENERATED_FULL = 1, 30
"""Requests generated for each operation, of well and of badly formed ones."""
SLOWEST, PATIENCE = 2.0, 15.0
"""Seconds that an answer may take, and what a short run on a busy machine allows."""
SENDERS = 4
OTHERWISE = {"/stream", "/clock"}
"""One has no end, the other changes the time for everybody."""
TEXTS = (
    *(
        "",
        " ",
        "\0",
        "a\0b",
        "\x1b[2J",
        "\x7f",
        "\u0085",
        "\u2028",
        "\u202egnp.exe",
        "\ufeff",
        "\uffff",
        "\U0010ffff",
    ),
    *("\ud800", "\udfff", "a\udc00b", "👩‍👩‍👧‍👦" * 50, "Z̵͎͒a̶l̴g̷o̸" * 30, "İıſK", "ﷺ" * 100, "０１２", "٣٤٥"),
    *(
        "长" * 5_000,
        "x" * 100_000,
        "\n" * 1_000,
        "'",
        '"',
        "\\",
        "`",
        "'; DROP TABLE events; --",
        "1 OR 1=1",
        "%",
        "_%",
    ),
    *(
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${jndi:ldap://x/a}",
        "$(id)",
        "| id",
        "../../../etc/passwd",
        "%00",
        "%2e",
    ),
    *(
        "%s%n%x",
        "null",
        "undefined",
        "true",
        "NaN",
        "Infinity",
        "-0",
        "1e999",
        "0x10",
        "1_000",
        "+1",
        "١",
        "-1",
        "0",
    ),
    *(
        str(2**31),
        str(2**63),
        str(2**64),
        "9" * 400,
        "1.5",
        "[]",
        "{}",
        "__proto__",
        "constructor",
        "=cmd|'/c calc'!A1",
    ),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0000-00-00T00:00:00Z", "2023-02-29T00:00:00Z"),
    *("2016-12-31T23:59:60Z", "1582-10-10T00:00:00Z", "2023-01-01T24:00:00Z", "2023-01-01T00:00:00+23:59"),
    *(
        "2023-01-01T00:00:00-99:99",
        "2023-01-01",
        "9999-12-31",
        "0001-01-01",
        "2199-12-31T23:59:59Z",
        "1900-01-01T00:00:00Z",
    ),
)
VALUES = (
    *(json.dumps(text).encode() for text in TEXTS),
    *(b"null", b"true", b"0", b"-1", b"1.5", b"-0.0", b"1e999", b"-1e999", b"9" * 5_000, b"NaN", b"Infinity"),
    *(str(2**53 + 1).encode(), str(2**63).encode(), str(2**64).encode(), b"1e-400", b"0.1e1", b"01", b"+1"),
    *(b"[]", b"{}", b"[[]]", b'{"a":1}', b'{"a":1,"a":2}', b"[null]", b"[" + b"0," * 9_999 + b"0]"),
    *(b"[" * 32 + b"]" * 32, b"[" * 33 + b"]" * 33, b"[" * 90_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    *(
        b"\xff",
        b'"\xff\xfe"',
        b'"\xed\xa0\x80"',
        b'"\xc0\x80"',
        b'"\\ud800"',
        b'"\\u0000"',
        b'"\\x41"',
        b'"',
        b"",
        b"}",
    ),
)
"""In JSON or nearly so."""
NUL = rb'"a\u0000b"'
"""What PostgreSQL takes into no text: even a short run puts it into every one."""
EVERYWHERE = "NUL: "
MARK = "\N{SKULL AND CROSSBONES}"
HEADERS = (
    *("Idempotency-Key", "If-Match", "Dispatch-Device-Time", "Authorization", "Cookie", "Content-Type"),
    *("Accept", "X-Request-Id", "Origin", "Sec-Fetch-Site", "Host", "Content-Length", "Accept-Encoding"),
)
LINES = (
    *(
        b"",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200,
    ),
    *(
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"\0" * 10_000,
    ),
    *(
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    ),
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /",
    b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
    b"POST /api/v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 5_000 + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
)
"""What is no request, or hardly one."""
NO_REQUEST = b"Invalid HTTP request received."
"""What the server itself, uvicorn, answers to an address or a header that it can't read."""
Send = Callable[[], tuple[int, str | None]]
"""Sends one request, and returns the status and, of a refusal, its problem's code."""


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the path to each value in a body, the whole body too."""
    yield path
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inner:
        yield from places(value, (*path, name))


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        body = body[step]
    return body


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    first, *rest = path
    if isinstance(body, dict):
        return {**body, first: replaced(body[first], tuple(rest), value)}
    return [replaced(one, tuple(rest), value) if n == first else one for n, one in enumerate(body)]


def sent(by: Client, *request: Any, **more: Any) -> tuple[int, str | None]:
    """Send a request, and return the status and the code of its refusal; it must be a whole problem."""
    answer = by.send(*request, **more)
    if answer.status == 400 and answer.content == NO_REQUEST:
        return 400, "no-request"
    return answer.status, answer.code if answer.status >= 400 else None


class Rubbish:
    """Every request of a town with rubbish somewhere in it, sent by somebody who may send it."""

    def __init__(self, town: Town, things: Things) -> None:
        self._town, self._things = town, things
        self._document = town.root.get("/api/v1/openapi.json").json["paths"]

    def _by(self, route: Route) -> Client:
        return self._town.by(min(route.roles or ()))

    def all(self) -> Iterator[tuple[str, Send]]:
        """Give each request with what it is."""
        for route in (route for route in ROUTES if route.path not in OTHERWISE):
            yield from self._in_addresses(route)
            yield from self._in_headers(route)
        for route in WRITES:
            yield from self._in_bodies(route)

    def _in_bodies(self, route: Route) -> Iterator[tuple[str, Send]]:
        if route.body is None:
            return
        whole, path, by = self._things.body(route), self._things.path(route), self._by(route)
        for place in places(whole):
            for value in VALUES:
                text = json.dumps(replaced(whole, place, MARK)).encode()
                content = text.replace(json.dumps(MARK).encode(), value)
                every = value == NUL and isinstance(at(whole, place), str)
                yield (
                    f"{EVERYWHERE if every else ''}{route.name} {place} {value[:40]!r}",
                    partial(sent, by, route.method, path, content=content),
                )

    def _in_addresses(self, route: Route) -> Iterator[tuple[str, Send]]:
        operation = self._document[f"/api/v1{route.path}"][route.method.lower()]
        by, body = self._by(route), self._things.body(route)
        for parameter in operation.get("parameters", ()):
            for text in TEXTS:
                said = quote(text.encode(errors="surrogatepass"), safe="")
                if parameter["in"] == "query":
                    path = f"{self._things.path(route).partition('?')[0]}?{parameter['name']}={said}"
                elif parameter["in"] == "path":
                    path = f"/api/v1{route.path}".replace(f"{{{parameter['name']}}}", said)
                    path = self._things.path(route._replace(at=path.removeprefix("/api/v1")))
                    path = path.replace("{", "%7B").replace("}", "%7D")
                else:
                    continue
                yield (
                    f"{route.method} {path[:120]}",
                    partial(sent, by, route.method, path, body),
                )

    def _in_headers(self, route: Route) -> Iterator[tuple[str, Send]]:
        by, path, body = self._by(route), self._things.path(route), self._things.body(route)
        for name in HEADERS:
            for text in TEXTS:
                value = text.encode(errors="surrogatepass")[:5_000]
                if any(byte in value for byte in b"\0\r\n"):
                    continue  # no client sends these in a header; on the line itself they are sent below
                yield (
                    f"{route.name} {name}: {value[:40]!r}",
                    partial(sent, by, route.method, path, body, headers={name: value}),
                )


class Judge:
    """Sends requests, and notes what no answer may be."""

    def __init__(self, slowest: float) -> None:
        self._limit = slowest
        self.codes: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.slowest = 0.0

    def send(self, name: str, send: Send) -> None:
        began = monotonic()
        try:
            status, code = send()
        except (AssertionError, OSError, ValueError) as error:
            status, code = 0, None
            self.wrong.append(f"{name}: {error!r}"[:400])
        taken = monotonic() - began
        self.slowest = max(self.slowest, taken)
        self.codes[code or str(status)] += 1
        if status >= 500 or taken > self._limit:
            self.wrong.append(f"{name}: {status} {code} after {taken:.1f} s"[:400])

    def lines(self, client: Client) -> None:
        """Send what is no request."""
        for line in LINES:
            answered = client.raw(line)
            self.codes["on the line"] += 1
            if answered.startswith(b"HTTP/1.1 5"):
                self.wrong.append(f"{line[:80]!r}: {answered[:80]!r}")


def generate(town: Town, judge: Judge, examples: int) -> None:
    """Send what schemathesis makes of the API's document, well and badly formed, by each role."""
    document = schemathesis.openapi.from_dict(town.root.get("/api/v1/openapi.json").json)
    document.config.update(base_url=town.root.address)
    for route in (route for route in ROUTES if route.path not in OTHERWISE):
        operation = document[f"/api/v1{route.path}"][route.method]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            generated(town, judge, route.name, operation.as_strategy(generation_mode=mode), examples)


def generated(town: Town, judge: Judge, name: str, cases: st.SearchStrategy[Any], examples: int) -> None:
    """Send so many examples of one operation."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, role=st.sampled_from(ROLES))
    def send(case: Any, role: str) -> None:
        headers = {"Authorization": f"Bearer {town.accounts[role].secret}"}

        def call() -> tuple[int, str | None]:
            response = case.call(headers=headers)
            code = json.loads(response.content)["code"] if response.status_code >= 400 else None
            return response.status_code, code

        judge.send(f"generated for {name} by {role}", call)

    send()


def run(*, full: bool, red: bool) -> ProofResult:
    """Send rubbish; the red twin's service takes for text what is none."""
    judge = Judge(SLOWEST if full else PATIENCE)
    program = BROKEN if red else None
    with (
        postgres.running_server() as url,
        tempfile.TemporaryDirectory(prefix="dispatch-proof-") as directory,
    ):
        root = first_administrator(url)
        with Running(url, Path(directory), program=program, clock="simulated", wait_limit="1") as running:
            town = Town(running.client.bearing(root)).found()
            requests = list(Rubbish(town, Things(town)).all())
            chosen = [one for one in requests if one[0].startswith(EVERYWHERE)]
            chosen += random.Random(3).sample(requests, FULL if full else SHORT)
            with ThreadPoolExecutor(SENDERS) as senders:
                list(senders.map(lambda one: judge.send(*one), chosen))
            judge.lines(running.client)
            if not red:
                generate(town, judge, GENERATED_FULL if full else GENERATED_SHORT)
            ready = running.client.get("/readyz")
            well = ready.status == 200
        faults = running.faults()
    sent = judge.codes.total()
    refusals = len([code for code in judge.codes if not code.isdigit()])
    figure = (
        f"{len(judge.wrong)} of {sent:,} requests answered wrongly, {len(faults)} faults, slowest "
        f"{judge.slowest:.2f} s, {refusals} codes of refusals, the service {'well' if well else 'NOT well'} "
        f"afterwards ({len(requests):,} places for rubbish)"
    )
    ok = not judge.wrong and not faults and well
    details = "" if ok else (judge.wrong[:10], [fault[:300] for fault in faults[:3]], ready.content[:500])
    return ProofResult(NAME, ok, figure, details)
