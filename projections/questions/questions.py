"""The questions that HTTP, the command line and the pages ask of the read models."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from dispatch.domain import codes
from dispatch.domain.event import Recorded
from dispatch.domain.plans import PlanStatus
from dispatch.domain.refusal import Unknown
from dispatch.domain.working_time import Calendar
from dispatch.eventlog.log import EventLog, Stored
from projections.calendars import Calendars
from projections.campaign_progress import Campaign, campaign
from projections.cases.listing import CaseFilter, CaseItem, Cases, case, cases
from projections.cases.row import CASES
from projections.deadlines import Explained, explain
from projections.departments import departments
from projections.engine.columns import from_microseconds
from projections.engine.moment import Moments
from projections.engine.tables import RowTable
from projections.figures.behind import KEPT, Behind, behind
from projections.figures.board import By, board, members
from projections.figures.trend import Step, trend
from projections.household_listing import HouseholdFilter, HouseholdItem, Households, household, households
from projections.households import HOUSEHOLDS
from projections.inbox.listing import Notices, inbox
from projections.inbox.row import ACCOUNTS
from projections.mode_listing import PlaceModes, modes
from projections.overview import Overview, overview
from projections.plan_listing import Occurrences, PlanItem, Plans, occurrences, plan, plans
from projections.publications import Publications, Publishers, publications
from projections.questions.answers import (
    Board,
    Members,
    Place,
    PostHeld,
    Staffing,
    TownDepartment,
    TownMember,
    TownName,
    Trend,
)
from projections.questions.asked import Asked, Page, Part, Reach, When, in_order
from projections.questions.listing import reachable
from projections.questions.view import Live, View, Views, within
from projections.spans import Window
from projections.staffing import staffing
from projections.tasks.listing import TaskFilter, TaskItem, Tasks, task, tasks
from projections.tasks.row import TASKS
from projections.timeline import Timeline, timeline
from projections.towns import GRIDS, MEMBERS, TOWNS

EVERYTHING = Asked()
ALWAYS = Window()
FIRST_PAGE = Page()
BY_GRID: tuple[By, ...] = ("grid",)
T = TypeVar("T")
F = TypeVar("F", TaskFilter, CaseFilter, HouseholdFilter)


class NoSuchItem(Unknown):
    """There is no such item, or there was none yet at that moment."""


def _there(found: T | None, **asked: str) -> T:
    """Return what was found, or raise `NoSuchItem`."""
    if found is None:
        raise NoSuchItem(**{kind: key[:60] for kind, key in asked.items()})
    return found


class Questions:
    """Answers questions about now and about the past; safe to use from several threads, each call blocks.

    Each answer holds the moment it is about (`as_of`) and the position that it includes. A question about
    the past reads no live table (but for what a worker may see now): it folds what had happened by `as_of`
    as far as `known_at` knew. Raises `AsOfInFuture`, `KnownAtInFuture`, `CodeMalformed`, and NotReady while
    there is nothing to read.
    """

    def __init__(
        self,
        event_log: EventLog,
        live: Live,
        moments: Moments,
        *,
        calendar: Calendar,
        decode_whole: Callable[[Stored], Recorded],
    ) -> None:
        self._log, self._decode_whole = event_log, decode_whole
        self._calendars = Calendars(calendar, self._recall)
        self._views = Views(event_log, live, moments)

    def figures(
        self,
        when: When,
        asked: Asked = EVERYTHING,
        window: Window = ALWAYS,
        *,
        by: Collection[By] = BY_GRID,
    ) -> Board:
        """Return all figures of a scope and window, in total and by grid, village, town or category."""
        with self._views.at(when) as view:
            return board(view, asked, in_order(window), by)

    def ids(
        self,
        when: When,
        figure: str,
        part: Part = "numerator",
        asked: Asked = EVERYTHING,
        window: Window = ALWAYS,
        *,
        page: Page = FIRST_PAGE,
    ) -> Members:
        """Return the items behind a number: a figure's part, or a plain number such as `tasks.open`.

        `total` is that number. Raises `FigureUnknown` and `PageMalformed`.
        """
        with self._views.at(when) as view:
            return members(view, figure, part, asked, in_order(window), page=page)

    def items(
        self,
        when: When,
        figure: str,
        part: Part = "numerator",
        asked: Asked = EVERYTHING,
        window: Window = ALWAYS,
        *,
        page: Page = FIRST_PAGE,
        reach: Reach | None = None,
    ) -> Behind:
        """Return the items behind a number with their rows, as `ids` returns their ids.

        Rows of what a worker may not see now are left out: what was in his grid then may have left it.
        """
        with self._views.at(when) as view:
            found = members(view, figure, part, asked, in_order(window), page=page)
            seen = self._seen(when, found.kind, found.ids, reach)
            return behind(view, self._calendars, found, seen)

    def gone(self, when: When, kind: str, ids: Collection[str], reach: Reach) -> frozenset[str]:
        """Return which items of a kind a worker may not see now; of those that no row tells of yet none."""
        return self._seen(when, kind, ids, None) - self._seen(when, kind, ids, reach)

    def trend(
        self,
        when: When,
        figure: str,
        asked: Asked = EVERYTHING,
        window: Window = ALWAYS,
        *,
        step: Step = "month",
    ) -> Trend:
        """Return a figure week by week or month by month. Raises `FigureUnknown` and `TrendTooLong`."""
        with self._views.at(when) as view:
            return trend(view, figure, asked, in_order(window), step)

    def overview(self, when: When, asked: Asked = EVERYTHING, window: Window = ALWAYS) -> Overview:
        """Return what the supervisors' board shows of a scope and window, at one position."""
        first = self._log.read(limit=1)
        began = from_microseconds(first[0].at) if first else None
        with self._views.at(when) as view:
            return overview(view, asked, in_order(window), began)

    def staffing(self, when: When, scope: str = "") -> Staffing:
        """Return the "1+3+N" of a scope: who fills which post, what is vacant, and each person's load."""
        with self._views.at(when) as view:
            return staffing(view, Asked(scope=scope).scope)

    def grids(self, when: When, scope: str = "", *, boundaries: bool = False) -> list[Place]:
        """Return the grids of a scope in the order of their codes, with their boundaries if that is asked."""
        with self._views.at(when) as view:
            asked = Asked(scope=scope).scope
            found = view.rows(GRIDS, *within(GRIDS.c.code, asked))
            towns = {
                row.code: row.name for row in view.rows(TOWNS, *within(TOWNS.c.code, asked[: codes.TOWN]))
            }
        return [
            Place(
                code=grid.code,
                name=grid.name,
                village=grid.village,
                town=towns[codes.town_of(grid.code)],
                closed=grid.closed_at is not None,
                boundary=grid.boundary if boundaries else msgspec.UNSET,
            )
            for grid in sorted(found, key=lambda grid: grid.code)
        ]

    def towns(self, when: When, scope: str = "") -> list[TownName]:
        """Return the towns that a scope lies in or holds, in the order of their codes."""
        with self._views.at(when) as view:
            found = view.rows(TOWNS, *within(TOWNS.c.code, Asked(scope=scope).scope[: codes.TOWN]))
        return sorted((TownName(one.code, one.name) for one in found), key=lambda one: one.code)

    def members(self, when: When, scope: str = "") -> list[TownMember]:
        """Return the members of a scope in the order of their ids.

        Within a town those who hold a post there; of a whole town and beyond also who holds none.
        """
        asked = Asked(scope=scope).scope
        with self._views.at(when) as view:
            found = view.rows(MEMBERS, *within(MEMBERS.c.town, asked[: codes.TOWN]))
        if len(asked) > codes.TOWN:
            found = [one for one in found if any(codes.covers(asked, held.place) for held in one.postings)]
        return [
            TownMember(
                one.town,
                one.id,
                one.name,
                [PostHeld(held.place, held.post, held.duty) for held in one.postings],
            )
            for one in sorted(found, key=lambda one: (one.town, one.id))
        ]

    def accounts(self, when: When, scope: str = "") -> list[tuple[str, datetime]]:
        """Return the accounts whose scope lies in one, with when they were added, in the order of the ids."""
        with self._views.at(when) as view:
            found = view.rows(ACCOUNTS, *within(ACCOUNTS.c.scope, Asked(scope=scope).scope))
        return sorted((one.account, one.added_at) for one in found)

    def departments(self, when: When, scope: str = "") -> list[TownDepartment]:
        """Return the departments of the towns that a scope lies in or holds, in the order of their ids."""
        with self._views.at(when) as view:
            return departments(view, Asked(scope=scope).scope[: codes.TOWN])

    def tasks(
        self,
        when: When,
        scope: str = "",
        chosen: TaskFilter | None = None,
        *,
        sort: str = "-issued",
        page: Page = FIRST_PAGE,
    ) -> Tasks:
        """Return a page of the tasks of a scope, sorted by one of `tasks.listing.SORTS`, with "-" downwards.

        Raises `SortUnknown` and `PageMalformed`.
        """
        with self._views.at(when) as view:
            scope = Asked(scope=scope).scope
            chosen = self._still(when, view, TASKS, chosen or TaskFilter())
            return tasks(view, self._calendars, scope, chosen, sort=sort, page=page)

    def cases(
        self,
        when: When,
        scope: str = "",
        chosen: CaseFilter | None = None,
        *,
        sort: str = "-reported",
        page: Page = FIRST_PAGE,
    ) -> Cases:
        """Return a page of the cases of a scope, sorted by one of `cases.listing.SORTS`, with "-" downwards.

        Raises `SortUnknown` and `PageMalformed`.
        """
        with self._views.at(when) as view:
            scope = Asked(scope=scope).scope
            chosen = self._still(when, view, CASES, chosen or CaseFilter())
            return cases(view, self._calendars, scope, chosen, sort=sort, page=page)

    def task(self, when: When, key: str) -> TaskItem:
        """Return one task. Raises `NoSuchItem`."""
        with self._views.at(when) as view:
            found = task(view, self._calendars, key)
        return _there(found, task=key)

    def case(self, when: When, key: str) -> CaseItem:
        """Return one case. Raises `NoSuchItem`."""
        with self._views.at(when) as view:
            found = case(view, self._calendars, key)
        return _there(found, case=key)

    def inbox(
        self,
        when: When,
        account: str,
        owners: Sequence[str],
        *,
        unread_only: bool | None = None,
        page: Page = FIRST_PAGE,
    ) -> Notices:
        """Return a page of the notifications in these inboxes, with what of them `account` has not read.

        Raises `PageMalformed`.
        """
        with self._views.at(when) as view:
            return inbox(view, account, owners, unread_only=unread_only, page=page)

    def campaign(self, when: When, key: str) -> Campaign:
        """Return one campaign with its tasks. Raises `NoSuchItem`."""
        with self._views.at(when) as view:
            found = campaign(view, key)
        return _there(found, campaign=key)

    def households(
        self,
        when: When,
        scope: str = "",
        chosen: HouseholdFilter | None = None,
        *,
        sort: str = "grid",
        page: Page = FIRST_PAGE,
    ) -> Households:
        """Return a page of the households of a scope. Raises `SortUnknown` and `PageMalformed`."""
        with self._views.at(when) as view:
            scope = Asked(scope=scope).scope
            chosen = self._still(when, view, HOUSEHOLDS, chosen or HouseholdFilter())
            return households(view, scope, chosen, sort=sort, page=page)

    def household(self, when: When, key: str) -> HouseholdItem:
        """Return one household. Raises `NoSuchItem`."""
        with self._views.at(when) as view:
            found = household(view, key)
        return _there(found, household=key)

    def plans(
        self,
        when: When,
        scope: str = "",
        status: PlanStatus | None = None,
        *,
        sort: str = "next",
        page: Page = FIRST_PAGE,
    ) -> Plans:
        """Return a page of the recurring plans of a scope. Raises `SortUnknown` and `PageMalformed`."""
        with self._views.at(when) as view:
            return plans(view, Asked(scope=scope).scope, status, sort=sort, page=page)

    def plan(self, when: When, key: str) -> PlanItem:
        """Return one recurring plan. Raises `NoSuchItem`."""
        with self._views.at(when) as view:
            found = plan(view, key)
        return _there(found, plan=key)

    def occurrences(self, when: When, key: str, *, page: Page = FIRST_PAGE) -> Occurrences:
        """Return a page of the times that a plan came round, the newest first. Raises `PageMalformed`."""
        with self._views.at(when) as view:
            return occurrences(view, key, page)

    def modes(self, when: When, scope: str = "") -> PlaceModes:
        """Return the mode of a scope and the emergencies that last in parts of it."""
        with self._views.at(when) as view:
            return modes(view, Asked(scope=scope).scope)

    def publications(self, when: When, scope: str = "", *, page: Page = FIRST_PAGE) -> Publications:
        """Return a page of the figures that were published, the newest first. Raises `PageMalformed`."""
        with self._views.at(when) as view:
            publishers = Publishers(self._log, self._decode_whole)
            return publications(view, Asked(scope=scope).scope, page, publishers)

    def timeline(self, when: When, stream: str) -> Timeline:
        """Return what happened to a stream, such as `task:0198…`, from the log. Raises `NoSuchItem`."""
        self._views.require_past(when)
        found = timeline(
            self._log,
            self._decode_whole,
            stream,
            as_of=when.as_of or when.now,
            position=self._views.known(when),
        )
        return _there(found, stream=stream)

    def deadline(self, when: When, stream: str) -> Explained:
        """Return the deadline of an item with the stretches that add up to it, from the log.

        Raises `NoSuchItem`, also where no clock has started yet.
        """
        self._views.require_past(when)
        found = explain(
            self._recall,
            self._calendars.national,
            stream,
            as_of=when.as_of or when.now,
            position=self._views.known(when),
        )
        return _there(found, stream=stream)

    def _recall(self, stream: str) -> Iterable[Recorded]:
        return map(self._decode_whole, self._log.read_stream(stream))

    def _still(self, when: When, view: View, table: RowTable[Any], chosen: F) -> F:
        """Leave out of a past moment's list what the worker may not see now, as a single item is."""
        if view.moment is None or chosen.reach is None:
            return chosen
        ids = sa.select(table.c.id).where(*reachable(table.c, chosen.reach))
        then = {one for (one,) in view.execute(ids)}
        with self._views.at(When(now=when.now)) as present:
            gone = then - {one for (one,) in present.execute(ids)}
        return replace(chosen, reach=replace(chosen.reach, gone=frozenset(gone)))

    def _seen(self, when: When, kind: str, ids: Collection[str], reach: Reach | None) -> frozenset[str]:
        """Return which items of a kind there are that the reader may see now."""
        c = KEPT[kind].c
        found = sa.select(c.id).where(c.id.in_(ids), *reachable(c, reach))
        with self._views.at(When(now=when.now)) as present:
            return frozenset(one for (one,) in present.execute(found))
