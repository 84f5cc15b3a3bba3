"""`dispatch publish` and `restate`: what was told of May, and what of it is known otherwise since."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from commands.accounts.add import AddAccount
from commands.cases.accept import AcceptCase
from commands.cases.merge import MergeCase
from commands.cases.register import RegisterCase
from commands.cases.report import ReportCase
from commands.cases.unmerge import UnmergeCase
from commands.command import Command, Request
from commands.figures.publish import PublishFigures
from commands.handler import Handler
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from commands.towns.post_member import PostMember
from dispatch.cli.shell import user_of_the_machine
from dispatch.domain.accounts import Role
from dispatch.domain.towns import Post
from dispatch.eventlog import open_log
from dispatch.eventlog.log import moment
from dispatch.service.calendars import china
from dispatch.service.runtime import open_runtime
from dispatch.service.settings import ClockKind, Settings
from tests.integration.cli.conftest import Dispatch, Ran
from tests.vaults import VAULT

TOWN = "500115101"
GRID = f"{TOWN}001001"
MAY = ("--scope", TOWN, "--period", "2023-05")
END_OF_MAY = "2023-06-01"
Send = Callable[..., Awaitable[str]]


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00:00+08:00").astimezone(UTC)


def recorded(database: str, story: Callable[[Send], Awaitable[None]]) -> None:
    """Let commands be recorded, each on the day that it is sent on."""

    async def tell() -> None:
        now = on("2023-04-01")
        with open_log(database, clock=lambda: now) as log:
            handler = Handler(log, calendar=china(), clock=lambda: now, vault=VAULT)

            async def send(day: str, account: str, command: Command, device: str | None = None) -> str:
                nonlocal now
                now = on(day)
                at = None if device is None else on(device)
                outcome = await handler.handle(Request(command=command, account=account, device_at=at))
                return outcome.written[0].stream.partition(":")[2]

            await story(send)

    asyncio.run(tell())


def case(title: str, *, self_handled: bool = False) -> ReportCase:
    note = "已清理" if self_handled else ""
    return ReportCase(grid=GRID, category="environment", title=title, self_handled=self_handled, note=note)


@pytest.fixture
def may(database: str) -> list[str]:
    """A town with two cases of May, one of them registered, and the second merged into it."""
    cases: list[str] = []

    async def story(send: Send) -> None:
        day = "2023-04-01"
        await send(day, "system", FoundTown(town=TOWN, name="万顺镇"))
        grid = GridPlan(code=GRID, name="第一网格", village="村")
        await send(day, "system", DrawGrids(town=TOWN, grids=(grid,)))
        wang = MemberPlan(member="wang", name="王芳")
        await send(day, "system", JoinMembers(town=TOWN, members=(wang,)))
        await send(day, "system", PostMember(town=TOWN, member="wang", place=GRID, post=Post.FULL_TIME))
        await send(day, "system", AddAccount(account="op", name="张敏", role=Role.OPERATOR, scope=TOWN))
        worker = AddAccount(account="wang", name="王芳", role=Role.WORKER, scope=TOWN, member="wang")
        await send(day, "system", worker)
        for title in ("垃圾堆放", "垃圾堆放（重复）"):
            key = await send("2023-05-10", "wang", case(title))
            await send("2023-05-11", "op", AcceptCase(case=key))
            cases.append(key)
        await send("2023-05-12", "op", MergeCase(case=cases[1], into=cases[0], reason="重复"))
        await send("2023-05-31", "op", RegisterCase(case=cases[0]))

    recorded(database, story)
    return cases


def published(dispatch: Dispatch) -> Ran:
    said = dispatch("publish", *MAY, "--title", "5月工作通报", "--as-of", END_OF_MAY, "--json")
    assert said.status == 0, said.err
    return said


def test_what_was_published_is_the_same_until_the_log_knows_better(
    dispatch: Dispatch, may: list[str]
) -> None:
    answer = published(dispatch).json
    assert answer["figures"]["closure_rate"] == [0, 1]
    assert answer["numbers"]["cases.merged"] == 1
    said = dispatch("restate", *MAY, "--json")
    assert said.status == 0, said.out
    [found] = said.json
    assert found["publication"]["id"] == answer["publication"]
    assert (found["differences"], found["unfounded"]) == ([], [])
    assert found["publication"]["role"] == "system"
    user = user_of_the_machine()
    assert found["publication"]["person"] == user
    assert f"by {user} (the service) as of" in dispatch("restate", *MAY).out
    assert found["unchanged"] == len(answer["figures"]) + len(answer["numbers"])


def test_beside_a_simulated_clock_what_is_published_is_dated_by_the_log(
    database: str, dispatch: Dispatch, may: list[str]
) -> None:
    def dates() -> tuple[datetime, datetime]:
        """Publish, and return as of when that was, and when it was recorded."""
        said = dispatch("publish", *MAY, "--title", "5月", "--json")
        assert said.status == 0, said.err
        with open_log(database, clock=lambda: on(END_OF_MAY)) as log:
            [stored] = log.read(after=said.json["position"] - 1)
        return datetime.fromisoformat(said.json["as_of"]), moment(stored.recorded_at)

    last = on("2023-05-31")
    open_runtime(Settings(database=database, clock=ClockKind.SIMULATED)).close()
    assert dates() == (last, last)
    open_runtime(Settings(database=database)).close()
    assert min(dates()) > last + timedelta(days=365)


def test_what_was_published_is_found_by_any_time_that_it_has_a_part_of(
    dispatch: Dispatch, may: list[str]
) -> None:
    nothing = dispatch("restate", "--period", "2023")
    assert (nothing.status, "Nothing was published yet." in nothing.err) == (1, True)
    month = published(dispatch).json["publication"]
    for found, *asked in (
        (True, "2023"),
        (True, "2023-05-31"),
        (True, "2023-05-01"),
        (False, "2023-04-30"),
        (False, "2023-06"),
        (False, "2022"),
    ):
        said = dispatch("restate", "--period", *asked, "--json")
        assert (said.status == 0) is found, asked
        assert (month in said.out) is found
    assert f"{month} 5月工作通报 · {TOWN} · 2023-05-01 00:00:00 to 2023-06-01 00:00:00" in said.err


def test_what_was_published_of_everything_is_found_by_any_time_before_it(
    database: str, dispatch: Dispatch, may: list[str]
) -> None:
    with open_log(database, clock=lambda: on("2023-06-02")) as log:
        head = log.head()
    everything = PublishFigures(
        scope=TOWN,
        title="年报",
        as_of=on("2023-05-31"),
        known_at=head,
        figures={},
        numbers={"cases.merged": 1},
    )

    async def story(send: Send) -> None:
        await send("2023-06-02", "op", everything)

    recorded(database, story)
    for period, found in (("2019", True), ("2023-05", True), ("2023-06", False)):
        assert ("年报" in dispatch("restate", "--period", period).out) is found


def test_a_report_made_offline_in_may_and_recorded_in_june_explains_the_new_rate(
    database: str, dispatch: Dispatch, may: list[str]
) -> None:
    published(dispatch)
    late: list[str] = []

    async def story(send: Send) -> None:
        late.append(await send("2023-06-05", "wang", case("路灯损坏", self_handled=True), "2023-05-20"))
        # What happened in June changes nothing of what was so at the end of May.
        await send("2023-06-06", "op", UnmergeCase(case=may[1], reason="并非重复"))

    recorded(database, story)
    said = dispatch("restate", *MAY, "--json")
    assert said.status == 1
    differences = {one["figure"]: one for one in said.json[0]["differences"]}
    assert (differences["closure_rate"]["published"], differences["closure_rate"]["now"]) == ([0, 1], [1, 2])
    for moved in differences["closure_rate"]["items"]:
        assert (moved["item"], moved["entered"]) == (f"case:{late[0]}", True)
        assert {event["name"] for event in moved["events"]} >= {"case.reported", "case.self_handled"}
        for event in moved["events"]:
            assert event["at"] < "2023-06-01" < event["recorded_at"]
            assert event["actor"] == "wang"
    assert "cases.merged" not in differences
    words = dispatch("restate", *MAY).out
    assert "closure_rate: published 0/1 (0.00%), now 1/2 (50.00%)" in words
    assert "自处置 Self-handled, happened 2023-05-20 10:00:00, recorded " in words


def test_as_of_a_later_day_a_merge_that_was_undone_explains_the_difference(
    database: str, dispatch: Dispatch, may: list[str]
) -> None:
    published(dispatch)

    async def story(send: Send) -> None:
        await send("2023-06-06", "op", UnmergeCase(case=may[1], reason="并非重复"))

    recorded(database, story)
    said = dispatch("restate", *MAY, "--as-of", "2023-07-01", "--json")
    assert said.status == 1
    differences = {one["figure"]: one for one in said.json[0]["differences"]}
    assert (differences["closure_rate"]["published"], differences["closure_rate"]["now"]) == ([0, 1], [0, 2])
    [moved] = differences["closure_rate"]["items"]
    assert (moved["item"], moved["part"], moved["entered"]) == (f"case:{may[1]}", "denominator", True)
    assert [event["name"] for event in moved["events"]] == ["case.unmerged"]
    assert differences["cases.merged"]["now"] == [0]
    # A deadline that has passed meanwhile is no event, though the duplicate's release has touched the item.
    [overdue] = differences["cases.overdue"]["items"]
    assert overdue["item"] == f"case:{may[0]}"
    assert [event["name"] for event in overdue["events"]] == ["case.released"]


def test_numbers_that_the_log_never_gave_are_said_to_be_unfounded(
    database: str, dispatch: Dispatch, may: list[str]
) -> None:
    async def story(send: Send) -> None:
        embellished = PublishFigures(
            scope=TOWN,
            title="5月工作通报",
            since=datetime.fromisoformat("2023-05-01T00:00:00+08:00").astimezone(UTC),
            until=datetime.fromisoformat("2023-06-01T00:00:00+08:00").astimezone(UTC),
            as_of=on("2023-06-01"),
            known_at=12,
            figures={"closure_rate": (1, 1)},
            numbers={"cases.closed": 99, "cases.merged": 1},
        )
        await send("2023-06-02", "op", embellished)

    recorded(database, story)
    said = dispatch("restate", *MAY, "--json")
    assert said.status == 1
    assert said.json[0]["unfounded"] == ["closure_rate", "cases.closed"]


def test_what_can_not_be_meant_is_said(dispatch: Dispatch, may: list[str]) -> None:
    assert dispatch("restate", *MAY).status == 1
    assert dispatch("restate", "--period", "2023-13").status == 2
    assert dispatch("publish", *MAY, "--title", "").status == 1
    assert dispatch("publish", *MAY, "--title", "x", "--figure", "happiness").status == 1
    published(dispatch)
    assert dispatch("restate", "--period", "2022").status == 1
