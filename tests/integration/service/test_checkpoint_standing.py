"""What readiness tells of checkpoints: that nothing is signed any more, in whatever process is asked."""

import asyncio
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from commands.checkpoints.refuse import RefuseCheckpoint
from commands.checkpoints.report_delivered import ReportDelivered
from commands.checkpoints.report_undelivered import ReportUndelivered
from commands.checkpoints.resume import ResumeCheckpoints
from commands.command import Command
from dispatch.domain.checkpoints import Discrepancy, Finding, Outside
from dispatch.eventlog import open_log
from dispatch.eventlog.checkpoints.issuing import KeptCheckpoint
from dispatch.service.checkpoints import Checkpoints
from dispatch.service.outbox.store import Store
from dispatch.service.settings import ClockKind, Settings
from tests.e2e.http.checkpoint_endpoint import endpoint
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


def test_what_is_no_checkpoint_is_named_and_told_to_the_auditors_as_one_that_is_refused(
    database: str, tmp_path: Path
) -> None:
    settings = Settings(database=database, checkpoint_directory=tmp_path)
    garbage = tmp_path / "000000000099999.checkpoint"
    told: list[Command] = []

    async def tell(command: Command) -> None:
        told.append(command)

    with open_log(database, clock=lambda: NOW) as log:
        log.append(append("a", events=5))
        for content in (b"garbage\n", b"\xff"):
            garbage.write_bytes(content)
            checkpoints = Checkpoints(log, settings, lambda: NOW)
            checkpoints.look()
            assert checkpoints.error is not None
            assert checkpoints.error.startswith(f"{garbage.name} can't be read as a checkpoint: ")
            asyncio.run(checkpoints.say(tell))
        garbage.unlink()
        checkpoints.look()
        assert checkpoints.error is None
        asyncio.run(checkpoints.say(tell))
    found = Discrepancy(finding=Finding.UNREADABLE, size=99_999, sha256="", held=5)
    assert told[:2] == [RefuseCheckpoint(discrepancy=found)] * 2
    [resumed] = told[2:]
    assert isinstance(resumed, ResumeCheckpoints)
    assert resumed.size == 5


def test_a_directory_that_lost_its_checkpoints_is_begun_by_hand_only(database: str, tmp_path: Path) -> None:
    directory = tmp_path / "outside"
    settings = Settings(database=database, checkpoint_directory=directory)
    with open_log(database, clock=lambda: NOW) as log:
        log.append(append("a", events=5))
        Checkpoints(log, settings, lambda: NOW).look()
        log.append(append("b", events=1))
        for lost in (directory.rename, lambda aside: [one.rename(aside) for one in directory.iterdir()]):
            lost(tmp_path / "aside")
            leading = Checkpoints(log, settings, lambda: NOW)
            for _ in range(2):
                leading.look()
                assert leading.error is not None
                assert leading.error.startswith(f"directory: {directory} holds no checkpoint")
                assert not list(directory.glob("*"))
            kept = log.last_checkpoint()  # the log goes on to be signed
            assert kept is not None
            assert kept.size == log.head()
            Checkpoints(log, settings, lambda: NOW).issue()
            leading.look()
            assert leading.error is None
            assert [one.read_text() for one in directory.iterdir()] == [kept.note]
            shutil.rmtree(tmp_path / "aside", ignore_errors=True)


def test_what_fails_is_said_by_every_process_until_the_next_that_leads_has_mended_it(
    database: str, tmp_path: Path
) -> None:
    up = {"state": "up", "error": None}
    with (
        endpoint() as outside,
        open_log(database, clock=lambda: NOW) as log,
        closing(Store(database)) as store,
    ):
        store.open(log.head)
        directory = tmp_path / "outside"
        settings = Settings(database=database, checkpoint_directory=directory, checkpoint_url=outside.url)
        leading, other, next_one = (Checkpoints(log, settings, lambda: NOW, store) for _ in range(3))
        outside.answers = 503
        log.append(append("a", events=5))
        for _ in range(2):
            leading.look()
            leading.send()
        failing = {"state": "failing", "error": "url: it answered 503"}
        assert leading.standing() == other.standing() == failing

        # It dies. Nothing was recorded since, and nothing is written to the log's tables.
        del leading
        next_one.send()
        assert other.standing() == failing
        next_one.look()
        assert other.standing() == failing
        outside.answers = 204
        next_one.send()
        assert other.standing() == next_one.standing() == up
        statuses = [status for status, _ in outside.came]
        assert statuses == [503, 503, 204]
        kept = log.last_checkpoint()
        assert kept is not None
        assert outside.came[-1][1] == kept.note
        next_one.send()
        assert len(outside.came) == len(statuses)

        # What keeps the log from being signed, too; and what another process said of it goes with it.
        (directory / "999.checkpoint").write_text("no checkpoint")
        log.append(append("b", events=1))
        Checkpoints(log, settings, lambda: NOW, store).look()
        assert other.standing()["state"] == next_one.standing()["state"] == "failing"
        (directory / "999.checkpoint").unlink()
        next_one.stand_down()
        next_one.look()
        assert other.standing() == next_one.standing() == up


def test_auditors_are_told_of_a_delivery_that_fails_for_long_and_that_it_goes_on(
    database: str, tmp_path: Path
) -> None:
    directory = tmp_path / "outside"
    time = NOW
    with (
        endpoint() as outside,
        open_log(database, clock=lambda: NOW) as log,
        closing(Store(database)) as store,
    ):
        store.open(log.head)
        settings = Settings(
            database=database,
            checkpoint_directory=directory,
            checkpoint_url=outside.url,
            checkpoint_minutes=10,
        )

        def reports(leading: Checkpoints) -> list[Command]:
            told: list[Command] = []

            async def tell(command: Command) -> None:
                told.append(command)

            leading.look()
            leading.send()
            asyncio.run(leading.say(tell))
            return [one for one in told if isinstance(one, ReportDelivered | ReportUndelivered)]

        log.append(append("a", events=5))
        outside.answers = 503
        directory.write_text("a file in its place")
        leading, next_one = (Checkpoints(log, settings, lambda: time, store) for _ in range(2))
        assert reports(leading) == []
        time = NOW + timedelta(minutes=20)
        assert reports(leading) == []
        time = LATER
        # It has failed since before this one led.
        leading.stand_down()
        said = (
            f"directory: {directory} holds no checkpoint, and some were issued before: "
            "mount it, or run dispatch checkpoint to begin"
        )
        undelivered = ReportUndelivered(to=Outside.DIRECTORY, since=NOW, error=said)
        to_endpoint = ReportUndelivered(to=Outside.ENDPOINT, since=NOW, error="url: it answered 503")
        assert reports(next_one) == [undelivered, to_endpoint]

        outside.answers = 204
        assert reports(next_one) == [undelivered, ReportDelivered(to=Outside.ENDPOINT, size=5)]
        directory.unlink()
        Checkpoints(log, settings, lambda: time).issue()
        assert reports(next_one) == [ReportDelivered(to=Outside.DIRECTORY, size=5)]
        assert reports(next_one) == []
        simulated = settings.model_copy(update={"clock": ClockKind.SIMULATED})
        outside.answers = 503
        jumping = Checkpoints(log, simulated, lambda: time, store)
        assert reports(jumping) == []
        time = LATER + timedelta(days=1)
        assert reports(jumping) == []


def test_what_the_database_keeps_as_the_last_checkpoint_and_is_none_is_named(
    database: str, tmp_path: Path
) -> None:
    settings = Settings(database=database, checkpoint_directory=tmp_path)
    told: list[Command] = []

    async def tell(command: Command) -> None:
        told.append(command)

    with open_log(database, clock=lambda: NOW) as log:
        log.append(append("a", events=5))
        log.keep_checkpoint(KeptCheckpoint(3, 0, "garbage"))
        checkpoints = Checkpoints(log, settings, lambda: NOW)
        checkpoints.look()
        assert checkpoints.error is not None
        assert checkpoints.error.startswith("the database's checkpoint of 3 events can't be read: ")
        asyncio.run(checkpoints.say(tell))
    found = Discrepancy(finding=Finding.UNREADABLE, size=3, sha256="", held=5)
    assert told == [RefuseCheckpoint(discrepancy=found)]
