"""Personal data: sealed in the log, shown to who needs it, found by telephone, erased; all on record."""

from typing import Any

from tests.e2e.http.client import Answer
from tests.e2e.http.test_audit import lines_of
from tests.e2e.http.town import Town

REPORTER = {
    "name": "张某某甲",
    "telephone": "139 1234 5678",
    "identity_number": "50011519800101123X",
    "address": "幸福路八十八号",
    "note": "夜里吵",
}
DESCRIPTION = "邻居李某某夜里施工"
SAID = {*REPORTER.values(), DESCRIPTION}


def reported(town: Town) -> str:
    return town.report(reporter=REPORTER, description=DESCRIPTION, source="hotline")


def shown(town: Town, who: str, subject: str) -> dict[str, str | None]:
    body = {"subject": subject, "purpose": "contact"}
    answer = town.by(who).post("/api/v1/personal/disclose", body)
    assert answer.status == 200, answer
    return {f"{one['event']}.{one['field']}": one["text"] for one in answer.json["kept"]}


def done(town: Town, subject: str) -> list[dict[str, Any]]:
    """What happened to a subject's personal data, as an auditor reads it."""
    path = f"/api/v1/audit/events?stream=personal:{subject}"
    return lines_of(town.by("auditor").get(path))


def test_it_is_shown_to_who_works_on_the_item_and_each_time_is_on_record(town: Town) -> None:
    case = f"case:{reported(town)}"
    expected = {f"case.reported.reporter.{field}": text for field, text in REPORTER.items()}
    for who in ("operator", "worker"):
        assert shown(town, who, case) == {**expected, "case.reported.description": DESCRIPTION}
    assert [(one["name"], one["actor"], one["data"]["purpose"]) for one in done(town, case)] == [
        ("personal.disclosed", town.accounts["operator"].name, "contact"),
        ("personal.disclosed", town.accounts["worker"].name, "contact"),
    ]
    for who in ("supervisor", "auditor"):
        masked = town.read(who, f"/personal/{case}")
        assert {one["text"] for one in masked["kept"]} == {None}
        assert (masked["disclosures"], masked["status"]) == (2, "kept")
        assert town.by(who).post(
            "/api/v1/personal/disclose", {"subject": case, "purpose": "contact"}
        ).code == ("role-not-allowed")
    body = {"subject": case, "purpose": "contact"}
    assert town.by("zhao").post("/api/v1/personal/disclose", body).code == "out-of-scope"
    assert len(done(town, case)) == 2


def test_the_same_key_shows_it_again_and_is_recorded_again(town: Town) -> None:
    case = f"case:{reported(town)}"
    body = {"subject": case, "purpose": "contact"}
    for _ in range(2):
        answer = town.by("operator").post("/api/v1/personal/disclose", body, Idempotency_Key="look-once")
        assert answer.status == 200
    assert len(done(town, case)) == 2


def test_cases_are_found_by_telephone_however_it_is_written(town: Town) -> None:
    case = f"case:{reported(town)}"
    body = {"telephone": "+86 139-1234-5678", "purpose": "contact"}
    answer = town.by("operator").post("/api/v1/personal/search", body)
    assert [one["subject"] for one in answer.json["items"]] == [case]
    other = {"telephone": "13912345679", "purpose": "contact"}
    assert town.by("operator").post("/api/v1/personal/search", other).json["items"] == []
    searches = done(town, f"account:{town.accounts['operator'].name}")
    assert [one["data"]["found"] for one in searches] == [[case], []]
    for who in ("worker", "supervisor", "auditor", "administrator"):
        assert town.by(who).post("/api/v1/personal/search", body).code == "role-not-allowed"


def test_after_erasure_nobody_reads_it_nothing_is_added_and_the_item_goes_on(town: Town) -> None:
    key = reported(town)
    case = f"case:{key}"
    erase = {"subjects": [case], "ground": "request"}
    for who in ("operator", "worker", "auditor", "administrator"):
        assert town.by(who).post("/api/v1/personal/erase", erase).code == "role-not-allowed"
    answer = town.by("supervisor").post("/api/v1/personal/erase", erase)
    assert answer.json["items"] == [{"kind": "personal", "id": case, "version": 1, "status": "erased"}]
    assert set(shown(town, "operator", case).values()) == {None}
    assert town.read("operator", f"/personal/{case}")["status"] == "erased"
    body = {"telephone": "13912345678", "purpose": "contact"}
    assert town.by("operator").post("/api/v1/personal/search", body).json["items"] == []
    # Neither looking in vain nor erasing again is anything that happened.
    town.by("supervisor").post("/api/v1/personal/erase", erase)
    assert [one["name"] for one in done(town, case)] == ["personal.erased"]
    # Nobody writes about him any more, and without a word the work still comes to its end.
    town.do("operator", f"/cases/{key}/accept")
    head = town.root.head()
    for step, said in (
        ("verify", {"genuine": True, "note": "张某某甲不在家"}),
        ("do-not-register", {"reason": "张某某甲撤回"}),
    ):
        answer = town.by("operator").post(f"/api/v1/cases/{key}/{step}", said)
        assert (answer.status, answer.code) == (409, "personal-data-erased")
    assert town.root.head() == head
    for who, step, fields in (
        ("worker", "verify", {"genuine": True}),
        ("operator", "register", None),
        ("operator", "dispatch", {"grid": town.grids[0], "assignee": "wang"}),
        ("worker", "handle", None),
        ("worker", "finish", {"evidence": []}),
        ("operator", "start-check", None),
        ("operator", "check", {"passed": True}),
        ("operator", "close", None),
    ):
        town.do(who, f"/cases/{key}/{step}", fields)
    assert town.read("operator", f"/cases/{key}?after={town.root.head()}")["status"] == "closed"


def test_nothing_personal_is_added_after_the_erasure(town: Town) -> None:
    household = town.do(
        "operator",
        "/households",
        {
            "households": [
                {"grid": town.grids[0], "household_class": "key", "name": "李四户", "address": "三组"}
            ]
        },
    ).item("household")
    town.do("supervisor", "/personal/erase", {"subjects": [f"household:{household}"], "ground": "request"})
    path = f"/api/v1/households/{household}"
    assert town.by("operator").send("PATCH", path, {"name": "李四家"}).code == "personal-data-erased"
    assert town.by("operator").send("PATCH", path, {"household_class": "general"}).status == 200
    assert town.by("operator").post(f"{path}/leave", {"reason": "李四迁走"}).code == "personal-data-erased"
    assert town.by("operator").post(f"{path}/leave", {}).status == 200


def test_a_permit_that_was_voided_and_erased_is_recorded_anew(town: Town) -> None:
    def record(**other: str) -> Answer:
        permit = {
            "grid": town.code,
            "number": "万顺许〔2024〕1号",
            "title": "食品摊贩备案",
            "holder": "张三店",
        }
        return town.by("operator").post("/api/v1/permits", {**permit, **other})

    first = record().item("case")
    town.do("operator", f"/cases/{first}/void", {"reason": "名称写错"})
    town.do("supervisor", "/personal/erase", {"subjects": [f"case:{first}"], "ground": "request"})
    answer = record(title="食品摊贩登记", holder="李四店")
    assert answer.status == 201
    second = answer.item("case")
    assert shown(town, "operator", f"case:{second}")["permit.due.holder"] == "李四店"
    assert record(title="食品摊贩备案").code == "permit-already-recorded"
    # Nothing brings back the one whose number it has.
    appeal = town.by("operator").post(f"/api/v1/cases/{first}/appeal", {"reason": "没有写错"})
    assert appeal.code == "personal-data-erased"
    permits = town.read("operator", f"/cases?category=permit&after={answer.position}")
    assert [one["id"] for one in permits["items"] if one["status"] != "voided"] == [second]


def test_of_staff_it_is_where_they_are_reached_and_after_erasure_nowhere(town: Town) -> None:
    inbox = f"member:{town.code}:wang"
    subject, path = f"recipient:{inbox}", "/api/v1/inbox/channels"
    erase = {"subjects": [subject], "ground": "purpose_fulfilled"}
    assert town.by("supervisor").post("/api/v1/personal/erase", erase).code == "recipient-unknown"
    reached = {"channels": [{"channel": "mail", "address": "wang@town.example"}]}
    assert town.by("worker").send("PUT", path, reached).status == 200
    # Nobody else is shown it, nor may anybody erase it who may not erase.
    show = {"subject": subject, "purpose": "contact"}
    assert town.by("operator").post("/api/v1/personal/disclose", show).status == 422
    for who in ("worker", "operator", "administrator"):
        assert town.by(who).post("/api/v1/personal/erase", erase).code == "role-not-allowed"
    town.do("supervisor", "/personal/erase", erase)
    assert [one["name"] for one in done(town, subject)] == ["personal.erased"]
    mine = town.read("worker", "/inbox/channels")
    assert (mine["channels"], mine["erased"]) == ([], True)
    assert town.by("worker").send("PUT", path, reached).code == "personal-data-erased"
    told = town.read("worker", f"/inbox?after={town.root.head()}")["items"][0]
    assert (told["name"], told["item"]) == ("recipient.channels_set", inbox)
    assert told["zh"].startswith("通知渠道的地址已永久删除")
    assert told["en"].startswith("Addresses of notifications erased for ever")
    # Of a group's robot nothing is known but its name.
    assert town.by("worker").send("PUT", path, {"channels": [{"channel": "robot"}]}).status == 200


def test_erasing_is_all_or_nothing(town: Town) -> None:
    case = f"case:{reported(town)}"
    unknown = f"case:{'0' * 32}"
    body = {"subjects": [case, unknown], "ground": "request"}
    assert town.by("supervisor").post("/api/v1/personal/erase", body).code == "case-unknown"
    twice = {"subjects": [case, case], "ground": "request"}
    assert town.by("supervisor").post("/api/v1/personal/erase", twice).code == "subjects-unacceptable"
    assert None not in shown(town, "operator", case).values()
