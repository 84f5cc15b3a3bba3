"""A recipient as whoever sends to him needs him: with the addresses opened."""

from msgspec.structs import replace

from commands.handler import Handler
from commands.recipients.command import sealed_addresses
from dispatch.domain.recipients import Recipient


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
