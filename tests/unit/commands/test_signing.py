"""That the log is signed no more, or not delivered outside, is on record once, and so is that it is again."""

from datetime import UTC, datetime

from msgspec.structs import replace

from commands.checkpoints.refuse import RefuseCheckpoint
from commands.checkpoints.report_delivered import ReportDelivered
from commands.checkpoints.report_undelivered import ReportUndelivered
from commands.checkpoints.resume import ResumeCheckpoints
from commands.command import Command
from dispatch.domain.checkpoints import (
    CheckpointDelivered,
    CheckpointRefused,
    CheckpointResumed,
    CheckpointUndelivered,
    Discrepancy,
    Finding,
    Outside,
)
from tests.unit.commands.scenario import SERVICE, Scenario

SHORTER = Discrepancy(finding=Finding.SHORTER, size=20, sha256="ab" * 32, held=12)
OTHER = replace(SHORTER, finding=Finding.OTHER_EVENTS, held=25)
LARGER = replace(OTHER, size=30, sha256="cd" * 32)


def recorded(*commands: Command) -> list[type]:
    scenario = Scenario()
    return [type(event) for command in commands for event in scenario.when(command, SERVICE)]


def test_each_is_recorded_once_however_often_it_is_tried() -> None:
    resume = ResumeCheckpoints(size=31, sha256="ef" * 32)
    refused, resumed = CheckpointRefused, CheckpointResumed
    assert recorded(resume) == []
    # The log grows meanwhile, past the size that the checkpoint knows.
    assert recorded(RefuseCheckpoint(discrepancy=SHORTER), RefuseCheckpoint(discrepancy=OTHER)) == [refused]
    both = RefuseCheckpoint(discrepancy=OTHER), RefuseCheckpoint(discrepancy=LARGER)
    assert recorded(*both, resume, resume, both[0]) == [refused, refused, resumed, refused]


def test_that_a_place_gets_no_checkpoints_is_recorded_once_until_it_gets_them_again() -> None:
    since = datetime(2024, 3, 4, 9, tzinfo=UTC)
    directory, endpoint = (ReportUndelivered(to=to, since=since, error="no answer") for to in Outside)
    again = [ReportDelivered(to=to, size=31) for to in Outside]
    undelivered, delivered = CheckpointUndelivered, CheckpointDelivered
    assert recorded(*again) == []
    assert recorded(endpoint, replace(endpoint, error="it answered 503"), again[0]) == [undelivered]
    assert recorded(endpoint, directory, *again, *again) == [undelivered] * 2 + [delivered] * 2
    assert recorded(endpoint, again[1], endpoint) == [undelivered, delivered, undelivered]
    # It is signed no more: that nothing is delivered goes without saying until it is signed again.
    refuse, resume = RefuseCheckpoint(discrepancy=SHORTER), ResumeCheckpoints(size=31, sha256="ef" * 32)
    assert recorded(refuse, directory) == [CheckpointRefused]
    refused_resumed = [CheckpointRefused, CheckpointResumed]
    assert recorded(refuse, directory, resume, directory) == [*refused_resumed, undelivered]
    assert recorded(endpoint, refuse, resume, endpoint, again[1]) == [
        undelivered,
        *refused_resumed,
        delivered,
    ]
