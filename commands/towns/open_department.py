"""Open a department: it can be given cases from now on."""

from commands.command import Decision
from commands.context import Context
from commands.towns.command import NameMissing, TownCommand, present, require_name
from dispatch.domain.refusal import NotNow
from dispatch.domain.towns import DepartmentOpened


class DepartmentAlreadyOpen(NotNow):
    """A department of that id was opened already, under another name."""


class OpenDepartment(TownCommand, frozen=True, kw_only=True, tag="town.open_department"):
    """Open a department of the town under an id of the administrator's choice."""

    department: str
    name: str


def decide(command: OpenDepartment, context: Context) -> Decision:
    """Open it; opening it again under the same name is a no-op, unless it was closed meanwhile."""
    town = present(command, context)
    name = require_name(command.name)
    if not command.department.strip():
        raise NameMissing
    known = town.departments.get(command.department)
    if known is None or (known == name and command.department in town.closed):
        yield DepartmentOpened(at=context.now, department=command.department, name=name)
    elif known != name:
        raise DepartmentAlreadyOpen(department=command.department, name=known)
