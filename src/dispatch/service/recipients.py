"""A recipient as whoever sends to him needs him: with the addresses opened."""

from msgspec.structs import replace

from commands.handler import Handler
from dispatch.domain.recipients import Recipient


async def recipient_of(handler: Handler, inbox: str) -> Recipient | None:
    """Return the recipient of an inbox, if one was set; an address that nobody can read any more is empty."""
    stream = f"recipient:{inbox}"
    found = await handler.state(stream)
    if not isinstance(found, Recipient):
        return None
    if not any(found.addresses):
        return found
    opened = await handler.opened(stream, found.addresses)
    return replace(found, addresses=tuple(address or "" for address in opened))
