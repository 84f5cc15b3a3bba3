"""What the centre asks of the grids in which months, beside visits and patrols, which recur by plan."""

from collections.abc import Sequence
from typing import Final, NamedTuple

ALL_YEAR: Final = range(1, 13)
FLOOD_SEASON: Final = range(5, 10)
DRY_SEASON: Final = (1, 2, 3, 4, 11, 12)


class Kind(NamedTuple):
    """A kind of task; `{m}` and `{d}` in a title are the month and the day of its issue."""

    category: str
    titles: tuple[str, ...]
    months: Sequence[int] = ALL_YEAR
    weight: int = 10
    instructions: str = ""


INSPECTION: Final = Kind(
    "inspection",
    ("九小场所消防安全检查", "自建房安全排查", "燃气使用安全检查", "道路交通安全隐患排查", "食品经营户检查"),
    weight=16,
    instructions="对照清单逐项检查，隐患拍照留存。",
)
PUBLICITY: Final = Kind(
    "publicity",
    ("反诈宣传入户", "医保参保宣传", "移风易俗宣传", "禁毒宣传", "国家安全宣传", "法治宣传进院落"),
    weight=14,
)
STATISTICS: Final = Kind(
    "statistics",
    ("常住人口信息核对", "流动人口登记", "{m}月民生台账更新", "房屋信息采集", "困难群众台账核对"),
    weight=12,
)
ENVIRONMENT: Final = Kind(
    "environment", ("人居环境整治", "河道垃圾清理", "秸秆露天焚烧巡查", "院落卫生评比"), weight=10
)

SEASONAL: Final = (
    Kind("flood", ("汛期地质灾害点巡查", "强降雨转移避险排查", "山坪塘水库巡查"), FLOOD_SEASON, 20),
    Kind("drowning", ("防溺水重点水域巡查", "防溺水入户宣传"), range(5, 10), 12),
    Kind("heat", ("高温期间独居老人走访", "高温用电安全检查"), (7, 8), 8),
    Kind("fire", ("森林防火卡点值守", "清明祭扫防火巡查", "野外用火劝导"), (1, 2, 3, 4), 18),
    Kind("fire", ("冬春火灾防控排查", "烟花爆竹安全检查"), (1, 11, 12), 12),
    Kind("farming", ("春耕备耕情况统计", "耕地撂荒排查"), (2, 3, 4), 8),
    Kind("farming", ("秋收秋种进度统计", "冬季田间管理指导"), (9, 10, 11), 8),
    Kind("health", ("流感防控入户宣传", "适龄儿童疫苗接种通知"), (1, 2, 3, 11, 12), 8),
    Kind("insurance", ("城乡居民医保缴费动员", "养老保险待遇资格认证"), (9, 10, 11, 12), 12),
    Kind("students", ("返校学生交通安全提醒", "高考中考期间噪声巡查"), (2, 6, 8, 9), 8),
)
EVERYDAY: Final = (INSPECTION, PUBLICITY, STATISTICS, ENVIRONMENT)
KINDS: Final = EVERYDAY + SEASONAL

ON_DUTY: Final = (
    Kind("duty", ("节假日值班值守", "节日期间安全值守", "周末场镇秩序维护"), weight=10),
    Kind("flood", ("汛期值班地质灾害点巡查", "雨后山坪塘巡查"), FLOOD_SEASON, 10),
    Kind("fire", ("森林防火值班巡查", "祭扫点防火值守"), (1, 2, 3, 4), 10),
)
"""What is asked on days off, of those who are on duty."""
BY_THE_RIVER: Final = (
    Kind("flood", ("沿河低洼院落巡查", "临河建筑物安全检查", "水位观测记录"), FLOOD_SEASON, 10),
    Kind("environment", ("清漂保洁巡河", "禁渔巡查"), ALL_YEAR, 3),
)
IN_THE_WOODS: Final = (
    Kind("fire", ("林区入山卡点值守", "林下可燃物清理", "护林巡山"), DRY_SEASON, 10),
    Kind("environment", ("松材线虫病枯死木排查", "古树名木巡查"), ALL_YEAR, 3),
)
FOR_ONE: Final = (
    Kind("visit", ("信访人员回访", "刑满释放人员走访", "精神障碍患者随访", "残疾人需求走访"), weight=10),
    Kind("inspection", ("隐患整改复查", "危房住户核查", "养老机构安全检查"), weight=8),
    Kind("service", ("行动不便老人代办服务", "高龄补贴上门认证", "低保动态核查"), weight=8),
)
"""What one grid alone is asked."""


def in_season(kinds: Sequence[Kind], month: int) -> list[Kind]:
    """Return the kinds that are asked for in `month`."""
    return [kind for kind in kinds if month in kind.months]
