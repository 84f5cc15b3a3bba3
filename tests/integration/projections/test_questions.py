"""Questions on real databases: live answers are those of the fold, and the past never changes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from dispatch.domain.cases import Status as CaseStatus
from dispatch.domain.cases.disputes import DisputeRegistered
from dispatch.domain.codes import CodeMalformed
from dispatch.domain.escalation import CaseEscalated, TaskEscalated
from dispatch.domain.ladder import LEVELS
from dispatch.domain.tasks import Status
from dispatch.domain.towns import Post
from dispatch.domain.working_time import Calendar
from dispatch.eventlog import EventLog, open_log
from dispatch.eventlog.mapper import decode, decode_whole
from dispatch.eventlog.registry import domain_events
from projections.cases.listing import SORTS as CASE_SORTS
from projections.cases.listing import CaseFilter
from projections.catalogue import PAST, PROJECTIONS
from projections.engine.generations import rebuild
from projections.engine.moment import Moments
from projections.figures.definitions import NAMES, PLAIN_NUMBERS, FigureUnknown
from projections.figures.trend import Step, TrendTooLong
from projections.questions.asked import (
    Asked,
    AsOfInFuture,
    KnownAtInFuture,
    Page,
    PageMalformed,
    Reach,
    When,
    Window,
)
from projections.questions.listing import SortUnknown
from projections.questions.questions import NoSuchItem, Questions
from projections.questions.words import WORDS
from projections.tasks.listing import SORTS as TASK_SORTS
from projections.tasks.listing import TaskFilter
from tests import histories
from tests.histories import TOWN
from tests.integration.projections.setting import open_generations

NOW = datetime(2023, 9, 1, tzinfo=UTC)
MIDDLE = datetime(2023, 3, 1, tzinfo=UTC)
LIVE = When(now=NOW)
PAST_NOW = When(now=NOW, as_of=NOW)
EARLY = When(now=NOW, as_of=MIDDLE)
YEAR = Window(datetime(2022, 12, 31, 16, tzinfo=UTC), datetime(2023, 12, 31, 16, tzinfo=UTC))
ODD_DAYS = Window(datetime(2023, 1, 19, 16, tzinfo=UTC), datetime(2023, 5, 2, 16, tzinfo=UTC))
ODD_HOURS = Window(datetime(2023, 1, 19, 3, tzinfo=UTC), datetime(2023, 5, 2, 5, 30, tzinfo=UTC))
WINDOWS = (Window(), YEAR, ODD_DAYS, ODD_HOURS)
ASKED = (
    Asked(),
    Asked(scope=TOWN),
    Asked(scope=f"{TOWN}002"),
    Asked(scope=f"{TOWN}003001", category="dispute"),
    Asked(scope=TOWN, source="grid_worker"),
    Asked(scope=TOWN, category="patrol"),
    Asked(scope="500116"),
    Asked(scope=TOWN, exact=True),
    Asked(scope=f"{TOWN}002", exact=True),
    Asked(scope="", exact=True),
)
HAPPENED = [
    one
    for one in histories.history(
        5,
        task_count=150,
        case_count=120,
        dispute_count=40,
        permit_count=40,
        household_count=40,
        plan_count=6,
        span=timedelta(days=200),
    )
    if one[1].at <= NOW
]
HALF = len(HAPPENED) // 2


class Setting:
    """A log with the first half of the history, and questions that are asked of it."""

    def __init__(self, log: EventLog, database: str) -> None:
        self.log, self.generations, self.generation = log, open_generations(database), 0
        moments = Moments(log, PAST, decode=decode)
        self.ask = Questions(
            log, self._live, moments, calendar=Calendar(version="test@1"), decode_whole=decode_whole
        )
        self._versions: dict[str, int] = {}

    def _live(self) -> AbstractContextManager[sa.Connection]:
        return self.generations.connection(self.generation)

    def record(self, begin: int, until: int) -> None:
        self.append(HAPPENED[begin:until])

    def append(self, happened: Sequence[histories.Happened]) -> None:
        histories.record(self.log, happened, versions=self._versions)
        self.generation = rebuild(self.generations, self.log, PROJECTIONS, decode=decode)


@pytest.fixture
def setting(database: str) -> Iterator[Setting]:
    with open_log(database, clock=lambda: NOW) as log:
        setting = Setting(log, database)
        setting.record(0, HALF)
        yield setting
        setting.generations.close()


@pytest.fixture
def ask(setting: Setting) -> Questions:
    setting.record(HALF, len(HAPPENED))
    return setting.ask


def test_live_figures_are_those_of_the_fold(ask: Questions) -> None:
    for asked in ASKED:
        for window in WINDOWS:
            live = ask.figures(LIVE, asked, window, by=("grid", "village", "town", "category"))
            folded = ask.figures(PAST_NOW, asked, window, by=("grid", "village", "town", "category"))
            assert live == folded, (asked, window)
    assert ask.figures(LIVE, Asked(scope=TOWN)).figures["completion_rate"].numerator > 50


def test_live_staffing_is_that_of_the_fold(ask: Questions) -> None:
    live = ask.staffing(LIVE, TOWN)
    assert live == ask.staffing(PAST_NOW, TOWN)
    assert (live.totals.grids, live.totals.chiefs, live.totals.full_time, live.totals.patrol_teams) == (
        9,
        9,
        1,
        4,
    )
    [full_time] = live.grids[0].posts[Post.FULL_TIME]
    assert len(full_time.shared_with) == 8
    assert live.grids[0].vacant == [Post.PART_TIME, Post.INSTRUCTOR]
    assert ask.staffing(LIVE, f"{TOWN}002").totals.grids == 1


@pytest.mark.parametrize("when", [LIVE, PAST_NOW, EARLY])
def test_every_number_is_as_long_as_the_list_behind_it(ask: Questions, when: When) -> None:
    asked = Asked(scope=TOWN)
    board = ask.figures(when, asked, ODD_DAYS)
    assert board.figures.keys() == NAMES.keys()
    for name, rate in board.figures.items():
        behind = ask.ids(when, name, "numerator", asked, ODD_DAYS, page=Page(500))
        of = ask.ids(when, name, "denominator", asked, ODD_DAYS, page=Page(500))
        assert (rate.numerator, rate.denominator) == (behind.total, of.total)
        assert behind.total == len(set(behind.ids))
        assert set(behind.ids) <= set(of.ids)
    groups = msgspec.to_builtins(board.counts)
    for path in PLAIN_NUMBERS:
        group, _, name = path.partition(".")
        assert groups[group][name] == ask.ids(when, path, "numerator", asked, ODD_DAYS).total
    levels = board.counts.dispute_levels
    for level, resolved in levels.items():
        path = f"dispute_levels.{level}"
        assert resolved.resolved == ask.ids(when, path, "numerator", asked, ODD_DAYS).total
    assert sum(one.resolved for one in levels.values()) == board.counts.disputes["resolved"]
    assert sum(one.major_joint for one in levels.values()) == board.counts.disputes["major_joint"]


def test_a_list_behind_a_number_comes_in_pages(ask: Questions) -> None:
    whole = ask.ids(LIVE, "tasks.issued", page=Page(500)).ids
    first = ask.ids(LIVE, "tasks.issued", page=Page(60))
    second = ask.ids(LIVE, "tasks.issued", page=Page(60, first.next))
    assert first.ids + second.ids == whole[:120]
    assert first.total == len(whole)


def test_the_past_never_changes_whatever_is_recorded_later(setting: Setting) -> None:
    known = setting.log.head()
    moments = [When(now=NOW, as_of=at, known_at=known) for at in (MIDDLE, NOW)]
    before = [ask_everything(setting.ask, when) for when in moments]
    setting.record(HALF, len(HAPPENED))
    assert [ask_everything(setting.ask, when) for when in moments] == before
    # What came late is known now, and is seen without `known_at`.
    assert ask_everything(setting.ask, When(now=NOW, as_of=NOW)) != before[1]


def ask_everything(ask: Questions, when: When) -> list[object]:
    tasks = ask.tasks(when, TOWN, page=Page(500))
    return [
        ask.figures(when, Asked(scope=TOWN), ODD_DAYS),
        ask.staffing(when, TOWN),
        tasks,
        ask.cases(when, TOWN, page=Page(500)),
        ask.timeline(when, f"task:{tasks.items[0].id}"),
    ]


def test_a_panel_of_disputes_says_one_number_for_one_word(ask: Questions) -> None:
    """Also of what was reported before the window and entered in the ledger in it."""
    entered = [event.at for _, event in HAPPENED if isinstance(event, DisputeRegistered)]
    for start in entered[:3]:
        found = ask.figures(LIVE, Asked(scope=TOWN), Window(start))
        numbers, resolution, strike_off = (
            found.counts.disputes,
            found.figures["resolution_rate"],
            found.figures["strike_off_rate"],
        )
        assert (numbers["resolved"], numbers["accepted"]) == (resolution.numerator, resolution.denominator)
        assert (numbers["struck_off"], numbers["registered"]) == (
            strike_off.numerator,
            strike_off.denominator,
        )
        assert numbers["mediated"] <= numbers["accepted"]


def test_what_happened_at_the_very_moment_is_in_the_answer(ask: Questions) -> None:
    stream, event = HAPPENED[-1]
    at = ask.timeline(When(now=NOW, as_of=event.at), stream)
    before = ask.timeline(When(now=NOW, as_of=event.at - timedelta(microseconds=1)), stream)
    assert len(at.entries) > len(before.entries)


@pytest.mark.parametrize("when", [LIVE, PAST_NOW])
@pytest.mark.parametrize(("sorts", "kind"), [(TASK_SORTS, "tasks"), (CASE_SORTS, "cases")])
def test_a_list_read_page_by_page_is_the_whole_list_in_order(
    ask: Questions, when: When, sorts: dict[str, str], kind: str
) -> None:
    listed: Callable[..., Any] = getattr(ask, kind)
    for name, field in sorts.items():
        for sort in (name, f"-{name}"):
            items, after = [], None
            while True:
                page = listed(when, TOWN, sort=sort, page=Page(70, after))
                items += page.items
                after = page.next
                if after is None:
                    break
            assert len(items) == len({item.id for item in items}) == page.total
            values = [(getattr(item, field), item.id) for item in items]
            for (one, key), (other, other_key) in pairwise(values):
                if one == other:
                    assert (key > other_key) == sort.startswith("-")


def test_lists_are_filtered_alike_live_and_in_the_past(ask: Questions) -> None:
    some_day = datetime(2023, 4, 1, tzinfo=UTC)
    for tasks in (
        TaskFilter(),
        TaskFilter(open=True),
        TaskFilter(overdue=True),
        TaskFilter(overdue=False, open=True),
        TaskFilter(status=(Status.CLOSED, Status.CANCELLED)),
        TaskFilter(category="patrol", text="巡查"),
        TaskFilter(text="100%_"),
        TaskFilter(due_before=some_day, issued_from=MIDDLE),
        TaskFilter(due_from=some_day, issued_before=NOW),
        TaskFilter(assignee="m3"),
        TaskFilter(unassigned=True, extension_requested=False),
        TaskFilter(campaign="none"),
        TaskFilter(reach=Reach(frozenset({f"{TOWN}001001"}), "m3")),
        TaskFilter(reach=Reach(frozenset(), None)),
    ):
        live = ask.tasks(LIVE, TOWN, tasks, page=Page(500))
        assert live == ask.tasks(PAST_NOW, TOWN, tasks, page=Page(500))
    for cases in (
        CaseFilter(open=True),
        CaseFilter(overdue=True, permits=False),
        CaseFilter(permits=True),
        CaseFilter(status=(CaseStatus.MERGED,)),
        CaseFilter(source="hotline", reported_from=MIDDLE),
        CaseFilter(unassigned=True, status=(CaseStatus.DISPATCHED,)),
        CaseFilter(unassigned=False),
        CaseFilter(checker="m3"),
        CaseFilter(check_passed=True, status=(CaseStatus.CHECKING,)),
        CaseFilter(appealed=False, department="none", number="2023-0001"),
    ):
        found = ask.cases(LIVE, TOWN, cases, page=Page(500))
        assert found == ask.cases(PAST_NOW, TOWN, cases, page=Page(500))


def test_the_overdue_in_the_list_are_those_of_the_board(ask: Questions) -> None:
    overdue = ask.tasks(LIVE, TOWN, TaskFilter(overdue=True), page=Page(500))
    assert overdue.total == ask.figures(LIVE, Asked(scope=TOWN)).counts.tasks["overdue"] > 0
    assert all(item.overdue and item.late_factor and item.late_factor > 0 for item in overdue.items)


def test_one_item_is_found_live_and_in_the_past(ask: Questions) -> None:
    task = ask.tasks(LIVE, TOWN).items[0]
    assert ask.task(LIVE, task.id) == task == ask.task(PAST_NOW, task.id)
    case = ask.cases(LIVE, TOWN).items[0]
    assert ask.case(LIVE, case.id) == case == ask.case(PAST_NOW, case.id)
    for unknown in (ask.task, ask.case, ask.campaign):
        with pytest.raises(NoSuchItem):
            unknown(LIVE, "nothing")
    with pytest.raises(NoSuchItem):
        ask.task(When(now=NOW, as_of=task.issued_at - timedelta(seconds=1)), task.id)


def test_a_campaign_tells_how_far_its_tasks_are(ask: Questions) -> None:
    found = ask.campaign(LIVE, "c1")
    assert found == ask.campaign(PAST_NOW, "c1")
    assert len(found.tasks) == found.completion_rate.denominator == 2


def test_a_timeline_has_no_personal_data_and_words_for_every_event(ask: Questions) -> None:
    for case in ask.cases(LIVE, TOWN, page=Page(100)).items:
        text = repr(ask.timeline(LIVE, f"case:{case.id}"))
        assert "secret words" not in text
        assert "13800000000" not in text
    assert WORDS.keys() == domain_events().keys()


def test_a_timeline_says_what_the_service_once_wrote_by_itself_in_both_languages(ask: Questions) -> None:
    timelines = (
        ask.timeline(LIVE, f"case:{case.id}") for case in ask.cases(LIVE, TOWN, page=Page(100)).items
    )
    lines = {(one.zh, one.en) for found in timelines if found for one in found.entries}
    assert {line for line in lines if line[0].startswith("重办")} == {
        ("重办：回访不满意", "Reopened: not satisfied at follow-up")
    }


def test_what_can_not_be_asked_is_refused(ask: Questions) -> None:
    second = timedelta(seconds=1)
    with pytest.raises(AsOfInFuture):
        ask.figures(When(now=NOW, as_of=NOW + second))
    with pytest.raises(AsOfInFuture):
        ask.timeline(When(now=NOW, as_of=NOW + second), "task:1")
    for known in (len(HAPPENED) + 1, -1, NOW + second):
        with pytest.raises(KnownAtInFuture):
            ask.figures(When(now=NOW, known_at=known))
    for scope in ("5", "x", "50011510100100100", "٥٠٠١١٥"):
        with pytest.raises(CodeMalformed):
            ask.figures(LIVE, Asked(scope=scope))
    with pytest.raises(FigureUnknown):
        ask.ids(LIVE, "no_rate")
    with pytest.raises(SortUnknown):
        ask.tasks(LIVE, sort="__class__")
    for after in ("", "x", "é", "W10", "WzEsMV0", "9" * 40):
        with pytest.raises(PageMalformed):
            ask.tasks(LIVE, page=Page(1, after))
    for limit in (0, 501):
        with pytest.raises(PageMalformed):
            Page(limit)


def test_a_grid_that_nobody_drew_and_the_town_itself_are_on_the_board(ask: Questions) -> None:
    board = ask.figures(LIVE, Asked(scope=TOWN))
    grids = {grid.code: grid for grid in board.grids}
    assert grids[TOWN].name == "万顺镇"
    assert sum(grid.counts.cases["reported"] for grid in board.grids) == board.counts.cases["reported"]


@pytest.mark.parametrize("when", [LIVE, PAST_NOW, EARLY])
def test_a_number_of_what_is_of_no_grid_is_as_long_as_the_list_of_exactly_its_code(
    ask: Questions, when: When
) -> None:
    board = ask.figures(when, Asked(scope=TOWN), ODD_DAYS)
    [town] = [grid for grid in board.grids if grid.code == TOWN]
    exact = Asked(scope=TOWN, exact=True)
    assert ask.figures(when, exact, ODD_DAYS).figures == town.figures
    for name in ("acceptance_rate", "closure_rate", "completion_rate", "visit_coverage"):
        for part in ("numerator", "denominator"):
            behind = ask.items(when, name, part, exact, ODD_DAYS, page=Page(500))
            assert behind.total == getattr(town.figures[name], part)
            assert {task.grid for task in behind.tasks} | {case.grid for case in behind.cases} <= {TOWN}
    assert (0 < town.counts.cases["reported"] < board.counts.cases["reported"]) == (when is not EARLY)


@pytest.mark.parametrize("when", [LIVE, PAST_NOW, EARLY])
def test_the_items_behind_a_number_are_those_of_its_ids_as_they_stood(ask: Questions, when: When) -> None:
    asked = Asked(scope=TOWN)
    for name in ("completion_rate", "closure_rate", "visit_coverage", "tasks.open", "cases.escalated"):
        ids = ask.ids(when, name, "numerator", asked, YEAR, page=Page(20))
        found = ask.items(when, name, "numerator", asked, YEAR, page=Page(20))
        assert (found.total, found.ids, found.next) == (ids.total, ids.ids, ids.next)
        shown = [
            *(task.id for task in found.tasks),
            *(case.id for case in found.cases),
            *(household.id for household in found.households),
        ]
        assert shown == ids.ids
        assert all(task == ask.task(when, task.id) for task in found.tasks)
        assert all(case == ask.case(when, case.id) for case in found.cases)


@pytest.mark.parametrize("step", ["week", "month"])
def test_each_point_of_a_trend_is_the_figure_of_its_window(ask: Questions, step: Step) -> None:
    for when in (LIVE, PAST_NOW, EARLY):
        for asked, window in ((Asked(scope=TOWN), YEAR), (Asked(scope=f"{TOWN}002"), ODD_HOURS)):
            for name in ("completion_rate", "on_time_closure_rate", "visit_coverage"):
                points = ask.trend(when, name, asked, window, step=step).points
                assert (points[0].start, points[-1].until) == (window.start, window.until)
                assert all(one.until == other.start for one, other in pairwise(points))
                for point in points[:: 3 if step == "month" else 9]:
                    own = ask.figures(when, asked, Window(point.start, point.until)).figures[name]
                    assert (point.numerator, point.denominator, point.rate) == (
                        own.numerator,
                        own.denominator,
                        own.rate,
                    )
    assert len(ask.trend(LIVE, "completion_rate", step="month").points) == 9
    with pytest.raises(TrendTooLong):
        ask.trend(LIVE, "completion_rate", window=Window(NOW - timedelta(days=900), NOW), step="week")
    with pytest.raises(FigureUnknown):
        ask.trend(LIVE, "happiness")


def escalations(ask: Questions, at: datetime) -> Iterator[histories.Happened]:
    """Escalate some of what is open, to one level after the other."""
    open_tasks = ask.tasks(LIVE, TOWN, TaskFilter(open=True), page=Page(20)).items
    open_cases = ask.cases(LIVE, TOWN, CaseFilter(open=True), page=Page(20)).items
    for number, level in enumerate(LEVELS * 2):
        more: Any = {"step": "x", "level": level, "planned_at": at, "roles": (), "persons": (), "at": at}
        if number < len(open_tasks):
            yield f"task:{open_tasks[number].id}", TaskEscalated(**more)
        if number < len(open_cases):
            yield f"case:{open_cases[number].id}", CaseEscalated(**more)


@pytest.mark.parametrize("when", [LIVE, PAST_NOW, When(now=NOW, as_of=NOW - timedelta(days=1)), EARLY])
def test_the_overview_is_what_its_parts_say_each_by_itself(setting: Setting, when: When) -> None:
    setting.record(HALF, len(HAPPENED))
    ask = setting.ask
    setting.append(list(escalations(ask, NOW - timedelta(days=2))))
    found = ask.overview(when, Asked(scope=TOWN), ODD_DAYS)
    assert found.began == HAPPENED[0][1].at
    assert found.board == ask.figures(when, Asked(scope=TOWN), ODD_DAYS)
    assert found.staffing == ask.staffing(when, TOWN)
    grids = found.staffing.grids
    listed = (
        ask.tasks(when, TOWN, TaskFilter(open=True)).total
        + ask.cases(when, TOWN, CaseFilter(open=True)).total
    )
    in_grids = sum(grid.open_tasks + grid.open_cases for grid in grids)
    elsewhere = {one.code: (one.open_tasks, one.open_cases) for one in found.staffing.elsewhere}
    assert in_grids + sum(map(sum, elsewhere.values())) == listed
    for code, numbers in elsewhere.items():
        tasks = ask.tasks(when, code, TaskFilter(open=True, exact=True))
        assert numbers == (tasks.total, ask.cases(when, code, CaseFilter(open=True, exact=True)).total)
        assert {one.grid for one in tasks.items} <= {code}
    assert found.modes == ask.modes(when, TOWN).modes
    escalated = 0
    for level in found.levels:
        tasks = ask.tasks(when, TOWN, TaskFilter(escalated=True, escalation_level=(level.level,)))
        cases = ask.cases(when, TOWN, CaseFilter(escalated=True, escalation_level=(level.level,)))
        assert (level.tasks, level.cases) == (tasks.total, cases.total)
        escalated += tasks.total + cases.total
    assert (escalated > 0) == (when is not EARLY)
    assert len(found.escalated) == min(escalated, 12)
    assert [one.level for one in found.escalated] == sorted(
        (one.level for one in found.escalated), key=LEVELS.index, reverse=True
    )
    # Of one category and source, too: a task has no source, and so is of every one.
    narrow = Asked(scope=TOWN, category="dispute", source="resident")
    found = ask.overview(when, narrow, ODD_DAYS)
    assert found.board == ask.figures(when, narrow, ODD_DAYS)
    assert found.staffing == ask.staffing(when, TOWN)
    tasks = ask.tasks(when, TOWN, TaskFilter(escalated=True, category="dispute"))
    cases = ask.cases(when, TOWN, CaseFilter(escalated=True, category="dispute", source="resident"))
    assert sum(one.tasks + one.cases for one in found.levels) == tasks.total + cases.total
