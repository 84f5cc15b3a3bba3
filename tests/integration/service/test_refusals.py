"""Refusals are told to the log by one event for each account, however many there are."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from commands.accounts.add import AddAccount
from commands.command import Request
from commands.handler import Handler
from dispatch.domain.accounts import Role
from dispatch.domain.refusals import NOBODY, RequestsRefused
from dispatch.eventlog import EventLog, LogUnavailable, open_log
from dispatch.eventlog.mapper import decode
from dispatch.service.calendars import china
from dispatch.service.refusals import ACCOUNTS, LINES, NAMED, Kind, Refusals, Tried
from tests.integration.service.test_second_factor import HandMoved
from tests.vaults import VAULT

START = datetime(2024, 3, 4, 1, 0, 5, tzinfo=UTC)


class Setting:
    """A log with one account, and refusals of a process on it."""

    def __init__(self, log: EventLog, clock: HandMoved) -> None:
        self.log, self.clock = log, clock
        self.handler = Handler(log, calendar=china(), clock=clock, vault=VAULT)
        self.refusals = Refusals(self.handler, clock, seconds=60)
        add = AddAccount(account="duty", name="duty", role=Role.OPERATOR, scope="500115101")
        asyncio.run(self.handler.handle(Request(command=add, account="system")))

    def flush(self) -> None:
        asyncio.run(self.refusals.flush())

    def told(self) -> list[RequestsRefused]:
        events = [decode(stored).event for stored in self.log.read()]
        return [event for event in events if isinstance(event, RequestsRefused)]


@pytest.fixture
def setting(database: str) -> Iterator[Setting]:
    clock = HandMoved()
    with open_log(database, clock=clock) as log:
        yield Setting(log, clock)


def test_many_refusals_of_a_kind_are_one_line(setting: Setting) -> None:
    for number in range(1_000):
        setting.refusals.note("duty", Kind("out-of-scope", "GET /tasks/{id}"), f"10.0.0.{number % 3}")
        setting.clock.move(seconds=1)
    setting.refusals.note("duty", Kind("role-not-allowed", "PUT /clock"), None)
    head = setting.log.head()
    setting.flush()
    assert setting.log.head() == head + 1
    [event] = setting.told()
    first, second = event.refused
    assert (first.code, first.route, first.count) == ("out-of-scope", "GET /tasks/{id}", 1_000)
    assert (first.first_at, first.last_at) == (START, START + timedelta(seconds=999))
    assert (second.count, second.address, event.others) == (1, None, 0)
    setting.flush()
    assert setting.log.head() == head + 1


def test_no_number_of_kinds_or_accounts_makes_more(setting: Setting) -> None:
    for number in range(LINES + 7):
        setting.refusals.note("duty", Kind("out-of-scope", f"GET /{number}"), None)
    setting.flush()
    [event] = setting.told()
    assert (len(event.refused), event.others) == (LINES, 7)
    for number in range(ACCOUNTS + 50):
        setting.refusals.note(f"no-such-{number}", Kind("out-of-scope", "GET /tasks"), None)
    head = setting.log.head()
    setting.flush()
    # Accounts that are not there can't have been refused anything; what was too much is told as nobody's.
    assert setting.log.head() == head + 1
    assert (setting.told()[-1].account, setting.told()[-1].refused[0].count) == (NOBODY, 50)


def test_a_line_says_what_was_tried_and_how_it_was_sent_each_once(setting: Setting) -> None:
    case, task = f"case:{'c' * 32}", f"task:{'7' * 32}"
    first, second = "0" * 32, "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"
    kind = Kind("out-of-scope", "POST /personal/disclose")
    for tried in (
        Tried((case,), session="s-1", request_id=first),
        Tried((case, task), session="s-1", request_id=second),
        Tried((task,), token="t-1"),
    ):
        setting.refusals.note("duty", kind, None, tried)
    setting.refusals.note("duty", Kind("out-of-scope", "GET /tasks"), None, Tried(request_id=second))
    setting.flush()
    [line, other] = setting.told()[0].refused
    assert (line.count, line.items, line.beyond) == (3, (case, task), 0)
    assert (line.sessions, line.tokens, line.request_id) == (("s-1",), ("t-1",), first)
    assert (other.items, other.sessions, other.tokens, other.request_id) == ((), (), (), second)


def test_no_number_of_items_makes_a_line_longer_than_it_may_be(setting: Setting) -> None:
    kind = Kind("out-of-scope", "GET /tasks/{id}")
    for number in range(NAMED + 7):
        tried = Tried((f"task:{number:032x}",), session=f"s-{number}", token=f"t-{number}")
        setting.refusals.note("duty", kind, None, tried)
    setting.refusals.note("duty", kind, None, Tried((f"task:{0:032x}",)))
    setting.flush()
    [line] = setting.told()[0].refused
    assert line.items == tuple(f"task:{number:032x}" for number in range(NAMED))
    assert (line.count, line.beyond) == (NAMED + 8, 7)
    assert (len(line.sessions), len(line.tokens)) == (NAMED, NAMED)


@pytest.mark.parametrize(
    "rubbish",
    [
        "13912345678",
        "task:13912345678",
        "case:张某某甲",
        f"zhangsan:{'0' * 32}",
        f"case:{'0' * 33}",
        f"case:{'0' * 32}\n",
        "recipient:account:zhangsan",
        "",
    ],
)
def test_what_a_sender_words_gets_into_no_line(setting: Setting, rubbish: str) -> None:
    kind = Kind("out-of-scope", "GET /tasks/{id}")
    setting.refusals.note("duty", kind, None, Tried((rubbish,), request_id=rubbish))
    setting.flush()
    [line] = setting.told()[0].refused
    assert (line.items, line.beyond, line.request_id) == ((), 0, None)


def test_what_is_to_be_told_is_kept_while_the_database_is_away(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Request) -> None:
        raise LogUnavailable("away")

    setting.refusals.note("duty", Kind("out-of-scope", "GET /tasks"), None)
    with monkeypatch.context() as patched:
        patched.setattr(setting.handler, "handle", away)
        setting.flush()
    setting.flush()
    assert [event.refused[0].count for event in setting.told()] == [1]


def test_what_is_refused_while_the_log_is_told_in_vain_is_told_too(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Request) -> None:
        setting.refusals.note("duty", Kind("out-of-scope", "GET /cases"), None)
        raise LogUnavailable("away")

    setting.refusals.note("duty", Kind("out-of-scope", "GET /tasks"), None)
    with monkeypatch.context() as patched:
        patched.setattr(setting.handler, "handle", away)
        setting.flush()
        setting.flush()
    setting.flush()
    told = [(line.route, line.count) for event in setting.told() for line in event.refused]
    assert told == [("GET /tasks", 1), ("GET /cases", 2)]


def test_what_was_being_told_when_the_service_stops_is_told_and_once(setting: Setting) -> None:
    refusals, handle = setting.refusals, setting.handler.handle

    async def stop_in_the_midst() -> None:
        telling, done = asyncio.Event(), asyncio.Event()

        async def slowly(request: Request) -> None:
            await handle(request)
            telling.set()
            await done.wait()

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(setting.handler, "handle", slowly)
            duty = asyncio.create_task(refusals.flush())
            await telling.wait()
            duty.cancel()
            await asyncio.gather(duty, return_exceptions=True)
        await refusals.close()

    refusals.note("duty", Kind("out-of-scope", "GET /tasks"), None)
    asyncio.run(stop_in_the_midst())
    assert [event.refused[0].count for event in setting.told()] == [1]


def test_telling_goes_on_after_a_mistake_that_nobody_foresaw(setting: Setting) -> None:
    async def mistaken(_: Request) -> None:
        raise ZeroDivisionError

    async def run() -> None:
        handle = setting.handler.handle
        told = asyncio.Event()

        async def well(request: Request) -> None:
            await handle(request)
            told.set()

        refusals = Refusals(setting.handler, setting.clock, seconds=0.001)
        refusals.note("duty", Kind("out-of-scope", "GET /tasks"), None)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(setting.handler, "handle", mistaken)
            with pytest.raises(ZeroDivisionError):
                await refusals.flush()
            duty = asyncio.create_task(refusals.run())
            for _ in range(100):
                await asyncio.sleep(0)
            patched.setattr(setting.handler, "handle", well)
            async with asyncio.timeout(30):
                await told.wait()
        duty.cancel()
        await asyncio.gather(duty, return_exceptions=True)

    asyncio.run(run())
    assert [event.refused[0].count for event in setting.told()] == [1]


def test_what_the_log_never_took_is_said_in_the_services_own_log(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Request) -> None:
        raise LogUnavailable("away")

    setting.refusals.note("duty", Kind("out-of-scope", "GET /tasks"), None)
    monkeypatch.setattr(setting.handler, "handle", away)
    with capture_logs() as said:
        asyncio.run(setting.refusals.close())
    [lost] = [one for one in said if one["event"] == "refusals_not_on_record"]
    assert (lost["account"], lost["refused"][0]["route"], lost["log_level"]) == (
        "duty",
        "GET /tasks",
        "error",
    )
