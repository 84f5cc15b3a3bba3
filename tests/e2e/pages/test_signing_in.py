"""Everybody signs in at the pages, in both languages, and comes to the face that is his."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages.browsing import DESKS, PASSWORD, PHONE, Desk, require_accessible, shoot

WORDS = {
    "zh-CN": {
        "account": "账号",
        "password": "密码",
        "in": "登录",
        "out": "退出登录",
        "wrong": "账号或密码不正确。",
        "must": "请先修改密码",
        "old": "原密码",
        "new": "新密码",
        "repeat": "再输一次新密码",
        "change": "修改密码",
        "differ": "两次输入不一致",
        "again": "登录已过期",
    },
    "en": {
        "account": "Account",
        "password": "Password",
        "in": "Sign in",
        "out": "Sign out",
        "wrong": "Account or password is wrong.",
        "must": "Choose a new password first",
        "old": "Old password",
        "new": "New password",
        "repeat": "New password again",
        "change": "Change password",
        "differ": "The two differ",
        "again": "Your session has ended",
    },
}
FACE = {
    "operator": ("/ui/console", {"zh-CN": "调度台", "en": "Console"}),
    "supervisor": ("/ui/board", {"zh-CN": "驾驶舱", "en": "Live board"}),
    "auditor": ("/ui/audit", {"zh-CN": "审计", "en": "Audit"}),
}


def fill_in(page: Page, lang: str, account: str, password: str) -> None:
    words = WORDS[lang]
    page.get_by_label(words["account"], exact=True).fill(account)
    page.get_by_label(words["password"], exact=True).fill(password)
    page.get_by_role("button", name=words["in"], exact=True).click()


@pytest.mark.parametrize("lang", WORDS)
@pytest.mark.parametrize("who", FACE)
def test_everybody_comes_to_the_face_that_is_his(desk: Desk, who: str, lang: str) -> None:
    path, names = FACE[who]
    password = desk.password_of(who)
    desk.expect_wrong(r"/api/v1/(me|clock|session)")
    page = desk.visit("/ui/", lang=lang)
    fill_in(page, lang, desk.town.accounts[who].name, password)
    page.wait_for_url(re.compile(f"{path}([/?]|$)"))
    expect(page.get_by_role("heading", name=names[lang], level=1)).to_be_visible()
    assert names[lang] in page.title()
    assert page.locator("html").get_attribute("lang") == lang
    expect(page.locator(".connection-sign.live")).to_be_visible()
    require_accessible(page)
    shoot(page, f"{who}-{lang}", DESKS)
    page.get_by_role("button", name=WORDS[lang]["out"]).click()
    page.wait_for_url("**/ui/")
    expect(page.get_by_label(WORDS[lang]["password"], exact=True)).to_be_visible()
    page.goto(path)
    expect(page.get_by_label(WORDS[lang]["password"], exact=True)).to_be_visible()


@pytest.mark.parametrize("lang", WORDS)
def test_a_worker_comes_to_the_phone_page(desk: Desk, lang: str) -> None:
    page = desk.visit("/ui/", "worker", lang=lang, size=PHONE, has_touch=True, is_mobile=True)
    page.wait_for_url("**/m/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("王芳")
    require_accessible(page)
    shoot(page, f"phone-{lang}", (PHONE,))


@pytest.mark.parametrize("lang", WORDS)
def test_a_first_password_is_changed_before_anything_else(desk: Desk, lang: str) -> None:
    words, account = WORDS[lang], desk.town.accounts["operator"].name
    first = desk.first_password_of("operator")
    desk.expect_wrong(r"/api/v1/(me|session)")
    page = desk.visit("/ui/console", lang=lang, dark=True)
    require_accessible(page)
    shoot(page, f"sign-in-{lang}", DESKS)
    fill_in(page, lang, account, "not the password at all")
    expect(page.get_by_role("alert")).to_have_text(words["wrong"])
    require_accessible(page)
    fill_in(page, lang, account, first)
    expect(page.get_by_role("heading", name=words["must"])).to_be_visible()
    require_accessible(page)
    shoot(page, f"first-password-{lang}", (PHONE, *DESKS))
    # Who meant another account isn't held fast here.
    page.get_by_role("button", name=words["out"]).click()
    fill_in(page, lang, account, first)
    expect(page.get_by_role("heading", name=words["must"])).to_be_visible()
    for repeat, told in (("something else here", words["differ"]), (first, "12"), (PASSWORD, None)):
        page.get_by_label(words["old"], exact=True).fill(first)
        page.get_by_label(words["new"], exact=True).fill(PASSWORD if told == words["differ"] else repeat)
        page.get_by_label(words["repeat"], exact=True).fill(repeat)
        page.get_by_role("button", name=words["change"]).click()
        if told is not None:
            expect(page.get_by_role("alert")).to_contain_text(told)
    expect(page.get_by_role("heading", name=FACE["operator"][1][lang], level=1)).to_be_visible()


@pytest.mark.parametrize("lang", WORDS)
def test_a_page_that_is_not_for_a_role_says_so_and_leads_on(desk: Desk, lang: str) -> None:
    page = desk.visit("/ui/console", "supervisor", lang=lang)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        {"zh-CN": "此页面不对您的岗位开放", "en": "This page is not open to your role"}[lang]
    )
    require_accessible(page)
    page.get_by_role("link").click()
    page.wait_for_url("**/ui/board**")
    expect(page.get_by_role("heading", name=FACE["supervisor"][1][lang], level=1)).to_be_visible()


def test_language_and_theme_change_at_once_and_for_good(desk: Desk) -> None:
    page = desk.visit("/ui/console", "operator")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Console", level=1)).to_be_visible()
    page.get_by_role("button", name="Switch to dark").click()
    expect(page.locator("html.dark")).to_be_attached()
    require_accessible(page)
    page.goto("/ui/console")
    expect(page.get_by_role("heading", name="Console", level=1)).to_be_visible()
    expect(page.locator("html.dark")).to_be_attached()


@pytest.mark.parametrize("lang", WORDS)
def test_a_session_that_ends_is_renewed_above_the_page(desk: Desk, lang: str) -> None:
    page = desk.visit("/ui/console", "operator", lang=lang)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    desk.expect_wrong("401")
    desk.end_sessions()
    dialog = page.get_by_role("dialog", name=WORDS[lang]["again"])
    expect(dialog).to_be_visible()
    expect(page.get_by_role("heading", name=FACE["operator"][1][lang], level=1)).to_be_visible()
    require_accessible(page)
    shoot(page, f"session-ended-{lang}", DESKS)
    dialog.get_by_label(WORDS[lang]["password"], exact=True).fill(desk.password_of("operator"))
    dialog.get_by_role("button", name=WORDS[lang]["in"]).click()
    expect(dialog).to_be_hidden()
    title = "路灯不亮" if lang == "zh-CN" else "A street lamp is out"
    desk.town.report(title=title)
    expect(page.get_by_text(title)).to_be_visible()


def test_who_signs_in_again_in_one_window_has_done_so_in_all_of_them(desk: Desk) -> None:
    console = desk.visit("/ui/console", "operator")
    board = console.context.new_page()
    desk.watch(board)
    board.goto("/ui/board")
    for page in (console, board):
        expect(page.locator(".connection-sign.live")).to_be_visible()
    desk.expect_wrong("401")
    desk.end_sessions()
    locked = [page.get_by_role("dialog", name=WORDS["zh-CN"]["again"]) for page in (console, board)]
    for dialog in locked:
        expect(dialog).to_be_visible()
    locked[0].get_by_label(WORDS["zh-CN"]["password"], exact=True).fill(desk.password_of("operator"))
    locked[0].get_by_role("button", name=WORDS["zh-CN"]["in"]).click()
    for dialog in locked:
        expect(dialog).to_be_hidden()
    expect(board.locator(".board-grid")).to_be_visible()


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_an_account_says_what_its_scope_is_called(desk: Desk, lang: str) -> None:
    desk.town.add("village", "operator", scope=f"{desk.town.code}002")
    for who, called in (("operator", "万顺镇"), ("village", "村002")):
        page = desk.visit("/ui/console", who, lang=lang)
        page.locator(".shell-who").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator(".account-about strong").last).to_have_text(called)
        shoot(page, f"account-{who}-{lang}", (PHONE, *DESKS))


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_who_forgot_to_sign_out_elsewhere_ends_that_from_here(desk: Desk, lang: str) -> None:
    end = {"zh-CN": "结束此登录", "en": "End it"}[lang]
    elsewhere = desk.visit("/ui/console/tasks", "operator", lang=lang)
    page = desk.visit("/ui/console", "operator", lang=lang)
    page.locator(".shell-who").click()
    # This page, the other one, and the session that set the account's password.
    rows = page.locator(".own-sessions ul").first.locator("li")
    expect(rows).to_have_count(3)
    # What an administrator's program bears in his name stands below them.
    expect(page.locator(".own-sessions ul").last.locator("li")).to_have_count(1)
    require_accessible(page)
    shoot(page, f"account-sessions-{lang}", (PHONE, *DESKS))
    for left in (2, 1):
        page.get_by_role("dialog").get_by_role("button", name=end).first.click()
        expect(rows).to_have_count(left)
    desk.expect_wrong("401")
    # The other one is worth nothing from its next request on.
    elsewhere.reload()
    expect(elsewhere.locator("input[name=password]")).to_be_visible()
