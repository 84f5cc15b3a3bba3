"""To whom, where, into what and until when something was done: what a sentence says beside its verb."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from dispatch.domain.cases.disputes import DisputeKind
from dispatch.domain.checkpoints import Finding, Outside
from dispatch.domain.digests import in_base64
from dispatch.domain.ladder import Level
from dispatch.domain.personal import Ground, Purpose
from dispatch.domain.rhythm import SHANGHAI
from projections.audit.attempts import attempt
from projections.audit.rights import refused

Words = tuple[str, str]
"""The same in Chinese and in English."""
NameOf = Callable[[str, str], str | None]
"""What the code in a field is called, or nothing."""

FIELDS: Final[dict[str, Words]] = {
    "assignee": ("责任人", "assignee"),
    "mediator": ("调解员", "mediator"),
    "department": ("部门", "department"),
    "member": ("人员", "member"),
    "code": ("代码", "code"),
    "name": ("名称", "name"),
    "grid": ("网格", "grid"),
    "into": ("并入", "into"),
    "token": ("令牌", "token"),
    "case": ("事件", "case"),
    "to": ("至", "to"),
    "kind": ("类型", "kind"),
    "major": ("重大", "major"),
    "level": ("级别", "level"),
    "jointly_with": ("联合", "jointly with"),
    "persons": ("告知", "told"),
    "satisfied": ("满意", "satisfied"),
    "not_met": ("未见到", "not met"),
    "size": ("已签记录数", "events signed"),
    "sha256": ("SHA-256", "SHA-256"),
    "held": ("日志记录数", "events in the log"),
    "handling": ("期限", "due"),
    "since": ("自", "since"),
    "until": ("至", "until"),
    "promised_at": ("承诺", "promised by"),
}
"""What a field is called in a sentence, in the order in which they are said."""
ALONE: Final = ("reason", "note", "title", "purpose", "ground", "finding", "error")
"""Fields that need no name; the first that says something."""
CHOSEN: Final[dict[tuple[str, Any], Words]] = {
    ("purpose", Purpose.HANDLING): ("办理", "handling"),
    ("purpose", Purpose.CONTACT): ("联系", "getting in touch"),
    ("purpose", Purpose.FOLLOW_UP): ("回访", "follow-up"),
    ("purpose", Purpose.REQUEST): ("本人查询", "the person's own request"),
    ("ground", Ground.REQUEST): ("本人要求", "the person's request"),
    ("ground", Ground.CONSENT_WITHDRAWN): ("撤回同意", "consent withdrawn"),
    ("ground", Ground.PURPOSE_FULFILLED): ("目的已实现", "no longer needed"),
    ("ground", Ground.RETENTION_ENDED): ("保存期限已满", "kept long enough"),
    ("ground", Ground.UNLAWFUL): ("违法处理", "unlawfully kept"),
    ("finding", Finding.SHORTER): ("日志比检查点短", "the log is shorter than the checkpoint"),
    ("finding", Finding.OTHER_EVENTS): ("日志与检查点不符", "the log begins with other events"),
    ("finding", Finding.OTHER_LOG): ("检查点属于另一日志", "the checkpoint is of another log"),
    ("finding", Finding.OTHER_KEY): ("检查点由另一密钥签署", "the checkpoint was signed by another key"),
    ("finding", Finding.UNREADABLE): ("检查点无法读取", "the checkpoint can't be read"),
    ("to", Outside.DIRECTORY): ("目录", "the directory"),
    ("to", Outside.ENDPOINT): ("接口", "the endpoint"),
    ("reason", "dissatisfied at follow-up"): ("回访不满意", "not satisfied at follow-up"),
    ("level", Level.NOTICE): ("提醒", "notice"),
    ("level", Level.REMINDER): ("催办", "reminder"),
    ("level", Level.YELLOW_CARD): ("黄牌", "yellow card"),
    ("level", Level.RED_CARD): ("红牌", "red card"),
    ("level", Level.COMMANDER): ("指挥长", "commander"),
    ("level", Level.DISTRICT): ("区级", "district"),
    ("level", "courtyard"): ("院落", "courtyard"),
    ("level", "village"): ("村居", "village"),
    ("level", "town"): ("镇", "town"),
    ("kind", DisputeKind.FAMILY): ("婚姻家庭", "family"),
    ("kind", DisputeKind.NEIGHBOURS): ("邻里", "neighbours"),
    ("kind", DisputeKind.LAND): ("土地", "land"),
    ("kind", DisputeKind.HOUSING): ("房屋", "housing"),
    ("kind", DisputeKind.DEBT): ("债务", "debt"),
    ("kind", DisputeKind.LABOUR): ("劳动", "labour"),
    ("kind", DisputeKind.INJURY): ("损害赔偿", "injury"),
    ("kind", DisputeKind.OTHER): ("其他", "other"),
}
"""What a field says that is chosen from a few, or that the service has once written by itself, in English."""
TIMES: Final = frozenset({"handling", "since", "until", "promised_at"})
HEX: Final = 64
"""How long a root is as a digest holds it."""
MARKS: Final = frozenset({"major"})
"""Said only where they are so."""


def said(data: dict[str, Any], name_of: NameOf | None = None) -> Words:
    """Return what an event's fields say, in a row; empty where they say nothing."""
    if "command" in data:
        return attempt(data)
    if "refused" in data:
        return refused(data)
    parts = [
        tuple(
            f"{name} {value}" for name, value in zip(names, _called(field, data[field], name_of), strict=True)
        )
        for field, names in FIELDS.items()
        if _says(field, data.get(field))
    ]
    parts += [_value(field, data[field]) for field in ALONE if data.get(field)][:1]
    chinese, english = ([part[language] for part in parts] for language in (0, 1))
    return "，".join(chinese), ", ".join(english)


def _says(field: str, value: Any) -> bool:
    return bool(value) or (value is False and field not in MARKS)


def _called(field: str, value: Any, name_of: NameOf | None) -> Words:
    called = name_of(field, value) if name_of and isinstance(value, str) else None
    return (f"{called}（{value}）", f"{called} ({value})") if called else _value(field, value)


def _value(field: str, value: Any) -> Words:
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if field == "not_met":
        return f"{len(value)} 户", f"{len(value)} of the households"
    if isinstance(value, list | tuple):
        return "、".join(map(str, value)), ", ".join(map(str, value))
    if field == "sha256":
        root = in_base64(value) if len(value) == HEX else value
        return root, root
    if field in TIMES:
        due = value["due"] if isinstance(value, dict) else value
        at = local(datetime.fromisoformat(due))
        return at, at
    return CHOSEN.get((field, value), (str(value), str(value)))


def local(at: datetime) -> str:
    """Return a time as people read it."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
