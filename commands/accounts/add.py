"""Add an account: who may sign in, in which role and for which places."""

import re
from collections.abc import Iterator
from typing import Final

from commands.accounts.command import AccountCommand
from commands.command import Decision, On
from commands.context import SYSTEM, Context
from commands.towns.command import require_member, require_name
from dispatch.domain import codes
from dispatch.domain.accounts import AccountAdded, Role
from dispatch.domain.powers import POWERS, PowerGiven
from dispatch.domain.refusal import NotAllowed, NotNow, OutOfScope, Unacceptable

ACCOUNT_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class AccountAlreadyAdded(NotNow):
    """There is an account of that id already."""


class AccountIdMalformed(Unacceptable):
    """An account's id begins with a small letter or digit, then up to 63 of these, hyphens or underscores."""


class SystemAccountReserved(NotAllowed):
    """The service itself acts as the system; no account is made for it."""


class WorkerNeedsMember(Unacceptable):
    """A grid worker's account needs the person who works with it, in the town of its scope."""


class PowersCombined(NotAllowed):
    """Administrator, operator and auditor are three persons: this one is another of them already."""


class AddAccount(AccountCommand, frozen=True, kw_only=True, tag="account.add"):
    """Add an account; `scope` is a code prefix, `member` the person behind it in the scope's town."""

    name: str
    role: Role
    scope: str
    member: str | None = None


def _check(command: AddAccount, context: Context) -> None:
    if command.role is Role.SYSTEM or command.account == SYSTEM.account:
        raise SystemAccountReserved
    if ACCOUNT_ID.fullmatch(command.account) is None:
        raise AccountIdMalformed(account=command.account[:64])
    require_name(command.name)
    codes.require(command.scope, *codes.SCOPE_LENGTHS)
    if not codes.covers(context.actor.scope, command.scope):
        raise OutOfScope(place=command.scope)
    if command.member is None:
        if command.role is Role.WORKER:
            raise WorkerNeedsMember
        return
    if len(command.scope) < codes.TOWN:
        raise WorkerNeedsMember(scope=command.scope)
    town = context.town(command.scope)
    require_member(town, command.member)
    # Whoever acts in a member's name is told what he is told, and is taken for him wherever he works.
    if not town.within(command.member, context.actor.scope):
        raise OutOfScope(member=command.member)


def _power(command: AddAccount, context: Context) -> Iterator[On]:
    """Give the member one of the three powers; an account of another one stands in its way."""
    if command.member is None or command.role not in POWERS:
        return
    town = codes.town_of(command.scope)
    if others := context.powers(town).beside(command.member, command.role):
        raise PowersCombined(member=command.member, holds=sorted(others))
    given = PowerGiven(
        at=context.now, town=town, member=command.member, account=command.account, role=command.role
    )
    yield On(f"powers:{town}", given)


def decide(command: AddAccount, context: Context) -> Decision:
    """Add it within the actor's own scope; adding the very same again is a no-op."""
    _check(command, context)
    known = context.find_account(command.account)
    if known is None:
        yield AccountAdded(
            at=context.now,
            account=command.account,
            name=command.name,
            role=command.role,
            scope=command.scope,
            member=command.member,
            by=context.actor.account,
        )
        yield from _power(command, context)
        return
    same = (command.name, command.role, command.scope, command.member, False)
    if (known.name, known.role, known.scope, known.member, known.revoked) != same:
        raise AccountAlreadyAdded(account=command.account)
