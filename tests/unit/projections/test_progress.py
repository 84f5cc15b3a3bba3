"""Waiting for a position, on event loops and in threads."""

import asyncio
from threading import Thread

from projections.engine.generations import Seen
from projections.engine.progress import Progress
from projections.engine.store import Failure, Standing


def seen(failed: bool = False, **positions: int) -> Seen:
    failure = Failure(3, "task.issued task:1", "ZeroDivisionError: ") if failed else None
    return Seen(1, {name: Standing(name, 1, "", position, failure) for name, position in positions.items()})


def test_a_position_is_reached_when_every_projection_has_reached_it() -> None:
    progress = Progress()
    assert not progress.reached(0)
    progress.update(seen(tasks=5, cases=4))
    assert (progress.reached(4), progress.reached(5)) == (True, False)
    assert progress.reached(5, ["tasks"])
    assert not progress.reached(1, ["unknown"])


def test_who_waits_on_an_event_loop_is_woken_from_another_thread() -> None:
    progress = Progress()

    async def wait() -> list[bool]:
        waiting = [asyncio.create_task(progress.wait_until(n, 30)) for n in (1, 2, 3)]
        await asyncio.sleep(0)
        for n in (1, 2, 3):
            await asyncio.to_thread(progress.update, seen(tasks=n))
        return await asyncio.gather(*waiting)

    assert asyncio.run(wait()) == [True, True, True]
    assert progress._callbacks == {}


def test_who_waits_in_a_thread_is_woken() -> None:
    progress, answers = Progress(), []
    thread = Thread(target=lambda: answers.append(progress.wait(7, 30)))
    thread.start()
    progress.update(seen(tasks=7))
    thread.join()
    assert answers == [True]


def test_waiting_ends_at_the_timeout() -> None:
    progress = Progress()
    assert not asyncio.run(progress.wait_until(1, 0.01))
    assert not progress.wait(1, 0.01)


def test_nobody_waits_for_a_projection_that_has_stopped() -> None:
    progress = Progress()
    progress.update(seen(failed=True, tasks=2))
    assert not asyncio.run(progress.wait_until(3, 30))
    assert not progress.wait(3, 30)
    assert asyncio.run(progress.wait_until(2, 30))


def test_who_waits_can_be_stopped_at_the_very_moment_that_the_position_is_reached() -> None:
    async def main(turns: int) -> None:
        progress = Progress()

        async def follow() -> None:
            position = 1
            while True:
                await progress.wait_until(position, 60)
                position += 1

        following = asyncio.ensure_future(follow())
        await asyncio.sleep(0)
        progress.update(seen(tasks=1))
        for _ in range(turns):
            await asyncio.sleep(0)
        following.cancel()
        done, _ = await asyncio.wait([following], timeout=1)
        assert done, f"still waiting after {turns} turns of the loop"

    for turns in range(6):
        asyncio.run(main(turns))
