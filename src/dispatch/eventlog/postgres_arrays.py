"""Columns of rows as arrays of PostgreSQL: psycopg's own way there took up to a quarter of a commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Any, ClassVar, Final

import psycopg
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

HEAD: Final = Struct(">iiIii")
"""Dimensions, whether there are nulls, the items' type, how many, and the first one's number."""
LENGTH: Final = Struct(">i")
NUMBER: Final = Struct(">iq")


class Texts(list[str]):
    """Values of a column of texts."""


class Numbers(list[int]):
    """Values of a column of whole numbers."""


class Blobs(list[bytes]):
    """Values of a column of bytes."""


Column = Texts | Numbers | Blobs


def columns(rows: Sequence[tuple[Any, ...]]) -> list[Column]:
    """Return the columns of some rows, all of their values of one kind; none without rows."""
    return [_column(values) for values in zip(*rows, strict=True)]


def _column(values: tuple[Any, ...]) -> Column:
    if isinstance(values[0], str):
        return Texts(values)
    return Numbers(values) if isinstance(values[0], int) else Blobs(values)


class _ColumnDumper(Dumper):
    format = Format.BINARY
    item: ClassVar[int]

    def dump(self, obj: Column) -> bytes:
        return HEAD.pack(1, 0, self.item, len(obj), 1) + b"".join(self.parts(obj))

    def parts(self, column: Any) -> Iterable[bytes]:
        parts: list[bytes] = []
        for value in column:
            parts += (LENGTH.pack(len(value)), value)
        return parts


class _BlobsDumper(_ColumnDumper):
    item, oid = types["bytea"].oid, types["bytea"].array_oid


class _TextsDumper(_ColumnDumper):
    item, oid = types["text"].oid, types["text"].array_oid

    def parts(self, column: Texts) -> Iterable[bytes]:
        return super().parts([text.encode() for text in column])


class _NumbersDumper(_ColumnDumper):
    item, oid = types["int8"].oid, types["int8"].array_oid

    def parts(self, column: Numbers) -> Iterable[bytes]:
        return [NUMBER.pack(8, number) for number in column]


def register(connection: psycopg.Connection[Any]) -> None:
    """Have a connection take columns as parameters."""
    for kind, dumper in ((Texts, _TextsDumper), (Numbers, _NumbersDumper), (Blobs, _BlobsDumper)):
        connection.adapters.register_dumper(kind, dumper)
