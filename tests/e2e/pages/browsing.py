"""Opening pages as a person does: signed in or not, in a language, on a screen of some size."""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.e2e.http.town import Town

CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome")
"""Names of the browser, where a system has one."""
PATIENCE: Final = 30_000
"""Milliseconds that a loaded machine may need for anything that is expected on a page."""
PASSWORD: Final = "correct horse battery staple"
SCREENSHOTS: Final = Path(__file__).with_name("screenshots")
AXE: Final = Path(__file__).parents[3] / "web" / "node_modules" / "axe-core" / "axe.min.js"
WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

expect.set_options(timeout=PATIENCE)


class Size(NamedTuple):
    """A window's size in CSS pixels."""

    width: int
    height: int


SMALL: Final = Size(1366, 768)
USUAL: Final = Size(1920, 1080)
WALL: Final = Size(3840, 1080)
PHONE: Final = Size(390, 844)
TABLET: Final = Size(820, 1180)
DESKS: Final = (SMALL, USUAL, WALL)


def chromium() -> str:
    """Return where the browser is: `DISPATCH_CHROMIUM`, or what the system has; fails if it has none."""
    found = os.environ.get("DISPATCH_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        pytest.fail(
            "The pages are tested in a real browser and none was found. Install Chromium and a Chinese font "
            "(Debian: apt-get install chromium fonts-wqy-zenhei), or name one in DISPATCH_CHROMIUM."
        )
    return found


class Desk:
    """Opens pages of one town's service, and remembers what went wrong in any of them."""

    def __init__(self, browser: Browser, town: Town) -> None:
        self.town = town
        self.address = town.root.address
        self.wrong: list[str] = []
        # A board asks for the last checkpoint, to print it; a new town has none yet.
        self.expected: list[str] = [r"404.*/api/v1/audit/checkpoint\b"]
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._passwords: dict[str, str] = {}

    def visit(
        self,
        path: str,
        who: str | None = None,
        *,
        lang: str = "zh-CN",
        size: Size = USUAL,
        dark: bool = False,
        **more: Any,
    ) -> Page:
        """Open an address in a browser of its own, signed in as `who` (a name in the town) unless None.

        `more` goes to Playwright's `new_context`, such as `has_touch=True`.
        """
        context = self._browser.new_context(
            base_url=self.address,
            viewport={"width": size.width, "height": size.height},
            locale=lang,
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
            **more,
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        if who is not None:
            body = {"account": self.town.accounts[who].name, "password": self.password_of(who)}
            answer = context.request.post("/api/v1/session", data=body)
            assert answer.status == 200, answer.text()
        page = context.new_page()
        self.watch(page)
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        return page

    def password_of(self, who: str) -> str:
        """Return somebody's own password; the first one has been changed."""
        if who not in self._passwords:
            account = self.town.accounts[who].name
            first = self.first_password_of(who)
            context = self._browser.new_context(base_url=self.address)
            origin = {"Origin": self.address}
            body = {"account": account, "password": first}
            assert context.request.post("/api/v1/session", data=body).status == 200
            change = {"old": first, "new": PASSWORD}
            changed = context.request.put("/api/v1/session/password", data=change, headers=origin)
            assert changed.status == 200, changed.text()
            context.close()
            self._passwords[who] = PASSWORD
        return self._passwords[who]

    def first_password_of(self, who: str) -> str:
        """Return a first password, which must be changed; what was known before is worth nothing."""
        self._passwords.pop(who, None)
        made = self.town.root.post(f"/api/v1/accounts/{self.town.accounts[who].name}/password")
        assert made.status == 201, made
        password: str = made.json["password"]
        return password

    def end_sessions(self) -> None:
        """Move the service's clock on until nobody's session is worth anything."""
        now = datetime.fromisoformat(self.town.read("administrator", "/clock")["now"])
        later = {"now": (now + timedelta(hours=13)).isoformat()}
        assert self.town.root.send("PUT", "/api/v1/clock", later).status == 200

    def expect_wrong(self, *patterns: str) -> None:
        """Say which complaints of the browser's console belong to what this test does on purpose."""
        self.expected += patterns

    def watch(self, page: Page) -> None:
        """Note what goes wrong on a page; `visit` does it for those that it opens."""
        host = urlsplit(self.address).netloc

        def said(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                self.wrong.append(f"console: {message.text} ({message.location.get('url', '')})")

        def asked(request: Request) -> None:
            parts = urlsplit(request.url)
            if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host:
                self.wrong.append(f"asked another host: {request.url}")

        page.on("console", said)
        page.on("request", asked)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))

    def require_clean(self) -> None:
        """Fail if a page broke the content security policy, raised an error or asked another host."""
        wrong = [one for one in self.wrong if not any(re.search(fine, one) for fine in self.expected)]
        assert not wrong, wrong

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def each_size(page: Page, sizes: tuple[Size, ...]) -> Iterator[Size]:
    """Show a page in windows of these sizes, one after the other, and then as it was."""
    before = page.viewport_size
    for size in sizes:
        page.set_viewport_size({"width": size.width, "height": size.height})
        yield size
    if before is not None:
        page.set_viewport_size(before)


def shoot_as_it_is(page: Page, name: str, size: Size) -> None:
    """Write a screenshot as an artefact of the tests."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{size.width}x{size.height}.png", animations="disabled")


def shoot(page: Page, name: str, sizes: tuple[Size, ...] = DESKS) -> None:
    """Write a screenshot of each size as an artefact of the tests."""
    for size in each_size(page, sizes):
        shoot_as_it_is(page, name, size)


def require_accessible(page: Page) -> None:
    """Fail if axe finds anything that WCAG 2.2 AA forbids in what is on the page now."""
    assert AXE.is_file(), "axe-core is not there: run scripts/setup --dev"
    # Some 600 kB to compile: once for each document, however many dialogs are opened on it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", WCAG)
    violations = [
        f"{one['id']}: {one['help']}: {node['target']} {node['html'][:200]} {node['any'][:1]}"
        for one in found["violations"]
        for node in one["nodes"][:5]
    ]
    assert not violations, "\n".join(violations)
