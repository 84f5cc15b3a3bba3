"""Waiting for the head to rise."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from dispatch.eventlog.wakeup import Wakeup


def test_a_head_that_is_high_enough_already_is_returned_at_once() -> None:
    assert Wakeup(5).wait(after=4, timeout=60) == 5


def test_a_thread_is_woken_when_the_head_rises() -> None:
    wakeup = Wakeup(5)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wakeup.wait, 6, 60)
        wakeup.rise(6)
        wakeup.rise(7)
        assert waiting.result(10) == 7


def test_a_time_out_gives_the_head_as_it_is() -> None:
    assert Wakeup(5).wait(after=5, timeout=0.001) == 5
    assert asyncio.run(Wakeup(5).wait_async(after=5, timeout=0.001)) == 5


def test_a_coroutine_is_woken_when_the_head_rises() -> None:
    wakeup = Wakeup(5)

    async def main() -> int:
        waiting = asyncio.ensure_future(wakeup.wait_async(6, 60))
        await asyncio.to_thread(wakeup.rise, 6)
        await asyncio.to_thread(wakeup.rise, 7)
        return await waiting

    assert asyncio.run(main()) == 7


def test_heads_that_are_heard_of_late_are_ignored_and_each_rise_is_told_once() -> None:
    wakeup, heard = Wakeup(0), list[int]()
    unsubscribe = wakeup.subscribe(heard.append)
    for head in (3, 2, 3, 5):
        wakeup.rise(head)
    unsubscribe()
    unsubscribe()
    wakeup.rise(6)
    assert heard == [3, 5]
    assert wakeup.head == 6


def test_who_follows_can_be_stopped_at_the_very_moment_that_the_head_rises() -> None:
    async def main(turns: int) -> None:
        wakeup = Wakeup(5)

        async def follow() -> None:
            head = 5
            while True:
                head = await wakeup.wait_async(head, 60)

        following = asyncio.ensure_future(follow())
        await asyncio.sleep(0)
        wakeup.rise(6)
        for _ in range(turns):
            await asyncio.sleep(0)
        following.cancel()
        done, _ = await asyncio.wait([following], timeout=1)
        assert done, f"still following after {turns} turns of the loop"

    for turns in range(6):
        asyncio.run(main(turns))
