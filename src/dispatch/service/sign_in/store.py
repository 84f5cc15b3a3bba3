"""Where the secrets of signing in are kept: beside the log and not in it, so that they can be erased.

Hashes of passwords, when each session was last used, and how many guesses were made. The log says which of
them is in force; what it doesn't name is inert. One statement is one transaction, so that any number of
processes may work here at once. Times are microseconds since 1970, UTC.
"""

import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from dispatch.eventlog.files import for_its_owner_only
from dispatch.eventlog.postgres_connection import prompt
from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.vault import Vault
from dispatch.service.beside import let_go
from dispatch.service.settings import SQLITE
from dispatch.service.sign_in.bindings import BINDINGS, is_bound, opened_landing
from dispatch.service.sign_in.tables import (
    ACTIVITY,
    FACTORS,
    GUESSES,
    JOURNEYS,
    KNOWN_BROWSERS,
    PASSWORDS,
    RECOVERY_CODES,
    TABLES,
)

SCHEMA: Final = "dispatch_sign_in"
SETTING_UP: Final = 7_351_204_611
"""The advisory lock under which the tables are made."""
HELD: Final = ("passwords", "factors", "recovery_codes")
"""The tables whose rows hold what signs in."""
PATIENCE: Final = 5.0
"""Seconds that a statement may take, and that it waits for another process's lock."""


SECRETS: Final[dict[sa.Table, tuple[sa.Column[str], sa.Column[str]]]] = {
    PASSWORDS: (PASSWORDS.c.credential, PASSWORDS.c.hash),
    FACTORS: (FACTORS.c.factor, FACTORS.c.secret),
    RECOVERY_CODES: (RECOVERY_CODES.c.factor, RECOVERY_CODES.c.digest),
}
"""The tables of what signs in: under which id, and what is kept of it."""


class Secret(NamedTuple):
    """What is kept of something that signs in, in which table, under which id, and as whose."""

    table: sa.Table
    key: str
    account: str
    kept: str


def opens(vault: Vault, secret: Secret) -> bool:
    """Tell whether a secret is bound to whose it is said to be, by this vault."""
    try:
        BINDINGS[secret.table][1](vault, secret.account, secret.key, secret.kept)
    except Unopenable:
        return False
    return True


def is_as_begun(vault: Vault, journey: Mapping[str, Any]) -> bool:
    """Tell whether a sign-in on the way at a provider is as it was begun, by this vault."""
    try:
        opened_landing(vault, journey)
    except Unopenable:
        return False
    return True


def bound_elsewhere(vault: Vault, secrets: Collection[Secret]) -> bool:
    """Tell whether what signs in is bound, and nothing of it by this vault: what it binds won't sign in."""
    bound = [one for one in secrets if is_bound(one.kept)]
    return bool(bound) and not any(opens(vault, one) for one in bound)


class Guess(NamedTuple):
    """A guess that was counted: the how many-th it is, and until when it counts."""

    number: int
    until: int


class SecretStore:
    """The secrets of one installation, on the database of its log."""

    def __init__(self, database: str, *, make: bool = True) -> None:
        """Open them; with `make` their tables are made if they are not there yet."""
        self.insert: Any
        if database.startswith(SQLITE):
            self.insert = sqlite.insert
            self._engine = _sqlite(database.removeprefix(SQLITE))
        else:
            self.insert = postgresql.insert
            self._engine = _postgres(database)
        try:
            if make:
                with self._engine.begin() as connection:
                    _make_tables(connection)
        except BaseException:
            self.close()
            raise
        self._each = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Let go of the database."""
        let_go(self._engine)

    def rows(self, statement: sa.Executable) -> list[Any]:
        """Carry one statement out, in a transaction of its own, and return its rows if it has any."""
        with self._each.connect() as connection:
            found = connection.execute(statement)
            return list(found) if found.returns_rows else []

    def wipe(self) -> bool:
        """Have what was erased or replaced leave the database's files; False if it is too busy for that."""
        if self._engine.dialect.name == "sqlite":
            return True  # it overwrites at once
        try:
            # A plain VACUUM leaves the bytes where they were until something else takes their place.
            self.rows(sa.text(f"VACUUM (FULL) {', '.join(HELD)}"))
        except sa.exc.OperationalError:
            return False
        return True

    # What signs in, whatever it is.

    def made(self) -> bool:
        """Tell whether the tables are there."""
        with self._engine.connect() as connection:
            return all(sa.inspect(connection).has_table(table.name) for table in SECRETS)

    def secrets(self) -> list[Secret]:
        """Return all that is kept of what signs in."""
        return [
            Secret(table, row[0], row.account, row[2])
            for table, (key, kept) in SECRETS.items()
            for row in self.rows(sa.select(key, table.c.account, kept))
        ]

    def journeys(self, now: int) -> list[Mapping[str, Any]]:
        """Return who is on the way at a provider at a time (µs); nobody where there is no table for it."""
        with self._engine.connect() as connection:
            if not sa.inspect(connection).has_table(JOURNEYS.name):
                return []
        return [row._asdict() for row in self.rows(sa.select(JOURNEYS).where(JOURNEYS.c.until > now))]

    def replace(self, secret: Secret, kept: str) -> bool:
        """Keep a secret in another form, if it still is as it was found; tells whether it was."""
        key, column = SECRETS[secret.table]
        this = sa.update(secret.table).where(key == secret.key, column == secret.kept)
        return bool(self.rows(this.values({column.name: kept}).returning(key)))

    # Passwords.

    def keep_password(self, credential: str, account: str, hashed: str) -> None:
        """Keep a hash under an id; under one that is there already it replaces the one before."""
        row = self.insert(PASSWORDS).values(credential=credential, account=account, hash=hashed)
        self.rows(row.on_conflict_do_update(index_elements=["credential"], set_={"hash": hashed}))

    def password(self, credential: str) -> str | None:
        """Return the hash that is kept under an id, if one is."""
        rows = self.rows(sa.select(PASSWORDS.c.hash).where(PASSWORDS.c.credential == credential))
        return rows[0].hash if rows else None

    def erase_passwords(self, credentials: Collection[str]) -> None:
        """Erase the hashes that are kept under these ids."""
        self.rows(sa.delete(PASSWORDS).where(PASSWORDS.c.credential.in_(credentials)))

    # Sessions.

    def begin_activity(self, session: str, at: int, *, forget_before: int) -> None:
        """Note that a session is used for the first time, and forget those last used long ago."""
        self.rows(sa.delete(ACTIVITY).where(ACTIVITY.c.seen_at < forget_before))
        row = self.insert(ACTIVITY).values(session=session, seen_at=at)
        self.rows(row.on_conflict_do_nothing())

    def active(self, session: str, at: int, *, since: int, use: bool) -> bool:
        """Tell whether a session was used after `since`; with `use` note that it is used now."""
        this = (ACTIVITY.c.session == session, ACTIVITY.c.seen_at > since)
        if not use:
            return bool(self.rows(sa.select(ACTIVITY.c.session).where(*this)))
        later = sa.case((ACTIVITY.c.seen_at > at, ACTIVITY.c.seen_at), else_=at)
        used = sa.update(ACTIVITY).where(*this).values(seen_at=later).returning(ACTIVITY.c.session)
        return bool(self.rows(used))

    def last_seen(self, sessions: Collection[str]) -> dict[str, int]:
        """Return when each of these sessions was last used, of those that were."""
        asked = sa.select(ACTIVITY.c.session, ACTIVITY.c.seen_at).where(ACTIVITY.c.session.in_(sessions))
        return {row.session: row.seen_at for row in self.rows(asked)}

    # Browsers.

    def know_browser(self, digest: str, account: str, at: int, *, forget_before: int) -> None:
        """Note that an account signed in from a browser, and forget those last used long ago."""
        self.rows(sa.delete(KNOWN_BROWSERS).where(KNOWN_BROWSERS.c.seen_at < forget_before))
        row = self.insert(KNOWN_BROWSERS).values(digest=digest, account=account, seen_at=at)
        self.rows(row.on_conflict_do_update(index_elements=["digest", "account"], set_={"seen_at": at}))

    def knows_browser(self, digest: str, account: str, *, since: int) -> bool:
        """Tell whether an account signed in from a browser since then."""
        this = (KNOWN_BROWSERS.c.digest == digest, KNOWN_BROWSERS.c.account == account)
        return bool(
            self.rows(sa.select(KNOWN_BROWSERS.c.digest).where(*this, KNOWN_BROWSERS.c.seen_at >= since))
        )

    def forget_browsers(self, account: str) -> None:
        """Let no browser be one that an account signed in from."""
        self.rows(sa.delete(KNOWN_BROWSERS).where(KNOWN_BROWSERS.c.account == account))

    # Guesses.

    def guess(self, subject: str, at: int, *, limit: int, window: int, lock: int, anew: bool = True) -> Guess:
        """Count one guess about a subject before it is tried, and return which one it is.

        Each begins the `window` `anew`, so that no more than `limit` fall into any; else the first one began
        it. From the `limit`-th on nobody may guess for `lock`. That is one statement on one row: however
        many processes count, each gets another number.
        """
        over = GUESSES.c.until <= at
        row = self.insert(GUESSES).values(
            subject=subject, count=1, until=at + (lock if limit == 1 else window)
        )
        counted = row.on_conflict_do_update(
            index_elements=["subject"],
            set_={
                "count": sa.case((over, 1), else_=GUESSES.c.count + 1),
                "until": sa.case(
                    (over, row.excluded.until),
                    (GUESSES.c.count + 1 == limit, at + lock),
                    (sa.and_(sa.literal(anew), GUESSES.c.count + 1 < limit), row.excluded.until),
                    else_=GUESSES.c.until,
                ),
            },
        )
        (found,) = self.rows(counted.returning(GUESSES.c.count, GUESSES.c.until))
        return Guess(found.count, found.until)

    def take_back(self, subject: str) -> None:
        """Let one guess not count, since it was none."""
        one = sa.update(GUESSES).where(GUESSES.c.subject == subject, GUESSES.c.count > 0)
        self.rows(one.values(count=GUESSES.c.count - 1))

    def forget_guesses(self, subject: str, at: int) -> None:
        """Forget the guesses about a subject, and all that don't count any more."""
        self.rows(sa.delete(GUESSES).where((GUESSES.c.subject == subject) | (GUESSES.c.until <= at)))


def _make_tables(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SETTING_UP)))
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    for table in TABLES.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            connection.execute(CreateIndex(index, if_not_exists=True))


def _sqlite(path: str) -> sa.Engine:
    """Return an engine on the file `PATH.sign-in`, for its owner's eyes only, or on memory."""
    if path == ":memory:":
        return sa.create_engine(
            "sqlite+pysqlite://",
            poolclass=sa.StaticPool,
            connect_args={"check_same_thread": False},
            hide_parameters=True,
        )
    file = Path(path).with_name(f"{Path(path).name}.sign-in")
    for_its_owner_only(str(file))

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(file, timeout=PATIENCE, check_same_thread=False)
        # What is erased is overwritten, and not only forgotten about.
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    return sa.create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=sa.QueuePool, hide_parameters=True
    )


def _postgres(url: str) -> sa.Engine:
    limit = int(PATIENCE * 1_000)
    options = f"-csearch_path={SCHEMA} -cstatement_timeout={limit} -clock_timeout={limit}"
    return sa.create_engine(
        "postgresql+psycopg://",
        # The server itself ends what takes longer than that; beyond it, the line is no more.
        creator=prompt(url, seconds=PATIENCE + 1, options=options),
        pool_size=1,
        max_overflow=8,
        pool_pre_ping=True,
        hide_parameters=True,
    )
