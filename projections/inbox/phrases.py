"""How a notification is put, in Chinese and in English: one line, without what is personal."""

from typing import Final

from dispatch.domain.ladder import Level
from dispatch.domain.modes import Grade
from dispatch.domain.rhythm import SHANGHAI
from projections.inbox.row import NoticeRow
from projections.questions.words import WORDS

LEVELS: Final[dict[Level, tuple[str, str]]] = {
    Level.NOTICE: ("期限提醒", "Notice: half of the time is used"),
    Level.REMINDER: ("催办", "Reminder: the deadline is near"),
    Level.YELLOW_CARD: ("黄牌督办", "Yellow card: overdue"),
    Level.RED_CARD: ("红牌督办", "Red card: long overdue"),
    Level.COMMANDER: ("提请指挥长督办", "Escalated to the commander"),
    Level.DISTRICT: ("提请区级督办", "Escalated to the district"),
}
GRADES: Final[dict[Grade, tuple[str, str]]] = {
    Grade.BLUE: ("Ⅳ级（蓝）", "Ⅳ (blue)"),
    Grade.YELLOW: ("Ⅲ级（黄）", "Ⅲ (yellow)"),
    Grade.ORANGE: ("Ⅱ级（橙）", "Ⅱ (orange)"),
    Grade.RED: ("Ⅰ级（红）", "Ⅰ (red)"),
}
"""As the pages write them (`severity` in web/src/shared/i18n/shared.ts)."""
PHRASES: Final[dict[str, tuple[str, str]]] = {
    "account.added": ("开设账号", "Account added"),
    "account.identity_unlinked": (
        "账号的统一身份关联被他人解除",
        "Somebody else unlinked the provider's identity of an account",
    ),
    "account.password_set": ("账号的密码被他人设置", "Somebody else set the password of an account"),
    "account.second_factor_removed": (
        "账号的双重验证被他人停用",
        "Somebody else removed the second factor of an account",
    ),
    "account.token_issued": ("为账号签发了令牌", "A token was issued for an account"),
    "recipient.channels_set": (
        "通知渠道被他人更改",
        "Channels of notifications changed by somebody else",
    ),
    "checkpoint.refused": (
        "检查点拒签，日志与此前签署的不相接（可能被回退或改动）",
        "The log is signed no more, it doesn't go on from what was signed (put back, or changed)",
    ),
    "checkpoint.resumed": ("日志恢复签署", "The log is signed again"),
    "checkpoint.undelivered": (
        "检查点未能送出，外部留存中断",
        "Checkpoints are not delivered, none is kept outside",
    ),
    "checkpoint.delivered": ("检查点恢复送出", "Checkpoints are delivered again"),
    "task.issued": ("新任务", "New task"),
    "task.transferred": ("任务转办", "Task transferred"),
    "task.returned": ("任务退回，请返工", "Task returned for rework"),
    "task.declined": ("任务被退单", "Task declined"),
    "task.cancelled": ("任务已撤销", "Task cancelled"),
    "task.instructed": ("领导批示", "A leader's instruction"),
    "case.reported": ("新上报事件", "New case reported"),
    "case.dispatched": ("事件派遣", "Case dispatched to you"),
    "case.handed_down": ("事件交办", "Case handed down to you"),
    "case.transferred": ("事件转办", "Case transferred"),
    "case.declined": ("事件被退单", "Case declined"),
    "case.handed_up": ("事件提级", "Case handed up"),
    "case.check_started": ("请核查", "Case to be checked"),
    "case.instructed": ("领导批示", "A leader's instruction"),
    "case.closed": ("您上报的事件已结案", "The case that you reported is closed"),
    "case.outcome_told": (
        "您上报的事件（已并案）有了结果",
        "The case that yours was merged into is closed",
    ),
    "case.refused": ("您上报的事件不予受理", "The case that you reported was refused"),
    "case.not_registered": ("您上报的事件不予立案", "The case that you reported was not registered"),
    "case.voided": ("您上报的事件已作废", "The case that you reported was voided"),
    "case.merged": ("事件已并案", "Case merged into another"),
    "dispute.assigned": ("请调解纠纷", "Dispute to be mediated"),
    "dispute.struck_off": ("您上报的纠纷已销号", "The dispute that you reported is struck off"),
}
"""By the event's permanent name, where what one is told differs from what the timeline says."""


ADDRESSES_ERASED: Final = (
    "通知渠道的地址已永久删除，不再发送，也不能再设置",
    "Addresses of notifications erased for ever: nothing is sent there, and none can be set again",
)


def phrase(name: str, level: Level | None) -> tuple[str, str]:
    """Return what an event is called for whom it is told to."""
    if level is not None:
        return LEVELS[level]
    return PHRASES.get(name) or WORDS[name]


def put(row: NoticeRow) -> tuple[str, str]:
    """Return a notification's line in Chinese and in English; the deadline is told on Shanghai's clock."""
    zh, en = ADDRESSES_ERASED if row.erased else phrase(row.name, row.level)
    if row.name.startswith(("account.", "recipient.")) and row.by is not None:
        return f"{zh}：{row.title}（办理人 {row.by}）", f"{en}: {row.title} (by {row.by})"
    if row.grade is not None:
        grade = GRADES[row.grade]
        return f"{zh}：{row.title}，{grade[0]}", f"{en}: {row.title}, {grade[1]}"
    if row.due_at is None:
        return f"{zh}：{row.title}", f"{en}: {row.title}"
    by = row.due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return f"{zh}：{row.title}（期限 {by}）", f"{en}: {row.title} (due {by})"
