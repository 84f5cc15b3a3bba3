"""How soon pages show what matters and a change is on them, and whether they grow, in a real Chromium.

The service on PostgreSQL, a supervisor's board and an operator's console open. *Event to pixel* runs from
the answer to a command, when its event is stored, until the page has drawn it. *Largest paint* (LCP) runs
from asking for a page that the browser doesn't know yet until its largest part is painted, on lines and
processors as slow as Lighthouse takes them for a desk and for a phone. *Growth* is what JavaScript's heap
holds more after so many further updates than before, after a garbage collection each time.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town
from tests.e2e.pages.browsing import PATIENCE, PHONE, SMALL, Desk, chromium

MEGABYTE = 1e6
LIMITS = {
    "event_to_pixel_p95_ms": 1_000,
    "largest_paint_desk_ms": 1_000,
    "largest_paint_phone_ms": 2_000,
    "heap_growth_mb": 5,
}
"""What the pages are to keep to, on a machine that has nothing else to do."""
FACES = {
    "console": ("/ui/console/tasks/open", "operator"),
    "board": ("/ui/board?window=year", "supervisor"),
    "audit": ("/ui/audit/log", "auditor"),
    "admin": ("/ui/admin/", "administrator"),
}
DESK_LINE = {"latency": 40, "downloadThroughput": 10e6 / 8, "uploadThroughput": 10e6 / 8}
PHONE_LINE = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
"""Milliseconds of delay, bytes a second: Lighthouse's desktop and its slow 4G."""
PHONE_SLOWER = 4
"""How many times a phone's processor is slower than this one."""
LARGEST_PAINT = """({where, quiet, patience}) => new Promise((told, failed) => {
    let last, timer, there = false
    const look = () => {
        if (there) return told(last)
        there = document.querySelector(where) !== null
        wait()
    }
    const wait = () => { clearTimeout(timer); timer = setTimeout(look, quiet) }
    setTimeout(() => failed(new Error(`${where} was never shown`)), patience)
    new PerformanceObserver(list => { last = list.getEntries().at(-1).startTime; wait() })
        .observe({type: 'largest-contentful-paint', buffered: true})
    wait()
})"""
"""When the largest part of a page was painted, in milliseconds after it was asked for; what matters is there.

The page itself waits for it: what Playwright does while it looks would count, on a slow processor.
"""
QUIET = 1_000
"""Milliseconds without a larger part after which the last one is the largest."""
DRAWN = """wanted => new Promise(done => {
    const drawn = () => document.querySelector(wanted.where)?.textContent.includes(wanted.text)
    const look = () => drawn() ? requestAnimationFrame(() => done(Date.now())) : requestAnimationFrame(look)
    look()
})"""
"""Resolves with the time of the frame in which a text is in the page."""


def share(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def heap(session: CDPSession) -> float:
    """Return the bytes that the page's JavaScript holds on to."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize"))


def latencies(page: Page, where: str, change: Callable[[int], str], times: int) -> list[float]:
    """Return the milliseconds from each change's answer until its text was drawn."""
    found = []
    for number in range(times):
        text = change(number)
        stored = time.time() * 1000
        drawn = page.evaluate(DRAWN, {"where": where, "text": text})
        found.append(max(0.0, drawn - stored))
    return found


def largest_paint(desk: Desk, path: str, who: str, *, phone: bool) -> float:
    """Return when the largest part of a page is painted that the browser has never seen."""
    more: dict[str, Any] = {"is_mobile": True, "has_touch": True} if phone else {}
    page = desk.visit("about:blank", who, size=PHONE if phone else SMALL, **more)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    line = PHONE_LINE if phone else DESK_LINE
    session.send("Network.emulateNetworkConditions", {"offline": False, **line})
    if phone:
        session.send("Emulation.setCPUThrottlingRate", {"rate": PHONE_SLOWER})
    page.goto(path)
    where = ".phone-list li" if phone else ".connection-sign.live"
    painted: float = page.evaluate(LARGEST_PAINT, {"where": where, "quiet": QUIET, "patience": PATIENCE})
    page.context.close()
    return painted


def largest_paints(desk: Desk, times: int) -> dict[str, float]:
    """Return the median for each page, of a town in which something is to be done."""
    for number in range(20):
        desk.town.issue(title=f"巡查 {number}")
    found = {}
    for name, (path, who) in {**FACES, "phone": ("/m/", "worker")}.items():
        taken = [largest_paint(desk, path, who, phone=name == "phone") for _ in range(times)]
        found[name] = share(taken, 0.5)
    return found


def measured(desk: Desk, *, times: int, updates: int) -> dict[str, Any]:
    painted = largest_paints(desk, 3 if times < 100 else 9)  # noqa: PLR2004 - the whole measurement
    town = desk.town
    issued: int = town.read("supervisor", f"/tasks?after={town.root.head()}")["total"]
    operator = town.by("operator")
    board = desk.visit("/ui/board?window=year", "supervisor")
    console = desk.visit("/ui/console/tasks/accept?sort=-issued", "operator")
    expect(board.locator(".tile").first).to_be_visible()
    expect(console.locator(".connection-sign.live")).to_be_visible()

    def issue(title: str) -> int:
        nonlocal issued
        body = {"grids": [town.grids[issued % 3]], "title": title, "category": "patrol"}
        assert operator.post("/api/v1/tasks", body).status == 201  # noqa: PLR2004 - HTTP's created
        issued += 1
        return issued

    def on_board(number: int) -> str:
        return f"{issue(f'第{number}件'):,}"

    def on_console(number: int) -> str:
        title = f"终端上的第{number}件"
        issue(title)
        return title

    pages = {"board": board, "console": console}
    sessions = {name: page.context.new_cdp_session(page) for name, page in pages.items()}
    for session in sessions.values():
        session.send("Performance.enable")
    on_the_board = latencies(board, '.tile[data-figure="completion_rate"] .tile-pair', on_board, times)
    on_the_console = latencies(console, "body", on_console, times)
    before = {name: heap(session) for name, session in sessions.items()}
    began = time.perf_counter()
    for number in range(updates):
        issue(f"更新 {number}")
    seconds = time.perf_counter() - began
    expect(board.locator('.tile[data-figure="completion_rate"] .number-link').nth(1)).to_have_text(
        f"{issued:,}"
    )
    growth = {name: (heap(session) - before[name]) / MEGABYTE for name, session in sessions.items()}
    return {
        "largest_paint_ms": painted,
        "event_to_pixel_ms": {
            name: {"p50": share(found, 0.5), "p95": share(found, 0.95), "samples": len(found)}
            for name, found in (("board", on_the_board), ("console", on_the_console))
        },
        "heap_growth_mb": growth,
        "updates": updates,
        "updates_per_second": updates / seconds,
        "limits": LIMITS,
    }


def run(postgres_url: str, *, quick: bool) -> dict[str, Any]:
    root = first_administrator(postgres_url)
    limits = {"requests_per_minute": "1000000", "requests_per_minute_per_address": "1000000"}
    with (
        tempfile.TemporaryDirectory() as folder,
        Running(postgres_url, Path(folder), **limits) as running,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        desk = Desk(browser, Town(running.client.bearing(root)).found())
        found = measured(desk, times=15 if quick else 100, updates=250 if quick else 2_500)
        desk.close()
        desk.require_clean()
        browser.close()
    return found
