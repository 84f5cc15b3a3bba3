"""Recurring plans on a real log: found by index, issued once whoever races, and what the visits come to."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

from commands.accounts.add import AddAccount
from commands.command import Request
from commands.households.change import ChangeHousehold
from commands.households.leave import LeaveHousehold
from commands.households.record import NewHousehold, RecordHouseholds
from commands.plans.pause import PausePlan
from commands.plans.start import StartPlan
from commands.tasks.accept import AcceptTask
from commands.tasks.submit import SubmitTask
from commands.tasks.verify import VerifyTask
from commands.towns.draw_grids import DrawGrids, GridPlan
from dispatch.domain.accounts import Role
from dispatch.domain.escalation import TaskEscalated
from dispatch.domain.event import Recorded
from dispatch.domain.households import HouseholdClass, HouseholdVisited
from dispatch.domain.plans import PlanCameRound, PlanPassedOver, PlanTerms, Targets
from dispatch.domain.schedule import Schedule
from dispatch.domain.tasks import TaskIssued
from dispatch.eventlog.mapper import decode, decode_whole
from dispatch.service.calendars import china
from dispatch.service.timers.sweep import Sweep
from projections.catalogue import PAST
from projections.engine.moment import Moments
from projections.questions.answers import Rate
from projections.questions.asked import Asked, When, Window
from projections.questions.questions import Questions
from tests.integration.service.test_timers import GRID, TOWN, Office, Play, play

__all__ = ["play"]

OTHER = f"{TOWN}002001"
EIGHT = datetime(2023, 3, 2, 0, tzinfo=UTC)
"""Eight in Shanghai on the 2nd of March 2023, a Thursday: the first time of a daily plan."""
DAY = timedelta(days=1)
HIGH_RISK, KEY = HouseholdClass.HIGH_RISK, HouseholdClass.KEY


def asking(office: Office) -> Questions:
    moments = Moments(office.log, PAST, decode=decode)
    return Questions(
        office.log, office.read_models.connection, moments, calendar=china(), decode_whole=decode_whole
    )


async def started(office: Office, **changes: object) -> str:
    daily = Schedule(times=(time(8),))
    terms: dict[str, Any] = {"scope": TOWN, "title": "日常巡逻", "category": "patrol", "schedule": daily}
    outcome = await office.send(StartPlan(terms=PlanTerms(**{**terms, **changes})))
    await office.caught_up()
    return outcome.key_of("plan")


async def recorded(office: Office, grid: str, household_class: HouseholdClass, number: int) -> list[str]:
    new = NewHousehold(grid=grid, household_class=household_class, name="张三户", address="一组")
    outcome = await office.send(RecordHouseholds(households=(new,) * number))
    await office.caught_up()
    return [written.stream.partition(":")[2] for written in outcome.written]


def log(office: Office) -> list[Recorded]:
    return [decode_whole(stored) for stored in office.log.read()]


def rounds(office: Office) -> list[PlanCameRound]:
    return [one.event for one in log(office) if isinstance(one.event, PlanCameRound)]


async def worked(office: Office, task: str, *, not_met: tuple[str, ...] = ()) -> None:
    await office.send(AcceptTask(task=task, begin=True))
    await office.send(SubmitTask(task=task, note="已走访", not_met=not_met))


def test_a_sweep_issues_what_is_due_and_says_where_it_came_from(play: Play) -> None:
    async def story(office: Office) -> None:
        plan = await started(office)
        assert await office.swept() == 0
        office.clock.set(EIGHT)
        assert await office.swept() == 1
        assert await office.swept() == 0
        (issued,) = [one for one in log(office) if isinstance(one.event, TaskIssued)]
        assert isinstance(issued.event, TaskIssued)
        assert issued.event.plan == plan
        assert issued.metadata is not None
        assert issued.metadata.correlation_id == f"plan:{plan}"
        assert issued.metadata.causation_id == f"plan:{plan}/2023-03-02T00:00:00Z"
        ask = asking(office)
        (row,) = ask.occurrences(When(now=office.clock()), plan).items
        assert (row.planned_at, row.tasks) == (EIGHT, (issued.originator_id.partition(":")[2],))
        shown = ask.plan(When(now=office.clock()), plan)
        assert (shown.occurrences, shown.tasks, shown.next_at) == (1, 1, EIGHT + DAY)

    play(story)


def test_sweeps_that_race_issue_once_and_each_time_once(play: Play) -> None:
    async def story(office: Office) -> None:
        for _ in range(6):
            await started(office)
        sweeps = [Sweep(office.another_handler(), office.read_models, office.clock) for _ in range(4)]
        for day in range(3):
            office.clock.set(EIGHT + day * DAY)
            await asyncio.gather(*(sweep.run() for sweep in sweeps))
            await office.caught_up()
        assert sorted(one.planned_at for one in rounds(office)) == sorted(
            EIGHT + day * DAY for day in range(3) for _ in range(6)
        )
        assert sum(isinstance(one.event, TaskIssued) for one in log(office)) == 18

    play(story)


def test_one_that_sees_an_old_state_issues_nothing_a_second_time(play: Play) -> None:
    """As after a crash: the tasks are in the log, and whoever takes over has not heard of them."""

    async def story(office: Office) -> None:
        plan = await started(office)
        other = office.another_handler()
        await other.state(f"plan:{plan}")
        late = Sweep(other, office.read_models, office.clock)
        office.clock.set(EIGHT)
        assert await office.swept() == 1
        looked = await late.look_at([f"plan:{plan}"])
        assert looked.written == set()
        assert len(rounds(office)) == 1

    play(story)


def test_after_an_outage_one_catches_up_and_says_what_was_missed(play: Play) -> None:
    async def story(office: Office) -> None:
        await started(office)
        office.clock.set(EIGHT + 5 * DAY)
        assert await office.swept() == 1
        assert [(one.planned_at, one.missed) for one in rounds(office)] == [(EIGHT + 5 * DAY, 5)]

    play(story)


def test_time_that_is_set_forward_passes_through_each_time_and_what_it_issues(play: Play) -> None:
    async def story(office: Office) -> None:
        await started(office)
        await office.lapse.pass_until(EIGHT + 9 * DAY)
        assert [(one.planned_at, one.at, one.missed) for one in rounds(office)] == [
            (EIGHT + day * DAY, EIGHT + day * DAY, 0) for day in range(10)
        ]
        cards = [one.event for one in log(office) if isinstance(one.event, TaskEscalated)]
        assert cards
        assert all(card.at == card.planned_at for card in cards)

    play(story)


def test_a_paused_plan_is_not_found(play: Play) -> None:
    async def story(office: Office) -> None:
        plan = await started(office)
        await office.send(PausePlan(plan=plan, reason="春节"))
        office.clock.set(EIGHT + DAY)
        assert await office.swept() == 0
        assert await office.sweep.late() == 0

    play(story)


def test_a_plan_without_households_is_passed_over_until_there_are_some(play: Play) -> None:
    async def story(office: Office) -> None:
        await started(office, targets=Targets(classes=(KEY,), households_in_task=2), category="visit")
        office.clock.set(EIGHT)
        assert await office.swept() == 1
        assert [type(one.event) for one in log(office)][-1] is PlanPassedOver
        households = await recorded(office, GRID, KEY, 3)
        await recorded(office, GRID, HIGH_RISK, 1)
        office.clock.set(EIGHT + DAY)
        assert await office.swept() == 1
        named = [one.event.households for one in log(office) if isinstance(one.event, TaskIssued)]
        assert sorted(key for task in named for key in task) == sorted(households)
        assert [len(task) for task in named] == [2, 1]

    play(story)


def test_coverage_counts_the_households_that_were_due_and_of_them_the_visited(play: Play) -> None:
    """March and April 2023: the key households of two grids are to be visited once in each month."""

    async def story(office: Office) -> None:
        await office.send(DrawGrids(town=TOWN, grids=(GridPlan(code=OTHER, name="二", village="村"),)))
        await office.send(AddAccount(account="operator", name="值班员", role=Role.OPERATOR, scope=TOWN))
        office.clock.set(datetime(2023, 3, 31, 15, tzinfo=UTC))
        here = await recorded(office, GRID, KEY, 3)
        there = await recorded(office, OTHER, KEY, 1)
        visits = await started(
            office,
            targets=Targets(classes=(KEY,)),
            category="visit",
            schedule=Schedule(times=(time(8),), days=(10,)),
        )
        await office.lapse.pass_until(datetime(2023, 4, 10, 1, tzinfo=UTC))
        await office.caught_up()
        ask = asking(office)
        (row,) = ask.occurrences(When(now=office.clock()), visits).items
        for task in row.tasks:
            named = (await office.handler.state(f"task:{task}")).households
            await worked(office, task, not_met=tuple({here[0], there[0]} & set(named)))
        office.wait(days=40)
        await office.send(LeaveHousehold(household=here[1], reason="迁出"))
        for task in row.tasks:
            # What is verified in May was done in April.
            await office.handler.handle(
                Request(command=VerifyTask(task=task, passed=True), account="operator")
            )
        await office.send(ChangeHousehold(household=here[2], household_class=HIGH_RISK))
        await office.caught_up()

        april = Window(datetime(2023, 3, 31, 16, tzinfo=UTC), datetime(2023, 4, 30, 16, tzinfo=UTC))
        for when in (When(now=office.clock()), When(now=office.clock(), as_of=office.clock())):
            board = ask.figures(when, Asked(scope=TOWN), april)
            # The one that left before its visit was verified was due in April, and has no visit on record.
            assert board.figures["visit_coverage"] == Rate(1, 4, 25.0)
            assert {grid.code: grid.figures["visit_coverage"] for grid in board.grids} == {
                GRID: Rate(1, 3, 33.33),
                OTHER: Rate(0, 1, 0.0),
            }
            behind = ask.ids(when, "visit_coverage", "numerator", Asked(scope=TOWN), april)
            assert (behind.kind, behind.ids, behind.total) == ("household", [here[2]], 1)
            due = ask.ids(when, "visit_coverage", "denominator", Asked(scope=TOWN), april)
            assert due.ids == sorted([*here, *there])
            assert ask.figures(when, Asked(scope=OTHER), april).figures["visit_coverage"] == Rate(0, 1, 0.0)

        # Before the month was over nobody was due, and what was known then stays so.
        early = When(now=office.clock(), as_of=datetime(2023, 4, 20, tzinfo=UTC))
        assert ask.figures(early, Asked(scope=TOWN), april).figures["visit_coverage"] == Rate(0, 0, None)
        day = Window(april.start, datetime(2023, 4, 12, 16, tzinfo=UTC))
        assert ask.figures(When(now=office.clock()), Asked(), day).figures["visit_coverage"].denominator == 0
        visited = [one.event for one in log(office) if isinstance(one.event, HouseholdVisited)]
        assert [event.at.month for event in visited] == [4]

    play(story)
