"""An error of the database never repeats what was to be written or looked for: it ends in a log line."""

import ast
from pathlib import Path

import pytest
import sqlalchemy as sa

from dispatch.service.sign_in.store import SecretStore
from dispatch.service.sign_in.tables import PASSWORDS

PROJECT = Path(__file__).parents[2]
CANARY = "$argon2id$a-hash-that-nobody-is-to-see"


def test_an_error_of_the_database_does_not_say_what_was_to_be_kept(database: str) -> None:
    store = SecretStore(database)
    try:
        row = {"credential": "one", "account": None, "hash": CANARY}
        with pytest.raises(sa.exc.IntegrityError) as refused:
            store.rows(sa.insert(PASSWORDS).values(row))
    finally:
        store.close()
    # Of a row that breaks a constraint PostgreSQL itself says what stands in it; all else is ours.
    before, _, after = str(refused.value).partition("DETAIL:")
    assert CANARY not in before + after.partition("[SQL:")[2]


def test_every_engine_keeps_parameters_out_of_its_errors() -> None:
    calls = [
        (path, call)
        for folder in ("src", "projections")
        for path in (PROJECT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("create_engine")
    ]
    assert len(calls) > 5
    loud = [
        f"{path.relative_to(PROJECT)}:{call.lineno}"
        for path, call in calls
        if not any(ast.unparse(one) == "hide_parameters=True" for one in call.keywords)
    ]
    assert loud == []
