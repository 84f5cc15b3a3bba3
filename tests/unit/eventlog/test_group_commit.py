"""Who commits for whom, and what happens to the others when that fails."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, get_ident

import pytest

from dispatch.eventlog.group_commit import GroupCommit, Job
from dispatch.eventlog.log import Appended, LogUnavailable
from tests.unit.eventlog.making import append

WAIT = 10.0


class Database:
    """Stores nothing; remembers the groups, and stops at a gate if there is one."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.threads: list[int] = []
        self.entered = Event()
        self.gate = Event()
        self.gate.set()
        self.fails: Callable[[list[str]], Exception | None] = lambda _: None

    def commit(self, jobs: Sequence[Job]) -> None:
        ids = [job.append.command_id for job in jobs]
        self.groups.append(ids)
        self.threads.append(get_ident())
        self.entered.set()
        assert self.gate.wait(WAIT)
        if error := self.fails(ids):
            raise error
        for job in jobs:
            job.answer = Appended(1, 1, 1, job.append.outcome, repeated=False)

    def hold(self) -> None:
        self.entered.clear()
        self.gate.clear()


@pytest.fixture
def database() -> Database:
    return Database()


def queued(group: GroupCommit, jobs: int) -> None:
    """Return once so many jobs wait for the commit that is under way."""
    while len(group._queue) < jobs:
        Event().wait(0.001)


def test_a_single_caller_commits_in_its_own_thread(database: Database) -> None:
    group = GroupCommit(database.commit)
    assert group.append(append("a", command_id="1")).outcome == b'"1"'
    assert database.threads == [get_ident()]


def test_those_that_come_during_a_commit_share_the_next_one_in_the_order_they_came(
    database: Database,
) -> None:
    group = GroupCommit(database.commit)
    database.hold()
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(group.append, append("a", command_id="first"))]
        assert database.entered.wait(WAIT)
        for place, name in enumerate("123", start=1):
            answers.append(pool.submit(group.append, append("a", command_id=name)))
            queued(group, place)
        database.gate.set()
        outcomes = [answer.result(WAIT).outcome for answer in answers]
    assert database.groups == [["first"], ["1", "2", "3"]]
    assert outcomes == [b'"first"', b'"1"', b'"2"', b'"3"']


def test_what_fails_one_job_fails_no_other(database: Database) -> None:
    group = GroupCommit(database.commit)
    database.hold()
    database.fails = lambda ids: ValueError("bad") if "2" in ids else None
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(group.append, append("a", command_id="first"))]
        assert database.entered.wait(WAIT)
        for place, name in enumerate("123", start=1):
            answers.append(pool.submit(group.append, append("a", command_id=name)))
            queued(group, place)
        database.gate.set()
        errors = [answer.exception(WAIT) for answer in answers]
    assert [type(error) for error in errors] == [type(None), type(None), ValueError, type(None)]


def test_when_the_database_is_away_those_that_wait_are_told_at_once(database: Database) -> None:
    group = GroupCommit(database.commit)
    database.hold()
    database.fails = lambda _: LogUnavailable("away")
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(group.append, append("a", command_id="first"))]
        assert database.entered.wait(WAIT)
        for place in (1, 2):
            answers.append(pool.submit(group.append, append("a")))
            queued(group, place)
        database.gate.set()
        errors = [answer.exception(WAIT) for answer in answers]
    assert all(isinstance(error, LogUnavailable) for error in errors)
    assert len({id(error) for error in errors}) == 3
    assert database.groups == [["first"]]
    database.fails = lambda _: None
    assert group.append(append("a", command_id="later")).outcome == b'"later"'


def test_an_interrupted_leader_leaves_nobody_waiting(database: Database) -> None:
    group = GroupCommit(database.commit)
    database.hold()

    def interrupted(ids: list[str]) -> None:
        if ids == ["first"]:
            raise KeyboardInterrupt

    database.fails = interrupted
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(group.append, append("a", command_id="first"))
        assert database.entered.wait(WAIT)
        second = pool.submit(group.append, append("a", command_id="second"))
        queued(group, 1)
        database.gate.set()
        assert isinstance(first.exception(WAIT), KeyboardInterrupt)
        assert second.result(WAIT).outcome == b'"second"'


def test_a_job_whose_thread_was_interrupted_passes_its_lead_on(database: Database) -> None:
    group = GroupCommit(database.commit)
    database.hold()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(group.append, append("a", command_id="first"))
        assert database.entered.wait(WAIT)
        gone = Job(append("a", command_id="gone"))
        assert not group._enqueue(gone)
        last = pool.submit(group.append, append("a", command_id="last"))
        queued(group, 2)
        database.gate.set()
        # `gone` is given the lead, but its thread is interrupted in the very moment it is woken.
        assert gone.gate.acquire(timeout=WAIT)
        assert gone.leads
        group._abandon(gone)
        assert first.result(WAIT).outcome == b'"first"'
        assert last.result(WAIT).outcome == b'"last"'
    assert database.groups == [["first"], ["last"]]


def test_callers_on_an_event_loop_share_commits_made_by_another_thread(database: Database) -> None:
    group = GroupCommit(database.commit)

    async def main() -> list[Appended]:
        return await asyncio.gather(*(group.append_async(append("a", command_id=str(n))) for n in range(50)))

    outcomes = [appended.outcome for appended in asyncio.run(main())]
    group.close()
    assert outcomes == [f'"{n}"'.encode() for n in range(50)]
    assert len(database.groups) < 50
    assert get_ident() not in database.threads


def test_threads_and_event_loops_can_append_at_once(database: Database) -> None:
    group = GroupCommit(database.commit)

    async def main() -> None:
        await asyncio.gather(*(group.append_async(append("a")) for _ in range(300)))

    with ThreadPoolExecutor(9) as pool:
        loop = pool.submit(asyncio.run, main())
        threads = [pool.submit(lambda: [group.append(append("a")) for _ in range(300)]) for _ in range(8)]
        loop.result(WAIT * 3)
        assert [len(thread.result(WAIT * 3)) for thread in threads] == [300] * 8
    group.close()
    assert sum(map(len, database.groups)) == 9 * 300


def test_an_error_reaches_the_caller_on_the_event_loop(database: Database) -> None:
    group = GroupCommit(database.commit)
    database.fails = lambda _: ValueError("bad")
    with pytest.raises(ValueError, match="bad"):
        asyncio.run(group.append_async(append("a")))
    group.close()


def test_a_caller_that_is_cancelled_does_not_disturb_the_others(database: Database) -> None:
    group = GroupCommit(database.commit)
    database.hold()

    async def main() -> bytes:
        gone = asyncio.ensure_future(group.append_async(append("a", command_id="gone")))
        await asyncio.to_thread(database.entered.wait, WAIT)
        gone.cancel()
        waiting = asyncio.ensure_future(group.append_async(append("a", command_id="here")))
        database.gate.set()
        return (await waiting).outcome

    assert asyncio.run(main()) == b'"here"'
    group.close()


def test_a_closed_log_takes_no_more_appends(database: Database) -> None:
    group = GroupCommit(database.commit)
    group.close()
    with pytest.raises(LogUnavailable, match="closed"):
        group.append(append("a"))
