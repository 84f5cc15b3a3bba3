"""Timers on a real log and real read models: what is due fires once and in order, and nothing fires early."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from commands.accounts.add import AddAccount
from commands.command import Command, Outcome, Request
from commands.handler import Handler
from commands.tasks.accept import AcceptTask
from commands.tasks.answer_escalation import AnswerTaskEscalation
from commands.tasks.cancel import CancelTask
from commands.tasks.decide_extension import DecideTaskExtension
from commands.tasks.issue import IssueTasks
from commands.tasks.request_extension import RequestTaskExtension
from commands.tasks.suspend import SuspendTask
from commands.tasks.transfer import TransferTask
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from commands.towns.post_member import PostMember
from dispatch.domain.accounts import Role
from dispatch.domain.escalation import Escalated, TaskEscalated
from dispatch.domain.event import Event
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.tasks import TaskResumed, due_at
from dispatch.domain.towns import Post
from dispatch.eventlog import EventLog, open_log
from dispatch.eventlog.mapper import decode, decode_whole
from dispatch.service.calendars import china
from dispatch.service.clock import ClockGoesForward, SimulatedClock
from dispatch.service.timers.simulated import TimeLapse
from dispatch.service.timers.sweep import Sweep
from projections.catalogue import PROJECTIONS
from projections.engine.moment import Moments
from projections.engine.supervisor import Supervisor
from projections.questions.asked import When
from projections.questions.questions import Questions
from projections.tasks.listing import TaskFilter
from projections.tasks.row import TASKS
from tests.integration.projections.setting import open_generations
from tests.vaults import VAULT

TOWN = "500115101"
GRID = f"{TOWN}001001"
START = datetime(2023, 3, 1, 2, tzinfo=UTC)
TEN_HOURS = Limit(LimitKind.CLOCK_HOURS, 10)


class Office:
    """A town with a chief and a leader, its log and read models, and a clock moved by hand."""

    def __init__(self, log: EventLog, read_models: Supervisor, clock: SimulatedClock) -> None:
        self.log, self.read_models, self.clock = log, read_models, clock
        self.handler = self.another_handler()
        self.sweep = Sweep(self.handler, read_models, clock)
        self.lapse = TimeLapse(clock, log, self.handler, read_models, self.sweep)

    def another_handler(self) -> Handler:
        return Handler(self.log, calendar=china(), clock=self.clock, vault=VAULT)

    async def send(self, command: Command, account: str = "system") -> Outcome:
        return await self.handler.handle(Request(command=command, account=account))

    async def issue(self, limit: Limit = TEN_HOURS, *, assignee: str | None = "chief") -> str:
        command = IssueTasks(grids=(GRID,), title="巡查", category="patrol", limit=limit, assignee=assignee)
        return (await self.send(command)).key_of("task")

    async def caught_up(self) -> None:
        assert await self.read_models.wait_until(self.log.head(), 20)

    async def swept(self) -> int:
        await self.caught_up()
        found = await self.sweep.run()
        await self.caught_up()
        return found

    def wait(self, **time: float) -> None:
        self.clock.set(self.clock() + timedelta(**time))

    def events(self, task: str) -> list[Event]:
        return [decode(stored).event for stored in self.log.read_stream(f"task:{task}")]

    def steps(self, task: str) -> list[tuple[str, float, float]]:
        """The steps that have fired, with the hours at which they were planned and at which they fired."""
        hour = timedelta(hours=1)
        return [
            (event.step, (event.planned_at - START) / hour, (event.at - START) / hour)
            for event in self.events(task)
            if isinstance(event, Escalated)
        ]

    async def found_town(self) -> None:
        await self.send(FoundTown(town=TOWN, name="万顺镇"))
        await self.send(DrawGrids(town=TOWN, grids=(GridPlan(code=GRID, name="网格", village="村"),)))
        people = ("chief", "leader", "commander")
        members = tuple(MemberPlan(member=name, name=name) for name in people)
        await self.send(JoinMembers(town=TOWN, members=members))
        for name, place in (("chief", GRID), ("leader", TOWN), ("commander", TOWN)):
            await self.send(PostMember(town=TOWN, member=name, place=place, post=Post(name)))


@asynccontextmanager
async def office_on(database: str) -> AsyncIterator[Office]:
    clock = SimulatedClock(START)
    with open_log(database, clock=clock) as log:
        read_models = Supervisor(log, open_generations(database), PROJECTIONS, decode=decode)
        read_models.start()
        try:
            office = Office(log, read_models, clock)
            await office.found_town()
            await office.caught_up()
            yield office
        finally:
            await asyncio.to_thread(read_models.stop)


Play = Callable[[Callable[[Office], Awaitable[None]]], None]


@pytest.fixture
def play(database: str) -> Play:
    def play(story: Callable[[Office], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with office_on(database) as office:
                await story(office)

        asyncio.run(whole())

    return play


def test_what_is_due_fires_once_and_what_is_not_stays(play: Play) -> None:
    async def story(office: Office) -> None:
        task, later = await office.issue(), await office.issue(Limit(LimitKind.CLOCK_HOURS, 100))
        assert await office.swept() == 0
        office.wait(hours=5)
        assert await office.swept() == 1
        assert await office.swept() == 0
        assert office.steps(task) == [("notice", 5, 5)]
        assert office.steps(later) == []

    play(story)


def test_two_sweeps_at_once_fire_a_step_once(play: Play) -> None:
    async def story(office: Office) -> None:
        tasks = [await office.issue() for _ in range(20)]
        office.wait(hours=11)
        await office.caught_up()
        others = [Sweep(office.another_handler(), office.read_models, office.clock) for _ in range(3)]
        await asyncio.gather(office.sweep.run(), *(other.run() for other in others))
        for task in tasks:
            assert [step for step, _, _ in office.steps(task)] == ["notice", "reminder", "yellow_card"]

    play(story)


def test_a_clock_that_jumps_back_during_a_sweep_fires_nothing_early_and_nothing_twice(play: Play) -> None:
    async def story(office: Office) -> None:
        tasks = [await office.issue() for _ in range(8)]
        office.wait(hours=5)
        await office.caught_up()
        reads = itertools.count()

        def clock() -> datetime:
            # The first read finds what is due, the next four decide; then it is three hours earlier.
            return office.clock() - timedelta(hours=3 if next(reads) > 4 else 0)

        handler = Handler(office.log, calendar=china(), clock=clock, vault=VAULT)
        assert await Sweep(handler, office.read_models, clock).run() == len(tasks)
        assert [len(office.steps(task)) for task in tasks].count(1) == 4
        assert await office.swept() == 4
        assert await office.swept() == 0
        assert {tuple(office.steps(task)) for task in tasks} == {(("notice", 5, 5),)}

    play(story)


def test_after_an_outage_everything_missed_fires_once_and_says_how_late(play: Play) -> None:
    async def story(office: Office) -> None:
        task = await office.issue()
        office.wait(hours=25)
        await office.caught_up()
        assert await office.sweep.late() == timedelta(hours=20).total_seconds()
        await office.swept()
        assert office.steps(task) == [
            ("notice", 5, 25),
            ("reminder", 8, 25),
            ("yellow_card", 10, 25),
            ("red_card", 20, 25),
        ]
        assert await office.sweep.late() == 0

    play(story)


def test_a_suspension_that_ends_is_recorded_though_nobody_asks(play: Play) -> None:
    async def story(office: Office) -> None:
        task = await office.issue(assignee=None)
        await office.send(AcceptTask(task=task))
        until = office.clock() + timedelta(hours=3)
        await office.send(SuspendTask(task=task, reason="停工", until=until))
        office.wait(hours=4)
        assert await office.swept() == 1
        resumed = office.events(task)[-1]
        assert isinstance(resumed, TaskResumed)
        assert resumed.at == until

    play(story)


def test_nothing_fires_for_what_ended_or_was_answered(play: Play) -> None:
    async def story(office: Office) -> None:
        ended, answered = await office.issue(), await office.issue()
        office.wait(hours=5)
        await office.swept()
        await office.send(CancelTask(task=ended, reason="撤"))
        promised = office.clock() + timedelta(hours=10)
        await office.send(AnswerTaskEscalation(task=answered, promised_at=promised))
        office.wait(hours=9)
        assert await office.swept() == 0
        office.wait(hours=1)
        assert await office.swept() == 1
        assert [step for step, _, _ in office.steps(answered)] == ["notice", "reminder", "yellow_card"]
        assert [step for step, _, _ in office.steps(ended)] == ["notice"]

    play(story)


def test_time_set_by_hand_lets_everything_happen_at_its_own_time(play: Play) -> None:
    async def story(office: Office) -> None:
        first = await office.issue()
        await office.lapse.pass_until(START + timedelta(hours=1))
        second = await office.issue()
        # The read models need not know of it yet.
        await office.lapse.pass_until(START + timedelta(hours=9, minutes=30))
        assert office.clock() == START + timedelta(hours=9, minutes=30)
        assert office.steps(first) == [("notice", 5, 5), ("reminder", 8, 8)]
        assert office.steps(second) == [("notice", 6, 6), ("reminder", 9, 9)]
        order = [stored.stream for stored in office.log.read() if stored.name == "task.escalated"]
        assert order == [f"task:{task}" for task in (first, second, first, second)]
        with pytest.raises(ClockGoesForward):
            await office.lapse.pass_until(START)

    play(story)


def test_time_set_by_hand_knows_what_changed_since_it_was_last_set(play: Play) -> None:
    async def story(office: Office) -> None:
        unchanged, answered, ended = [await office.issue() for _ in range(3)]
        for minutes in (10, 20):
            await office.lapse.pass_until(START + timedelta(minutes=minutes))
        await office.send(CancelTask(task=ended, reason="撤"))
        promised = START + timedelta(hours=7)
        await office.lapse.pass_until(START + timedelta(hours=5))
        await office.send(AnswerTaskEscalation(task=answered, promised_at=promised))
        for hours in (6, 8):
            await office.lapse.pass_until(START + timedelta(hours=hours))
        assert office.steps(unchanged) == [("notice", 5, 5), ("reminder", 8, 8)]
        assert office.steps(answered)[0] == ("notice", 5, 5)
        assert office.steps(ended) == []

    play(story)


def test_rows_say_to_look_again_when_the_items_own_state_does(play: Play) -> None:
    async def story(office: Office) -> None:
        tasks = [await office.issue(assignee=None), *[await office.issue() for _ in range(4)]]
        await office.send(AcceptTask(task=tasks[0]))
        until = office.clock() + timedelta(hours=3)
        await office.send(SuspendTask(task=tasks[0], reason="停工", until=until))
        await office.send(CancelTask(task=tasks[1], reason="撤"))
        await office.send(TransferTask(task=tasks[2], reason="换人", grid=GRID))
        office.wait(hours=6)
        await office.swept()
        promised = office.clock() + timedelta(hours=4)
        await office.send(AnswerTaskEscalation(task=tasks[3], promised_at=promised))
        await office.caught_up()
        with office.read_models.connection() as connection:
            rows = {row.id: row.next_step_at for row in connection.execute(TASKS.table.select())}
        for task in tasks:
            assert rows[task] == due_at(await office.handler.state(f"task:{task}"))

    play(story)


def test_an_escalated_task_is_in_the_queue_and_in_the_figures(play: Play) -> None:
    async def story(office: Office) -> None:
        task, other = await office.issue(), await office.issue(Limit(LimitKind.CLOCK_HOURS, 100))
        office.wait(hours=10)
        await office.swept()
        moments = Moments(office.log, PROJECTIONS, decode=decode)
        questions = Questions(
            office.log, office.read_models.connection, moments, calendar=china(), decode_whole=decode_whole
        )
        when = When(now=office.clock())
        queue = questions.tasks(when, TOWN, TaskFilter(escalated=True))
        assert [(item.id, item.escalation_level, item.escalations) for item in queue.items] == [
            (task, "yellow_card", 3)
        ]
        assert questions.tasks(when, TOWN, TaskFilter(escalated=False)).items[0].id == other
        counts = questions.figures(when).counts.tasks
        assert (counts["escalated"], counts["yellow_cards"], counts["red_cards"]) == (1, 1, 0)
        past = When(now=office.clock(), as_of=START + timedelta(hours=9))
        assert questions.figures(past).counts.tasks["yellow_cards"] == 0
        entries = questions.timeline(when, f"task:{task}").entries
        assert [entry.en for entry in entries if entry.name == TaskEscalated.__struct_config__.tag]

    play(story)


def test_a_deadline_explains_itself_with_pauses_and_extensions(play: Play) -> None:
    async def story(office: Office) -> None:
        three_days = Limit(LimitKind.WORKING_DAYS, 3)
        task = await office.issue(three_days, assignee=None)
        await office.send(AcceptTask(task=task))
        office.wait(hours=3)
        await office.send(SuspendTask(task=task, reason="停工", until=office.clock() + timedelta(days=2)))
        await office.lapse.pass_until(office.clock() + timedelta(days=3))
        await office.send(RequestTaskExtension(task=task, reason="雨"))
        await office.send(AddAccount(account="op", name="值班", role=Role.OPERATOR, scope=TOWN))
        await office.send(DecideTaskExtension(task=task, granted=True), "op")
        questions = Questions(
            office.log,
            office.read_models.connection,
            Moments(office.log, PROJECTIONS, decode=decode),
            calendar=china(),
            decode_whole=decode_whole,
        )
        found = questions.deadline(When(now=office.clock()), f"task:{task}")
        assert (found.rule, found.minutes) == ("default@1/task/patrol/handling", 2 * 3 * 8 * 60)
        assert sum(one.counted_minutes for one in found.segments) == found.minutes
        assert [one.what for one in found.segments].count("pause") == 1
        assert found.segments[-1].until == found.due
        assert len(found.extensions) == 1
        assert [one.step for one in found.steps][:2] == ["notice", "reminder"]
        before = questions.deadline(When(now=office.clock(), as_of=START), f"task:{task}")
        assert sum(one.counted_minutes for one in before.segments) == before.minutes == 3 * 8 * 60

    play(story)
