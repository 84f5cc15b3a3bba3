"""Turns at what takes long."""

import asyncio

from dispatch.service.turns import Turns


def test_an_account_waits_for_its_own_turns_and_lets_others_pass() -> None:
    async def story() -> None:
        turns, begun, end = Turns(each=1, together=2), list[str](), asyncio.Event()

        async def fold(account: str) -> None:
            async with turns.take(account):
                begun.append(account)
                await end.wait()

        asked = ["wang", "wang", "wang", "li", "zhao"]
        async with asyncio.TaskGroup() as group:
            for account in asked:
                group.create_task(fold(account))
            for _ in asked:
                await asyncio.sleep(0)
            assert begun == ["wang", "li"]
            end.set()
        assert sorted(begun) == sorted(asked)

    asyncio.run(story())
