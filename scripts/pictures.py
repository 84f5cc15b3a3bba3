"""Takes the README's pictures of a demonstration: the board in August, three other faces after the year."""

import argparse
import base64
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from tests.e2e.http.client import Answer, Client  # noqa: E402 - the project is on the path only now
from tests.e2e.pages.browsing import PATIENCE, chromium  # noqa: E402

DOCS = PROJECT / "docs"
ADDRESS = re.compile(r"Bearer tokens for (\S+)/api/v1")
TOKEN = re.compile(r"^(\w+) +([\w-]+\.[\w-]+)$", re.MULTILINE)
PASSWORD = re.compile(r"(\w+) +│ ([\w-]+) +│ ((?:\w{4}-){3}\w{4}) +│")
DONE = "Ctrl-C stops it."
QUALITY = 0.82
TO_WEBP = """async ([png, quality]) => {
    const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob())
    const canvas = document.createElement('canvas')
    canvas.width = picture.width
    canvas.height = picture.height
    canvas.getContext('2d').drawImage(picture, 0, 0)
    return canvas.toDataURL('image/webp', quality).split(',')[1]
}"""
WAITING = [  # category, title, grade, grid
    ("facilities", "路灯不亮", "3", 5),
    ("safety", "独居老人家中煤炉取暖", "1", 0),
    ("dispute", "邻里宅基地边界争执", "4", 4),
    ("safety", "山坡落石", "2", 3),
    ("facilities", "井盖缺失", "3", 2),
    ("environment", "村道旁垃圾堆放", "4", 1),
]


class Demonstration(NamedTuple):
    """Where one runs, and who signs in there with what."""

    address: str
    tokens: dict[str, str]
    passwords: dict[str, tuple[str, str]]

    def by(self, role: str) -> Client:
        """Return a client that bears the token of a role's account."""
        return Client(self.address, self.tokens[role])


def said(output: str) -> Demonstration:
    """Read what a demonstration said about itself."""
    address = ADDRESS.search(output)
    assert address is not None, "no demonstration has said this"
    passwords = {role: (account, password) for role, account, password in PASSWORD.findall(output)}
    return Demonstration(address[1], dict(TOKEN.findall(output)), passwords)


@contextmanager
def running(output: Path | None) -> Iterator[Demonstration]:
    """Give the demonstration that wrote `output`, or one that runs meanwhile."""
    if output is not None:
        yield said(output.read_text(encoding="utf-8"))
        return
    with tempfile.NamedTemporaryFile("w+", encoding="utf-8") as heard:
        command = [str(PROJECT / ".venv/bin/dispatch"), "demo"]
        process = subprocess.Popen(command, stdout=heard, stderr=subprocess.STDOUT)
        try:
            while DONE not in Path(heard.name).read_text(encoding="utf-8"):
                assert process.poll() is None, Path(heard.name).read_text(encoding="utf-8")
                time.sleep(1)
            yield said(Path(heard.name).read_text(encoding="utf-8"))
        finally:
            process.terminate()
            process.wait()


def something_to_do(at: Demonstration) -> str:
    """Let more of the morning's work come in; returns the case to be looked at."""

    def do(role: str, method: str, path: str, body: Any) -> Answer:
        answer = at.by(role).send(method, f"/api/v1{path}", body)
        assert answer.status in {200, 201}, (path, answer)
        return answer

    def pass_time(**span: float) -> None:
        now = datetime.fromisoformat(at.by("administrator").get("/api/v1/clock").json["now"])
        do("administrator", "PUT", "/clock", {"now": (now + timedelta(**span)).isoformat()})

    grids = [one["code"] for one in at.by("operator").get("/api/v1/grids").json]
    cases = []
    for category, title, severity, grid in WAITING:
        body = {"grid": grids[grid], "category": category, "title": title, "severity": severity}
        cases.append(do("operator", "POST", "/cases", {**body, "source": "resident"}).item("case"))
    pass_time(minutes=25)
    for case in cases[1:4]:
        do("operator", "POST", f"/cases/{case}/accept", None)
    pass_time(minutes=20)
    return cases[1]


class Camera:
    """Opens pages, signed in, and keeps what is seen."""

    def __init__(self, browser: Browser, at: Demonstration) -> None:
        self.browser = browser
        self.at = at

    def page(self, role: str, path: str, size: tuple[int, int], *, dark: bool = False) -> Page:
        """Open a page in Chinese as the account of a role."""
        context = self.browser.new_context(
            base_url=self.at.address,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(PATIENCE)
        account, password = self.at.passwords[role]
        body = {"account": account, "password": password}
        assert context.request.post("/api/v1/session", data=body).ok
        page = context.new_page()
        page.goto(path)
        expect(page.locator(".connection-sign.live, .phone-list").first).to_be_visible()
        return page

    def keep(self, page: Page, name: str) -> None:
        """Write what is seen as `docs/NAME.webp`, once nothing is waited for."""
        expect(page.locator(".loading-state")).to_have_count(0)
        png = base64.b64encode(page.screenshot(animations="disabled")).decode()
        dark_room = self.browser.new_page()
        webp = dark_room.evaluate(TO_WEBP, [png, QUALITY])
        dark_room.close()
        (DOCS / f"{name}.webp").write_bytes(base64.b64decode(webp))
        page.context.close()


def take(camera: Camera, case: str) -> None:
    board = camera.page("supervisor", "/ui/board?at=2023-08-21T18:00", (1800, 1040))
    expect(board.locator(".chart canvas")).to_have_count(2)
    expect(board.locator(".board-sign.past")).to_be_visible()
    # The comparison with the period before comes after the figures.
    expect(board.locator(".tile-change.good, .tile-change.bad").first).to_be_visible()
    camera.keep(board, "board")

    console = camera.page("operator", f"/ui/console/cases/open?item={case}", (1366, 768))
    expect(console.locator(".item-panel .timeline li")).to_have_count(2)
    camera.keep(console, "console")

    audit = camera.page("auditor", "/ui/audit/log?event=72000", (1366, 768), dark=True)
    audit.locator(".event-panel").get_by_role("tab", name="证明").click()
    expect(audit.locator(".event-panel .proof-verdict").first).to_be_visible()
    camera.keep(audit, "audit")

    phone = camera.page("worker", "/m/", (390, 780))
    expect(phone.locator(".phone-list li").first).to_be_visible()
    # The service's clock, which is simulated, comes after the list.
    expect(phone.locator(".phone-list").get_by_text("剩余").first).to_be_visible()
    camera.keep(phone, "phone")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", nargs="?", type=Path, help="what a running demonstration printed")
    with running(parser.parse_args().output) as at, sync_playwright() as playwright:
        case = something_to_do(at)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        take(Camera(browser, at), case)
        browser.close()


if __name__ == "__main__":
    main()
