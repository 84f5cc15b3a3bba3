"""Assignment: who in a town a task or case can be given to."""

from commands.context import Context
from dispatch.domain import codes
from dispatch.domain.refusal import NotNow, Unacceptable


class OutsideTown(Unacceptable):
    """An item stays within its town."""


class AssigneeNotInGrid(Unacceptable):
    """The assignee has no post in that grid."""


class AssigneeNotInTown(Unacceptable):
    """The assignee is no member of the town."""


class DepartmentUnknown(Unacceptable):
    """The town has no such department."""


class DepartmentIsClosed(NotNow):
    """That department was given up; nothing new goes to it."""


def require_same_town(place: str, other: str) -> None:
    """Refuse with `OutsideTown` unless both places lie in one town."""
    if codes.town_of(place) != codes.town_of(other):
        raise OutsideTown(place=other)


def require_posted(member: str, grid: str, context: Context) -> None:
    """Refuse with `AssigneeNotInGrid` unless the member has a post in the grid."""
    if grid not in context.town(grid).grids_of(member):
        raise AssigneeNotInGrid(assignee=member, grid=grid)


def require_member(member: str, place: str, context: Context) -> None:
    """Refuse with `AssigneeNotInTown` unless the person is a member of the town that `place` lies in."""
    if member not in context.town(place).members:
        raise AssigneeNotInTown(assignee=member)


def require_department(department: str, place: str, context: Context) -> None:
    """Refuse with `DepartmentUnknown` or `DepartmentIsClosed` unless the town has that department, open."""
    town = context.town(place)
    if department not in town.departments:
        raise DepartmentUnknown(department=department)
    if department in town.closed:
        raise DepartmentIsClosed(department=department)
