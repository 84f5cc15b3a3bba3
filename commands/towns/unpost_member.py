"""Unpost a member: a post is vacant from now on."""

from commands.command import Decision
from commands.context import Context
from commands.towns.command import TownCommand, present, require_member
from dispatch.domain.refusal import NotNow
from dispatch.domain.towns import Duty, MemberUnposted, Post, Posting


class MemberNotPosted(NotNow):
    """That person does not have that post."""


class UnpostMember(TownCommand, frozen=True, kw_only=True, tag="town.unpost_member"):
    """Take a post back from a member."""

    member: str
    place: str
    post: Post
    duty: Duty | None = None


def decide(command: UnpostMember, context: Context) -> Decision:
    """Unpost whoever has the post."""
    town = present(command, context)
    require_member(town, command.member)
    if Posting(command.member, command.place, command.post, command.duty) not in town.postings:
        raise MemberNotPosted(member=command.member, place=command.place, post=command.post)
    yield MemberUnposted(
        at=context.now, member=command.member, place=command.place, post=command.post, duty=command.duty
    )
