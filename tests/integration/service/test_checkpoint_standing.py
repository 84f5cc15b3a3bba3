"""What readiness tells of checkpoints: that nothing is signed any more, in whatever process is asked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from dispatch.eventlog import open_log
from dispatch.service.checkpoints import Checkpoints
from dispatch.service.settings import Settings
from tests.unit.eventlog.making import append

NOW = datetime(2024, 3, 4, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=21)


def test_a_log_that_is_signed_no_more_says_so(database: str, tmp_path: Path) -> None:
    settings = Settings(database=database, checkpoint_directory=tmp_path / "outside", checkpoint_minutes=10)
    with open_log(database, clock=lambda: NOW) as log:
        leading, other = Checkpoints(log, settings, lambda: NOW), Checkpoints(log, settings, lambda: LATER)
        assert other.standing() == {"state": "up", "error": None}
        log.append(append("a", events=5))
        assert leading.standing()["state"] == "up"
        assert other.standing() == {"state": "failing", "error": None}
        leading.look()
        assert other.standing()["state"] == leading.standing()["state"] == "up"

        # A checkpoint of a log that knew more: it was put back.
        [signed] = (tmp_path / "outside").glob("*5*")
        signed.write_text(signed.read_text().replace("\n5\n", "\n7\n"))
        log.append(append("b", events=1))
        leading = Checkpoints(log, settings, lambda: NOW)
        leading.look()
        assert leading.standing()["state"] == "failing"
        assert other.standing() == {"state": "failing", "error": None}
    assert leading.standing()["state"] == "failing"
    assert other.standing()["state"] == "unknown"
