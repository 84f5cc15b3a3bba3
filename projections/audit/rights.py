"""What an account was not allowed: whose requests were refused, how often, on which route, and why."""

from collections.abc import Sequence
from typing import Any, Final

from dispatch.domain.refusals import NOBODY

Words = tuple[str, str]
"""The same in Chinese and in English."""

RIGHTS: Final[dict[str, Words]] = {
    "command-unauthenticated": ("账号或登录已失效", "the account or its sign-in was good no more"),
    "cross-site-request": ("请求不是来自本系统的页面", "not sent by a page of this service"),
    "identity-differs": ("该账号属于统一认证平台的另一人", "the account is somebody else's of the provider"),
    "not-addressed": ("不是被督办人或领导", "neither a supervisor nor whom the escalation went to"),
    "not-agrid-worker": ("不是网格员", "no grid worker"),
    "not-allowed": ("该账号无权", "the account may not"),
    "not-own-channels": ("不是本人的通知渠道", "not his own channels"),
    "not-own-inbox": ("不是本人的收件箱", "not his own inbox"),
    "not-the-checker": ("不是指定的核查人", "not named to check it"),
    "other-accounts-only": ("本人账号须凭密码修改", "one's own account is changed with its password"),
    "out-of-scope": ("不在其管辖范围内", "outside the account's places and items"),
    "own-account-only": ("不是账号本人", "not the account's owner"),
    "own-appeal": ("是申诉人或原决定人", "who made the appeal, or turned the case away"),
    "own-extension": ("是延期申请人", "who asked for the extension"),
    "own-token-only": ("令牌须由账号本人签发", "only its owner makes a token for the account"),
    "password-must-be-changed": ("尚未修改初始密码", "the first password was not changed yet"),
    "powers-combined": ("管理员、值班员和审计须由三人分任", "two of the three powers in one person"),
    "provider-answer-refused": ("统一认证平台的回复无效", "the provider's answer proves nothing"),
    "provider-factor-needed": ("统一认证平台未要求双重验证", "no second factor at the provider"),
    "role-not-allowed": ("该角色无权", "the account's role may not"),
    "second-factor-must-be-set": ("尚未启用双重验证", "no second factor was set yet"),
    "second-factor-needed": ("未提供验证码", "no code was given"),
    "second-factor-wrong": ("验证码不正确", "wrong code"),
    "sign-in-refused": (
        "账号或密码不正确，或账号不能登录",
        "wrong account or password, or one that may not sign in",
    ),
    "system-account-reserved": ("系统账号由服务自身使用", "the service's own account"),
    "too-many-guesses": ("尝试次数过多", "too many attempts"),
    "unauthenticated": ("所持令牌或会话无效", "a token or session that is worth nothing"),
}
"""Why a request was refused for rights, by the refusal's code, as a clause about who sent it."""

NAMED: Final = 3
"""How many items a sentence names of a line."""


def refused(data: dict[str, Any]) -> Words:
    """Return what a `refusals.noted` event says: whose requests, how many, and each kind of them."""
    lines, others = data["refused"], data["others"]
    total = others + sum(line["count"] for line in lines)
    nobody = data["account"] == NOBODY
    whose_zh = "身份不明者" if nobody else f"账号 {data['account']}"
    whose_en = "of nobody known" if nobody else f"of account {data['account']}"
    kinds = [_line(line) for line in lines]
    if others:
        kinds.append((f"其他 {others} 次", f"others {_times(others)}"))
    zh, en = ([kind[language] for kind in kinds] for language in (0, 1))
    return f"{whose_zh}，共 {total} 次：{'；'.join(zh)}", f"{whose_en}, {total} in all: {'; '.join(en)}"


def _line(line: dict[str, Any]) -> Words:
    zh, en = RIGHTS.get(line["code"], (line["code"], line["code"]))
    which_zh, which_en = _items(line.get("items") or (), beyond=line.get("beyond", 0) > 0)
    route, count = line["route"], line["count"]
    return f"{route} {count} 次（{zh}{which_zh}）", f"{route} {_times(count)} ({en}{which_en})"


def _items(items: Sequence[str], *, beyond: bool) -> Words:
    if not items:
        return "", ""
    first, more = items[:NAMED], len(items) - NAMED
    zh, en = f"；事项 {'、'.join(first)}", f"; {'item' if len(items) == 1 else 'items'} {', '.join(first)}"
    if more > 0 or beyond:
        zh += f" 等{'至少' if beyond else ''} {len(items) + beyond} 个"
        en += f" and {'at least ' if beyond else ''}{max(more, 0) + beyond} more"
    return zh, en


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
