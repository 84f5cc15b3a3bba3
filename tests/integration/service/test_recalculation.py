"""A switch to emergency mode on a real log: every open item that it concerns gets its deadline, each once."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

from commands.cases.report import ReportCase
from commands.command import Request
from commands.handler import Handler
from commands.modes.enter import EnterEmergency
from commands.modes.leave import LeaveEmergency
from commands.tasks.issue import IssueTasks
from commands.tasks.recalculate import RecalculateTask
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.modes import DeadlinesRecalculated, Grade
from dispatch.domain.policy import Mode
from dispatch.domain.recalculation import CaseDeadlineRecalculated, TaskDeadlineRecalculated
from dispatch.service.calendars import china
from dispatch.service.timers.duty import LATEST
from dispatch.service.timers.sweep import Sweep
from projections.questions.asked import When
from tests.integration.service.test_plans import asking, log
from tests.integration.service.test_timers import GRID, START, TOWN, Office, Play, play
from tests.vaults import VAULT

__all__ = ["play"]

MODE = f"mode:{TOWN[:6]}"
FIVE_DAYS = Limit(LimitKind.WORKING_DAYS, 5)
RECALCULATED = (TaskDeadlineRecalculated, CaseDeadlineRecalculated)


async def begin(office: Office) -> str:
    flood = EnterEmergency(scope=TOWN, grade=Grade.RED, reason="洪水", recalculates=("patrol", "safety"))
    await office.send(flood)
    return f"{TOWN[:6]}@1"


def recalculated(office: Office) -> Counter[str]:
    return Counter(one.originator_id for one in log(office) if isinstance(one.event, RECALCULATED))


def ended(office: Office) -> list[datetime]:
    return [one.event.at for one in log(office) if isinstance(one.event, DeadlinesRecalculated)]


def another(office: Office) -> Sweep:
    """The sweep of another process, or of this one after a restart: it remembers nothing."""
    return Sweep(office.another_handler(), office.read_models, office.clock)


async def open_items(office: Office, number: int) -> set[str]:
    """Open so many tasks and one case that the flood concerns, and one task that it doesn't."""
    tasks = [await office.issue(FIVE_DAYS, assignee=None) for _ in range(number)]
    case = await office.send(ReportCase(grid=GRID, category="safety", title="堤坝渗水"))
    await office.send(IssueTasks(grids=(GRID,), title="走访", category="visit"))
    return {f"case:{case.key_of('case')}", *(f"task:{task}" for task in tasks)}


def test_every_open_item_that_is_listed_is_recalculated_once_and_says_by_which_emergency(play: Play) -> None:
    async def story(office: Office) -> None:
        items = await open_items(office, 70)
        name = await begin(office)
        assert await office.swept() == 1
        assert await office.swept() == 0
        assert recalculated(office) == dict.fromkeys(items, 1)
        assert ended(office) == [START]
        for one in log(office):
            if isinstance(one.event, RECALCULATED):
                assert one.event.emergency == name
                assert one.metadata is not None
                assert (one.metadata.source, one.metadata.correlation_id) == ("timer", MODE)
                assert one.metadata.causation_id == f"{MODE}/{name}"
        (shown,) = asking(office).modes(When(now=office.clock()), TOWN).modes
        assert (shown.recalculates, shown.recalculated_at) == (("patrol", "safety"), START)
        task = max(items).partition(":")[2]
        row = asking(office).task(When(now=office.clock()), task)
        assert row.handling_due == START + timedelta(hours=2)
        assert row.deadline.rule == "default@1/task/patrol/handling/emergency"
        late = await office.issue()
        await office.swept()
        assert f"task:{late}" not in recalculated(office)

    play(story)


def test_sweeps_that_race_recalculate_each_item_once_and_end_once(play: Play) -> None:
    async def story(office: Office) -> None:
        items = await open_items(office, 40)
        await begin(office)
        await office.caught_up()
        await asyncio.gather(office.sweep.run(), *(another(office).run() for _ in range(3)))
        assert recalculated(office) == dict.fromkeys(items, 1)
        assert ended(office) == [START]

    play(story)


def test_what_a_killed_process_left_undone_is_done_by_the_next_and_nothing_twice(play: Play) -> None:
    async def story(office: Office) -> None:
        items = await open_items(office, 9)
        name = await begin(office)
        done = sorted(item for item in items if item.startswith("task:"))[:4]
        for item in done:
            await office.send(RecalculateTask(task=item.partition(":")[2], emergency=name))
        office.wait(seconds=2 * LATEST)
        await office.caught_up()
        # Readiness turns red beyond `LATEST`.
        assert await office.sweep.late() == 2 * LATEST
        assert await another(office).run() == 1
        await office.caught_up()
        assert await another(office).run() == 0
        assert await office.sweep.late() == 0
        assert recalculated(office) == dict.fromkeys(items, 1)
        assert ended(office) == [START + timedelta(seconds=2 * LATEST)]
        # Late as it came, everything counts from the switch.
        assert {
            one.event.handling.due for one in log(office) if isinstance(one.event, TaskDeadlineRecalculated)
        } == {START + timedelta(hours=2)}

    play(story)


def test_an_emergency_that_is_over_recalculates_nothing_more(play: Play) -> None:
    async def story(office: Office) -> None:
        await open_items(office, 2)
        await begin(office)
        await office.send(LeaveEmergency(scope=TOWN, reason="解除"))
        assert await office.swept() == 0
        assert await office.sweep.late() == 0
        assert not recalculated(office)
        assert not ended(office)

    play(story)


def test_time_that_is_set_forward_recalculates_first_and_then_climbs_in_minutes_at_night(play: Play) -> None:
    async def story(office: Office) -> None:
        task = await office.issue(FIVE_DAYS)
        await office.lapse.pass_until(START + timedelta(hours=13))
        await begin(office)  # eleven at night in Shanghai
        await office.lapse.pass_until(START + timedelta(hours=18))
        assert ended(office) == [START + timedelta(hours=13)]
        assert office.steps(task) == [
            ("notice", 14, 14),
            ("reminder", 14.6, 14.6),
            ("yellow_card", 15, 15),
            ("red_card", 17, 17),
        ]

    play(story)


def test_a_recalculated_deadline_explains_itself(play: Play) -> None:
    async def story(office: Office) -> None:
        task = await office.issue(FIVE_DAYS)
        await office.lapse.pass_until(START + timedelta(hours=2))
        await begin(office)
        await office.lapse.pass_until(START + timedelta(hours=3, minutes=30))
        await office.caught_up()
        found = asking(office).deadline(When(now=office.clock()), f"task:{task}")
        assert (found.limit.amount, found.minutes) == (2, 120)
        assert sum(one.counted_minutes for one in found.segments) == 120
        assert found.due == START + timedelta(hours=4)
        assert [(one.step, one.fired_at is not None) for one in found.steps[:3]] == [
            ("notice", True),
            ("reminder", False),
            ("yellow_card", False),
        ]
        before = asking(office).deadline(When(now=office.clock(), as_of=START), f"task:{task}")
        assert (before.limit, before.minutes) == (FIVE_DAYS, 5 * 8 * 60)

    play(story)


def test_an_emergency_of_a_clock_that_ran_ahead_is_left_without_a_trace_on_what_is_open(play: Play) -> None:
    async def story(office: Office) -> None:
        await open_items(office, 3)
        wrong = START + timedelta(days=400)
        ahead = Handler(office.log, calendar=china(), clock=lambda: wrong, vault=VAULT)
        flood = EnterEmergency(scope=TOWN, grade=Grade.RED, reason="洪水", recalculates=("*",))
        await ahead.handle(Request(command=flood, account="system"))
        assert await office.swept() == 0
        await office.send(LeaveEmergency(scope=TOWN, reason="时钟有误"))
        office.wait(days=401)
        await office.swept()
        assert not recalculated(office)
        (shown,) = asking(office).modes(When(now=office.clock()), TOWN).modes
        assert (shown.mode, shown.since) == (Mode.ROUTINE, None)

    play(story)
