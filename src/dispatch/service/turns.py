"""Turns at what takes long: who has many things asked at once waits for his own, and not others for him."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Turns:
    """So many turns at once for each account, and so many for all of them together; of one event loop."""

    def __init__(self, *, each: int, together: int) -> None:
        self._each = each
        self._together = asyncio.Semaphore(together)
        self._of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def take(self, account: str) -> AsyncIterator[None]:
        """Wait for a turn of an account and hold it."""
        own = self._of.get(account)
        if own is None:
            own = self._of[account] = asyncio.Semaphore(self._each)
        async with own, self._together:
            yield
