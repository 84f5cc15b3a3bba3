"""An auditor at the log explorer, in both languages: what happened, what changed, and whether it is whole."""

import csv
import json
import re
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.pages.browsing import PHONE, SMALL, TABLET, USUAL, Desk, require_accessible, shoot

LANGS = ("zh-CN", "en")
ZH, EN = LANGS
SIZES = (SMALL, USUAL, TABLET)
MILLION = 1_000_000
WORDS = {
    ZH: {
        "issued": "下发",
        "cancelled": "撤销",
        "role": "角色",
        "worker": "网格员",
        "change": "变化",
        "chain": "关联",
        "bytes": "原文",
        "proof": "证明",
        "holds": "核对无误",
        "fails": "不符！",
        "unknown": "未能完全核对",
        "before": "待签收",
        "after": "已撤销",
        "withheld": "个人信息，不显示",
        "nothing": "没有符合条件的记录。",
        "clear": "清除",
        "close": "关闭",
        "position": "位置",
        "take": "下载",
        "all": "全部核对",
        "paste": "粘贴检查点的全文",
        "compare": "比对",
        "no note": "这不是检查点。",
        "closed": "此处仅对审计开放",
        "empty": "尚未公布过数字。",
        "restate": "重新计算",
        "same": "全部相同",
        "others": "现在不同",
        "entered": "进入分母",
        "account": "账号",
        "why": "为何不同",
        "go": "跳转",
        "nowhere": "日志里没有这个位置或时间。",
        "asof": "截至",
        "away": "正在重新连接",
        "same of": "筛选同值记录 · 账号",
        "later": "后一条",
        "show": "显示",
        "until": "回放到",
        "since": "比较起点",
        "other key": "服务现在给出的公钥与本机保存的不同",
    },
    EN: {
        "issued": "Issued",
        "cancelled": "Cancelled",
        "role": "Role",
        "worker": "grid worker",
        "change": "Change",
        "chain": "Related",
        "bytes": "Bytes",
        "proof": "Proof",
        "holds": "holds",
        "fails": "DOES NOT HOLD",
        "unknown": "not fully checked",
        "before": "To accept",
        "after": "Cancelled",
        "withheld": "personal data, not shown",
        "nothing": "No event fits.",
        "clear": "Clear",
        "close": "Close",
        "position": "Position",
        "take": "Download",
        "all": "Check all",
        "paste": "Paste the whole checkpoint",
        "compare": "Compare",
        "no note": "That is no checkpoint.",
        "closed": "This is open to auditors only",
        "empty": "Nothing has been published yet.",
        "restate": "Compute again",
        "same": "are the same",
        "others": "differ now",
        "entered": "entered the denominator",
        "account": "Account",
        "why": "Why:",
        "go": "Go to",
        "nowhere": "The log has no such position or time.",
        "asof": "As of",
        "away": "reconnecting",
        "same of": "all of them · Account",
        "later": "The next event",
        "show": "Show",
        "until": "Replay up to",
        "since": "Compare from",
        "other key": "The service now names another key than this device knows",
    },
}


def row(page: Page, position: int) -> Locator:
    return page.locator(".log-list .log-row").filter(has=page.get_by_text(f"{position:,}", exact=True))


def panel(page: Page) -> Locator:
    return page.locator(".event-panel")


def cancelled(desk: Desk) -> tuple[str, int, int]:
    """A task that was issued and cancelled: its id and both positions."""
    task = desk.town.issue(title="汛期巡查")
    issued = desk.town.root.head()
    done = desk.town.do("operator", f"/tasks/{task}/cancel", {"reason": "重复下发"})
    return task, issued, done.position


@pytest.mark.parametrize("lang", LANGS)
def test_an_event_comes_in_live_and_opens_in_words_with_what_it_changed(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/audit", "auditor", lang=lang, size=SMALL)
    expect(page.locator(".connection-sign.live")).to_be_visible()
    task, issued, position = cancelled(desk)
    opened = row(page, position).get_by_role("button", name=words["cancelled"])
    require_accessible(page)
    shoot(page, f"audit-log-{lang}", SIZES)
    opened.click()
    expect(panel(page).locator(".sentence")).to_contain_text("重复下发")
    expect(panel(page).get_by_text(desk.town.accounts["operator"].name).first).to_be_visible()
    require_accessible(page)
    shoot(page, f"audit-event-{lang}", SIZES)
    panel(page).get_by_role("tab", name=words["change"]).click()
    change = panel(page).locator(".effect").filter(has_text="汛期巡查").first
    expect(change.locator("del").filter(has_text=words["before"]).first).to_be_visible()
    expect(change.locator("ins").filter(has_text=words["after"]).first).to_be_visible()
    require_accessible(page)
    shoot(page, f"audit-change-{lang}", SIZES)
    panel(page).get_by_role("tab", name=words["chain"]).click()
    history = panel(page).locator(".chain-events").first.locator("li")
    expect(history).to_have_count(2)
    history.first.get_by_role("button").click()
    expect(page).to_have_url(re.compile(f"event={issued}$"))
    panel(page).get_by_role("tab", name=words["bytes"]).click()
    expect(panel(page).locator(".raw").first).to_contain_text(
        f'"actor": "{desk.town.accounts["operator"].name}"'
    )
    require_accessible(page)
    page.keyboard.press("Escape")
    assert task


@pytest.mark.parametrize("lang", LANGS)
def test_the_log_is_filtered_in_the_address_and_exported_with_its_origin(
    desk: Desk, tmp_path: Path, lang: str
) -> None:
    words = WORDS[lang]
    desk.expect_wrong("404.*/audit/checkpoint")  # this log has none yet
    cancelled(desk)
    report = desk.town.report(reporter={"name": "张某", "telephone": "13912345678"}, source="hotline")
    page = desk.visit("/ui/audit", "auditor", lang=lang)
    page.get_by_label(words["role"]).select_option("worker")
    expect(page.locator(".log-list .log-what")).to_have_count(1)
    expect(page).to_have_url(re.compile("role=worker"))
    page.locator(".log-list .log-what button").click()
    expect(panel(page).get_by_text(words["withheld"]).first).to_be_visible()
    shoot(page, f"audit-filtered-{lang}", SIZES)
    require_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    target = tmp_path / "log.csv"
    download.value.save_as(target)
    rows = list(csv.reader(target.read_text(encoding="utf-8-sig").splitlines()))
    assert [one[5] for one in rows[1:2]] == [f"case:{report}"]
    assert any(one[:1] == [words["asof"]] for one in rows)
    assert "13912345678" not in target.read_text(encoding="utf-8-sig")
    panel(page).get_by_role("button", name=words["same of"]).click()
    expect(page).to_have_url(re.compile(r"^(?!.*role=).*actor="))
    page.goto(f"{desk.address}/ui/audit/log?actor=nobody")
    expect(page.get_by_text(words["nothing"])).to_be_visible()
    shoot(page, f"audit-nothing-{lang}", SIZES)
    page.locator(".empty-state").get_by_role("button", name=words["clear"]).click()
    expect(page.locator(".log-list .log-what").first).to_be_visible()
    page.locator(".jump input").fill("99999999")
    page.get_by_role("button", name=words["go"]).click()
    expect(page.get_by_text(words["nowhere"])).to_be_visible()
    account = page.get_by_label(words["account"], exact=True)
    account.fill("罗静")
    account.press("Enter")
    expect(page.locator(".filter-wrong")).to_be_visible()
    expect(page).not_to_have_url(re.compile("actor="))
    expect(page.locator(".log-list .log-what").first).to_be_visible()
    shoot(page, f"audit-filter-wrong-{lang}", (SMALL,))


def made_up(route: Route) -> None:
    """Answer as the service of a log with a million events would."""
    query = dict(part.split("=") for part in route.request.url.partition("?")[2].split("&") if "=" in part)
    last = int(query.get("through", MILLION))
    first = int(query.get("after", last - 1)) + 1
    lines: list[dict[str, object]] = [
        {
            "position": position,
            "stream": f"task:{position:032x}",
            "version": 1,
            "name": "task.issued",
            "at": "2023-07-04T01:30:00Z",
            "recorded_at": "2023-07-04T01:30:00Z",
            "actor": "operator",
            "role": "operator",
            "scope": "500115101",
            "command_id": str(position),
            "correlation_id": str(position),
            "causation_id": None,
            "source": "http",
            "device_at": None,
            "address": None,
            "request_id": None,
            "session": None,
            "data": {"title": f"第{position}件"},
            "withheld": [],
        }
        for position in range(first, last + 1)
    ]
    route.fulfill(
        body="".join(f"{json.dumps(line)}\n" for line in lines),
        content_type="application/x-ndjson",
        headers={"Dispatch-Position": str(MILLION)},
    )


def test_a_million_events_scroll_from_end_to_end(desk: Desk) -> None:
    desk.expect_wrong("422.*/audit/events/")  # the service itself has not that many
    page = desk.visit("/ui/console", "auditor")
    page.route("**/api/v1/audit/events?*", made_up)
    page.goto(f"{desk.address}/ui/audit/log")
    expect(page.get_by_text("第1000000件")).to_be_visible()
    box = page.locator(".virtual-box")
    assert page.locator(".virtual-row").count() < 80
    box.hover()
    page.mouse.wheel(0, 380)
    expect(page.get_by_text("第999990件")).to_be_visible()
    expect(page.get_by_text("第999989件")).to_be_visible()
    box.evaluate("box => { box.scrollTop = box.scrollHeight / 2 }")
    expect(page.locator(".log-what").first).to_contain_text(re.compile("第(499|500)"))
    box.evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(page.get_by_text("第1件", exact=True)).to_be_visible()
    page.locator(".jump input").fill("123456")
    page.locator(".jump button").click()
    expect(page.get_by_text("第123456件")).to_be_visible()


@pytest.mark.parametrize("lang", LANGS)
def test_a_read_model_is_replayed_and_its_difference_shown(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    task, issued, position = cancelled(desk)
    page = desk.visit(f"/ui/audit/replay?table=tasks&until={issued}", "auditor", lang=lang)
    line = page.locator(".rows tbody tr").filter(has_text=task[-6:])
    expect(line).to_contain_text(words["before"])
    require_accessible(page)
    shoot(page, f"audit-replay-{lang}", SIZES)
    page.get_by_label(words["until"]).fill(str(position))
    page.get_by_label(words["since"]).fill(str(issued))
    page.get_by_role("button", name=words["show"], exact=True).click()
    expect(page.locator(".effect del").filter(has_text=words["before"]).first).to_be_visible()
    expect(page.locator(".effect ins").filter(has_text=words["after"]).first).to_be_visible()
    require_accessible(page)
    shoot(page, f"audit-difference-{lang}", SIZES)
    # What is closed of a task is given up of a grid: each read model has its own words.
    page.get_by_label(words["since"]).fill("")
    page.get_by_label({ZH: "数据视图", EN: "Read model"}[lang]).select_option("grids")
    page.get_by_role("button", name=words["show"], exact=True).click()
    given_up = {ZH: "撤销时间", EN: "Given up at"}[lang]
    expect(page.get_by_role("columnheader", name=given_up)).to_be_visible()
    shoot(page, f"audit-replay-grids-{lang}", (SMALL,))
    desk.expect_wrong("422")
    page.get_by_label(words["until"]).fill("99999999")
    page.get_by_role("button", name=words["show"], exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_what_is_no_place_in_the_log_is_said_at_once_and_a_position_may_stand_as_it_is_shown(
    desk: Desk,
) -> None:
    desk.expect_wrong("404.*/audit/checkpoint")  # this log has none yet
    task, issued, position = cancelled(desk)
    page = desk.visit("/ui/audit/replay", "auditor")
    page.get_by_label(WORDS[ZH]["until"]).fill("昨天")
    page.get_by_role("button", name=WORDS[ZH]["show"], exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("请填位置，或如 2023-07-01 08:00 的时间。")
    page.get_by_label(WORDS[ZH]["until"]).fill(f"{issued:07,}")
    page.get_by_role("button", name=WORDS[ZH]["show"], exact=True).click()
    expect(page.locator(".past-line")).to_contain_text(f"第 {issued:,} 号")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    # A position is no year: the sheet is as of the time at which the log took that event.
    recorded = desk.town.read("auditor", f"/audit/events/{issued}")["event"]["recorded_at"]
    local = datetime.fromisoformat(recorded).astimezone(ZoneInfo("Asia/Shanghai"))
    assert f"截至,{local:%Y-%m-%d %H:%M}" in download.value.path().read_text()
    # A difference says from where on and of which keys it is, and counts as the page does, not its lines.
    page.goto(f"{desk.address}/ui/audit/replay?table=tasks&from={issued}&until={position}&key={task}")
    expect(page.locator(".past-line")).to_contain_text("1 行有变化")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    sheet = download.value.path().read_text()
    assert f"任务 · 回放 · 比较起点 {issued} · 编号开头 {task}" in sheet
    assert "行数,1\n" in sheet
    page.goto(f"{desk.address}/ui/audit/log?name=task.&event={position}")
    expect(page.get_by_label("记录类型")).to_have_value("task.")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert "日志 · 记录类型 task." in download.value.path().read_text()
    page.goto(f"{desk.address}/ui/audit/proofs")
    page.get_by_label("位置", exact=True).fill("abc")
    page.get_by_role("button", name="证明", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(WORDS[ZH]["nowhere"])


@pytest.mark.parametrize("lang", LANGS)
def test_a_replay_names_the_members_as_they_were_called_then(desk: Desk, lang: str) -> None:
    task = desk.town.issue(title="汛期巡查")
    issued = desk.town.root.head()
    accepted = desk.town.do("worker", f"/tasks/{task}/accept", {"begin": False}).position
    left = desk.town.root.post(f"/api/v1/towns/{desk.town.code}/members/wang/leave", {"reason": "调离"})
    assert left.status == 200, left
    page = desk.visit(f"/ui/audit/replay?table=tasks&until={accepted}", "auditor", lang=lang)
    line = page.locator(".rows tbody tr").filter(has_text=task[-6:])
    expect(line.get_by_role("cell", name="王芳", exact=True)).to_be_visible()
    line.locator("summary").click()
    expect(line.locator("dd").filter(has_text="王芳").first).to_be_visible()
    require_accessible(page)
    shoot(page, f"audit-replay-names-{lang}", SIZES)
    page.goto(f"{desk.address}/ui/audit/replay?table=tasks&from={issued}&until={left.position}")
    expect(page.locator(".effect ins").filter(has_text="王芳").first).to_be_visible()
    shoot(page, f"audit-difference-names-{lang}", SIZES)


@pytest.mark.parametrize("lang", LANGS)
def test_a_replay_names_the_grids_as_they_were_called_then(desk: Desk, tmp_path: Path, lang: str) -> None:
    desk.expect_wrong("404.*/audit/checkpoint")  # this log has none yet
    town = desk.town
    grid, called = town.grids[0], f"第{town.grids[0][-6:]}网格"
    task = town.issue(title="汛期巡查")
    issued = town.root.head()
    path = f"/api/v1/towns/{town.code}/grids/{grid}"
    changed = town.root.send("PATCH", path, {"name": "望江网格"})
    assert changed.status == 200, changed
    page = desk.visit(f"/ui/audit/replay?table=tasks&until={issued}", "auditor", lang=lang, size=SMALL)
    line = page.locator(".rows tbody tr").filter(has_text=task[-6:])
    expect(line.get_by_role("cell", name=f"{called} {grid}", exact=True)).to_be_visible()
    line.locator("summary").click()
    expect(line.locator("dd").filter(has_text=f"{called} {grid}").first).to_be_visible()
    require_accessible(page)
    shoot(page, f"audit-replay-places-{lang}", SIZES)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "tasks.csv")
    assert f"{called} {grid}" in (tmp_path / "tasks.csv").read_text("utf-8-sig")
    page.goto(f"{desk.address}/ui/audit/replay?table=task_tally")
    expect(page.locator(".rows summary").filter(has_text=f"望江网格 {grid}").first).to_be_visible()
    # A read model that there isn't: the usual one is shown.
    page.goto(f"{desk.address}/ui/audit/replay?table=nothing")
    expect(page.locator(".rows tbody tr").filter(has_text=f"望江网格 {grid}")).to_have_count(1)


@pytest.mark.parametrize("lang", LANGS)
def test_proofs_are_computed_here_and_what_was_changed_on_the_way_turns_red(
    proving: Desk, tmp_path: Path, lang: str
) -> None:
    words, desk = WORDS[lang], proving
    _, _, position = cancelled(desk)
    page = desk.visit(f"/ui/audit/log?event={position}", "auditor", lang=lang)
    panel(page).get_by_role("tab", name=words["proof"]).click()
    # No checkpoint covers it yet; the page waits for the next.
    verdict = panel(page).locator(".proof-verdict")
    expect(verdict).to_contain_text(words["holds"])
    require_accessible(page)
    shoot(page, f"audit-proof-{lang}", SIZES)
    page.goto(f"{desk.address}/ui/audit/proofs")
    page.get_by_role("button", name=words["all"]).click()
    expect(page.locator(".proof.right").first).to_be_visible()
    expect(page.locator(".proof.wrong, .proof.unknown")).to_have_count(0)
    # The hash is the one that exports and prints say, letter by letter.
    (kept,) = desk.town.read("auditor", "/audit/checkpoints?limit=1")
    expect(page.locator(".checkpoint-list")).to_contain_text(kept["note"].splitlines()[2])
    if (checked := page.locator(".proof").count()) > 1:  # the service issues one every moment
        expect(page.locator(".proofs-sum")).to_contain_text(str(checked))
        # What holds is a line each, and what was computed for it is seen on request.
        first = page.locator(".proof").first
        expect(first.locator(".proof-steps")).to_be_hidden()
        first.locator("summary").first.click()
        expect(first.locator(".proof-steps")).to_be_visible()
    require_accessible(page)
    shoot(page, f"audit-proofs-{lang}", SIZES)
    expect(page.locator(".command")).to_contain_text("python verify_bundle.py . --checkpoint")
    with page.expect_download() as download:
        page.get_by_role("button", name=words["take"], exact=True).click()
    download.value.save_as(tmp_path / "log.zip")
    assert "verify_bundle.py" in ZipFile(tmp_path / "log.zip").namelist()
    note = desk.town.by("auditor").get("/api/v1/audit/checkpoint").content.decode()
    file = tmp_path / "kept.checkpoint"
    file.write_text(note)
    pasted = page.get_by_label(words["paste"])
    pasted.fill("half of one")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator(".outside li")).to_have_count(1)
    expect(page.locator(".proof-verdict").last).to_contain_text(words["holds"])
    expect(pasted).to_have_value("half of one")  # a file takes nothing away that was typed
    lines = note.split("\n")
    lines[2] = ("A" if lines[2][0] != "A" else "B") + lines[2][1:]
    pasted.fill("\n".join(lines))
    page.get_by_role("button", name=words["compare"], exact=True).first.click()
    expect(page.locator(".proof-verdict").last).to_contain_text(words["fails"])
    require_accessible(page)
    shoot(page, f"audit-proofs-red-{lang}", SIZES)
    pasted.fill("nothing")
    page.get_by_role("button", name=words["compare"], exact=True).first.click()
    expect(page.get_by_role("alert")).to_have_text(words["no note"])


def state_changed(answer: dict[str, Any]) -> None:
    """Another reason stands in the event than the one that was recorded."""
    state = b64decode(answer["state"]).decode().replace("重复下发", "情况变化")
    answer["state"] = b64encode(state.encode()).decode()


def actor_changed(answer: dict[str, Any]) -> None:
    answer["event"]["actor"] = "somebody-else"


def path_changed(answer: dict[str, Any]) -> None:
    answer["proof"]["sha256"][0] = answer["proof"]["sm3"][0]


def leaf_changed(answer: dict[str, Any]) -> None:
    answer["leaf"]["sm3"] = answer["leaf"]["sha256"]


def root_changed(answer: list[dict[str, Any]]) -> None:
    if not answer:
        return  # no checkpoint yet; the page asks again
    lines = answer[0]["note"].split("\n")
    lines[2] = ("A" if lines[2][0] != "A" else "B") + lines[2][1:]
    answer[0]["note"] = "\n".join(lines)


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("**/audit/events/*", state_changed),
        ("**/audit/events/*", actor_changed),
        ("**/audit/proof/inclusion?*", path_changed),
        ("**/audit/proof/inclusion?*", leaf_changed),
        ("**/audit/checkpoints?*", root_changed),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_tampered_answer_shows_red(proving: Desk, where: str, change: Any) -> None:
    _, _, position = cancelled(proving)
    page = proving.visit("/ui/audit/proofs", "auditor")

    def tampered(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        change(body)
        route.fulfill(response=answer, json=body)

    page.route(where, tampered)
    page.goto(f"{proving.address}/ui/audit/log?event={position}")
    panel(page).get_by_role("tab", name=WORDS[ZH]["proof"]).click()
    expect(panel(page).locator(".proof-verdict")).to_contain_text(WORDS[ZH]["fails"])
    expect(panel(page).locator(".proof.wrong .proof-steps .wrong").first).to_be_visible()


@pytest.mark.parametrize("field", ["reason", "invented", "scope", "recorded_at"])
def test_what_the_service_says_of_an_event_is_held_against_its_bytes(proving: Desk, field: str) -> None:
    """All fields one by one: web/tests/reading.test.ts."""
    _, _, position = cancelled(proving)
    page = proving.visit("/ui/audit/proofs", "auditor")

    def forged(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["zh"] = "伪造的一句话"
        part = body["event"] if field in body["event"] else body["event"]["data"]
        part[field] = "2022-12-31T16:00:00Z" if field == "recorded_at" else "伪造"
        route.fulfill(response=answer, json=body)

    page.route(f"**/audit/events/{position}", forged)
    page.goto(f"{proving.address}/ui/audit/log?event={position}")
    # What is shown comes from the bytes; what can't come from there is named as the service's word.
    expect(panel(page).get_by_role("alert")).to_contain_text("服务所述与字节不符")
    expect(panel(page).locator(".facts").first).to_contain_text("重复下发")
    expect(panel(page).locator(".facts").filter(has_text=re.compile("伪造|2023-01-01"))).to_have_count(0)
    expect(panel(page).locator(".sentence")).to_have_text("系统自述（未核验） 伪造的一句话")
    shoot(page, "audit-event-forged", SIZES)
    panel(page).get_by_role("tab", name=WORDS[ZH]["proof"]).click()
    expect(panel(page).locator(".proof-verdict")).to_contain_text(WORDS[ZH]["fails"])
    expect(panel(page).locator(".proof-steps .wrong")).to_contain_text("服务所述与字节不符")


def test_another_key_than_the_one_first_seen_is_an_alarm(proving: Desk) -> None:
    page = proving.visit("/ui/audit/proofs", "auditor", lang=EN)
    expect(page.locator(".card .hash").first).to_contain_text("dispatch.local/log+")
    page.route("**/audit/key", lambda route: route.fulfill(body="dispatch.local/log+00000000+AAAA\n"))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text(WORDS[EN]["other key"])


@pytest.mark.parametrize("lang", LANGS)
def test_what_was_published_stands_beside_what_is_known_now(desk: Desk, lang: str) -> None:
    words, town = WORDS[lang], desk.town
    page = desk.visit("/ui/audit/published", "auditor", lang=lang)
    expect(page.get_by_text(words["empty"])).to_be_visible()
    shoot(page, f"audit-unpublished-{lang}", SIZES)
    first = town.report(title="垃圾堆放")
    town.do("operator", f"/cases/{first}/accept")
    now = town.read("operator", "/clock")["now"]
    town.do("supervisor", "/figures/publish", {"scope": town.code, "title": "5月工作通报", "as_of": now})
    page.get_by_role("button", name="5月工作通报").click()
    verdict = page.locator(".restated .proof-verdict")
    expect(verdict).to_contain_text(words["same"])
    late = town.by("worker").post(
        "/api/v1/cases",
        {
            "grid": town.grids[0],
            "category": "environment",
            "title": "迟报",
            "self_handled": True,
            "note": "已清",
        },
        Dispatch_Device_Time=now,
    )
    page.get_by_role("button", name=words["restate"]).click()
    expect(verdict).to_contain_text(words["others"])
    changed = page.locator(".restated table").first
    row = changed.get_by_role("row").filter(has_text=PUBLISHING[lang]["rate"])
    expect(row).to_contain_text("0/1 (0.00%)1/2 (50.00%)")
    expect(page.get_by_text(words["entered"]).first).to_be_hidden()
    shoot(page, f"audit-restated-folded-{lang}", SIZES)
    why = row.locator("xpath=following-sibling::tr[1]")
    why.get_by_text(words["why"]).click()
    expect(why).to_contain_text(words["entered"])
    require_accessible(page)
    shoot(page, f"audit-restated-{lang}", SIZES)
    why.get_by_role("link", name=f"#{late.position:,}").click()
    expect(panel(page)).to_contain_text(f"#{late.position:,}")


PUBLISHING = {
    ZH: {
        "publish": "公布",
        "title": "标题",
        "look": "看这些数字",
        "rate": "办结率",
        "other": "完成率",
        "steps": "督办过 区级 指挥长 红牌 黄牌 催办 提醒",
        "now": "公布 {n} 个数字",
        "rests": "依据日志第",
        "from": "时段自",
        "as of": "截至（不填为现在）",
        "back": "返回修改",
        "restored": "已恢复您上次未提交的内容。",
        "close": "关闭",
        "figures": "公布数字",
        "group": "分组",
        "all": "全选",
        "none": "全不选",
        "figure": "指标",
        "published": "公布的",
    },
    EN: {
        "publish": "Publish",
        "title": "Title",
        "look": "Look at the figures",
        "rate": "Case closure",
        "other": "Task completion",
        "steps": "Escalated District Commander Red_card Yellow_card Reminder Notice",
        "now": "Publish: {n} figures",
        "rests": "resting on the log up to position",
        "from": "Period from",
        "as of": "As of (empty: now)",
        "back": "Edit",
        "restored": "What you had typed and not sent is here again.",
        "close": "Close",
        "figures": "Publish figures",
        "group": "Group",
        "all": "All",
        "none": "None",
        "figure": "Figure",
        "published": "Published",
    },
}


def on_the_board(page: Page) -> list[str]:
    """Return what the board calls its figures and plain numbers of tasks, in its order."""
    tasks = page.locator(".panel-tasks")
    counts = tasks.locator("header li").all_inner_texts()
    return [*tasks.locator(".tile-name").all_inner_texts(), *(text.rsplit(maxsplit=1)[0] for text in counts)]


def require_words_of_the_board(dialog: Locator, onboard: list[str], lang: str) -> None:
    """Fail unless what is to be published is named and ordered as on the board."""
    tasks = [name.strip() for name in dialog.locator("tbody").first.locator("label").all_inner_texts()]
    steps = PUBLISHING[lang]["steps"].split()
    assert (tasks[: len(onboard)], tasks[-len(steps) :]) == (
        onboard,
        [step.replace("_", " ") for step in steps],
    )
    if lang == ZH:
        expect(dialog.locator("tbody").filter(has_text=re.compile("[a-z]"))).to_have_count(0)


@pytest.mark.parametrize(("lang", "role"), [(ZH, "supervisor"), (EN, "operator")])
def test_what_the_board_shows_is_published_and_nothing_that_came_later(
    desk: Desk, lang: str, role: str, tmp_path: Path
) -> None:
    words, town = PUBLISHING[lang], desk.town
    town.do("operator", f"/cases/{town.report(title='垃圾堆放')}/accept")
    page = desk.visit("/ui/board", role, lang=lang)
    expect(page.get_by_role("link", name=words["publish"], exact=True)).to_be_visible()
    shoot(page, f"board-publish-{lang}", (SMALL, USUAL))
    onboard = on_the_board(page)
    page.get_by_role("link", name=words["publish"], exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["title"]).fill("5月工作通报")
    require_accessible(page)
    shoot(page, f"dialog-publish-{lang}", (PHONE, TABLET, SMALL))
    head = town.root.head()
    town.do("operator", f"/cases/{town.report(title='之后才上报')}/accept")
    dialog.get_by_role("button", name=words["look"]).click()
    expect(dialog).to_contain_text(
        f"{words['rests']} {head:,}" if lang == EN else f"{words['rests']} {head:,} 号"
    )
    expect(dialog).to_contain_text("万顺镇")
    # From the first of the month on, and up to what the board showed: that has no last day.
    expect(dialog).to_contain_text({ZH: "-01 起", EN: "Period: since 2"}[lang])
    expect(dialog.get_by_role("row").filter(has_text=words["rate"])).to_contain_text("0/1 (0.00%)")
    require_words_of_the_board(dialog, onboard, lang)
    # One or all are taken by a click.
    dialog.get_by_role("button", name=words["none"]).click()
    expect(dialog.get_by_role("button", name=words["now"].format(n=0))).to_be_disabled()
    dialog.get_by_role("button", name=words["all"]).click()
    dialog.get_by_label(words["other"]).uncheck()
    require_accessible(page)
    shoot(page, f"dialog-publish-sure-{lang}", (PHONE, TABLET, SMALL))
    count = dialog.get_by_role("checkbox", checked=True).count()
    dialog.get_by_role("button", name=words["now"].format(n=count)).click()
    expect(dialog).to_have_count(0)
    listed = page.get_by_role("button", name="5月工作通报")
    expect(listed).to_have_attribute("aria-pressed", "true")
    expect(listed).to_contain_text("万顺镇")
    expect(listed).to_contain_text({ZH: "supervisor（领导）于", EN: "by operator (operator),"}[lang])
    shoot(page, f"audit-published-{lang}", (SMALL,))
    expect(page.locator(".restated")).to_contain_text("0/1 (0.00%)")
    expect(page.locator(".restated")).not_to_contain_text(words["other"])
    require_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "figures.csv")
    [header, *rows] = csv.reader((tmp_path / "figures.csv").read_text("utf-8-sig").splitlines())
    # What is known now was not asked for: the sheet doesn't say it.
    assert header == [words["group"], words["figure"], words["published"]]
    assert {ZH: ["公布人", "supervisor（领导）"], EN: ["Published by", "operator (operator)"]}[lang] in rows
    [published] = town.read("supervisor", "/figures/published")["items"]
    assert (published["known_at"], published["figures"]["closure_rate"]) == (head, [0, 1])
    # Beside what is known now, as whoever audits it sees it.
    audit = desk.visit("/ui/audit/published", "auditor", lang=lang)
    audit.get_by_role("button", name="5月工作通报").click()
    expect(audit.locator(".proof-verdict")).to_be_visible()
    expect(audit.get_by_role("button", name=words["figures"])).to_have_count(0)


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_to_be_published_is_kept_and_a_refusal_says_why(desk: Desk, lang: str) -> None:
    words = PUBLISHING[lang]
    page = desk.visit("/ui/audit/published", "supervisor", lang=lang)
    page.get_by_role("button", name=words["figures"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["title"]).fill("5月工作通报")
    dialog.get_by_label(words["as of"]).fill("2099-01-01T00:00")
    desk.expect_wrong(r"422.*/api/v1/figures")
    dialog.get_by_role("button", name=words["look"]).click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    dialog.get_by_role("button", name=words["close"]).click()
    page.get_by_role("button", name=words["figures"]).click()
    expect(dialog).to_contain_text(words["restored"])
    expect(dialog.get_by_label(words["title"])).to_have_value("5月工作通报")
    dialog.get_by_label(words["as of"]).fill("")
    dialog.get_by_role("button", name=words["look"]).click()
    expect(dialog.get_by_role("table")).to_be_visible()  # until then that button leaves the dialog
    dialog.get_by_role("button", name=words["back"]).click()
    expect(dialog.get_by_label(words["title"])).to_have_value("5月工作通报")


def test_what_is_published_while_the_line_is_cut_is_published_once(desk: Desk) -> None:
    words = PUBLISHING[ZH]
    desk.expect_wrong("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK")
    page = desk.visit("/ui/audit/published", "supervisor")
    page.get_by_role("button", name=words["figures"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["title"]).fill("5月工作通报")
    dialog.get_by_role("button", name=words["look"]).click()
    publish = dialog.get_by_role("button", name=re.compile(words["now"].format(n=r"\d+")))
    # The service publishes them, and its answer is lost on the way.
    page.route("**/figures/publish", lambda route: (route.fetch(), route.abort())[1], times=1)
    publish.click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    publish.click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".published-list button")).to_have_count(1)


@pytest.mark.parametrize("lang", LANGS)
def test_a_supervisor_sees_proofs_and_publications_and_no_events(desk: Desk, lang: str) -> None:
    words = WORDS[lang]
    page = desk.visit("/ui/audit/log", "supervisor", lang=lang)
    expect(page.get_by_role("heading", name=words["closed"])).to_be_visible()
    require_accessible(page)
    shoot(page, f"audit-closed-{lang}", SIZES)
    page.get_by_role("navigation").get_by_role("link", name=words["proof"]).click()
    expect(page.locator(".card").first).to_be_visible()
    require_accessible(page)


@pytest.mark.parametrize("lang", LANGS)
def test_an_operator_comes_to_what_was_published_and_sees_no_proofs(desk: Desk, lang: str) -> None:
    page = desk.visit("/ui/audit", "operator", lang=lang)
    expect(page).to_have_url(re.compile("/ui/audit/published$"))
    expect(page.get_by_role("button", name=PUBLISHING[lang]["figures"])).to_be_visible()
    page.goto(f"{desk.address}/ui/audit/proofs")
    expect(page.get_by_role("heading", name=WORDS[lang]["closed"])).to_be_visible()
    require_accessible(page)
    shoot(page, f"audit-closed-to-desk-{lang}", SIZES)


def test_every_part_is_accessible_in_the_dark(desk: Desk) -> None:
    _, _, position = cancelled(desk)
    page = desk.visit(f"/ui/audit/log?event={position}", "auditor", dark=True)
    for tab in ("change", "chain", "bytes", "proof"):
        panel(page).get_by_role("tab", name=WORDS[ZH][tab], exact=True).click()
        expect(panel(page).locator(".loading-state")).to_have_count(0)
        require_accessible(page)
    shoot(page, "audit-dark", SIZES)
    for place in ("replay", "proofs", "published"):
        page.goto(f"{desk.address}/ui/audit/{place}")
        expect(page.locator(".loading-state")).to_have_count(0)
        require_accessible(page)


@pytest.mark.parametrize("lang", LANGS)
def test_without_a_network_the_log_stays_and_says_so(desk: Desk, lang: str) -> None:
    desk.expect_wrong("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK")
    page = desk.visit("/ui/audit", "auditor", lang=lang)
    expect(page.locator(".log-list .log-what").first).to_be_visible()
    with page.expect_response("**/api/v1/clock") as clock:
        page.reload()
    # Beside a service on a simulated clock it says the service's time, not this machine's.
    now = datetime.fromisoformat(clock.value.json()["now"]).astimezone(ZoneInfo("Asia/Shanghai"))
    expect(page.locator(".log-list .log-what").first).to_be_visible()
    expect(page.locator(".connection-sign.live")).to_be_visible()
    page.context.set_offline(True)
    of = "|".join(f"{now + timedelta(minutes=n):%H:%M}" for n in range(5))
    expect(page.locator(".connection-bar")).to_contain_text(re.compile(of))
    page.locator(".log-list .log-what button").first.click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator(".log-list .log-what").first).to_be_visible()
    shoot(page, f"audit-offline-{lang}", SIZES)
    page.context.set_offline(False)
    # It asks again by itself once the line is back.
    expect(panel(page).locator(".sentence")).to_be_visible()
