"""Changing the key-encryption key: all that lies under it is put under another, in one transaction.

That is the wrapped keys of personal data, the digests that items are found by under a telephone number, and
what signs in: hashes of passwords, secrets of second factors and digests of recovery codes. What is sealed in
the log stays as it is, for the keys themselves don't change, and every proof still verifies. Who is on the
way at a provider begins anew. What lies under the new key already is left: what was broken off between the
two files of SQLite is finished by doing it once more.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import psycopg
import sqlalchemy as sa

from dispatch.domain.refusal import NotNow
from dispatch.eventlog import DatabaseLog
from dispatch.eventlog.mapper import decode
from dispatch.eventlog.postgres import APPEND_LOCK
from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.sealing import sealed_in, telephones
from dispatch.eventlog.vault.vault import SubjectKey, Vault, WrappedKey
from dispatch.service.settings import SQLITE
from dispatch.service.sign_in.bindings import BINDINGS, is_bound
from dispatch.service.sign_in.store import SCHEMA, SECRETS, SecretStore
from dispatch.service.sign_in.tables import FACTORS, JOURNEYS, PASSWORDS, RECOVERY_CODES
from dispatch.service.vaults import KeyEncryptionKeyWrong
from projections.engine.generations import DatabaseInUse, Generations

AT_ONCE: Final = 500
"""Keys that are read, and put under the new key, together."""
LOG: Final = sa.MetaData(schema="log")
KEYS: Final = sa.Table(
    "subject_keys",
    LOG,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("suite", sa.Text),
    sa.Column("wrapped_by", sa.LargeBinary),
    sa.Column("wrapped", sa.LargeBinary),
)
TELEPHONES: Final = sa.Table(
    "subject_telephones",
    LOG,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
)

Progress = Callable[[int, int], None]
"""Is told how many keys were looked at, of how many."""


class ServiceRunning(NotNow):
    """A service runs on this database: stop it first, since it knows the present key only."""


class SameKey(NotNow):
    """That is the present key-encryption key: nothing would change."""


class TelephoneChanged(NotNow):
    """A telephone number in the log was changed behind its back: `dispatch verify` says where."""


class Rewrapped(msgspec.Struct, frozen=True, kw_only=True):
    """How much was put under the new key; `keys` are those of personal data, `factors` second factors."""

    keys: int
    telephones: int
    factors: int
    passwords: int
    recovery_codes: int


def rewrap(
    log: DatabaseLog,
    database: str,
    generations: Generations,
    *,
    old: Vault,
    new: Vault,
    progress: Progress,
) -> Rewrapped:
    """Put everything under `new`: all of it or nothing.

    Raises `SameKey`, `ServiceRunning`, `KeyEncryptionKeyWrong` if something opens under neither key, and
    `TelephoneChanged`.
    """
    if old.id == new.id:
        raise SameKey
    with _alone(generations), _transaction(database) as connection:
        work = _Work(connection, log, old, new)
        keys, numbers = work.keys(progress)
        connection.execute(sa.delete(JOURNEYS))
        return Rewrapped(
            keys=keys,
            telephones=numbers,
            factors=work.bound(FACTORS),
            passwords=work.bound(PASSWORDS),
            recovery_codes=work.bound(RECOVERY_CODES),
        )


class _Work:
    def __init__(self, connection: sa.Connection, log: DatabaseLog, old: Vault, new: Vault) -> None:
        self._connection, self._log = connection, log
        self._old, self._new = old, new

    def keys(self, progress: Progress) -> tuple[int, int]:
        """Return how many keys and numbers were put under the new key."""
        count = sa.select(sa.func.count()).select_from(KEYS)
        total = int(self._connection.execute(count).scalar_one())
        seen = changed = numbers = 0
        after = ""
        while rows := self._page(after):
            after = rows[-1].subject
            fresh = {row.subject: key for row in rows if (key := self._unwrapped(WrappedKey(*row)))}
            self._keep(fresh)
            numbers += self._find_again(fresh)
            seen += len(rows)
            changed += len(fresh)
            progress(seen, total)
        return changed, numbers

    def bound(self, table: sa.Table) -> int:
        """Return how many of what signs in were bound by the new key; what isn't bound yet is left so."""
        key, kept = SECRETS[table]
        bind, opened = BINDINGS[table]
        changed = 0
        for row in self._connection.execute(sa.select(key, table.c.account, kept)).all():
            owner = (row.account, row[0])
            if not is_bound(row[2]):
                continue  # the service binds it when it starts, unless it was put there later
            try:
                plain = opened(self._old, *owner, row[2])
            except Unopenable:
                self._require_new(opened, self._new, *owner, row[2])
                continue
            this = sa.update(table).where(key == row[0], kept == row[2])
            self._connection.execute(this.values({kept.name: bind(self._new, *owner, plain)}))
            changed += 1
        return changed

    def _page(self, after: str) -> list[Any]:
        page = sa.select(KEYS).where(KEYS.c.subject > after).order_by(KEYS.c.subject).limit(AT_ONCE)
        return list(self._connection.execute(page).all())

    def _unwrapped(self, kept: WrappedKey) -> SubjectKey | None:
        """Return a key that lies under the old key, None if it lies under the new one already."""
        kept = kept._replace(wrapped_by=bytes(kept.wrapped_by), wrapped=bytes(kept.wrapped))
        try:
            return self._old.unwrap(kept)
        except Unopenable:
            self._require_new(self._new.unwrap, kept)
            return None

    @staticmethod
    def _require_new(attempt: Callable[..., object], *what: object) -> None:
        """Refuse unless what the old key doesn't open is opened by the new one."""
        try:
            attempt(*what)
        except Unopenable:
            raise KeyEncryptionKeyWrong from None

    def _keep(self, fresh: dict[str, SubjectKey]) -> None:
        """Keep keys anew: none is ever updated, as the tables themselves insist."""
        if fresh:
            self._connection.execute(sa.delete(KEYS).where(KEYS.c.subject.in_(fresh)))
            rows = [self._new.wrap(key)._asdict() for key in fresh.values()]
            self._connection.execute(sa.insert(KEYS), rows)

    def _find_again(self, fresh: dict[str, SubjectKey]) -> int:
        """Digest the numbers anew of those that are found by one; returns how many digests that makes."""
        asked = sa.select(TELEPHONES.c.subject).where(TELEPHONES.c.subject.in_(fresh)).distinct()
        found = [row.subject for row in self._connection.execute(asked).all()]
        if not found:
            return 0
        rows = [
            {"subject": subject, "digest": digest}
            for subject in found
            for digest in sorted(self._digests(subject, fresh[subject]))
        ]
        self._connection.execute(sa.delete(TELEPHONES).where(TELEPHONES.c.subject.in_(found)))
        if rows:
            self._connection.execute(sa.insert(TELEPHONES), rows)
        return len(rows)

    def _digests(self, subject: str, key: SubjectKey) -> set[bytes]:
        numbers = (
            key.open(*sealed)
            for stored in self._log.read_stream(subject)
            for sealed in sealed_in(stored.name, stored.version, telephones(decode(stored).event))
        )
        try:
            return set().union(*map(self._new.telephones, numbers))
        except Unopenable:
            raise TelephoneChanged(subject=subject) from None


@contextmanager
def _alone(generations: Generations) -> Iterator[None]:
    """Keep every service from working on the database meanwhile; `ServiceRunning` if one does."""
    try:
        generations.claim()
    except DatabaseInUse:
        raise ServiceRunning from None
    try:
        with generations.session() as session:
            if not session.lead():
                raise ServiceRunning
            yield
    finally:
        generations.close()


@contextmanager
def _transaction(database: str) -> Iterator[sa.Connection]:
    """Give a transaction over the log's tables and those of signing in, which keeps appends out."""
    SecretStore(database).close()  # makes its tables, if nobody has signed in yet
    on_sqlite = database.startswith(SQLITE)
    path = database.removeprefix(SQLITE)

    def sqlite() -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=30.0, isolation_level=None)
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("ATTACH ? AS sign_in", (f"{path}.sign-in",))
        connection.execute("PRAGMA sign_in.secure_delete = ON")
        return connection

    engine = (
        sa.create_engine("sqlite+pysqlite://", creator=sqlite, poolclass=sa.NullPool, hide_parameters=True)
        if on_sqlite
        else sa.create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(database),
            poolclass=sa.NullPool,
            hide_parameters=True,
        )
    )
    names = {"log": "main", None: "sign_in"} if on_sqlite else {"log": "dispatch_log", None: SCHEMA}
    with engine.execution_options(schema_translate_map=names).begin() as connection:
        if on_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
        yield connection
