"""The live stream of a tab: one connection on each face, and no gap after a cut."""

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.pages.browsing import Desk

FACES = {"/ui/console": "operator", "/ui/board": "supervisor", "/ui/audit": "auditor", "/m/": "worker"}
PAGES = ("cases/open", "tasks/all", "plans", "inbox", "search?q=a", "cases/to-accept")


class Streams:
    """The connections of a page to the live stream: those that were made, and those that are open."""

    def __init__(self, page: Page) -> None:
        self.made: list[str | None] = []
        self.open = 0
        page.on("request", self._begun)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _begun(self, request: Request) -> None:
        if request.url.endswith("/api/v1/stream"):
            self.made.append(request.headers.get("last-event-id"))
            self.open += 1

    def _ended(self, request: Request) -> None:
        self.open -= request.url.endswith("/api/v1/stream")


@pytest.mark.parametrize("path", FACES)
def test_a_tab_has_one_stream_and_begins_it_where_the_page_begins(desk: Desk, path: str) -> None:
    page = desk.visit("about:blank", FACES[path])
    streams = Streams(page)
    with page.expect_request("**/api/v1/stream"), page.expect_response("**/api/v1/me") as told:
        page.goto(path)
    assert int(told.value.headers["dispatch-position"]) <= int(streams.made[0] or -1)
    desk.town.issue(title="巡查")
    if path == "/ui/console":
        expect(page.locator(".connection-sign.live")).to_be_visible()
        for one in PAGES:
            page.evaluate("to => history.pushState({}, '', to)", f"{path}/{one}")
            page.evaluate("dispatchEvent(new PopStateEvent('popstate', {state: {}}))")
            expect(page.locator(".loading-state")).to_have_count(0)
    assert (len(streams.made), streams.open) == (1, 1)


def test_what_happens_while_the_line_is_cut_is_on_the_page_afterwards(desk: Desk) -> None:
    desk.expect_wrong("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK")
    page = desk.visit("/ui/console/cases/open", "operator")
    streams = Streams(page)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    desk.town.report(title="积水一")
    expect(page.get_by_text("积水一")).to_be_visible()
    page.reload()
    expect(page.locator(".connection-sign.live")).to_be_visible()
    page.context.set_offline(True)
    desk.town.report(title="积水二")
    page.context.set_offline(False)
    desk.town.report(title="积水三")
    expect(page.get_by_text("积水二")).to_be_visible()
    expect(page.get_by_text("积水三")).to_be_visible()
    assert streams.open <= 1
