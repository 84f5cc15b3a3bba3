"""Post a member: the "1+3+N" of a grid, and the leader and the commander of the town."""

from commands.command import Decision
from commands.context import Context, GridIsClosed
from commands.towns.command import TownCommand, grid_of, present, require_member
from dispatch.domain.refusal import NotNow, Unacceptable
from dispatch.domain.towns import TOWN_POSTS, Duty, MemberPosted, Post, Posting, Town


class GridHasChief(NotNow):
    """A grid has one chief, and this one has another already."""


class DutyMissing(Unacceptable):
    """An auxiliary is there for something: name the duty."""


class DutyNotForPost(Unacceptable):
    """Only an auxiliary has a duty."""


class PostNotInGrid(Unacceptable):
    """Leader and commander are posts in the town."""


class PostMember(TownCommand, frozen=True, kw_only=True, tag="town.post_member"):
    """Give a member a post at `place`: a grid, or the town for leader and commander."""

    member: str
    place: str
    post: Post
    duty: Duty | None = None


def _check(command: PostMember, town: Town) -> None:
    if command.post is Post.AUXILIARY and command.duty is None:
        raise DutyMissing
    if command.post is not Post.AUXILIARY and command.duty is not None:
        raise DutyNotForPost(post=command.post)
    if command.post in TOWN_POSTS:
        if command.place != town.code:
            raise PostNotInGrid(post=command.post, place=command.place)
    elif grid_of(town, command.place).closed:
        raise GridIsClosed(grid=command.place)
    if command.post is Post.CHIEF and town.posted(command.place, Post.CHIEF):
        raise GridHasChief(grid=command.place)


def decide(command: PostMember, context: Context) -> Decision:
    """Post the member; posting twice is a no-op. One person may serve several grids."""
    town = present(command, context)
    require_member(town, command.member)
    if Posting(command.member, command.place, command.post, command.duty) in town.postings:
        return
    _check(command, town)
    yield MemberPosted(
        at=context.now, member=command.member, place=command.place, post=command.post, duty=command.duty
    )
