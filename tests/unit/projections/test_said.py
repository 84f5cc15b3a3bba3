"""What the sentence of an event says beside its verb."""

from typing import Any

import pytest

from commands.cases.command import CaseStatusForbids
from projections.audit.said import said


@pytest.mark.parametrize(
    ("data", "zh", "en"),
    [
        ({}, "", ""),
        ({"note": "", "assignee": None}, "", ""),
        ({"reason": "重复", "note": "x"}, "重复", "重复"),
        (
            {"assignee": "li", "department": None, "reason": "外出"},
            "责任人 li，外出",
            "assignee li, 外出",
        ),
        ({"member": "sun", "name": "孙丽"}, "人员 sun，名称 孙丽", "member sun, name 孙丽"),
        ({"department": "fire", "reason": "合并"}, "部门 fire，合并", "department fire, 合并"),
        ({"mediator": "sun"}, "调解员 sun", "mediator sun"),
        ({"kind": "land", "major": True}, "类型 土地，重大 是", "kind land, major yes"),
        ({"kind": "debt", "major": False}, "类型 债务", "kind debt"),
        (
            {"level": "yellow_card", "persons": ["li", "sun"]},
            "级别 黄牌，告知 li、sun",
            "level yellow card, told li, sun",
        ),
        ({"level": "courtyard"}, "级别 院落", "level courtyard"),
        ({"satisfied": False}, "满意 否", "satisfied no"),
        (
            {"handling": {"due": "2023-03-02T02:00:00Z", "rule": "x"}},
            "期限 2023-03-02 10:00:00",
            "due 2023-03-02 10:00:00",
        ),
        ({"handling": None}, "", ""),
        (
            {"promised_at": "2023-03-02T02:00:00Z"},
            "承诺 2023-03-02 10:00:00",
            "promised by 2023-03-02 10:00:00",
        ),
        ({"into": "0f", "reason": "重复"}, "并入 0f，重复", "into 0f, 重复"),
        ({"purpose": "contact"}, "联系", "getting in touch"),
        (
            {"command": "case.hand_up", "item": "case:0f", "code": CaseStatusForbids.code, "scope": "5001"},
            "提级，事项 case:0f（事件当前状态不允许此操作）",
            "hand up (case), item case:0f (The case's present status does not allow that)",
        ),
        (
            {"command": "case.gone", "item": "case:0f", "code": "case-gone"},
            "case.gone，事项 case:0f（case-gone）",
            "gone (case), item case:0f (case-gone)",
        ),
        ({"command": "case.close", "item": "case:0f"}, "结案，事项 case:0f", "close (case), item case:0f"),
        (
            {
                "account": "d",
                "refused": [
                    {"code": "not-allowed", "route": "GET /x", "count": 3},
                    {"code": "g", "route": "GET /me", "count": 1},
                ],
                "others": 2,
            },
            "账号 d，共 6 次：GET /x 3 次（该账号无权）；GET /me 1 次（g）；其他 2 次",
            "of account d, 6 in all: GET /x 3 times (the account may not); GET /me once (g); others 2 times",
        ),
        (
            {
                "account": "-",
                "refused": [{"code": "unauthenticated", "route": "GET /me", "count": 1}],
                "others": 0,
            },
            "身份不明者，共 1 次：GET /me 1 次（所持令牌或会话无效）",
            "of nobody known, 1 in all: GET /me once (a token or session that is worth nothing)",
        ),
        (
            {
                "account": "d",
                "refused": [
                    {"code": "g", "route": "GET /x", "count": 9, "items": ["a", "b", "c", "d"], "beyond": 0},
                ],
                "others": 0,
            },
            "账号 d，共 9 次：GET /x 9 次（g；事项 a、b、c 等 4 个）",
            "of account d, 9 in all: GET /x 9 times (g; items a, b, c and 1 more)",
        ),
        (
            {
                "account": "d",
                "refused": [{"code": "g", "route": "GET /x", "count": 9, "items": ["a", "b"], "beyond": 5}],
                "others": 0,
            },
            "账号 d，共 9 次：GET /x 9 次（g；事项 a、b 等至少 3 个）",
            "of account d, 9 in all: GET /x 9 times (g; items a, b and at least 1 more)",
        ),
        ({"sha256": "00" * 32}, f"SHA-256 {'A' * 43}=", f"SHA-256 {'A' * 43}="),
        ({"reason": "dissatisfied at follow-up"}, "回访不满意", "not satisfied at follow-up"),
    ],
)
def test_the_fields_of_an_event_are_said_in_a_row(data: dict[str, Any], zh: str, en: str) -> None:
    assert said(data) == (zh, en)
