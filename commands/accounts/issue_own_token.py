"""Issue a token for the own account: for a program that acts in the owner's name and role."""

from commands.accounts.command import own
from commands.accounts.issue_token import IssueToken, issued
from commands.command import Decision
from commands.context import Context


class IssueOwnToken(IssueToken, frozen=True, kw_only=True, tag="account.issue_own_token"):
    """Issue the token of id `token`, which the service makes for who has proved once more who he is."""


def decide(command: IssueOwnToken, context: Context) -> Decision:
    """Issue it; the same one again is a no-op."""
    yield from issued(command, own(command, context), context, by=None)
