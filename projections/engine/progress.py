"""How far the read models have come, as this process knows it, and those who wait for a position."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from threading import Condition
from time import monotonic

from projections.engine.generations import Seen


class Progress:
    """The live generation and its positions; many threads and event loops may ask and wait."""

    def __init__(self) -> None:
        self._seen = Seen(None, {})
        self._changed = Condition()
        self._callbacks: dict[int, Callable[[], None]] = {}

    @property
    def seen(self) -> Seen:
        """The live generation and how far each projection has come."""
        return self._seen

    def update(self, seen: Seen) -> None:
        """Take note of new positions and wake those who wait."""
        if seen == self._seen:
            return
        with self._changed:
            self._seen = seen
            self._changed.notify_all()
            callbacks = tuple(self._callbacks.values())
        for callback in callbacks:
            callback()

    def reached(self, position: int, projections: Collection[str] | None = None) -> bool:
        """Return whether these projections (default: all) have applied every event up to a position."""
        standings = self._seen.standings
        names = standings.keys() if projections is None else projections
        return self._seen.generation is not None and all(
            name in standings and standings[name].position >= position for name in names
        )

    def stopped(self, position: int, projections: Collection[str] | None = None) -> bool:
        """Return whether waiting for a position is in vain, because a projection has stopped before it."""
        return any(
            standing.failure is not None and standing.position < position
            for name, standing in self._seen.standings.items()
            if projections is None or name in projections
        )

    def wait(self, position: int, timeout: float, projections: Collection[str] | None = None) -> bool:
        """Wait in a thread; returns whether the position was reached, at once if it can't be."""
        with self._changed:
            self._changed.wait_for(lambda: self._settled(position, projections), timeout)
        return self.reached(position, projections)

    async def wait_until(
        self,
        position: int,
        timeout: float,  # noqa: ASYNC109 (a wait that ran out is an answer here, not an error)
        projections: Collection[str] | None = None,
    ) -> bool:
        """Wait on an event loop; returns whether the position was reached, at once if it can't be."""
        if self._settled(position, projections):
            return self.reached(position, projections)
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def wake() -> None:
            # Positions change many times a second: only what settles the wait is worth waking a loop for.
            if self._settled(position, projections):
                with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                    loop.call_soon_threadsafe(changed.set)

        with self._changed:
            self._callbacks[id(changed)] = wake
        deadline = monotonic() + timeout
        try:
            while not self._settled(position, projections) and (remaining := deadline - monotonic()) > 0:
                changed.clear()
                if self._settled(position, projections):
                    break
                # Not `wait_for`, which may miss that it is cancelled; see `dispatch.eventlog.wakeup`.
                with suppress(TimeoutError):
                    async with asyncio.timeout(remaining):
                        await changed.wait()
        finally:
            with self._changed:
                del self._callbacks[id(changed)]
        return self.reached(position, projections)

    def _settled(self, position: int, projections: Collection[str] | None) -> bool:
        return self.reached(position, projections) or self.stopped(position, projections)
