"""The rules of towns: grids, members, posts, departments."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from commands.assignment import DepartmentIsClosed, DepartmentUnknown
from commands.context import GridIsClosed, GridUnknown, TownUnknown
from commands.moments import MomentUnacceptable
from commands.reasons import ReasonMissing
from commands.towns.boundary import BoundaryMalformed
from commands.towns.change_grid import ChangeGrid
from commands.towns.close_department import CloseDepartment
from commands.towns.close_grid import CloseGrid
from commands.towns.command import MemberUnknown, NameMissing
from commands.towns.draw_grids import (
    DrawGrids,
    GridAlreadyDrawn,
    GridOutsideTown,
    GridPlan,
    NoGridNamed,
)
from commands.towns.found import FoundTown, TownAlreadyFounded
from commands.towns.join_members import JoinMembers, MemberAlreadyJoined, MemberIdTaken, MemberPlan
from commands.towns.leave_member import LeaveMember
from commands.towns.open_department import DepartmentAlreadyOpen, OpenDepartment
from commands.towns.post_member import (
    DutyMissing,
    DutyNotForPost,
    GridHasChief,
    PostMember,
    PostNotInGrid,
)
from commands.towns.rename import RenameTown
from commands.towns.rename_department import RenameDepartment
from commands.towns.rename_member import RenameMember
from commands.towns.unpost_member import MemberNotPosted, UnpostMember
from dispatch.domain.codes import CodeMalformed
from dispatch.domain.refusal import RoleNotAllowed
from dispatch.domain.towns import Duty, GridDrawn, MemberLeft, Post, Town
from dispatch.domain.working_time import TimeWithoutZone
from tests.unit.commands.scenario import (
    GRID,
    GRID_ELSEWHERE,
    MONDAY,
    OTHER_GRID,
    SERVICE,
    TOWN,
    Scenario,
    kinds,
)

ADMIN = "administrator"
SQUARE = {"type": "Polygon", "coordinates": [[[107.0, 29.8], [107.1, 29.8], [107.1, 29.9], [107.0, 29.8]]]}


def plan(code: str = TOWN + "003001", **fields: Any) -> GridPlan:
    return GridPlan(**{"code": code, "name": "新网格", "village": "新村", **fields})


def town(scenario: Scenario) -> Town:
    state = scenario.states[f"town:{TOWN}"].state
    assert isinstance(state, Town)
    return state


def test_a_town_is_founded_once() -> None:
    scenario = Scenario(empty=True)
    assert kinds(scenario.when(FoundTown(town=TOWN, name="万顺镇"), ADMIN)) == ["town.founded"]
    assert scenario.when(FoundTown(town=TOWN, name="万顺镇"), ADMIN) == []
    scenario.refused(TownAlreadyFounded, FoundTown(town=TOWN, name="千顺镇"), ADMIN)


def test_a_town_has_nine_digits_and_a_name() -> None:
    scenario = Scenario(empty=True)
    scenario.refused(CodeMalformed, FoundTown(town="500115", name="长寿区"), SERVICE)
    scenario.refused(NameMissing, FoundTown(town=TOWN, name=" "), ADMIN)


def test_a_town_may_be_founded_as_of_an_earlier_day_and_not_a_later_one() -> None:
    scenario = Scenario(empty=True)
    later = MONDAY + timedelta(days=1)
    scenario.refused(MomentUnacceptable, FoundTown(town=TOWN, name="万顺镇", since=later), ADMIN)
    naive = later.replace(tzinfo=None)
    scenario.refused(TimeWithoutZone, FoundTown(town=TOWN, name="万顺镇", since=naive), ADMIN)
    since = datetime(2023, 1, 1, tzinfo=UTC)
    [founded] = scenario.when(FoundTown(town=TOWN, name="万顺镇", since=since), ADMIN)
    assert founded.at == since


def test_grids_are_drawn_several_at_once() -> None:
    scenario = Scenario()
    plans = (plan(TOWN + "003001", boundary=SQUARE), plan(TOWN + "003002"))
    assert kinds(scenario.when(DrawGrids(town=TOWN, grids=plans), ADMIN)) == ["grid.drawn", "grid.drawn"]
    assert town(scenario).grids[TOWN + "003001"].boundary == SQUARE


def test_grids_are_drawn_all_or_none() -> None:
    scenario = Scenario()
    plans = (plan(), plan(GRID))
    scenario.refused(GridAlreadyDrawn, DrawGrids(town=TOWN, grids=plans), ADMIN)
    scenario.refused(GridAlreadyDrawn, DrawGrids(town=TOWN, grids=(plan(), plan())), ADMIN)
    scenario.refused(NoGridNamed, DrawGrids(town=TOWN, grids=()), ADMIN)


def test_a_grid_lies_in_its_town() -> None:
    scenario = Scenario()
    scenario.refused(GridOutsideTown, DrawGrids(town=TOWN, grids=(plan(GRID_ELSEWHERE),)), ADMIN)
    scenario.refused(CodeMalformed, DrawGrids(town=TOWN, grids=(plan(TOWN + "003"),)), ADMIN)
    scenario.refused(TownUnknown, DrawGrids(town="500115999", grids=(plan("500115999001001"),)), SERVICE)


@pytest.mark.parametrize(
    "boundary",
    [
        {},
        {"type": "Point", "coordinates": [107.0, 29.8]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[107, 29], [108, 29], [107, 29]]]},
        {"type": "Polygon", "coordinates": [[[107, 29], [108, 29], [108, 30], [107, 30]]]},
        {"type": "Polygon", "coordinates": [[[207, 29], [108, 29], [108, 30], [207, 29]]]},
        {"type": "Polygon", "coordinates": [[[107, "29"], [108, 29], [108, 30], [107, "29"]]]},
        {"type": "Polygon", "coordinates": [[[float("nan"), 29], [108, 29], [108, 30], [107, 29]]]},
        {"type": "Polygon", "coordinates": [[[10**400, 29], [108, 29], [108, 30], [10**400, 29]]]},
        {"type": "MultiPolygon", "coordinates": SQUARE["coordinates"]},
        {"type": ["Polygon"], "coordinates": 5},
    ],
)
def test_a_boundary_is_a_polygon_on_the_globe(boundary: dict[str, Any]) -> None:
    scenario = Scenario()
    scenario.refused(BoundaryMalformed, DrawGrids(town=TOWN, grids=(plan(boundary=boundary),)), ADMIN)


def test_a_grid_drawn_with_several_polygons_is_accepted() -> None:
    boundary = {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"], SQUARE["coordinates"]]}
    [drawn] = Scenario().when(DrawGrids(town=TOWN, grids=(plan(boundary=boundary),)), ADMIN)
    assert isinstance(drawn, GridDrawn)


def test_a_grid_changes_in_what_is_named_only() -> None:
    scenario = Scenario()
    scenario.when(ChangeGrid(town=TOWN, grid=GRID, name="第一大网格"), ADMIN)
    grid = town(scenario).grids[GRID]
    assert (grid.name, grid.village) == ("第一大网格", "院子村")
    assert scenario.when(ChangeGrid(town=TOWN, grid=GRID, village="院子村"), ADMIN) == []
    scenario.refused(GridUnknown, ChangeGrid(town=TOWN, grid=TOWN + "009001", name="无"), ADMIN)


def test_a_closed_grid_takes_nothing_new() -> None:
    scenario = Scenario()
    scenario.refused(ReasonMissing, CloseGrid(town=TOWN, grid=GRID, reason=" "), ADMIN)
    assert kinds(scenario.when(CloseGrid(town=TOWN, grid=GRID, reason="合并"), ADMIN)) == ["grid.closed"]
    assert scenario.when(CloseGrid(town=TOWN, grid=GRID, reason="合并"), ADMIN) == []
    scenario.refused(GridIsClosed, ChangeGrid(town=TOWN, grid=GRID, name="无"), ADMIN)
    post = PostMember(town=TOWN, member="member-zhao", place=GRID, post=Post.PART_TIME)
    scenario.refused(GridIsClosed, post, ADMIN)


def test_departments_open_once() -> None:
    scenario = Scenario()
    assert scenario.when(OpenDepartment(town=TOWN, department="housing", name="建管办"), ADMIN) == []
    scenario.refused(
        DepartmentAlreadyOpen, OpenDepartment(town=TOWN, department="housing", name="民政办"), ADMIN
    )
    opened = scenario.when(OpenDepartment(town=TOWN, department="civil", name="民政办"), ADMIN)
    assert kinds(opened) == ["department.opened"]


def test_a_town_has_another_name_from_now_on() -> None:
    scenario = Scenario()
    assert scenario.when(RenameTown(town=TOWN, name="万顺镇"), ADMIN) == []
    scenario.refused(NameMissing, RenameTown(town=TOWN, name=" "), ADMIN)
    assert kinds(scenario.when(RenameTown(town=TOWN, name="千顺镇"), ADMIN)) == ["town.renamed"]
    assert town(scenario).name == "千顺镇"
    scenario.refused(TownAlreadyFounded, FoundTown(town=TOWN, name="万顺镇"), ADMIN)
    scenario.refused(RoleNotAllowed, RenameTown(town=TOWN, name="万顺镇"), "operator")


def test_a_department_is_renamed_closed_and_opened_again() -> None:
    scenario = Scenario()

    def closing(department: str = "housing", reason: str = "机构改革") -> CloseDepartment:
        return CloseDepartment(town=TOWN, department=department, reason=reason)

    def renaming(name: str, department: str = "housing") -> RenameDepartment:
        return RenameDepartment(town=TOWN, department=department, name=name)

    assert scenario.when(renaming("建管办"), ADMIN) == []
    assert kinds(scenario.when(renaming("规划建设办"), ADMIN)) == ["department.renamed"]
    assert town(scenario).departments["housing"] == "规划建设办"
    scenario.refused(NameMissing, renaming(" "), ADMIN)
    for unknown in (renaming("民政办", "civil"), closing("civil")):
        scenario.refused(DepartmentUnknown, unknown, ADMIN)
    scenario.refused(ReasonMissing, closing(reason=" "), ADMIN)
    assert kinds(scenario.when(closing(), ADMIN)) == ["department.closed"]
    assert scenario.when(closing(), ADMIN) == []
    scenario.refused(DepartmentIsClosed, renaming("建管办"), ADMIN)
    opening = OpenDepartment(town=TOWN, department="housing", name="规划建设办")
    scenario.refused(DepartmentAlreadyOpen, replace(opening, name="建管办"), ADMIN)
    assert kinds(scenario.when(opening, ADMIN)) == ["department.opened"]
    assert scenario.when(opening, ADMIN) == []


def test_a_member_is_renamed_and_stays_the_same_person() -> None:
    scenario = Scenario()
    renaming = RenameMember(town=TOWN, member="member-zhao", name="赵小敏")
    assert kinds(scenario.when(renaming, ADMIN)) == ["member.renamed"]
    assert scenario.when(renaming, ADMIN) == []
    assert town(scenario).members["member-zhao"] == "赵小敏"
    scenario.refused(NameMissing, replace(renaming, name=" "), ADMIN)
    scenario.refused(MemberUnknown, replace(renaming, member="stranger"), ADMIN)
    scenario.when(LeaveMember(town=TOWN, member="member-zhao", reason="调离"), ADMIN)
    scenario.refused(MemberUnknown, renaming, ADMIN)
    back = (MemberPlan(member="member-zhao", name="赵小敏"),)
    assert kinds(scenario.when(JoinMembers(town=TOWN, members=back), ADMIN)) == ["member.joined"]


def test_members_join_once() -> None:
    scenario = Scenario()
    plans = (MemberPlan(member="member-li", name="li"), MemberPlan(member="new", name="新人"))
    assert kinds(scenario.when(JoinMembers(town=TOWN, members=plans), ADMIN)) == ["member.joined"]
    other = (MemberPlan(member="new", name="别人"),)
    scenario.refused(MemberAlreadyJoined, JoinMembers(town=TOWN, members=other), ADMIN)


def test_a_grid_has_one_chief() -> None:
    scenario = Scenario()
    post = PostMember(town=TOWN, member="member-wang", place=GRID, post=Post.CHIEF)
    scenario.refused(GridHasChief, post, ADMIN)
    scenario.when(UnpostMember(town=TOWN, member="member-li", place=GRID, post=Post.CHIEF), ADMIN)
    assert kinds(scenario.when(post, ADMIN)) == ["member.posted"]


def test_one_person_may_serve_several_grids() -> None:
    scenario = Scenario()
    for grid in (GRID, OTHER_GRID):
        scenario.when(PostMember(town=TOWN, member="member-wang", place=grid, post=Post.FULL_TIME), ADMIN)
    assert town(scenario).grids_of("member-wang") == {GRID, OTHER_GRID}


def test_posting_twice_is_a_no_op() -> None:
    post = PostMember(town=TOWN, member="member-li", place=GRID, post=Post.CHIEF)
    assert Scenario().when(post, ADMIN) == []


def test_leader_and_commander_are_posts_in_the_town() -> None:
    scenario = Scenario()
    in_grid = PostMember(town=TOWN, member="member-li", place=GRID, post=Post.LEADER)
    scenario.refused(PostNotInGrid, in_grid, ADMIN)
    in_town = PostMember(town=TOWN, member="member-li", place=TOWN, post=Post.CHIEF)
    scenario.refused(GridUnknown, in_town, ADMIN)
    leader = PostMember(town=TOWN, member="member-li", place=TOWN, post=Post.LEADER)
    assert kinds(scenario.when(leader, ADMIN)) == ["member.posted"]


def test_an_auxiliary_has_a_duty_and_nobody_else() -> None:
    scenario = Scenario()
    without = PostMember(town=TOWN, member="member-li", place=GRID, post=Post.AUXILIARY)
    scenario.refused(DutyMissing, without, ADMIN)
    chief = PostMember(town=TOWN, member="member-li", place=GRID, post=Post.INSTRUCTOR, duty=Duty.PATROL)
    scenario.refused(DutyNotForPost, chief, ADMIN)


def test_only_members_are_posted_and_only_posts_are_given_up() -> None:
    scenario = Scenario()
    stranger = PostMember(town=TOWN, member="stranger", place=GRID, post=Post.PART_TIME)
    scenario.refused(MemberUnknown, stranger, ADMIN)
    unpost = UnpostMember(town=TOWN, member="member-li", place=GRID, post=Post.PART_TIME)
    scenario.refused(MemberNotPosted, unpost, ADMIN)


def test_who_leaves_leaves_every_post() -> None:
    scenario = Scenario()
    [left] = scenario.when(LeaveMember(town=TOWN, member="member-zhao", reason="调离"), ADMIN)
    assert isinstance(left, MemberLeft)
    assert town(scenario).grids_of("member-zhao") == frozenset()
    scenario.refused(MemberUnknown, LeaveMember(town=TOWN, member="member-zhao", reason="调离"), ADMIN)


def test_the_id_of_who_left_is_his_for_ever() -> None:
    scenario = Scenario()
    name = town(scenario).members["member-zhao"]
    scenario.when(LeaveMember(town=TOWN, member="member-zhao", reason="调离"), ADMIN)

    def joining(name: str) -> JoinMembers:
        return JoinMembers(town=TOWN, members=(MemberPlan(member="member-zhao", name=name),))

    scenario.refused(MemberIdTaken, joining("另一人"), ADMIN)
    assert kinds(scenario.when(joining(name), ADMIN)) == ["member.joined"]
    assert town(scenario).members["member-zhao"] == name
    scenario.when(LeaveMember(town=TOWN, member="member-zhao", reason="退休"), ADMIN)
    scenario.refused(MemberIdTaken, joining("另一人"), ADMIN)
