"""Who is told: a recipient with the addresses opened, and the town that says whose inbox an account reads."""

from msgspec.structs import replace

from commands.handler import Handler
from commands.recipients.command import sealed_addresses
from dispatch.domain import codes
from dispatch.domain.accounts import Account
from dispatch.domain.recipients import Recipient
from dispatch.domain.towns import Town


async def recipient_of(handler: Handler, inbox: str) -> Recipient | None:
    """Return the recipient of an inbox, if one was set; an address that nobody can read any more is empty."""
    stream = f"recipient:{inbox}"
    version, found = await handler.loaded(stream)
    if not isinstance(found, Recipient):
        return None
    if not any(found.addresses):
        return found
    opened = await handler.opened(stream, sealed_addresses(found, version))
    return replace(found, addresses=tuple(address or "" for address in opened))


async def home_of(handler: Handler, account: Account) -> Town | None:
    """Return the town of the member behind an account, if it matters where his posts are."""
    if account.member is None or len(account.scope) <= codes.TOWN:
        return None
    town = await handler.state(f"town:{codes.town_of(account.scope)}")
    return town if isinstance(town, Town) else None
