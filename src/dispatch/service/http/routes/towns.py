"""Towns: their grids, members, posts and departments, for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, Field
from starlette.responses import Response

from commands.towns.boundary import require_boundary
from commands.towns.change_grid import ChangeGrid
from commands.towns.close_department import CloseDepartment
from commands.towns.close_grid import CloseGrid
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from commands.towns.leave_member import LeaveMember
from commands.towns.open_department import OpenDepartment
from commands.towns.post_member import PostMember
from commands.towns.rename import RenameTown
from commands.towns.rename_department import RenameDepartment
from commands.towns.rename_member import RenameMember
from commands.towns.unpost_member import UnpostMember
from dispatch.domain.towns import Duty, Post
from dispatch.service.http.answers import WRITES, Done
from dispatch.service.http.desk import AtDesk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.routes import API
from dispatch.service.http.text import Body, GridCode, MemberKey, PlaceCode, Reason, Title, TownCode

router = APIRouter(prefix=f"{API}/towns", tags=["towns"], responses=WRITES, route_class=JsonRoute)

Boundary = Annotated[
    dict[str, Any],
    AfterValidator(require_boundary),
    Field(
        description="A GeoJSON Polygon or MultiPolygon in WGS 84, without further members",
        examples=[
            {
                "type": "Polygon",
                "coordinates": [[[107.1, 29.8], [107.2, 29.8], [107.2, 29.9], [107.1, 29.8]]],
            }
        ],
    ),
]


class Name(Body):
    """What it is called from now on."""

    name: Annotated[Title, Field(examples=["万顺镇"])]


class Plan(Body):
    """A grid to draw."""

    code: Annotated[GridCode, Field(examples=["500115101001001"])]
    name: Annotated[Title, Field(examples=["万顺村第一网格"])]
    village: Annotated[Title, Field(examples=["万顺村"])]
    boundary: Boundary | None = None


class Draw(Body):
    """Grids to draw, all or nothing."""

    grids: Annotated[list[Plan], Field(min_length=1, max_length=500)]


class Change(Body):
    """What is true of the grid from now on; what is left out stays."""

    name: Title | None = None
    village: Title | None = None
    boundary: Boundary | None = None


class Close(Body):
    """Why."""

    reason: Reason


class Person(Body):
    """A person, under an id of your choice."""

    member: Annotated[MemberKey, Field(examples=["wang-fang"])]
    name: Annotated[Title, Field(examples=["王芳"])]


class Join(Body):
    """People who join, all or nothing."""

    members: Annotated[list[Person], Field(min_length=1, max_length=500)]


class Posting(Body):
    """A post at a grid, or in the town for leader and commander; an auxiliary has a duty."""

    place: PlaceCode
    post: Post
    duty: Duty | None = None


class Department(Body):
    """A department, under an id of your choice."""

    department: Annotated[MemberKey, Field(examples=["emergency-office"])]
    name: Annotated[Title, Field(examples=["应急管理办公室"])]


@router.put("/{town}", response_model=Done, summary="Found a town")
async def found(town: TownCode, body: Name, desk: AtDesk) -> Response:
    """Its command centre begins to work; founding it again under the same name changes nothing."""
    return await desk.carry_out(FoundTown(town=town, name=body.name))


@router.patch("/{town}", response_model=Done, summary="Rename a town")
async def rename(town: TownCode, body: Name, desk: AtDesk) -> Response:
    """The past keeps the name of then."""
    return await desk.carry_out(RenameTown(town=town, name=body.name))


@router.post("/{town}/grids", status_code=201, response_model=Done, summary="Draw grids")
async def draw(town: TownCode, body: Draw, desk: AtDesk) -> Response:
    """All of them or none."""
    grids = tuple(GridPlan(**plan.fields()) for plan in body.grids)
    return await desk.carry_out(DrawGrids(town=town, grids=grids), status=201)


@router.patch(
    "/{town}/grids/{grid}", response_model=Done, summary="Change a grid's name, village or boundary"
)
async def change(town: TownCode, grid: GridCode, body: Change, desk: AtDesk) -> Response:
    """The past keeps what was true then."""
    return await desk.carry_out(ChangeGrid(town=town, grid=grid, **body.fields()))


@router.post("/{town}/grids/{grid}/close", response_model=Done, summary="Give a grid up")
async def close(town: TownCode, grid: GridCode, body: Close, desk: AtDesk) -> Response:
    """Nothing new goes to it; what is open there goes on."""
    return await desk.carry_out(CloseGrid(town=town, grid=grid, reason=body.reason))


@router.post("/{town}/members", status_code=201, response_model=Done, summary="Let people join")
async def join(town: TownCode, body: Join, desk: AtDesk) -> Response:
    """All of them or none; one who has joined already under the same name changes nothing."""
    members = tuple(MemberPlan(member=one.member, name=one.name) for one in body.members)
    return await desk.carry_out(JoinMembers(town=town, members=members), status=201)


@router.patch("/{town}/members/{member}", response_model=Done, summary="Rename a member")
async def rename_member(town: TownCode, member: MemberKey, body: Name, desk: AtDesk) -> Response:
    """The same person, whose name was mistyped or has changed; another person joins under another id."""
    return await desk.carry_out(RenameMember(town=town, member=member, name=body.name))


@router.post("/{town}/members/{member}/leave", response_model=Done, summary="A member leaves")
async def leave(town: TownCode, member: MemberKey, body: Close, desk: AtDesk) -> Response:
    """All posts of the member become vacant. The reason stays in the log in clear: nothing private in it.

    Where notifications reached the member (`recipient:member:TOWN:ID`) is kept until it is erased.
    """
    return await desk.carry_out(LeaveMember(town=town, member=member, reason=body.reason))


@router.post("/{town}/members/{member}/posts", status_code=201, response_model=Done, summary="Give a post")
async def post(town: TownCode, member: MemberKey, body: Posting, desk: AtDesk) -> Response:
    """One person may have posts in several grids; a grid has one chief."""
    return await desk.carry_out(PostMember(town=town, member=member, **body.fields()), status=201)


@router.post("/{town}/members/{member}/posts/end", response_model=Done, summary="Take a post back")
async def unpost(town: TownCode, member: MemberKey, body: Posting, desk: AtDesk) -> Response:
    """The post is vacant from now on."""
    return await desk.carry_out(UnpostMember(town=town, member=member, **body.fields()))


@router.post("/{town}/departments", status_code=201, response_model=Done, summary="Open a department")
async def open_department(town: TownCode, body: Department, desk: AtDesk) -> Response:
    """Cases can be dispatched to it; one that was closed is opened again under its id and name."""
    return await desk.carry_out(OpenDepartment(town=town, **body.fields()), status=201)


@router.patch("/{town}/departments/{department}", response_model=Done, summary="Rename a department")
async def rename_department(town: TownCode, department: MemberKey, body: Name, desk: AtDesk) -> Response:
    """Its id stays, and the past keeps the name of then."""
    return await desk.carry_out(RenameDepartment(town=town, department=department, name=body.name))


@router.post("/{town}/departments/{department}/close", response_model=Done, summary="Give a department up")
async def close_department(town: TownCode, department: MemberKey, body: Close, desk: AtDesk) -> Response:
    """No case goes to it any more; those that it has stay with it until they are transferred."""
    return await desk.carry_out(CloseDepartment(town=town, department=department, reason=body.reason))
