"""Wanshun Town as the demonstration has it: grids, departments and "1+3+N" staffing, all names made up."""

import random
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from dispatch.demo.boundaries import polygon
from dispatch.domain.accounts import Role
from dispatch.domain.towns import Duty, Post

CODE: Final = "500115101"
"""Made up: the digits behind the county are not the real town's."""
NAME: Final = "万顺镇"

DEPARTMENTS: Final = {
    "emergency": "应急管理岗",
    "construction": "规划建设管理环保办公室",
    "civil-affairs": "民政和社会事务办公室",
    "governance": "平安法治办公室",
    "enforcement": "综合行政执法大队",
    "agriculture": "农业服务中心",
    "water": "水利管理站",
    "police": "派出所",
    "justice": "司法所",
    "health": "卫生院",
}


class GridPlan(NamedTuple):
    """One grid: its 15-digit code, its name, its village or community and how many legal guides that has."""

    code: str
    name: str
    village: str
    guides: int


_VILLAGES: Final = (
    ("001", "万顺社区", 5),
    ("201", "白鹤村", 4),
    ("202", "双龙井村", 4),
    ("203", "青竹村", 5),
    ("204", "石坝村", 4),
    ("205", "桂花村", 5),
    ("206", "黄桷村", 4),
    ("207", "大田湾村", 4),
    ("208", "龙洞村", 5),
)
GRIDS: Final = tuple(
    GridPlan(f"{CODE}{digits}001", f"{village}网格", village, guides) for digits, village, guides in _VILLAGES
)
FLOOD_PRONE: Final = (0, 2, 4, 7, 8)
"""The grids along the river, by number."""
FORESTED: Final = (1, 3, 5, 6, 8)
"""The grids with woods, by number."""


class Posted(NamedTuple):
    """A post of a member: in the grid of that code, or in the town."""

    place: str
    post: Post
    duty: Duty | None = None


class Person(NamedTuple):
    """A member of the town's staff or auxiliaries; `signs_in` if there is an account for them."""

    member: str
    name: str
    posts: tuple[Posted, ...]
    signs_in: bool


class Desk(NamedTuple):
    """An account of the centre, with no member behind it."""

    account: str
    name: str
    role: Role


DESKS: Final = (
    Desk("duty-1", "值班员一席", Role.OPERATOR),
    Desk("duty-2", "值班员二席", Role.OPERATOR),
    Desk("duty-3", "值班员三席", Role.OPERATOR),
    Desk("supervisor", "值班领导", Role.SUPERVISOR),
    Desk("auditor", "审计员", Role.AUDITOR),
)
OPERATORS: Final = tuple(desk.account for desk in DESKS if desk.role is Role.OPERATOR)
ADMINISTRATOR: Final = Desk("administrator", "系统管理员", Role.ADMINISTRATOR)

MEDIATORS: Final = 2
"""院落长 in each grid."""
PATROLLERS: Final = 3
"""Members of each patrol team "1+X" beside its leader."""

_SURNAMES: Final = (
    "王李张刘陈杨黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖"
    "龚文"
)
_GIVEN: Final = (
    "明华建国秀英伟芳军丽强敏静磊洋勇艳杰娟涛霞平刚桂兰辉玲红斌波燕飞鹏梅琴云莉春晓东海燕志文永福德才"
    "世荣光成忠义家兴长久天佑小虎开元定邦昌全启贵清泉素珍淑仁朝阳"
)


def _names() -> Iterator[str]:
    """Give made-up names, each once."""
    chance = random.Random("the people of the demonstration")  # noqa: S311 - made-up names
    given: set[str] = set()
    while True:
        name = chance.choice(_SURNAMES) + "".join(chance.sample(_GIVEN, chance.choice((1, 2, 2))))
        if name not in given:
            given.add(name)
            yield name


def _staff_of(number: int, grid: GridPlan) -> Iterator[tuple[str, Posted, bool]]:
    """Give the id, the post and whether they sign in, for everyone who belongs to one grid alone."""
    n = number + 1
    yield f"chief-{n}", Posted(grid.code, Post.CHIEF), True
    yield f"part-time-{n}", Posted(grid.code, Post.PART_TIME), True
    yield f"instructor-{n}", Posted(grid.code, Post.INSTRUCTOR), True
    for i in range(1, MEDIATORS + 1):
        yield f"mediator-{n}-{i}", Posted(grid.code, Post.AUXILIARY, Duty.MEDIATOR), True
    yield f"patrol-{n}", Posted(grid.code, Post.AUXILIARY, Duty.PATROL), True
    for i in range(1, PATROLLERS + 1):
        yield f"patrol-{n}-{i}", Posted(grid.code, Post.AUXILIARY, Duty.PATROL), False
    for i in range(1, grid.guides + 1):
        yield f"legal-guide-{n}-{i}", Posted(grid.code, Post.AUXILIARY, Duty.LEGAL_GUIDE), False


@cache
def people() -> tuple[Person, ...]:
    """Return everyone, by name and post; the one full-time worker serves all nine grids."""
    names = _names()
    everywhere = tuple(Posted(grid.code, Post.FULL_TIME) for grid in GRIDS)
    found = [
        Person("commander", next(names), (Posted(CODE, Post.COMMANDER),), signs_in=False),
        Person("leader", next(names), (Posted(CODE, Post.LEADER),), signs_in=False),
        Person("full-time-1", next(names), everywhere, signs_in=True),
    ]
    for number, grid in enumerate(GRIDS):
        found += [
            Person(member, next(names), (posted,), signs_in)
            for member, posted, signs_in in _staff_of(number, grid)
        ]
    return tuple(found)


def boundary(number: int) -> dict[str, Any]:
    """Return the GeoJSON boundary of grid `number`."""
    return polygon(number)
