"""Columns arrive at PostgreSQL as the arrays that they are."""

from typing import Any

import pytest

from dispatch.eventlog.postgres_arrays import Blobs, Numbers, Texts, columns
from dispatch.eventlog.postgres_connection import connect


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (Texts(["a", "", "网格", '{"quoted", \\}']), "text[]"),
        (Numbers([0, -1, 2**63 - 1, -(2**63)]), "bigint[]"),
        (Blobs([b"", b"\x00\xff", bytes(300)]), "bytea[]"),
        (Texts(), "text[]"),
        (Numbers(), "bigint[]"),
        (Blobs(), "bytea[]"),
    ],
)
def test_a_column_is_the_same_in_the_database(postgres_url: str, column: Any, kind: str) -> None:
    with connect(postgres_url) as connection:
        cursor = connection.execute("SELECT %b, pg_typeof(%b)::text", (column, column), binary=True)
        assert cursor.fetchone() == (list(column), kind)


def test_rows_become_columns_of_their_kinds() -> None:
    assert columns([("a", 1, b"x"), ("b", 2, b"y")]) == [Texts("ab"), Numbers([1, 2]), Blobs([b"x", b"y"])]
    assert columns([]) == []
