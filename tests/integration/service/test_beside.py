"""Databases beside the log: several connections of a process, and others that come and go."""

import gc
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from dispatch.service.beside import Beside, let_go

WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("INSERT INTO t VALUES ('written by another process')")
connection.commit()
connection.close()
"""


def test_another_process_that_comes_and_goes_takes_nothing_away(tmp_path: Path) -> None:
    beside = Beside(f"sqlite:///{tmp_path / 'log.db'}", "secrets", creation=1)
    file = str(tmp_path / "log.db.secrets")
    with closing(beside.engine.raw_connection()) as one:
        one.cursor().execute("CREATE TABLE t (text TEXT)")
        # One more of the same process, as its pool makes it when two work at once.
        with closing(beside.engine.raw_connection()) as another:
            for connection in (one, another):
                assert connection.cursor().execute("SELECT text FROM t").fetchall() == []
            subprocess.run([sys.executable, "-c", WRITE, file], check=True)
            assert Path(f"{file}-wal").exists(), "removed by somebody who took himself for the last one"
            for connection in (one, another):
                found = connection.cursor().execute("SELECT text FROM t").fetchall()
                assert found == [("written by another process",)]
            one.cursor().execute("INSERT INTO t VALUES ('written here')")
    beside.engine.dispose()
    with closing(sqlite3.connect(file)) as later:
        assert len(later.execute("SELECT text FROM t").fetchall()) == 2
    assert Path(file).stat().st_mode & 0o077 == 0


def test_who_is_still_at_it_when_it_is_let_go_leaves_no_connection_behind(database: str) -> None:
    beside = Beside(database, "secrets", creation=1)
    with beside.engine.connect() as connection:
        let_go(beside.engine)
        assert connection.scalar(sa.text("SELECT 1")) == 1
    gc.collect()  # a warning fails a test: here one of a connection that was forgotten while it was open
