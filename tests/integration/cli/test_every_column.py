"""`dispatch verify` names whatever is changed behind its back: each column of each table, and each row.

Nothing here knows the tables: they are found in the database. So one that is new is swept with the others.
"""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from fnmatch import fnmatch
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from commands.cases.report import ReportCase
from commands.command import Command, Request
from commands.handler import Handler
from dispatch.domain.accounts import SecondFactorSet
from dispatch.domain.cases import Source
from dispatch.domain.cases.events import Reporter
from dispatch.eventlog import micros, open_log
from dispatch.eventlog.mapper import decode
from dispatch.service.calendars import china
from dispatch.service.clock import system_clock
from dispatch.service.installation import installation
from dispatch.service.outbox.store import Delivery
from dispatch.service.outbox.store import Store as Outbox
from dispatch.service.outbox.tables import State
from dispatch.service.photos.album import open_album
from dispatch.service.runtime import open_generations
from dispatch.service.sign_in.bindings import bound_code, bound_landing
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.sign_in.tables import FACTORS, JOURNEYS, RECOVERY_CODES
from dispatch.service.tokens import digest_of
from projections.catalogue import PROJECTIONS
from projections.engine.comparison import differences
from projections.inbox.listing import after
from projections.inbox.phrases import put
from tests import histories
from tests.integration.cli.conftest import Dispatch
from tests.integration.cli.test_tampered_rows import happened
from tests.pictures import jpeg
from tests.vaults import ROOT, VAULT

GRID = histories.grids_of(histories.TOWN)[0]
ADDED = (
    "accounts",
    "add",
    "x",
    "--role",
    "operator",
    "--scope",
    histories.TOWN,
    "--password",
    "--id",
    "zhou",
)
FACTOR = "cd" * 16
Row = dict[str, Any]
VIEWS = "views_1."
POSITIONS = f"{VIEWS}positions"
COMPARED = ("views", "outbox.deliveries")
"""What is held against read models, or is one."""


def fill(database: str, dispatch: Dispatch) -> None:
    """Make a town with something in each table."""
    with open_log(database, clock=system_clock) as log:
        histories.record(log, happened())
        handler = Handler(log, calendar=china(), clock=system_clock, vault=VAULT)

        def send(command: Command, key: str, *photos: str) -> None:
            request = Request(command=command, account="system", key=key, photos=photos)
            asyncio.run(handler.handle(request))

        album = open_album(database, log, system_clock, limit=100_000, leading=lambda: True)
        digest = album.keep(jpeg(), "system").digest
        send(
            ReportCase(
                grid=GRID,
                category="environment",
                title="垃圾",
                source=Source.HOTLINE,
                reporter=Reporter(name="张三", telephone="13800001234"),
                evidence=(digest,),
            ),
            "report",
            digest,
        )
        album.follow()
        album.close()
        outbox = Outbox(database)
        outbox.open(log.head)
        outbox.note_failing("endpoint", "url: it answered 503", system_clock())
        outbox.close()
        assert dispatch(*ADDED).status == 0
        now = micros(system_clock())
        store = SecretStore(database)
        kept = {"factor": FACTOR, "account": "zhou"}
        sealed = VAULT.seal_secret(FACTOR, "JBSWY3DPEHPK3PXP" * 2)
        code = bound_code(VAULT, "zhou", FACTOR, digest_of("aaaabbbbccccddddeeeeffff"))
        for table, row in (
            (FACTORS, kept | {"secret": sealed, "used_step": 0, "made_at": now}),
            (RECOVERY_CODES, kept | {"digest": code}),
        ):
            store.rows(store.insert(table).values(row))
        journey: Row = {"state": "s", "browser": "b", "nonce": "n", "verifier": "v", "landing": "/ui/board"}
        journey["until"] = now + 600_000_000
        store.rows(store.insert(JOURNEYS).values(journey | {"landing": bound_landing(VAULT, journey)}))
        store.begin_activity("ab" * 32, now, forget_before=0)
        store.know_browser("ab" * 32, "zhou", now, forget_before=0)
        store.guess("zhou", now, limit=5, window=1, lock=1)
        store.close()
        chosen = SecondFactorSet(at=system_clock(), factor=FACTOR, bound=True)
        histories.record(log, [("account:zhou", chosen)], versions=log.versions(["account:zhou"]))
    assert dispatch("checkpoint").status == 0
    assert dispatch("rebuild").status == 0
    take_up_one(database)


def take_up_one(database: str) -> None:
    """Have a notification wait to be sent, as the outbox takes it up."""
    with closing(open_generations(database)) as generations, generations.session() as session:
        generation = session.look().generation
        assert generation is not None
        with generations.connection(generation) as connection:
            notice = after(connection, 0, 1)[0]
    zh, en = put(notice)
    delivery = Delivery(
        id=f"{notice.id}~sms",
        notification=notice.id,
        inbox=notice.owner,
        channel="sms",
        place=notice.place,
        name=notice.name,
        item=notice.item,
        zh=zh,
        en=en,
        urgent=notice.urgent,
        state=State.WAITING,
        attempts=0,
        taken_at=system_clock(),
        due_at=system_clock(),
    )
    with closing(Outbox(database)) as outbox:
        taken = outbox.taken()
        assert outbox.take_up([delivery], after=taken, through=taken)


class Change(NamedTuple):
    """A row of a table as it was and as it is put; `what` is the column, or that the row is deleted."""

    table: str
    what: str
    before: Row
    after: Row

    @property
    def name(self) -> str:
        return f"{self.table}.{self.what}"

    @property
    def back(self) -> "Change":
        return self._replace(before=self.after, after=self.before)


class Database:
    """All tables of a database, with a superuser's hand on them: triggers are off, and so are checks."""

    def __init__(self, url: str) -> None:
        self.tables: dict[str, sa.Table] = {}
        self._engines: dict[str, sa.Engine] = {}
        if url.startswith("sqlite"):
            path = Path(url.removeprefix("sqlite:///"))
            for file in sorted(path.parent.glob(f"{path.name}*")):
                part = file.name.removeprefix(path.name).removeprefix(".")
                if file.read_bytes()[:6] == b"SQLite":
                    engine = sa.create_engine(f"sqlite:///{file}")
                    sa.event.listen(engine, "connect", _unchecked)
                    self._find(part, engine, None)
        else:
            engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
            for schema in sa.inspect(engine).get_schema_names():
                if schema.startswith("dispatch_"):
                    self._find(schema.removeprefix("dispatch_"), engine, schema)

    def _find(self, part: str, engine: sa.Engine, schema: str | None) -> None:
        part = {"": "log", "sign-in": "sign_in", "views-1": "views_1"}.get(part, part)
        self._engines[part] = engine
        metadata = sa.MetaData(schema=schema)
        metadata.reflect(engine)
        with engine.begin() as connection:
            if schema is None:
                names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                off = [f"DROP TRIGGER {name}" for name in names.scalars().all()]
            else:
                off = [f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in metadata.tables]
                off += [
                    f"ALTER TABLE {table} ALTER {column.name} SET GENERATED BY DEFAULT"
                    for table, this in metadata.tables.items()
                    for column in this.columns
                    if column.identity
                ]
            for statement in off:
                connection.exec_driver_sql(statement)
        self.tables |= {f"{part}.{table.name}": table for table in metadata.tables.values()}

    def rows(self, table: str) -> list[Row]:
        """Return all rows of a table, by its key."""
        this = self.tables[table]
        with self._engine(table).connect() as connection:
            found = connection.execute(sa.select(this).order_by(*this.primary_key)).mappings()
            return [{name: _plain(value) for name, value in row.items()} for row in found]

    def put(self, made: Iterable[Change]) -> None:
        """Put rows in the place of others; no row stands for its absence."""
        for engine, some in groupby(made, lambda one: self._engine(one.table)):
            with engine.begin() as connection:
                for one in some:
                    this = self.tables[one.table]
                    if not one.before:
                        connection.execute(sa.insert(this).values(one.after))
                        continue
                    key = [column == one.before[column.name] for column in this.primary_key or this.columns]
                    new = {name: value for name, value in one.after.items() if value != one.before[name]}
                    there = sa.update(this).values(new) if new else sa.delete(this)
                    assert connection.execute(there.where(*key)).rowcount == 1, one

    def _engine(self, table: str) -> sa.Engine:
        return self._engines[table.partition(".")[0]]

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()


def _unchecked(connection: sqlite3.Connection, _: Any) -> None:
    connection.execute("PRAGMA ignore_check_constraints = ON")


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


DELETED = "(a row)"
UNDER_WAY = ("state", "attempts", "taken_at", "due_at", "error", "decided_by")
EXCEPTIONS = {
    **dict.fromkeys(
        [f"outbox.deliveries.{name}" for name in (*UNDER_WAY, DELETED)],
        "no event tells how far it has come with a message: it is forgotten after 30 days",
    ),
    "outbox.failing.*": "tells readiness what fails just now, and is written anew with each look",
    "outbox.taken.position": "no event tells up to where notifications were taken up",
    "photos.followed.position": "over an event that names a photo it is told; over any other it is no matter",
    "photos.sent.at": "counts until an event names the photo, and not any more",
    "sign_in.activity.*": "no event tells when a session was last used",
    "sign_in.factors.made_at": "counts until the generator is in force, and not any more",
    "sign_in.factors.used_step": "no event tells when each code was given",
    "sign_in.guesses.*": "a count that changes by itself",
    f"sign_in.journeys.{DELETED}": "as if he had come back, or not in time",
    "sign_in.known_browsers.*": "no event tells from where somebody signs in",
    f"sign_in.recovery_codes.{DELETED}": "as if it had been used",
    "views.generations.since": "says only for how long a former generation stays",
}
"""What nobody can tell of, and why."""
LIKELY = {"outbox.deliveries.state": "sent", "views.generations.state": "old"}


def excepted(change: Change) -> bool:
    return any(fnmatch(change.name, pattern) for pattern in EXCEPTIONS)


OTHERS: dict[type, Callable[[Any, int], Any]] = {
    bool: lambda value, _: not value,
    int: lambda value, step: value + step,
    float: lambda value, step: value + step,
    str: lambda value, _: value[:-1] + ("b" if value[-1:] == "a" else "a"),
    bytes: lambda value, _: value[:-1] + bytes([value[-1] ^ 1]) if value else b"x",
    datetime: lambda value, step: value + timedelta(seconds=step),
}


def other(row: Row, column: sa.Column[Any], table: str, step: int = 1) -> Row:
    """Return a row with another value in a column, which could stand there."""
    kind, value = column.type.python_type, row[column.name]
    changed = LIKELY.get(f"{table}.{column.name}", kind(1) if value is None else OTHERS[kind](value, step))
    return row | {column.name: changed}


def changes(at: Database, table: str) -> Iterator[Change]:
    """Give a change of each column of a table's last row, and its deletion."""
    row = at.rows(table)[-1]
    for column in at.tables[table].columns:
        yield Change(table, column.name, row, other(row, column, table))
    yield Change(table, DELETED, row, {})


def test_whatever_is_changed_is_named(
    database: str, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DISPATCH_KEY_ENCRYPTION_KEY", ROOT)
    monkeypatch.setenv("DISPATCH_CHECKPOINT_DIRECTORY", str(tmp_path / "checkpoints"))
    fill(database, dispatch)
    assert dispatch("verify").status == 0
    # What the tables are like is looked at by other tests, and takes as long as all the rest.
    monkeypatch.setattr("dispatch.cli.verify._of_database", lambda *_, **__: ())
    at = Database(database)
    try:
        each_column_is_looked_at(at, dispatch)
        each_column_of_read_models_is_compared(at, database)
        assert dispatch("verify").status == 0
    finally:
        at.close()


def each_column_is_looked_at(at: Database, dispatch: Dispatch) -> None:
    tables = [table for table in at.tables if table == POSITIONS or not table.startswith(VIEWS)]
    whole = {options: told(dispatch, *options) for options in ((), ("--log-only",))}

    def noticed(*made: Change) -> bool:
        """Tell whether verifying says another thing while rows are changed."""
        options = () if any(one.table.startswith(COMPARED) for one in made) else ("--log-only",)
        at.put(made)
        said = told(dispatch, *options)
        at.put(one.back for one in made)
        return bool(said != whole[options])

    found = [one for table in tables for one in changes(at, table)]
    assert [one.name for one in found if not excepted(one) and not noticed(one)] == []
    # What is excepted has to be: all of it at once is quicker, and one by one says which isn't.
    rows: dict[str, Change] = {}
    for one in filter(excepted, found):
        if one.what != DELETED:
            before = rows.get(one.table, one)
            rows[one.table] = one._replace(after=before.after | {one.what: one.after[one.what]})
    for some in (rows.values(), [one for one in found if excepted(one) and one.what == DELETED]):
        if noticed(*some):
            assert [one.name for one in found if excepted(one) and noticed(one)] == []


def each_column_of_read_models_is_compared(at: Database, database: str) -> None:
    """Change another column of each row of a table, and so on until each column was changed once."""
    left = {
        table: list(this.columns)
        for table, this in at.tables.items()
        if table.startswith(VIEWS) and table != POSITIONS
    }
    with installation(database, as_it_is=True) as installed, closing(open_generations(database)) as live:
        while any(left.values()):
            made = [
                Change(table, column.name, row, other(row, column, table, step=1_000_003))
                for table, columns in left.items()
                for row, column in zip(at.rows(table), columns, strict=False)
            ]
            at.put(made)
            _, found = differences(installed.log, live, PROJECTIONS, decode=decode)
            at.put(one.back for one in made)
            expected = Counter(one.table.removeprefix(VIEWS) for one in made)
            for it in (True, False):
                assert Counter(one.table for one in found if one.live is it) == expected
            left = {table: columns[expected[table.removeprefix(VIEWS)] :] for table, columns in left.items()}


def told(dispatch: Dispatch, *options: str) -> Any:
    """Return what `dispatch verify` says is wrong."""
    ran = dispatch("verify", "--json", *options)
    if not ran.out:
        assert (ran.status, "this program knows version" in ran.err) == (1, True), ran.err
        return ran.err
    return ran.json["faults"], ran.json["read_models"] if not options else None
