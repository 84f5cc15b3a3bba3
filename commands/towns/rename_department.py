"""Rename a department: its name from now on."""

from commands.assignment import require_department
from commands.command import Decision
from commands.context import Context
from commands.towns.command import TownCommand, present, require_name
from dispatch.domain.towns import DepartmentRenamed


class RenameDepartment(TownCommand, frozen=True, kw_only=True, tag="town.rename_department"):
    """Give a department another name; its id, and the cases that it has, stay."""

    department: str
    name: str


def decide(command: RenameDepartment, context: Context) -> Decision:
    """Rename an open department; the name that it has already is a no-op."""
    town = present(command, context)
    require_department(command.department, town.code, context)
    name = require_name(command.name)
    if name != town.departments[command.department]:
        yield DepartmentRenamed(at=context.now, department=command.department, name=name)
