"""Wake-ups for those who follow the log: the highest head that this process has heard of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Condition
from time import monotonic


class Wakeup:
    """The head as last heard of, those who wait for it to rise, and those who are called when it does."""

    def __init__(self, head: int) -> None:
        self._head = head
        self._risen = Condition()
        self._callbacks: list[Callable[[int], None]] = []

    @property
    def head(self) -> int:
        """The highest head heard of so far."""
        return self._head

    def rise(self, head: int) -> None:
        """Take note of a head, from whatever source, in whatever order."""
        if head <= self._head:
            return
        with self._risen:
            if head <= self._head:
                return
            self._head = head
            self._risen.notify_all()
            callbacks = tuple(self._callbacks)
        for callback in callbacks:
            callback(head)

    def wait(self, after: int, timeout: float) -> int:
        """Return the head once it is above `after`, or after `timeout` seconds."""
        if self._head <= after and timeout > 0:
            with self._risen:
                self._risen.wait_for(lambda: self._head > after, timeout)
        return self._head

    async def wait_async(self, after: int, timeout: float) -> int:  # noqa: ASYNC109 - the contract's form
        """Wait as `wait` does, on an event loop."""
        loop = asyncio.get_running_loop()
        risen = asyncio.Event()

        def wake(_: int) -> None:
            with suppress(RuntimeError):  # the loop was closed; nobody waits any more
                loop.call_soon_threadsafe(risen.set)

        unsubscribe = self.subscribe(wake)
        deadline = monotonic() + timeout
        try:
            while self._head <= after and (remaining := deadline - monotonic()) > 0:
                risen.clear()
                if self._head > after:
                    break
                # Not `wait_for`: up to Python 3.11 it takes no notice of being cancelled at the very moment
                # that the event is set, and whoever follows the log then never stops.
                with suppress(TimeoutError):
                    async with asyncio.timeout(remaining):
                        await risen.wait()
        finally:
            unsubscribe()
        return self._head

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Call back with each new head; returns what ends that."""
        with self._risen:
            self._callbacks.append(callback)

        def unsubscribe() -> None:
            with self._risen, suppress(ValueError):
                self._callbacks.remove(callback)

        return unsubscribe
