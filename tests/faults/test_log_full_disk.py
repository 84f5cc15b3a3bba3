"""A database that has no room left: nothing is half stored, and it goes on when there is room again."""

from pathlib import Path

import pytest

from dispatch.eventlog import LogFull, LogUnavailable
from dispatch.eventlog.sqlite import SqliteLog
from tests.unit.eventlog.making import Clock, append


def test_sqlite_without_room_stores_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with SqliteLog(str(tmp_path / "log.db"), clock=Clock()) as log:
        log.append(append("a", events=100))
        assert log._writer is not None
        [(pages,)] = log._writer.execute("PRAGMA page_count").fetchall()
        log._writer.execute(f"PRAGMA max_page_count = {pages}")
        for _ in range(3):
            with pytest.raises(LogFull):
                log.append(append("b", events=2_000, command_id="x"))
            assert log.head() == 100
            assert log.outcome("x") is None
            assert log.full
        log._writer.execute("PRAGMA max_page_count = 1000000")
        assert log.append(append("b", events=2_000, command_id="x")).last == 2_100
        assert not log.full


def test_sqlite_that_somebody_else_keeps_locked_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        SqliteLog(str(tmp_path / "log.db"), clock=Clock()) as log,
        SqliteLog(str(tmp_path / "log.db"), clock=Clock()) as other,
    ):
        assert log._writer is not None
        assert other._writer is not None
        log._writer.execute("PRAGMA busy_timeout = 10")
        other._writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(LogUnavailable, match="locked"):
            log.append(append("a"))
        other._writer.execute("ROLLBACK")
        assert log.append(append("a")).first == 1
