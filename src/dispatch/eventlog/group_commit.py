"""Group commit: whoever comes while a commit is under way shares the next one.

One caller at a time leads: it commits what is queued, its own job among it, answers the others and
hands the lead to the first thread that queued meanwhile. No thread stands between a single caller
and the database. Callers on an event loop can't lead; a worker thread leads when only such callers
are queued.

After a commit for 32 callers, the first of them to come back would commit for itself alone and the
other 31 together, and so on: every second commit for one caller. So a leader that follows within an
instant of a larger group waits out that instant, which is shorter than a commit, unless as many
queue sooner. A caller that has no company does not wait for any.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from threading import Lock, Semaphore, Thread
from time import monotonic

from dispatch.eventlog.log import Append, Appended, LogUnavailable, StoredCommand

MOST_EVENTS = 5_000
"""A group takes no further append once it has this many events."""
COMPANY_SECONDS = 0.002
"""The instant in which those that shared a commit may come back to share the next one."""


class Job:
    """An append on its way, and its answer.

    `attempt` is what was written for it, if that was ever tried: when the acknowledgement of the
    commit was lost, it may be stored. `gate` opens when a waiting thread has its answer or the lead.
    """

    __slots__ = ("answer", "append", "attempt", "future", "gate", "leads")

    def __init__(self, append: Append, future: asyncio.Future[Appended] | None = None) -> None:
        self.append = append
        self.answer: Appended | Exception | None = None
        self.attempt: StoredCommand | None = None
        self.future = future
        self.leads = False
        self.gate = Lock()
        self.gate.acquire()

    def result(self) -> Appended:
        """Return the answer, or raise it."""
        if isinstance(self.answer, Exception):
            raise self.answer
        assert self.answer is not None
        return self.answer


class GroupCommit:
    """Gathers concurrent appends into groups and gives each group to `commit`.

    `commit` sets the answer of each job, or raises: then it has stored nothing, as far as it knows.
    """

    def __init__(self, commit: Callable[[Sequence[Job]], None]) -> None:
        self._commit = commit
        self._mutex = Lock()  # guards all that follows, and `leads` of the queued jobs
        self._queue: deque[Job] = deque()
        self._led = False
        self._size = 0  # of the last group
        self._ended = 0.0  # when it was answered, on the clock of `monotonic`
        self._company = Lock()
        self._company.acquire()
        self._awaited = 0  # queue length at which `_company` opens; 0 when nobody waits
        self._closed = False
        self._worker: Thread | None = None
        self._worker_due = False
        self._worker_wakes = Semaphore(0)

    def append(self, append: Append) -> Appended:
        """Commit in this thread when nobody else does; else wait for an answer or for the lead."""
        job = Job(append)
        if not self._enqueue(job):
            try:
                job.gate.acquire()
            except BaseException:
                self._abandon(job)
                raise
        if job.answer is None:
            self._lead(job)
        return job.result()

    async def append_async(self, append: Append) -> Appended:
        """Have the worker thread commit, or whichever thread leads."""
        future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        if self._enqueue(Job(append, future)):
            with self._mutex:
                self._wake_worker()
        return await future

    def close(self) -> None:
        """Refuse new jobs; those queued before are still committed."""
        with self._mutex:
            self._closed = True
            worker = self._worker
        self._worker_wakes.release()
        if worker is not None:
            worker.join()

    def _enqueue(self, job: Job) -> bool:
        """Queue a job; tells whether its caller has the lead now."""
        with self._mutex:
            if self._closed:
                raise LogUnavailable("the log is closed")
            self._queue.append(job)
            if 0 < self._awaited <= len(self._queue):
                self._awaited = 0
                self._company.release()
            vacant = not self._led
            self._led = True
        return vacant

    def _lead(self, own: Job | None) -> None:
        """Commit groups until this thread's own job is answered, then let another lead.

        The worker has no job of its own: it goes on until a waiting thread can take over.
        """
        leading = True
        while leading:
            group = self._next_group()
            try:
                self._settle(group)
            finally:
                heir = None
                with self._mutex:
                    self._ended = monotonic()
                    if own is None or own in group:
                        leading = self._pass_on(worker=own is None)
                        heir = next((job for job in self._queue if job.leads), None)
                _deliver(job for job in group if job is not own)
                # Woken last, the heir finds those that were just answered queued again.
                if heir is not None:
                    heir.gate.release()

    def _gather(self) -> None:
        """Let those who were answered an instant ago come back, if they were more than are queued."""
        with self._mutex:
            remaining = self._ended + COMPANY_SECONDS - monotonic()
            if len(self._queue) >= self._size or remaining <= 0:
                return
            self._awaited = self._size
        self._company.acquire(timeout=remaining)
        with self._mutex:
            self._awaited = 0
            # It may have opened between the time-out and here.
            self._company.acquire(blocking=False)

    def _next_group(self) -> list[Job]:
        self._gather()
        group: list[Job] = []
        events = 0
        with self._mutex:
            while self._queue and events < MOST_EVENTS:
                job = self._queue.popleft()
                events += len(job.append.events)
                group.append(job)
            self._size = len(group)
        return group

    def _pass_on(self, *, worker: bool) -> bool:
        """Choose who leads next, under the mutex; tells whether that is the calling worker itself."""
        if not self._queue:
            self._led = False
            return False
        for job in self._queue:
            if job.future is None:
                job.leads = True
                return False
        if not worker:
            self._wake_worker()
        return worker

    def _settle(self, group: list[Job]) -> None:
        """Answer each job of a group; what fails one of them fails no other."""
        try:
            self._commit(group)
        except LogUnavailable as error:
            # Those that queued meanwhile would each wait as long again for the same answer.
            with self._mutex:
                group += self._queue
                self._queue.clear()
            for job in group:
                job.answer = type(error)(*error.args)
                job.answer.__cause__ = error.__cause__
        except Exception as error:  # noqa: BLE001 - each caller gets to know the error of its own job
            if len(group) == 1:
                group[0].answer = error
            else:
                for job in group:
                    self._settle([job])
        except BaseException:
            for job in group:
                job.answer = LogUnavailable("interrupted while committing")
            raise

    def _abandon(self, job: Job) -> None:
        """Take out a job whose thread was interrupted: it can neither lead nor wait any more."""
        with self._mutex:
            if job in self._queue:
                self._queue.remove(job)
            heir = None
            if job.leads and self._pass_on(worker=False) is False:
                heir = next((other for other in self._queue if other.leads), None)
        if heir is not None:
            heir.gate.release()

    def _wake_worker(self) -> None:
        """Give the lead to the worker thread, under the mutex."""
        self._worker_due = True
        self._worker_wakes.release()
        if self._worker is None:
            self._worker = Thread(target=self._work, name="log-commit", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        while True:
            self._worker_wakes.acquire()
            with self._mutex:
                due, self._worker_due = self._worker_due, False
                closed = self._closed
            if due:
                self._lead(None)
            elif closed:
                return


def _deliver(jobs: Iterable[Job]) -> None:
    """Open the gates of waiting threads, and tell each event loop once about all of its jobs."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        if job.future is None:
            job.gate.release()
        else:
            by_loop.setdefault(job.future.get_loop(), []).append(job)
    for loop, answered in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed; nobody waits for the answer
            loop.call_soon_threadsafe(_resolve, answered)


def _resolve(jobs: Sequence[Job]) -> None:
    for job in jobs:
        assert job.future is not None
        if job.future.done():
            continue
        if isinstance(job.answer, Exception):
            job.future.set_exception(job.answer)
        else:
            assert job.answer is not None
            job.future.set_result(job.answer)
