"""Positions, conflicts and repeats within a group, against an obvious model."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from dispatch.eventlog.group_commit import Job
from dispatch.eventlog.log import Append, Appended, CommandIdReused, StaleRead, StoredCommand
from dispatch.eventlog.placement import Known, place
from tests.unit.eventlog.making import append, event

STREAMS = ["a", "b", "c"]


@dataclass
class Model:
    """The log as a list, one append at a time."""

    events: list[tuple[str, int]] = field(default_factory=list)
    commands: dict[str, tuple[bytes, int, int]] = field(default_factory=dict)

    def version(self, stream: str) -> int:
        return sum(1 for of, _ in self.events if of == stream)

    def append(self, append: Append) -> tuple[str, int, int] | str:
        if append.command_id in self.commands:
            fingerprint, first, last = self.commands[append.command_id]
            return ("repeat", first, last) if fingerprint == append.fingerprint else "reused"
        if any(self.version(stream) != version for stream, version in append.reads.items()):
            return "stale"
        before = len(self.events)
        self.events += [(new.stream, new.version) for new in append.events]
        last = len(self.events)
        first = before + 1 if append.events else last
        self.commands[append.command_id] = append.fingerprint, first, last
        return "new", first, last


@st.composite
def appends(draw: st.DrawFn) -> Append:
    reads = draw(st.dictionaries(st.sampled_from(STREAMS), st.integers(0, 3)))
    events = []
    for stream, version in reads.items():
        count = draw(st.integers(0, 2))
        events += [event(stream, version + place) for place in range(1, count + 1)]
    command_id = draw(st.sampled_from("pqrstuvwxyz"))
    return Append(command_id, draw(st.sampled_from([b"1", b"2"])), tuple(events), reads, command_id.encode())


def told(job: Job) -> tuple[str, int, int] | str:
    match job.answer:
        case StaleRead():
            return "stale"
        case CommandIdReused():
            return "reused"
        case Appended(first, last, _, outcome, repeated):
            assert outcome == job.append.outcome
            return "repeat" if repeated else "new", first, last
    raise AssertionError(job.answer)


@given(st.lists(st.lists(appends(), min_size=1, max_size=6), max_size=5))
def test_groups_are_answered_as_if_each_append_had_come_alone(groups: list[list[Append]]) -> None:
    model = Model()
    commands: dict[str, StoredCommand] = {}
    for group in groups:
        jobs = [Job(one) for one in group]
        head = len(model.events)
        versions: dict[str, int | None] = {stream: model.version(stream) or None for stream in STREAMS}
        placed = place(jobs, Known(head, 0, versions, dict(commands)), now=1)
        assert [told(job) for job in jobs] == [model.append(one) for one in group]
        assert placed.first == head + 1
        assert [(new.stream, new.version) for new in placed.events] == model.events[head:]
        commands |= {command.command_id: command for command in placed.commands}
    assert {key: (c.fingerprint, c.first, c.last) for key, c in commands.items()} == model.commands


def test_recorded_times_never_go_back_even_when_the_clock_does() -> None:
    placed = place([Job(append("a"))], Known(7, 1_000, {}, {}), now=900)
    assert placed.recorded_at == 1_000


def test_what_a_job_wrote_when_the_acknowledgement_got_lost_is_no_repeat() -> None:
    job = Job(append("a", command_id="x"))
    placed = place([job], Known(0, 0, {}, {}), now=5)
    stored = {"x": placed.commands[0]}
    place([job], Known(1, 5, {"a": 1}, dict(stored)), now=9)
    assert job.answer == Appended(1, 1, 5, b'"x"', repeated=False)
    another = Job(append("a", command_id="x"))
    place([another], Known(1, 5, {"a": 1}, dict(stored)), now=9)
    assert another.answer == Appended(1, 1, 5, b'"x"', repeated=True)
