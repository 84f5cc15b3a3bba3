"""Everybody says by which channels messages reach him, at every face; administrators say it for others."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.http.conftest import Shared
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.test_outbox import eventually
from tests.e2e.http.town import Town
from tests.e2e.pages.browsing import PHONE, SMALL, TABLET, Desk, Size, require_accessible, shoot
from tests.e2e.pages.test_first_sight import require_no_sideways
from tests.e2e.pages.test_phone import phone
from tests.gateways import Mailbox, mailbox

ZH, EN = LANGS = ("zh-CN", "en")
SIZES: Final = (PHONE, TABLET, SMALL)
WORDS: Final = {
    ZH: {
        "open": "消息发到哪里",
        "other": "消息发到哪里",
        "account": "我的账号",
        "mail": "邮件",
        "address": "邮件：地址",
        "none": "本系统没有设置其他渠道，消息只在收件箱里。",
        "unticked": "没有勾选渠道，消息只在收件箱里。",
        "lacks": "请填写此项。",
        "spaces": "地址中不能有空格。",
        "unsuitable": "该渠道无法识别这个地址",
        "quiet": "设免打扰时段",
        "from": "从",
        "until": "到",
        "same": "起止时间须不同",
        "save": "保存",
        "saved": "已保存。",
        "back": "返回",
        "erased": "登记过的地址已永久删除",
        "gone": "pager：本系统已没有此渠道",
        "shared": "消息发到哪里",
        "centre": "指挥中心 · 消息发到哪里",
        "district": "区县 · 消息发到哪里",
        "together": "所有消息都在共用的收件箱里",
        "now": "现为 li@***le。",
    },
    EN: {
        "open": "Where messages reach me",
        "other": "Where messages reach this person",
        "account": "My account",
        "mail": "E-mail",
        "address": "E-mail: address",
        "none": "No other channel is set up here: messages come in the inbox only.",
        "unticked": "Nothing is ticked: messages come in the inbox only.",
        "lacks": "Fill in this field.",
        "spaces": "An address has no spaces.",
        "unsuitable": "The channel can make nothing of this address",
        "quiet": "Set quiet hours",
        "from": "From",
        "until": "Until",
        "same": "two different times",
        "save": "Save",
        "saved": "Saved.",
        "back": "Back",
        "erased": "The addresses were erased for ever",
        "gone": "pager: no longer set up here",
        "shared": "Where messages go",
        "centre": "Command centre · Where messages go",
        "district": "District · Where messages go",
        "together": "Every message is in the inbox that is shared",
        "now": "Now li@***le.",
    },
}
FACES: Final = {
    "operator": "/ui/console",
    "supervisor": "/ui/board",
    "auditor": "/ui/audit",
    "administrator": "/ui/admin",
    "worker": "/m/settings",
}
OWN: Final = "/inbox/channels"


@pytest.fixture(scope="module")
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture(scope="module")
def reaching(browser: Browser, box: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """A service with two channels: mail, which needs an address, and a group's robot, which needs none."""
    directory = tmp_path_factory.mktemp("reaching-service")
    database, file = f"sqlite:///{directory / 'dispatch.db'}", directory / "channels.toml"
    file.write_text(f'mail = "{box.url}"\nrobot = "json://127.0.0.1:9/robot"\n', encoding="utf-8")
    with ThreadPoolExecutor(1) as threads:
        root = threads.submit(first_administrator, database).result()
    with Running(database, directory, channels_file=str(file), outbox_pause="0.1") as running:
        yield Shared(running, root)


@pytest.fixture
def reached(browser: Browser, reaching: Shared) -> Iterator[Desk]:
    """A desk in a town of this test's own, at the service with channels."""
    opened = Desk(browser, Town(reaching.root).found())
    yield opened
    opened.close()
    opened.require_clean()


def open_own(desk: Desk, who: str, lang: str, *, dark: bool = False) -> Page:
    """Open where one's own messages go, in the account's dialog of one's face."""
    if who == "worker":
        page = phone(desk, lang, path=FACES[who], dark=dark)
        page.get_by_role("button", name=WORDS[lang]["account"]).click()
    else:
        page = desk.visit(FACES[who], who, lang=lang, dark=dark, size=SMALL)
        page.locator(".shell-who").click()
    open_again(page, lang)
    return page


def open_again(page: Page, lang: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=WORDS[lang]["open"]).click()
    expect(page.locator(".channels-form p").first).to_be_visible()


def labelled(page: Page, name: str) -> Locator:
    return page.locator(".channels-form").get_by_label(name, exact=True)


def save(page: Page, lang: str) -> None:
    page.locator(".channels-form").get_by_role("button", name=WORDS[lang]["save"]).click()


def look(page: Page, name: str, sizes: tuple[Size, ...] = SIZES) -> None:
    require_accessible(page)
    require_no_sideways(page)
    shoot(page, name, sizes)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("who", ["operator", "worker"])
def test_where_there_is_no_channel_messages_come_in_the_inbox_only(desk: Desk, who: str, lang: str) -> None:
    page = open_own(desk, who, lang)
    form = page.locator(".channels-form")
    expect(form.locator("p").first).to_have_text(WORDS[lang]["none"])
    expect(form.get_by_role("button")).to_have_text(WORDS[lang]["back"])
    look(page, f"channels-none-{who}-{lang}", (PHONE,) if who == "worker" else SIZES)
    form.get_by_role("button").click()
    expect(page.locator(".account-about")).to_be_visible()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("who", FACES)
def test_everybody_says_where_messages_reach_him(reached: Desk, who: str, lang: str) -> None:
    words, dark = WORDS[lang], lang == EN
    page = open_own(reached, who, lang, dark=dark)
    sizes = (PHONE,) if who == "worker" else SIZES
    expect(page.locator(".channels-form")).to_contain_text(words["unticked"])
    expect(labelled(page, "robot")).not_to_be_checked()
    expect(labelled(page, words["quiet"])).to_have_count(0)
    labelled(page, words["mail"]).check()
    address = labelled(page, words["address"])
    save(page, lang)
    assert address.evaluate("field => field.validationMessage") == words["lacks"]
    for typed, told in (("  ", words["lacks"]), ("wang @town.example", words["spaces"])):
        address.fill(typed)
        save(page, lang)
        expect(page.locator(".field-wrong")).to_have_text(told)
    address.fill("wang@")
    save(page, lang)
    expect(page.locator(".field-wrong")).to_contain_text(words["unsuitable"])
    reached.expect_wrong(r"422.*/inbox/channels")
    look(page, f"channels-unsuitable-{who}-{lang}", sizes)
    assert reached.town.read(who, OWN)["channels"] == []
    address.fill(" wang@town.example ")
    labelled(page, words["quiet"]).check()
    labelled(page, words["until"]).fill("22:00")
    save(page, lang)
    expect(page.locator(".channels-form").get_by_role("alert")).to_contain_text(words["same"])
    reached.expect_wrong(r"422.*/inbox/channels")
    look(page, f"channels-wrong-{who}-{lang}", sizes)
    labelled(page, words["until"]).fill("06:30")
    save(page, lang)
    expect(page.locator(".channels-form").get_by_role("status")).to_have_text(words["saved"])
    look(page, f"channels-{who}-{lang}", sizes)
    page.locator(".channels-form").get_by_role("button", name=words["back"]).click()
    open_again(page, lang)
    # What is set now is shown, and what was saved before is no news any more.
    expect(address).to_have_value("wang@town.example")
    expect(labelled(page, words["from"])).to_have_value("22:00")
    expect(labelled(page, words["until"])).to_have_value("06:30")
    expect(page.locator(".channels-form").get_by_role("status")).to_be_empty()
    found = reached.town.read(who, OWN)
    assert found["channels"] == [{"channel": "mail", "address": "wang@town.example"}]
    assert found["quiet"] == {"start": "22:00", "until": "06:30"}
    labelled(page, words["mail"]).uncheck()
    save(page, lang)
    expect(page.locator(".channels-form").get_by_role("status")).to_have_text(words["saved"])
    assert reached.town.read(who, OWN)["channels"] == []


def test_a_message_goes_where_the_page_was_told(reached: Desk, box: Mailbox) -> None:
    page = open_own(reached, "worker", ZH)
    labelled(page, WORDS[ZH]["mail"]).check()
    labelled(page, WORDS[ZH]["address"]).fill("fang@town.example")
    save(page, ZH)
    expect(page.locator(".channels-form").get_by_role("status")).to_have_text(WORDS[ZH]["saved"])
    reached.town.issue(assignee="wang")
    eventually(lambda: [to for to, _ in box.messages], [["fang@town.example"]])


@pytest.mark.parametrize("lang", LANGS)
def test_a_channel_that_is_no_more_is_named_and_goes(reached: Desk, lang: str) -> None:
    body = {"channels": [{"channel": "pager", "address": "4711"}, {"channel": "robot"}]}
    assert reached.town.by("operator").send("PUT", f"/api/v1{OWN}", body).status == 200
    page = open_own(reached, "operator", lang)
    expect(page.locator(".channels-form")).to_contain_text(WORDS[lang]["gone"])
    expect(labelled(page, "robot")).to_be_checked()
    look(page, f"channels-gone-{lang}")
    save(page, lang)
    expect(page.locator(".channels-form").get_by_role("status")).to_have_text(WORDS[lang]["saved"])
    expect(page.locator(".channels-form")).not_to_contain_text("pager")
    assert reached.town.read("operator", OWN)["channels"] == [{"channel": "robot", "address": ""}]


@pytest.mark.parametrize("lang", LANGS)
def test_whose_addresses_were_erased_can_choose_what_needs_none(reached: Desk, lang: str) -> None:
    town = reached.town
    body = {"channels": [{"channel": "mail", "address": "wang@town.example"}]}
    assert town.by("worker").send("PUT", f"/api/v1{OWN}", body).status == 200
    erase = {"subjects": [f"recipient:member:{town.code}:wang"], "ground": "purpose_fulfilled"}
    town.do("supervisor", "/personal/erase", erase)
    page = open_own(reached, "worker", lang)
    expect(page.locator(".channels-form")).to_contain_text(WORDS[lang]["erased"])
    expect(page.locator(".channels-check input").first).to_be_disabled()
    look(page, f"channels-erased-{lang}", (PHONE,))
    labelled(page, "robot").check()
    save(page, lang)
    expect(page.locator(".channels-form").get_by_role("status")).to_have_text(WORDS[lang]["saved"])
    assert town.read("worker", OWN)["channels"] == [{"channel": "robot", "address": ""}]


@pytest.mark.parametrize("lang", LANGS)
def test_an_administrator_says_it_for_others_and_types_the_address_anew(reached: Desk, lang: str) -> None:
    words, town = WORDS[lang], reached.town
    body = {"channels": [{"channel": "mail", "address": "li@town.example"}]}
    assert town.by("worker").send("PUT", f"/api/v1{OWN}", body).status == 200
    page = reached.visit("/ui/admin/accounts", "administrator", lang=lang, size=SMALL, dark=lang == EN)
    page.get_by_role("button", name=town.accounts["worker"].name).click()
    page.get_by_role("dialog").get_by_role("button", name=words["other"]).click()
    address = labelled(page, words["address"])
    expect(address).to_have_value("")
    expect(page.locator(".field-hint").last).to_contain_text(words["now"])
    save(page, lang)
    assert address.evaluate("field => field.validationMessage") == words["lacks"]
    look(page, f"channels-of-another-{lang}")
    address.fill("wangli@town.example")
    save(page, lang)
    expect(page.locator(".channels-form").get_by_role("status")).to_have_text(words["saved"])
    expect(address).to_have_value("")
    expect(page.locator(".channels-form")).to_contain_text("wan***le")
    assert town.read("worker", OWN)["channels"] == [{"channel": "mail", "address": "wangli@town.example"}]
    page.get_by_role("button", name=words["back"]).click()
    # An account that no member stands behind has an inbox of its own.
    page.keyboard.press("Escape")
    page.get_by_role("button", name=town.accounts["operator"].name).click()
    page.get_by_role("dialog").get_by_role("button", name=words["other"]).click()
    labelled(page, "robot").check()
    save(page, lang)
    expect(page.locator(".channels-form").get_by_role("status")).to_have_text(words["saved"])
    assert town.read("operator", OWN)["channels"] == [{"channel": "robot", "address": ""}]


@pytest.mark.parametrize("lang", LANGS)
def test_an_administrator_says_where_the_messages_of_shared_inboxes_go(reached: Desk, lang: str) -> None:
    words, town = WORDS[lang], reached.town
    town.do("administrator", f"/towns/{town.code}/departments", {"department": "roads", "name": "城建办"})
    page = reached.visit("/ui/admin", "administrator", lang=lang, size=SMALL, dark=lang == EN)
    page.get_by_role("button", name=words["centre"]).click()
    expect(page.locator(".channels-form")).to_contain_text(words["together"])
    labelled(page, "robot").check()
    save(page, lang)
    expect(page.locator(".channels-form").get_by_role("status")).to_have_text(words["saved"])
    look(page, f"channels-of-the-centre-{lang}")
    page.keyboard.press("Escape")
    page.get_by_role("row", name="城建办").get_by_role("button", name=words["shared"]).click()
    labelled(page, words["mail"]).check()
    labelled(page, words["address"]).fill("duty@town.example")
    save(page, lang)
    expect(page.locator(".channels-form").get_by_role("status")).to_have_text(words["saved"])
    page.keyboard.press("Escape")
    look(page, f"admin-town-channels-{lang}")
    for inbox, channel, address in (
        (f"centre:{town.code}", "robot", ""),
        (f"department:{town.code}:roads", "mail", "dut***le"),
    ):
        found = town.read("administrator", f"/channels/{inbox}")["channels"]
        assert found == [{"channel": channel, "address": address}]


@pytest.mark.parametrize("lang", LANGS)
def test_who_keeps_a_county_says_it_for_the_level_above_its_towns(reached: Desk, lang: str) -> None:
    words, town = WORDS[lang], reached.town
    county = town.code[:6]
    town.add("county", "administrator", scope=county)
    page = reached.visit(f"/ui/admin?town={town.code}", "county", lang=lang, size=SMALL)
    page.get_by_role("button", name=words["district"]).click()
    labelled(page, "robot").check()
    save(page, lang)
    expect(page.locator(".channels-form").get_by_role("status")).to_have_text(words["saved"])
    found = town.read("county", f"/channels/district:{county}")
    assert found["channels"] == [{"channel": "robot", "address": ""}]
    page.keyboard.press("Escape")
    look(page, f"admin-county-channels-{lang}")


def test_who_keeps_a_village_sets_no_channels_of_the_towns_people(reached: Desk) -> None:
    town = reached.town
    town.add("village", "administrator", scope=town.code + "001")
    town.add("hers", "worker", scope=town.grids[0], member="wang")
    page = reached.visit("/ui/admin/accounts", "village", size=SMALL)
    page.get_by_role("button", name=town.accounts["hers"].name).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="重置密码")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("button", name=WORDS[ZH]["other"])).to_have_count(0)
