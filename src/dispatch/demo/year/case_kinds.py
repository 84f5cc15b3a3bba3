"""What the grids report: categories, titles, seasons, and who puts it right."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from dispatch.demo.year.task_kinds import ALL_YEAR, FLOOD_SEASON


class CaseKind(NamedTuple):
    """A kind of daily case; `department` is who handles it where the grid does not."""

    category: str
    titles: tuple[str, ...]
    department: str
    severities: tuple[str, ...] = ("3", "4")
    months: Sequence[int] = ALL_YEAR
    weight: int = 10


KINDS: Final = (
    CaseKind(
        "environment",
        ("村道旁垃圾堆放", "河道漂浮物聚集", "院落污水外溢", "秸秆露天焚烧", "建筑垃圾偷倒"),
        "construction",
        weight=26,
    ),
    CaseKind(
        "safety",
        ("电线老化裸露", "自建房墙体开裂", "液化气瓶违规存放", "边坡碎石滚落", "井盖缺失"),
        "emergency",
        ("1", "2"),
        weight=16,
    ),
    CaseKind(
        "facilities", ("路灯不亮", "护栏损坏", "便民桥栏杆松动", "饮水管道漏水"), "construction", weight=20
    ),
    CaseKind("traffic", ("弯道视线遮挡", "农用车违规载人", "占道经营影响通行"), "enforcement", weight=12),
    CaseKind("order", ("无证流动摊贩", "噪声扰民", "犬只未拴绳", "赌博线索"), "police", weight=12),
    CaseKind("flood", ("山坪塘漏水", "排水沟堵塞", "低洼院落积水"), "water", ("2", "3"), FLOOD_SEASON, 18),
    CaseKind("fire", ("林区违规用火", "消防通道被占"), "emergency", ("1", "2"), (1, 2, 3, 4, 11, 12), 12),
    CaseKind("farming", ("病死畜禽弃置", "耕地撂荒", "农药包装乱扔"), "agriculture", weight=8),
    CaseKind("health", ("疑似食物中毒线索", "无证行医线索"), "health", ("2",), weight=3),
)
"""None of these is a dispute, a permit or a request, which have figures of their own."""

NOTES: Final = (
    "已清理完毕",
    "已修复，恢复正常",
    "已现场劝导并整改",
    "已更换，复查合格",
    "已联系产权单位处理",
)
ON_THE_SPOT: Final = ("现场清理完毕", "现场劝导，当事人已改正", "顺手修好", "已当场拆除")
REWORK: Final = ("仍有残留，请继续清理", "整改不彻底", "复查发现松动，请加固")
