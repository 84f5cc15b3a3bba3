"""Administrators at work: a new town from nothing to the first sign-in, and one that changes."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.test_outbox import eventually
from tests.e2e.http.town import COUNTY, Town
from tests.e2e.pages.browsing import PHONE, SMALL, TABLET, USUAL, Desk, require_accessible, shoot
from tests.e2e.pages.test_bad_days import sign_in
from tests.e2e.pages.test_first_sight import require_no_sideways
from tests.gateways import webhook

LANGS = ("zh-CN", "en")
ZH, EN = LANGS
SIZES = (PHONE, TABLET, SMALL, USUAL)
NEW_TOWNS = {ZH: f"{COUNTY}981", EN: f"{COUNTY}982"}
LINES = """cell => {
    const text = document.createRange()
    text.selectNodeContents(cell.firstElementChild ?? cell)
    return new Set([...text.getClientRects()].map(({ top }) => top)).size
}"""
"""Over how many lines the text of a cell goes, or of the first part of it."""
WORDS = {
    ZH: {
        "found": "设立乡镇",
        "name": "乡镇名称",
        "draw": "划分网格",
        "people": "人员",
        "accounts": "账号",
        "join": "登记人员",
        "give": "安排岗位",
        "open": "开设账号",
        "kept": "我已交给本人",
        "stored": "我已妥善保存",
        "line": "第 2 行",
        "post": "岗位",
        "grid": "网格",
        "place": "网格",
        "member": "人员",
        "account": "账号",
        "must": "请先修改密码",
        "change": "修改",
        "save": "保存",
        "close": "撤销网格",
        "leave": "离任",
        "reason": "原因",
        "end": "撤下岗位",
        "token": "签发令牌",
        "revoke": "撤销账号",
        "reset": "重置密码",
        "shown": "已撤销",
        "shut": "关闭",
        "rename": "更名",
        "give up": "撤销部门",
        "again": "恢复",
    },
    EN: {
        "found": "Found a town",
        "name": "Name of the town",
        "draw": "Draw grids",
        "people": "People",
        "accounts": "Accounts",
        "join": "Let people join",
        "give": "Give a post",
        "open": "Open an account",
        "kept": "I have handed it over",
        "stored": "I have stored it",
        "line": "Line 2",
        "post": "Post",
        "grid": "Grid",
        "place": "Grid",
        "member": "Person",
        "account": "Account",
        "must": "Choose a new password first",
        "change": "Change",
        "save": "Save",
        "close": "Give up the grid",
        "leave": "Leave",
        "reason": "Reason",
        "end": "Take the post back",
        "token": "Make a token",
        "revoke": "Revoke the account",
        "reset": "Reset the password",
        "shown": "Revoked",
        "shut": "Close",
        "rename": "Rename",
        "give up": "Give up the department",
        "again": "Open again",
    },
}


def row(page: Page, text: str) -> Locator:
    return page.locator(".admin-table tbody tr").filter(has_text=text)


def look(page: Page, name: str) -> None:
    require_accessible(page)
    shoot(page, name, SIZES)
    before = page.viewport_size
    assert before is not None
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        require_no_sideways(page)
    page.set_viewport_size(before)


@pytest.mark.parametrize("lang", LANGS)
def test_a_new_town_is_set_up_from_nothing_to_the_first_sign_in(
    desk: Desk, tmp_path: Path, lang: str
) -> None:
    words, code = WORDS[lang], NEW_TOWNS[lang]
    newcomer = f"newcomer-{lang}"
    desk.town.add(newcomer.lower(), "administrator", scope=code)
    page = desk.visit("/ui/", newcomer.lower(), lang=lang, dark=lang == EN)
    page.wait_for_url("**/ui/admin/")
    expect(page.locator(".first-steps li")).to_have_count(3)
    look(page, f"admin-new-{lang}")
    page.get_by_role("button", name=words["found"]).click()
    page.get_by_label(words["name"]).fill("新桥镇")
    page.get_by_role("dialog").get_by_role("button", name=words["found"]).click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("新桥镇")

    page.get_by_role("button", name=words["draw"]).first.click()
    dialog = page.get_by_role("dialog")
    lines = dialog.get_by_role("textbox")
    lines.fill("001001\t桥头网格\t桥头村\n12，河东网格，河东村")
    expect(dialog.locator(".lines-wrong")).to_contain_text(words["line"])
    dialog.get_by_role("button", name=words["draw"]).click()
    expect(dialog.locator(".step-wrong")).to_contain_text("1")
    look(page, f"admin-draw-{lang}")
    lines.fill("001001\t桥头网格\t桥头村\n002001，河东网格，河东村")
    dialog.get_by_role("button", name=words["draw"]).click()
    expect(page.locator(".admin-table tbody tr")).to_have_count(2)
    square = [[[107.0, 29.8], [107.02, 29.8], [107.02, 29.82], [107.0, 29.82], [107.0, 29.8]]]
    shapes = [
        {"properties": {"code": f"{code}{grid}"}, "geometry": {"type": "Polygon", "coordinates": square}}
        for grid in ("001001", "009009")
    ]
    file = tmp_path / "grids.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": shapes}))
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text("1")  # of the two shapes one belongs to no grid
    expect(page.locator("main p[role=status]")).to_contain_text("1")

    expect(row(page, f"{code}001001").locator("td").nth(3)).to_have_text({ZH: "有", EN: "Yes"}[lang])
    page.get_by_role("link", name=words["people"]).click()
    password = let_join(page, lang, code)
    page.get_by_role("link", name=words["accounts"]).click()
    expect(row(page, f"wang-{code}")).to_contain_text("王小芳")
    look(page, f"admin-accounts-{lang}")
    desk.expect_wrong(r"401.*/api/v1/me")
    hers = desk.visit("/m/", lang=lang, size=PHONE)
    sign_in(hers, lang, f"wang-{code}", password)
    expect(hers.get_by_text(words["must"]).first).to_be_visible()


def let_join(page: Page, lang: str, code: str) -> str:
    """Two people join, one gets a post and an account; returns its first password."""
    words = WORDS[lang]
    page.get_by_role("button", name=words["join"]).first.click()
    page.get_by_role("dialog").get_by_role("textbox").fill("王小芳\n李大强，li-daqiang")
    page.get_by_role("dialog").get_by_role("button", name=words["join"]).click()
    one = row(page, "王小芳")
    one.get_by_role("button", name=words["give"]).click()
    page.get_by_role("dialog").get_by_label(words["place"], exact=True).select_option(f"{code}001001")
    page.get_by_role("dialog").get_by_role("button", name=words["give"]).click()
    expect(one.locator(".chip")).to_contain_text("桥头网格")
    look(page, f"admin-people-{lang}")
    one.get_by_role("button", name=words["open"]).click()
    account = page.get_by_role("dialog").get_by_label(words["account"], exact=True)
    expect(account).to_have_value(re.compile(r"^p-\w{8}$"))
    account.fill(f"wang-{code}")
    look(page, f"admin-account-new-{lang}")
    page.get_by_role("dialog").get_by_role("button", name=words["open"]).click()
    password = page.locator(".secret").inner_text()
    look(page, f"admin-secret-{lang}")
    for _ in range(2):
        page.keyboard.press("Escape")
    expect(page.locator(".secret")).to_have_text(password)
    page.get_by_role("button", name=words["kept"]).click()
    expect(one).to_contain_text(f"wang-{code}")
    return password


@pytest.mark.parametrize("lang", LANGS)
def test_a_town_that_changes_is_kept_up(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    spare = f"{town.code}009{LANGS.index(lang):03}"
    town.draw((spare, "多余网格"))
    town.do(
        "administrator",
        f"/towns/{town.code}/members",
        {"members": [{"member": f"zhou-{lang.lower()}", "name": f"周{lang}"}]},
    )
    path = f"/towns/{town.code}/members/zhou-{lang.lower()}/posts"
    town.do("administrator", path, {"place": spare, "post": "instructor"})
    office = f"office-{lang.lower()}"
    town.do("administrator", f"/towns/{town.code}/departments", {"department": office, "name": "综治办"})
    case = town.report()
    for step, body in (("accept", None), ("register", None), ("dispatch", {"department": office})):
        town.do("operator", f"/cases/{case}/{step}", body)
    page = desk.visit("/ui/admin", "administrator", lang=lang, dark=lang == EN)
    dialog = page.get_by_role("dialog")

    def call(it: Locator, button: str, name: str) -> None:
        it.get_by_role("button", name=words[button]).first.click()
        dialog.get_by_role("textbox").first.fill(name)
        dialog.get_by_role("button", name=words["save"]).click()
        expect(it).to_contain_text(name)

    grid = row(page, spare)
    call(grid, "change", f"更名网格 {lang}")
    head = page.locator(".page-head").first
    call(head, "rename", f"更名镇 {lang}")
    call(head, "rename", "万顺镇")
    department = row(page, office)
    call(department, "rename", f"平安办 {lang}")
    department.get_by_role("button", name=words["give up"]).click()
    expect(dialog).to_contain_text({ZH: "还有 1 件", EN: "1 open case,"}[lang])
    dialog.get_by_label(words["reason"]).fill("机构改革")
    dialog.get_by_role("button", name=words["give up"]).click()
    expect(department.get_by_role("button", name=words["again"])).to_be_visible()
    look(page, f"admin-town-{lang}")
    department.get_by_role("button", name=words["again"]).click()
    expect(department.get_by_role("button", name=words["give up"])).to_be_visible()
    page.get_by_role("link", name=words["people"]).click()
    person = row(page, f"周{lang}")
    person.get_by_role("button", name=words["end"]).click()
    page.get_by_role("dialog").get_by_role("button", name=words["end"]).click()
    expect(person.locator(".chip")).to_have_count(0)
    call(person, "rename", f"周{lang}英")
    person.get_by_role("button", name=words["leave"]).click()
    page.get_by_role("dialog").get_by_label(words["reason"]).fill("调离")
    page.get_by_role("dialog").get_by_role("button", name=words["leave"]).click()
    expect(person).to_have_count(0)
    page.go_back()
    grid.get_by_role("button", name=words["close"]).click()
    page.get_by_role("dialog").get_by_label(words["reason"]).fill("并入邻格")
    page.get_by_role("dialog").get_by_role("button", name=words["close"]).click()
    expect(grid).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_an_account_is_helped_and_revoked(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    leaver = f"leaver-{lang.lower()}-{town.code}"
    body = {"account": leaver, "name": "孙悦", "role": "operator", "scope": town.code}
    town.do("administrator", "/accounts", body)
    page = desk.visit("/ui/admin/accounts", "administrator", lang=lang, dark=lang == EN)
    row(page, town.accounts["administrator"].name).get_by_role("button").click()
    own = page.get_by_role("dialog")
    expect(own.get_by_role("button", name=words["revoke"])).to_have_count(0)  # he would lock himself out
    own.get_by_role("button", name=words["shut"]).click()
    of = row(page, leaver)
    of.get_by_role("button").click()
    dialog = page.get_by_role("dialog").first
    dialog.get_by_role("button", name=words["token"]).click()
    expect(dialog.locator(".secret")).to_have_text(re.compile(r"\w+\.\S+"))
    look(page, f"admin-account-{lang}")
    # Now somebody gets in with it, and makes further ones himself.
    expect(dialog.get_by_role("button", name=words["token"])).to_have_count(0)
    secret = dialog.locator(".secret").inner_text()
    assert town.root.bearing(secret).get("/api/v1/me").status == 200
    for _ in range(2):
        page.keyboard.press("Escape")
    dialog.get_by_role("button", name=words["stored"]).click()
    # A token is revoked at the second click, and not at the first.
    dialog.locator(".token-list button").click()
    expect(dialog.get_by_role("alertdialog")).to_contain_text(
        dialog.locator(".token-list .code").inner_text()
    )
    look(page, f"admin-token-{lang}")
    dialog.get_by_role("alertdialog").get_by_role("button").last.click()
    assert town.root.bearing(secret).get("/api/v1/me").status == 200
    dialog.get_by_role("button", name=words["reset"]).click()
    expect(dialog.locator(".secret")).to_have_text(re.compile(r"\S+"))
    dialog.get_by_role("button", name=words["kept"]).click()
    dialog.get_by_role("button", name=words["revoke"]).click()
    why = page.get_by_role("dialog").last
    why.get_by_label(words["reason"]).fill("离岗")
    why.get_by_role("button", name=words["revoke"]).click()
    expect(dialog.locator(".bad")).to_have_text(words["shown"])
    assert town.root.bearing(secret).get("/api/v1/me").status == 401
    dialog.get_by_role("button", name=words["shut"]).click()
    expect(of).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_a_policy_is_set_and_the_next_clock_goes_by_it(desk: Desk, lang: str) -> None:
    words = {
        ZH: [
            "全部类别 · 签收 / 受理",
            "添加",
            "本镇另行休息的日期",
            "制定为新版政策",
            "督办阶梯",
            "纠纷调解层级",
            "工作时间",
            "此间有人制定了新的一版政策",
        ],
        EN: [
            "Every category · Acceptance",
            "Add",
            "The town’s own days off",
            "Set as the next version",
            "Ladder",
            "Disputes are mediated at",
            "Working time",
            "Meanwhile somebody set another version",
        ],
    }[lang]
    town = desk.town
    versions = town.read("administrator", f"/policies/{town.code}")["versions"]
    page = desk.visit("/ui/admin/policy", "administrator", lang=lang, dark=lang == EN)
    tasks = page.get_by_role("group").first
    # What is typed is kept from the first digit: nobody need leave the field.
    share = page.get_by_role("group", name=words[4]).get_by_role("spinbutton").first
    for field, typed in ((share, "45.25"), (tasks.get_by_label(words[0], exact=True), "2")):
        field.select_text()
        field.press_sequentially(typed)
        expect(field).to_have_value(typed)
        page.reload()
        expect(field).to_have_value(typed)
    tasks.get_by_role("combobox").last.select_option("fire")
    tasks.get_by_role("button", name=words[1]).click()
    look(page, f"admin-policy-{lang}")
    days = page.get_by_label(words[2])
    days.fill("2027-02-30")
    page.get_by_role("button", name=words[3]).click()
    expect(days).to_be_focused()
    expect(days).to_have_accessible_description(re.compile("2027-02-30"))
    days.fill("2027-02-17")
    levels = page.get_by_role("group", name=words[5]).get_by_role("checkbox")
    for level in range(3):
        levels.nth(level).uncheck()
    page.get_by_role("button", name=words[3]).click()
    expect(page.get_by_role("group", name=words[5]).locator(".field-wrong")).to_have_count(1)
    look(page, f"admin-policy-wrong-{lang}")
    for level in (2, 0):
        levels.nth(level).check()
    # Another version comes into force meanwhile: what was typed stays, and so it is over a reload.
    theirs = {**town.read("administrator", f"/policies/{town.code}")["policy"], "extensions": 1}
    del theirs["version"]
    versions += 1
    assert town.by("administrator").send("PUT", f"/api/v1/policies/{town.code}", theirs).status == 200
    expect(page.get_by_text(words[-1])).to_be_visible()
    look(page, f"admin-policy-overtaken-{lang}")
    page.reload()
    expect(page.get_by_text(words[-1])).to_be_visible()
    page.get_by_role("button", name=words[3]).click()
    expect(page.locator("p.good")).to_contain_text(str(versions + 1))
    expect(page.get_by_text(words[-1])).to_have_count(0)
    expect(days).to_have_value("2027-02-17")
    found = town.read("administrator", f"/policies/{town.code}")
    assert (found["set_by"], found["versions"]) == (town.code, versions + 1)
    limits = found["policy"]["task_limits"]
    assert limits["*"]["acceptance"] == limits["fire"]["acceptance"] == {"kind": "working_hours", "amount": 2}
    assert found["policy"]["ladder"][0]["share"] == pytest.approx(0.4525)
    assert found["policy"]["days_off"] == ["2027-02-17"]
    assert found["policy"]["mediation_levels"] == ["courtyard", "town"]
    task = town.issue(category="fire")
    deadline = town.read("operator", f"/tasks/{task}/deadline?after={town.root.head()}")
    assert f"{town.code}@{versions + 1}/task/fire" in json.dumps(deadline)


def test_what_could_not_be_delivered_is_tried_again(
    browser: Browser, aside: ThreadPoolExecutor, tmp_path: Path
) -> None:
    database, file = f"sqlite:///{tmp_path / 'dispatch.db'}", tmp_path / "channels.toml"
    root = aside.submit(first_administrator, database).result()
    with webhook() as hook:
        file.write_text(f'hook = "{hook.url}"\n', encoding="utf-8")
        settings = {"channels_file": str(file), "outbox_attempts": "1", "outbox_pause": "0.1"}
        with Running(database, tmp_path, **settings) as running:
            town = Town(running.client.bearing(root)).found()
            reached = {"channels": [{"channel": "hook", "address": "13800001234"}]}
            town.by("worker").send("PUT", "/api/v1/inbox/channels", reached)
            hook.status = 500
            town.issue(assignee="wang")
            eventually(lambda: len(town.read("administrator", "/outbox")["items"]), 1)
            desk = Desk(browser, town)
            page = desk.visit("/ui/admin/deliveries", "administrator")
            expect(row(page, "王芳")).to_contain_text("hook")
            expect(row(page, "王芳")).to_contain_text("渠道没有接收")
            look(page, "admin-deliveries-zh-CN")
            hook.status = 200
            row(page, "王芳").get_by_role("button", name="重试").click()
            expect(page.locator(".empty-state")).to_have_text("没有未送达的通知。")
            eventually(lambda: len(hook.keys), 2)
            desk.close()
    desk.require_clean()


def test_who_keeps_a_village_sees_the_village_alone(desk: Desk) -> None:
    town = desk.town
    town.add("village", "administrator", scope=town.code + "002")
    page = desk.visit("/ui/admin", "village")
    expect(page.get_by_role("region", name="网格列表").locator("tbody tr")).to_have_count(1)
    expect(row(page, town.grids[2])).to_be_visible()
    expect(page.get_by_role("button", name="划分网格")).to_have_count(0)
    expect(page.get_by_role("link", name="政策")).to_have_count(0)
    page.get_by_role("link", name="人员").click()
    expect(page.locator(".empty-state")).to_be_visible()
    expect(page.get_by_role("button", name="登记人员")).to_have_count(0)
    page.get_by_role("link", name="账号").click()
    expect(page.locator(".admin-table tbody tr")).to_have_count(1)
    town.add("elsewhere", "administrator", scope=f"{COUNTY}997001")
    page = desk.visit("/ui/admin", "elsewhere")
    expect(page.locator(".empty-state")).to_have_text("本镇尚未设立，请上级管理员先设立。")


def test_who_serves_many_grids_is_named_on_one_line(desk: Desk) -> None:
    town = desk.town
    path = f"/api/v1/towns/{town.code}/members"
    someone = {"member": "qiao-zhenwei", "name": "乔珍伟"}
    assert town.root.send("POST", path, {"members": [someone]}).status == 201
    for grid in town.grids:
        for post in ("full_time", "part_time", "instructor"):
            body = {"post": post, "place": grid}
            assert town.root.send("POST", f"{path}/qiao-zhenwei/posts", body).status == 201
    town.add("qiao-zhenwei-full-time-worker", "worker", member="qiao-zhenwei")
    page = desk.visit("/ui/admin/people", "administrator", size=SMALL)
    cells = row(page, "乔珍伟").locator("td")
    expect(cells.nth(2).locator(".chip")).to_have_count(9)
    shoot(page, "admin-people-many-posts", (SMALL,))
    assert [cells.nth(place).evaluate(LINES) for place in (0, 1, 3)] == [1, 1, 1]


def test_a_code_that_no_town_can_have_is_told_at_its_field(desk: Desk) -> None:
    town = desk.town
    town.add("county", "administrator", scope=COUNTY)
    page = desk.visit("/ui/admin", "county")
    page.get_by_role("button", name="设立乡镇").click()
    dialog = page.get_by_role("dialog")
    code = dialog.get_by_label("乡镇代码")
    dialog.get_by_label("乡镇名称").fill("新桥镇")
    code.fill(f"{COUNTY}98")
    expect(code).to_have_accessible_description(re.compile("^9 位"))  # not all of it yet: the hint alone
    dialog.get_by_role("button", name="设立乡镇").click()
    expect(code).to_have_accessible_description(re.compile("须为 9 位数字"))
    for wrong, why in ((town.code, "已经设立：万顺镇"), ("500116101", f"管辖范围 {COUNTY}")):
        code.fill(wrong)
        expect(code).to_have_accessible_description(re.compile(why))
    look(page, "admin-found-zh-CN")
