"""Revoke an account: it may do nothing from now on and its tokens are worth nothing."""

from commands.accounts.command import AccountCommand
from commands.command import Decision, On
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain import codes
from dispatch.domain.accounts import AccountRevoked
from dispatch.domain.powers import POWERS, PowerTaken


class RevokeAccount(AccountCommand, frozen=True, kw_only=True, tag="account.revoke"):
    """Revoke an account, with a reason."""

    reason: str


def decide(command: RevokeAccount, context: Context) -> Decision:
    """Revoke it; revoking it again is a no-op."""
    account = context.account(command.account)
    context.require_version(command.stream)
    reason = require_reason(command.reason)
    if account.revoked:
        return
    yield AccountRevoked(at=context.now, reason=reason)
    if account.member is not None and account.role in POWERS:
        town = codes.town_of(account.scope)
        taken = PowerTaken(at=context.now, town=town, member=account.member, account=account.account)
        yield On(f"powers:{town}", taken)
