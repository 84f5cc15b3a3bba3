"""After an erasure no plaintext is anywhere, and every proof still verifies.

People report cases, live in households and give telephone numbers, all of them canaries. Their data is shown
and searched for as on any day, then erased over HTTP. Then everything is searched: every row of every table,
every file of the database, the service's own log lines, its answers and its live stream, and an exported
bundle. No canary may be anywhere, nor a key that was destroyed. Two neighbours who were not erased must still
be there to be shown, or else nothing was proved.
The breaks: a service that seals nothing, and one that destroys no key.
"""

import gzip
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.e2e.http.listening import Listener
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import ROLES, Town
from tests.faults.own_server import own_server
from tests.faults.proofs import ProofResult
from tests.vaults import ROOT

NAME = "erasure"
SHORT, FULL = 3, 100
KEPT = 2
"""People who are not erased."""
BROKEN = Path(__file__).parent.parent / "broken_service.py"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫"


@dataclass
class Person:
    """Somebody with a case, a household and an inbox; `canaries` is all that is personal about them.

    Where he is reached is his `channel`, which nobody else is shown but masked.
    """

    number: int
    canaries: dict[str, str]
    channel: str
    case: str = ""
    household: str = ""

    @property
    def items(self) -> list[str]:
        return [f"case:{self.case}", f"household:{self.household}"]

    @property
    def inbox(self) -> str:
        return f"account:told-{self.number}"

    @property
    def subjects(self) -> list[str]:
        return [*self.items, f"recipient:{self.inbox}"]


@dataclass
class Found:
    """Where which canary or key was found; `searched` counts what was looked through, in bytes."""

    hits: list[str] = field(default_factory=list)
    searched: int = 0
    places: int = 0

    def search(self, where: str, content: bytes, needles: Sequence[bytes]) -> None:
        self.searched += len(content)
        self.places += 1
        self.hits += [f"{where}: {needle!r}" for needle in needles if needle in content]


def person(chance: random.Random, number: int) -> Person:
    """Make up somebody who is nobody else, in no word like anything that the service says by itself."""
    tag = f"{chance.getrandbits(40):010x}"
    return Person(
        number,
        {
            "name": f"{chance.choice(SURNAMES)}某{tag}",
            "telephone": f"139{number:04d}{chance.randrange(10_000):04d}",
            "identity_number": f"500115{number:04d}{chance.randrange(10**8):08d}",
            "address": f"幸福路{tag}号",
            "note": f"夜里{tag}吵",
            "description": f"邻居{tag}施工，见{chance.getrandbits(40):010x}",
            "household": f"李四{tag}户",
            "home": f"白鹤村{tag}组",
            "follow_up": f"居民{tag}满意",
        },
        f"{tag}@town.example",
    )


def live(town: Town, one: Person) -> None:
    """Let somebody report, be asked, and be put on record, and let clients make their usual mistakes."""
    said = one.canaries
    reporter = {name: said[name] for name in ("name", "telephone", "identity_number", "address", "note")}
    body: dict[str, object] = {
        "grid": town.grids[0],
        "category": "environment",
        "title": "噪声",
        "source": "hotline",
        "reporter": reporter,
        "description": said["description"],
    }
    keyed = {"Idempotency_Key": f"report-{one.number}"}
    operator = town.by("operator")
    one.case = operator.post("/api/v1/cases", body, **keyed).item("case")
    assert operator.post("/api/v1/cases", body, **keyed).json["repeated"]
    changed = {**body, "description": f"{said['description']}！"}
    assert operator.post("/api/v1/cases", changed, **keyed).code == "key-reused"
    assert operator.post("/api/v1/cases", {**body, "grid": said["address"]}).status == 422
    home = {
        "grid": town.grids[0],
        "household_class": "key",
        "name": said["household"],
        "address": said["home"],
    }
    one.household = town.do("operator", "/households", {"households": [home]}).item("household")
    early = {"satisfied": True, "note": said["follow_up"]}
    refused = operator.post(f"/api/v1/cases/{one.case}/follow-up", early, Idempotency_Key=one.case)
    assert refused.status == 409, refused
    for who, step, fields in (
        ("operator", "accept", None),
        ("worker", "verify", {"genuine": True}),
        ("operator", "register", None),
        ("operator", "dispatch", {"grid": town.grids[0], "assignee": "wang"}),
        ("worker", "handle", None),
        ("worker", "finish", {"note": "已劝止"}),
        ("operator", "start-check", None),
        ("operator", "check", {"passed": True}),
        ("operator", "close", None),
        ("operator", "follow-up", early),
    ):
        town.do(who, f"/cases/{one.case}/{step}", fields)
    account = {"account": f"told-{one.number}", "name": "值班员", "role": "operator", "scope": town.code}
    town.do("administrator", "/accounts", account)
    reached = {"channels": [{"channel": "mail", "address": one.channel}]}
    answer = town.by("administrator").send("PUT", f"/api/v1/channels/{one.inbox}", reached)
    assert answer.status == 200, answer


def masked(town: Town, one: Person) -> list[str]:
    """Return where somebody is reached, as an administrator sees it."""
    return [found["address"] for found in town.read("administrator", f"/channels/{one.inbox}")["channels"]]


def shown(town: Town, subject: str) -> list[str | None]:
    body = {"subject": subject, "purpose": "request"}
    return [one["text"] for one in town.do("operator", "/personal/disclose", body).json["kept"]]


def found_by(town: Town, one: Person) -> list[str]:
    body = {"telephone": one.canaries["telephone"], "purpose": "request"}
    return [case["subject"] for case in town.do("operator", "/personal/search", body).json["items"]]


def answers(town: Town, people: list[Person]) -> Iterator[tuple[str, bytes]]:
    """Ask everything that shows items, as everybody."""
    head = town.root.head()
    paths = [f"/cases?after={head}&limit=500", "/households?limit=500", "/inbox"]
    paths += ["/audit/events?limit=1000", "/audit/events?limit=1000&form=cloudevents"]
    paths += [
        f"/audit/replay?table={table}&until={head}" for table in ("cases", "households", "inbox_notices")
    ]
    for one in people:
        paths += [
            f"/cases/{one.case}",
            f"/cases/{one.case}/timeline",
            f"/households/{one.household}/timeline",
        ]
        paths += [f"/personal/{subject}" for subject in one.items]
        paths.append(f"/channels/{one.inbox}")
    for role in ROLES:
        for path in paths:
            yield f"{role} GET {path}", town.by(role).get(f"/api/v1{path}").content


def needles_of(people: list[Person]) -> list[bytes]:
    """Return each canary as it may stand somewhere: plain, as JSON escapes it, in base 64, in UTF-16."""
    found = []
    for one in people:
        for text in (*one.canaries.values(), one.channel):
            plain = text.encode()
            found += [plain, json.dumps(text)[1:-1].encode(), text.encode("utf-16-le")]
            # However it is aligned, base 64 of a text has these characters in the middle.
            found += [b64encode(b"\0" * shift + plain)[4:-4] for shift in range(3)]
    return list(dict.fromkeys(found))


def rows(database: str) -> Iterator[tuple[str, bytes]]:
    """Give every row of every table, whatever schema it stands in."""
    if database.startswith("sqlite"):
        file = Path(database.removeprefix("sqlite:///"))
        for path in sorted(file.parent.glob(f"{file.name}*")):
            if not path.is_file() or not path.read_bytes().startswith(b"SQLite format"):
                continue
            with sqlite3.connect(path) as connection:
                for (name,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                ).fetchall():
                    for row in connection.execute(f'SELECT * FROM "{name}"'):
                        yield f"{path.name} {name}", _bytes(row)
            connection.close()
        return
    with psycopg.connect(database) as session:
        tables = session.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname LIKE 'dispatch%'"
        ).fetchall()
        for schema, name in tables:
            for row in session.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, name))):
                yield f"{schema}.{name}", _bytes(row)


def _bytes(row: tuple[Any, ...]) -> bytes:
    return b"\n".join(bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row)


def keys_of(database: str, subjects: list[str]) -> list[bytes]:
    """Return the wrapped keys of subjects, as somebody with the database could have them."""
    if database.startswith("sqlite"):
        with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
            marks = ",".join("?" * len(subjects))
            found = connection.execute(
                f"SELECT wrapped FROM subject_keys WHERE subject IN ({marks})", subjects
            ).fetchall()
        connection.close()
        return [wrapped for (wrapped,) in found]
    with psycopg.connect(database) as session:
        question = "SELECT wrapped FROM dispatch_log.subject_keys WHERE subject = ANY(%s)"
        return [wrapped for (wrapped,) in session.execute(question, [subjects])]


def command(database: str, directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DISPATCH_DATABASE": database, "DISPATCH_KEY_ENCRYPTION_KEY": ROOT}
    program = [str(Path(sys.executable).with_name("dispatch")), *arguments]
    return subprocess.run(program, cwd=directory, env=env, capture_output=True, text=True, check=False)


def files(*directories: Path, but: str = "") -> Iterator[tuple[str, bytes]]:
    """Give every file below directories, packed ones unpacked."""
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            if path.is_file() and not (but and but in path.parts):
                content = path.read_bytes()
                yield str(path), gzip.decompress(content) if path.suffix == ".gz" else content


def looked_at(town: Town, people: list[Person]) -> list[str]:
    """Look at everybody and search for everybody's number; return who isn't shown as he is."""
    return [
        f"case:{one.case} is not found" for one in people if found_by(town, one) != [f"case:{one.case}"]
    ] + [
        f"{subject} is not shown as it is"
        for one in people
        for subject in one.items
        if not {*shown(town, subject)} <= {*one.canaries.values()}
    ]


def still_there(town: Town, erased: list[Person], kept: list[Person]) -> list[str]:
    """Return which of the erased can be found or shown, and which of the others can't."""
    return [
        f"case:{one.case} can still be found or shown"
        for one in erased
        if found_by(town, one) or any(any(shown(town, subject)) for subject in one.items) or masked(town, one)
    ] + [
        f"case:{one.case} was not erased, and yet isn't there"
        for one in kept
        if {text for subject in one.items for text in shown(town, subject)} != {*one.canaries.values()}
        or masked(town, one) != [f"{one.channel[:3]}***{one.channel[-2:]}"]
    ]


def tell(database: str, directory: Path, server: Path | None, number: int, broken: str | None) -> Found:
    """Let people live with a service, erase all but a few, and search everything."""
    chance = random.Random(number)
    people = [person(chance, n) for n in range(number + KEPT)]
    erased, kept = people[:-KEPT], people[-KEPT:]
    needles, found = needles_of(people), Found()
    token = first_administrator(database)
    program = None if broken is None else [BROKEN, broken]
    with Running(database, directory, program=program, log_level="debug") as service:
        town = Town(service.client.bearing(token)).found()
        with Listener(town.by("operator"), after=0, inbox=True) as listener:
            for one in people:
                live(town, one)
            frames = listener.up_to(town.root.head())
        found.hits += looked_at(town, people)
        subjects = [subject for one in erased for subject in one.subjects]
        keys = keys_of(database, subjects)
        if len(keys) != len(subjects):
            found.hits.append(f"{len(keys)} keys of {len(subjects)} subjects")
        for one in erased:
            town.do("supervisor", "/personal/erase", {"subjects": one.subjects, "ground": "request"})
        streamed = ((f"stream {frame.id}", "\n".join(frame.raw).encode()) for frame in frames)
        for where, content in (*answers(town, people), *streamed):
            found.search(where, content, needles)
        found.hits += still_there(town, erased, kept)
    if broken is None:
        found.hits += proofs(database, directory)
    search_at_rest(database, (directory, server), needles, keys, found)
    return found


def search_at_rest(
    database: str,
    directories: tuple[Path, Path | None],
    needles: list[bytes],
    keys: list[bytes],
    found: Found,
) -> None:
    """Search every row, and every file of the service and of the database's server."""
    directory, server = directories
    for where, content in (*rows(database), *files(directory)):
        found.search(where, content, needles + keys)
    if server is not None:
        with psycopg.connect(database, autocommit=True) as session:
            session.execute("CHECKPOINT")
        for where, content in files(server):
            # What was written ahead stays for a while, and keys with it; people never stood there.
            found.search(where, content, needles if "pg_wal" in where else needles + keys)


def proofs(database: str, directory: Path) -> list[str]:
    """Rebuild, verify, export and verify the export; return what failed."""
    failed = []
    bundle = directory / "bundle"
    steps = (["rebuild"], ["checkpoint"], ["verify"], ["export", str(bundle)])
    for step in steps:
        done = command(database, directory, *step)
        if done.returncode != 0:
            failed.append(f"dispatch {step[0]}: {done.stdout[-300:]}{done.stderr[-300:]}")
    verifier = [sys.executable, str(bundle / "verify_bundle.py"), str(bundle)]
    done = subprocess.run(verifier, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        failed.append(f"verify_bundle.py: {done.stdout[-300:]}{done.stderr[-300:]}")
    return failed


def on_sqlite(number: int, broken: str | None) -> Found:
    with tempfile.TemporaryDirectory() as name:
        return tell(f"sqlite:///{name}/dispatch.db", Path(name), None, number, broken)


def on_postgres(number: int, broken: str | None) -> Found:
    with tempfile.TemporaryDirectory() as name, own_server() as server:
        return tell(server.url, Path(name), server.directory, number, broken)


def run(*, full: bool, red: bool) -> ProofResult:
    """Erase people on either database; each of the red twin's two breaks must be found."""
    number = FULL if full else SHORT
    if red:
        breaks = {name: on_sqlite(2, name) for name in ("open", "keeping")}
        figure = ", ".join(f"{name}: {len(found.hits):,} hits" for name, found in breaks.items())
        unnoticed = [name for name, found in breaks.items() if not found.hits]
        return ProofResult(NAME, bool(unnoticed), figure, unnoticed)
    both = [on_sqlite(number, None), on_postgres(number, None)]
    hits = [hit for found in both for hit in found.hits]
    searched = sum(found.searched for found in both)
    figure = (
        f"{len(hits):,} hits after {number:,} of {number + KEPT:,} people were erased, on two databases; "
        f"{searched / 1e6:,.0f} MB searched in {sum(found.places for found in both):,} places"
    )
    return ProofResult(NAME, not hits, figure, hits[:20])
