"""How a field of a row is stored: the same plain values on PostgreSQL and on SQLite."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, NewType, Union, get_args, get_origin

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Convert = Callable[[Any], Any]


def to_microseconds(at: datetime) -> int:
    """Return the microseconds from 1970 (UTC) to an aware time; exact, unlike `timestamp()`."""
    return (at - EPOCH) // MICROSECOND


def from_microseconds(at: int) -> datetime:
    """Return the time, in UTC, so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=at)


TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text that both databases sort by code point, so that an order or a prefix means the same."""


class Coded(sa.types.TypeDecorator[Any]):
    """A column whose Python values are stored as plain text or numbers."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, stored: sa.types.TypeEngine[Any], encode: Convert, decode: Convert) -> None:
        super().__init__()
        self.stored, self.encode, self.decode = stored, encode, decode

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Return the type that the database sees."""
        return dialect.type_descriptor(self.stored.dialect_impl(dialect))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 (SQLAlchemy's signature)
        """Return what is stored for a value."""
        return None if value is None else self.encode(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 (SQLAlchemy's signature)
        """Return the value of what is stored."""
        return None if value is None else self.decode(value)


class Refused(Exception):
    """A row has values that can't be stored: the fault of the fold that made it, not of the database."""


class Storage(NamedTuple):
    """How the values of one field are kept.

    `array` is PostgreSQL's name of the stored type, from which arrays of parameters are cast.
    `encode` and `decode` are None where the value is stored as it is; neither is given a None.
    """

    type: sa.types.TypeEngine[Any]
    array: str
    nullable: bool = False
    encode: Convert | None = None
    decode: Convert | None = None


PLAIN: dict[Any, Storage] = {
    str: Storage(TEXT, "text"),
    int: Storage(sa.BigInteger(), "bigint"),
    float: Storage(sa.Double(), "double precision"),
    bytes: Storage(sa.LargeBinary(), "bytea"),
    # SQLite gives a boolean back as 0 or 1.
    bool: Storage(sa.Boolean(), "boolean", decode=bool),
    # µs since 1970: sorts, compares and rounds alike everywhere, which dates and times of databases don't.
    datetime: Storage(
        Coded(sa.BigInteger(), to_microseconds, from_microseconds),
        "bigint",
        encode=to_microseconds,
        decode=from_microseconds,
    ),
    date: Storage(
        Coded(TEXT, date.isoformat, date.fromisoformat),
        "text",
        encode=date.isoformat,
        decode=date.fromisoformat,
    ),
}


def stored_as(hint: Any) -> Storage:
    """Return how values of a type are stored.

    Text, integers (64 bit), floats, booleans and bytes are stored as they are, a time as µs since 1970,
    a day as ISO text, a text or integer enumeration as its value, anything else as JSON text.
    """
    while True:
        if get_origin(hint) is Annotated:
            hint = get_args(hint)[0]
        elif isinstance(hint, NewType):
            hint = hint.__supertype__
        elif get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
            some = tuple(arm for arm in get_args(hint) if arm is not NoneType)
            return stored_as(Union[some])._replace(nullable=True)  # noqa: UP007 (made when running)
        else:
            break
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enumeration(hint)
    return _json(hint)


def _enumeration(hint: type[Enum]) -> Storage:
    plain = PLAIN[int] if all(isinstance(member.value, int) for member in hint) else PLAIN[str]
    values = {member: member.value for member in hint}
    members = {member.value: member for member in hint}
    encode, decode = values.__getitem__, members.__getitem__
    return plain._replace(type=Coded(plain.type, encode, decode), encode=encode, decode=decode)


def _json(hint: Any) -> Storage:
    encoder = msgspec.json.Encoder(order="deterministic")
    decode = msgspec.json.Decoder(hint).decode

    def encode(value: Any) -> str:
        return encoder.encode(value).decode()

    return Storage(Coded(TEXT, encode, decode), "text", encode=encode, decode=decode)
