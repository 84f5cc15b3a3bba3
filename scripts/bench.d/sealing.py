"""What sealing costs: cases reported with five personal texts and a telephone, sealed and as they stand.

The same commands by the same handler on one PostgreSQL, in turns within one run; what isn't sealed needs no
key. Beside it the time that a new key, five texts and a telephone's digest take by themselves.
"""

import asyncio
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from unittest.mock import patch

from commands.cases.report import ReportCase
from commands.command import Request
from commands.handler import Handler
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from dispatch.domain.cases.events import Reporter
from dispatch.domain.cases.kinds import Source
from dispatch.eventlog import open_log
from dispatch.eventlog.vault import sealing
from dispatch.eventlog.vault.ciphers import Suite
from dispatch.eventlog.vault.vault import Vault
from dispatch.service.calendars import china
from tests import postgres
from tests.vaults import ROOT, VAULT

TOWN = "500115101"
GRID = f"{TOWN}001001"
AT_ONCE = 32
REPORTER = Reporter(name="张三", telephone="13800001234", address="白鹤村一组12号", note="晚上在家")
COMMAND = ReportCase(
    grid=GRID,
    category="environment",
    title="村道旁垃圾堆放",
    source=Source.HOTLINE,
    description="路边堆放生活垃圾，已有三天，气味很大。",
    reporter=REPORTER,
)


def clock() -> datetime:
    return datetime.now(UTC)


async def reports_per_second(handler: Handler, number: int) -> float:
    async def report() -> None:
        for _ in range(number // AT_ONCE):
            await handler.handle(Request(command=COMMAND, account="system"))

    start = perf_counter()
    await asyncio.gather(*(report() for _ in range(AT_ONCE)))
    return number / (perf_counter() - start)


async def measure(url: str, *, rounds: int, number: int) -> dict[str, float]:
    """Return reports/s sealed and as they stand, and the one as a part of the other."""
    figures: dict[str, list[float]] = {"sealed": [], "clear": []}
    with open_log(url, clock=clock) as log:
        handler = Handler(log, calendar=china(), clock=clock, vault=VAULT)
        grids = (GridPlan(code=GRID, name="第一网格", village="万顺村"),)
        for command in (FoundTown(town=TOWN, name="万顺镇"), DrawGrids(town=TOWN, grids=grids)):
            await handler.handle(Request(command=command, account="system"))
        await reports_per_second(handler, number)
        for _ in range(rounds):
            figures["sealed"].append(await reports_per_second(handler, number))
            with patch.object(sealing, "has_texts", lambda _: False):
                figures["clear"].append(await reports_per_second(handler, number))
    parts = [sealed / clear for sealed, clear in zip(figures["sealed"], figures["clear"], strict=True)]
    return {f"{name}_per_s": median(values) for name, values in figures.items()} | {"share": median(parts)}


def ciphers_us(suite: Suite, number: int) -> float:
    """Return how long a new key, five texts and a telephone's digest take, in microseconds."""
    vault = Vault(ROOT, suite)
    start = perf_counter()
    for one in range(number):
        key = vault.new_key(f"case:{one}")
        for field in (
            "description",
            "reporter.name",
            "reporter.telephone",
            "reporter.address",
            "reporter.note",
        ):
            key.seal(f"case.reported/1/{field}", "白鹤村一组12号")
        vault.telephones(REPORTER.telephone)
        vault.wrap(key)
    return (perf_counter() - start) / number * 1e6


def run(postgres_url: str, *, quick: bool) -> dict[str, float]:
    """Return reports/s sealed and as they stand, the share, and the time of the ciphers alone."""
    rounds, number = (3, 640) if quick else (9, 3_200)
    with postgres.fresh_database(postgres_url) as url:
        found = asyncio.run(measure(url, rounds=rounds, number=number))
    return found | {f"{suite}_us": ciphers_us(suite, 1_000) for suite in Suite}
