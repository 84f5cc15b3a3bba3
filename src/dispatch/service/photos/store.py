"""Where photos are kept: beside the log, each once, with who sent it and whether an event names it."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dispatch.domain.refusal import Unknown
from dispatch.eventlog.log import micros
from dispatch.service.beside import Beside, let_go
from dispatch.service.photos.pictures import Picture, picture

UNNAMED: Final = timedelta(days=1)
"""How long a photo is kept that no event names: the report that is to name it may still be on its way."""
CREATION: Final = 0x70686F746F73
"""The advisory lock under which the tables are created."""
SENDING: Final = CREATION + 1
"""The advisory lock that keeps a photo from being forgotten while somebody sends it again."""


class PhotoUnknown(Unknown):
    """There is no such photo of that item."""


class PhotoDamaged(Exception):
    """A photo is not the one that was sent: its bytes were changed behind our back."""

    def __init__(self, digest: str) -> None:
        super().__init__(f"the photo {digest} was changed")
        self.digest = digest


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a photo that is kept; `size` in bytes, width and height in pixels."""

    digest: str
    media_type: str
    size: int
    width: int
    height: int


Sent = tuple[str, str]
"""A photo's digest and the account that sent it."""


class Note(msgspec.Struct, frozen=True):
    """When a photo was last sent by an account (µs), and whether an event of that account's names it."""

    at: int
    named: bool


class Noted(NamedTuple):
    """What is noted of photos: who sent which, which there are, and up to which position events were read.

    `followed` is None if that isn't kept as it was.
    """

    sent: dict[Sent, Note]
    photos: set[str]
    followed: int | None


def described(content: bytes, digest: str) -> Kept:
    """Return what is to be known of a photo that is kept as these bytes. `PhotoUnusable` if they are none."""
    _, media_type, width, height = picture(content)
    return Kept(digest=digest, media_type=media_type, size=len(content), width=width, height=height)


class Store:
    """The photos of one installation; each call is one transaction, and blocks."""

    def __init__(self, database: str) -> None:
        self._beside = Beside(database, "photos", creation=CREATION)
        self._engine = self._beside.engine
        self.metadata = metadata = self._beside.metadata
        self._followed = sa.Table(
            "followed",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("position", sa.BigInteger, nullable=False),
        )
        self._photos = sa.Table(
            "photos",
            metadata,
            sa.Column("digest", sa.Text, primary_key=True),
            sa.Column("media_type", sa.Text, nullable=False),
            sa.Column("size", sa.Integer, nullable=False),
            sa.Column("width", sa.Integer, nullable=False),
            sa.Column("height", sa.Integer, nullable=False),
            sa.Column("content", sa.LargeBinary, nullable=False),
        )
        self._sent = sa.Table(
            "sent",
            metadata,
            sa.Column("digest", sa.Text, primary_key=True),
            sa.Column("account", sa.Text, primary_key=True),
            sa.Column("at", sa.BigInteger, nullable=False),
            sa.Column("named", sa.Boolean, nullable=False),
            sa.Index("sent_and_not_named", "named", "at"),
        )
        self._told = [self._photos.c[name] for name in Kept.__struct_fields__]

    def open(self, head: int) -> None:
        """Make the tables if they are not there. What the log held before, up to `head`, named no photo here.

        A log that was put back is followed again from where it ends.
        """
        self._beside.create()
        with self._engine.begin() as connection:
            first = self._insert(self._followed).values(id=1, position=head)
            connection.execute(first.on_conflict_do_nothing())
            back = sa.update(self._followed).where(self._followed.c.position > head)
            connection.execute(back.values(position=head))

    def close(self) -> None:
        """Let go of the database."""
        let_go(self._engine)

    def _insert(self, table: sa.Table) -> Any:
        return (sqlite if self._beside.embedded else postgresql).insert(table)

    def _hold(self, connection: sa.Connection, *, alone: bool) -> None:
        """Keep sending and forgetting apart; on SQLite, one transaction at a time writes anyway."""
        if not self._beside.embedded:
            lock = sa.func.pg_advisory_xact_lock if alone else sa.func.pg_advisory_xact_lock_shared
            connection.execute(sa.select(lock(SENDING)))

    def keep(self, picture: Picture, account: str, now: datetime) -> Kept:
        """Keep a photo that an account has sent; sent again, it is kept once, and from now on."""
        content, media_type, width, height = picture
        kept = Kept(
            digest=picture.digest, media_type=media_type, size=len(content), width=width, height=height
        )
        photo = self._insert(self._photos).values(**msgspec.structs.asdict(kept), content=content)
        sent = self._insert(self._sent).values(
            digest=kept.digest, account=account, at=micros(now), named=False
        )
        again = sent.on_conflict_do_update(
            index_elements=["digest", "account"], set_={"at": sent.excluded.at}
        )
        with self._engine.begin() as connection:
            self._hold(connection, alone=False)
            connection.execute(photo.on_conflict_do_nothing())
            connection.execute(again)
        return kept

    def unnamed(self, account: str) -> int:
        """Return how many photos of an account no event names yet."""
        c = self._sent.c
        count = sa.select(sa.func.count()).where(c.account == account, c.named == sa.false())
        with self._engine.connect() as connection:
            return int(connection.execute(count).scalar_one())

    def of(self, named: Collection[Sent]) -> list[Kept]:
        """Return the photos among digests that accounts have named: those that the same account has sent."""
        c = self._sent.c
        digests = dict.fromkeys(digest for digest, _ in named)
        rows = sa.select(*self._told, c.account).join(self._sent, c.digest == self._photos.c.digest)
        with self._engine.connect() as connection:
            found = list(connection.execute(rows.where(c.digest.in_(sorted(digests)))))
        kept = {
            row.digest: Kept(**{name: getattr(row, name) for name in Kept.__struct_fields__})
            for row in found
            if (row.digest, row.account) in named
        }
        return [kept[digest] for digest in digests if digest in kept]

    def content(self, digest: str) -> bytes:
        """Return a photo's bytes.

        `PhotoUnknown` if it is not there, `PhotoDamaged` if they are others, or not what is said of them.
        """
        with self._engine.connect() as connection:
            wanted = sa.select(*self._told, self._photos.c.content).where(self._photos.c.digest == digest)
            found = connection.execute(wanted).one_or_none()
        if found is None:
            raise PhotoUnknown(digest=digest)
        *told, content = found
        content = bytes(content)
        whole = sha256(content).hexdigest() == digest
        if not whole or tuple(told) != msgspec.structs.astuple(described(content, digest)):
            raise PhotoDamaged(digest)
        return content

    def damaged(self) -> Iterator[str]:
        """Return the digests of which the photo is another, one after the other; none without tables."""
        if not self._beside.holds("sent"):
            return
        with self._engine.connect() as connection:
            digests = list(connection.execute(sa.select(self._photos.c.digest)).scalars())
        for digest in digests:
            try:
                self.content(digest)
            except PhotoUnknown:
                continue  # forgotten meanwhile
            except PhotoDamaged:
                yield digest

    def noted(self) -> Noted:
        """Return what is noted of photos; nothing without tables."""
        if not self._beside.holds("sent"):
            return Noted({}, set(), 0)
        c = self._sent.c
        with self._engine.begin() as connection:
            rows = connection.execute(sa.select(c.digest, c.account, c.at, c.named)).all()
            photos = set(connection.execute(sa.select(self._photos.c.digest)).scalars())
            followed = self._beside.position(connection, self._followed)
        return Noted({(one, who): Note(at, named=named) for one, who, at, named in rows}, photos, followed)

    def followed(self) -> int:
        """Return the log position up to which it is known which photos events name."""
        with self._engine.connect() as connection:
            return int(connection.execute(sa.select(self._followed.c.position)).scalar_one())

    def name(self, sent: Collection[Sent], *, through: int) -> None:
        """Note which photos are named by events up to a position: those are kept for good."""
        c = self._sent.c
        with self._engine.begin() as connection:
            for digest, account in sorted(sent):
                theirs = sa.update(self._sent).where(c.digest == digest, c.account == account)
                connection.execute(theirs.values(named=True))
            connection.execute(sa.update(self._followed).values(position=through))

    def erase(self, sent: Collection[Sent]) -> None:
        """Forget photos that accounts have sent, named or not."""
        if sent:
            with self._engine.begin() as connection:
                self._hold(connection, alone=True)
                self._drop(connection, sa.tuple_(self._sent.c.digest, self._sent.c.account).in_(sorted(sent)))

    def forget(self, now: datetime) -> int:
        """Forget what was sent long ago and named by nobody; returns how many photos are gone."""
        c = self._sent.c
        old = sa.and_(c.named == sa.false(), c.at < micros(now - UNNAMED))
        with self._engine.begin() as connection:
            self._hold(connection, alone=True)
            return self._drop(connection, old)

    def _drop(self, connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
        """Forget that photos were sent, and those that nobody else has sent; returns how many are gone."""
        digest = self._sent.c.digest
        gone = connection.execute(sa.delete(self._sent).where(which).returning(digest)).scalars().all()
        theirs = self._photos.c.digest.in_(sorted(set(gone)))
        others = self._photos.c.digest.in_(sa.select(digest))
        return connection.execute(sa.delete(self._photos).where(theirs, ~others)).rowcount
