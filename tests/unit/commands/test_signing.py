"""That the log is signed no more, or again, is on record once for each checkpoint that it parts from."""

from msgspec.structs import replace

from commands.checkpoints.refuse import RefuseCheckpoint
from commands.checkpoints.resume import ResumeCheckpoints
from dispatch.domain.checkpoints import CheckpointRefused, CheckpointResumed, Discrepancy, Finding
from tests.unit.commands.scenario import SERVICE, Scenario

SHORTER = Discrepancy(finding=Finding.SHORTER, size=20, sha256="ab" * 32, held=12)
OTHER = replace(SHORTER, finding=Finding.OTHER_EVENTS, held=25)
LARGER = replace(OTHER, size=30, sha256="cd" * 32)


def recorded(*commands: RefuseCheckpoint | ResumeCheckpoints) -> list[type]:
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
