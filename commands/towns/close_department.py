"""Close a department: no case goes to it any more, those that it has stay until they are transferred."""

from commands.assignment import DepartmentUnknown
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from commands.towns.command import TownCommand, present
from dispatch.domain.towns import DepartmentClosed


class CloseDepartment(TownCommand, frozen=True, kw_only=True, tag="town.close_department"):
    """Give a department up, with a reason; opened again under its name it goes on."""

    department: str
    reason: str


def decide(command: CloseDepartment, context: Context) -> Decision:
    """Close it; closing it again is a no-op."""
    town = present(command, context)
    if command.department not in town.departments:
        raise DepartmentUnknown(department=command.department)
    reason = require_reason(command.reason)
    if command.department not in town.closed:
        yield DepartmentClosed(at=context.now, department=command.department, reason=reason)
