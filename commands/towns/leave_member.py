"""Leave: a member is no longer part of the staff, and all the member's posts are vacant."""

from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from commands.towns.command import TownCommand, present, require_member
from dispatch.domain.towns import MemberLeft


class LeaveMember(TownCommand, frozen=True, kw_only=True, tag="town.leave_member"):
    """Record that a member left, and why."""

    member: str
    reason: str


def decide(command: LeaveMember, context: Context) -> Decision:
    """Let the member go; what was assigned to the member stays so until it is transferred."""
    town = present(command, context)
    require_member(town, command.member)
    yield MemberLeft(at=context.now, member=command.member, reason=require_reason(command.reason))
