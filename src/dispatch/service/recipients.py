"""Who is told, and what he is called: a recipient's addresses, opened, and the member behind an account."""

from msgspec.structs import replace

from commands.handler import Handler
from commands.recipients.command import sealed_addresses
from dispatch.domain import codes
from dispatch.domain.accounts import Account
from dispatch.domain.recipients import Recipient
from dispatch.domain.towns import Town


async def recipient_of(handler: Handler, inbox: str, *, before: int | None = None) -> Recipient | None:
    """Return the recipient of an inbox, if one was set, with the channels whose addresses can still be read.

    As he stands, or as he stood just before a position of the log.
    """
    stream = f"recipient:{inbox}"
    version, found = await handler.loaded(stream, before=before)
    if not isinstance(found, Recipient):
        return None
    if not any(found.addresses):
        return found
    opened = await handler.opened(stream, sealed_addresses(found, version))
    # A channel without an address is a group's robot: what can't be opened must not become one.
    readable = [pair for pair in zip(found.channels, opened, strict=False) if pair[1] is not None]
    channels, addresses = zip(*readable, strict=True) if readable else ((), ())
    return replace(found, channels=channels, addresses=addresses)


async def home_of(handler: Handler, account: Account) -> Town | None:
    """Return the town of the member behind an account, if it matters where his posts are."""
    if account.member is None or len(account.scope) <= codes.TOWN:
        return None
    town = await handler.state(f"town:{codes.town_of(account.scope)}")
    return town if isinstance(town, Town) else None


async def called(handler: Handler, account: Account) -> str:
    """Return what an account is called: as its member is now, or was at last; else by its own name."""
    if account.member is None:
        return account.name
    town = await handler.state(f"town:{codes.town_of(account.scope)}")
    if not isinstance(town, Town):
        return account.name
    return town.members.get(account.member) or town.left.get(account.member, account.name)
