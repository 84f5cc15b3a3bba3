"""The demonstration from its beginning to its end: start, found, send the year, compare, stay or go."""

import asyncio
import gc
import shutil
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from dispatch.demo import screen
from dispatch.demo.client import Client, Unexpected
from dispatch.demo.comparison import Line, leaves, lines, measure
from dispatch.demo.facts import PUBLISHED
from dispatch.demo.founding import Founded, Founder, found, make_administrator
from dispatch.demo.morning import begin_morning
from dispatch.demo.operators import Year, set_clock
from dispatch.demo.process import DATABASE, Service, ServiceFailed
from dispatch.demo.sign_ins import SignIn, sign_ins
from dispatch.demo.town import ADMINISTRATOR
from dispatch.demo.year.hours import YEAR
from dispatch.demo.year.plan import Plan
from dispatch.demo.year.whole import plan_year
from dispatch.domain.rhythm import SHANGHAI
from dispatch.service.calendars import china

EQUAL: Final = 0
DIFFERENT: Final = 1
FAILED: Final = 1
INTERRUPTED: Final = 130
YEAR_END: Final = datetime(YEAR + 1, 1, 1, tzinfo=SHANGHAI)
T = TypeVar("T")


class DirectoryInUse(Exception):
    """There is a database in that directory already; the demonstration begins with a new one."""


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """What was asked for: where, on which port (any free one if None), which plan, and how to end."""

    directory: Path | None = None
    port: int | None = None
    seed: int
    leave: bool = False
    as_json: bool = False


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of it: `commands` were accepted, the log holds `events`."""

    measured: dict[str, Any]
    held: dict[str, Any]
    lines: list[Line]
    tokens: dict[str, str]
    commands: int
    events: int
    seconds: float

    @property
    def equal(self) -> bool:
        """Whether every measured figure is the published one."""
        return all(line.equal for line in self.lines)

    def as_json(self) -> str:
        """Return it as one line."""
        answer = {
            "published": PUBLISHED,
            "measured": self.measured,
            "equal": self.equal,
            "held": self.held,
            "commands": self.commands,
            "events": self.events,
            "seconds": round(self.seconds, 1),
        }
        return msgspec.json.encode(answer).decode()


def run(asked: Demonstration) -> int:
    """Show the year and return the exit status: 0 if every figure is as published."""
    # What stops this process otherwise shall also stop the service that it started.
    before = signal.signal(signal.SIGTERM, _stopped)
    try:
        with _directory(asked.directory) as directory:
            return _run(asked, directory)
    except (Unexpected, ServiceFailed, DirectoryInUse) as error:
        screen.say(str(error))
        return FAILED
    except KeyboardInterrupt:
        screen.say("Stopped.")
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)


def _stopped(*_: object) -> None:
    # In the background of a script SIGINT is ignored, and raised in vain.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)


@contextmanager
def _directory(asked: Path | None) -> Iterator[Path]:
    """Give the directory that was asked for, or a new one that goes when the demonstration does."""
    if asked is not None:
        asked.mkdir(parents=True, exist_ok=True)
        if (asked / DATABASE).exists():
            raise DirectoryInUse(f"There is a database in {asked} already: name an empty directory.")
        yield asked.resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="dispatch-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _run(asked: Demonstration, directory: Path) -> int:
    begin = time.monotonic()
    service = Service(directory, port=asked.port)
    founder = make_administrator(service.database)
    # While the service starts, there is time to plan the year.
    planning = ThreadPoolExecutor(1)
    planned = planning.submit(lambda: plan_year(asked.seed, china()))
    planning.shutdown(wait=False)
    with service:
        # No full stop behind: it would be copied with the address.
        screen.say(f"The service runs at {service.address}, on {service.database}")
        result = _in_loop(lambda: _year(planned, service, founder.token, begin))
        shown = screen.stderr if asked.as_json else screen.stdout
        shown.print(screen.table(result.lines))
        shown.print(screen.held(leaves(result.held)))
        rate = result.commands / result.seconds
        screen.say(
            f"{result.commands:,} commands, {result.events:,} events, {result.seconds:.1f} s ({rate:,.0f}/s)."
        )
        if asked.as_json:
            print(result.as_json(), flush=True)  # noqa: T201 - this is the answer
        if not asked.leave:
            _stay(service, founder, result.tokens)
        return EQUAL if result.equal else DIFFERENT


def _stay(service: Service, founder: Founder, tokens: dict[str, str]) -> None:
    """Show where to look and how to sign in, until somebody stops it."""
    made = _in_loop(lambda: _opened(service, founder, tokens))
    screen.say(screen.tokens(service.address, made))
    screen.stderr.print(screen.addresses(service.address, made))
    screen.say(
        "In the town it is the first working morning of 2024. The board opens on the end of the year that is "
        "proved, at its last month (本年: all of it); the last place of the slider is that morning."
    )
    screen.say("Ctrl-C stops it.")
    try:
        service.wait()
    except KeyboardInterrupt:
        screen.say("Stopping.")
        return
    service.require_alive()


async def _opened(service: Service, founder: Founder, tokens: dict[str, str]) -> list[SignIn]:
    known = {**tokens, ADMINISTRATOR.account: founder.token}
    client = Client(service.address, known, service.require_alive)
    try:
        await begin_morning(client)
        return await sign_ins(client, service.address, founder, known)
    finally:
        await client.close()


def _in_loop(work: Callable[[], Awaitable[T]]) -> T:
    """Run to the end in an event loop, in uvloop's where there is one."""
    make: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with suppress(ImportError):
        # Not on every platform, and not needed: it is a quarter faster.
        from uvloop import new_event_loop as make  # noqa: PLC0415 - see above

    async def awaited() -> T:
        return await work()

    with asyncio.Runner(loop_factory=make) as runner:
        return runner.run(awaited())


async def _year(planned: Future[Plan], service: Service, token: str, begin: float) -> Result:
    plan = planned.result()
    client = Client(service.address, {ADMINISTRATOR.account: token}, service.require_alive)
    try:
        founded = await found(client)
        screen.say(f"The town is founded: {founded.commands} commands in {time.monotonic() - begin:.1f} s.")
        year = await _sent(plan, founded, client)
        measured = await measure(client, year.position)
    finally:
        await client.close()
    return Result(
        measured=measured.published,
        held=measured.held,
        lines=lines(measured.published),
        tokens=founded.tokens,
        commands=founded.commands + year.commands,
        events=measured.head,
        seconds=time.monotonic() - begin,
    )


async def _sent(plan: Plan, founded: Founded, client: Client) -> Year:
    """Send the year and end it at midnight."""
    begin = time.monotonic()
    # The plan stays until the end: looking through it for garbage again and again costs seconds.
    gc.collect()
    gc.freeze()
    with screen.progress(plan.steps) as bar:
        year = Year(plan, founded, client, lambda steps: bar.advance(bar.task_ids[0], steps))
        try:
            await year.run()
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None
        await set_clock(client, YEAR_END)
    seconds = time.monotonic() - begin
    screen.say(
        f"The year took {seconds:.1f} s: {year.commands:,} commands accepted, {year.refusals} refused as "
        f"they should be, {year.repeats} sent twice, {client.retries} sent again."
    )
    return year
