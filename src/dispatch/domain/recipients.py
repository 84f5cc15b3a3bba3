"""Recipients: by which channels an inbox's notifications leave the service, and when they had better not."""

from typing import ClassVar

import msgspec

from dispatch.domain.event import Event


class Quiet(msgspec.Struct, frozen=True):
    """Hours of the night in Shanghai, `HH:MM` to `HH:MM`, in which only what is urgent is sent."""

    start: str
    until: str


class ChannelsSet(Event, frozen=True, kw_only=True, tag="recipient.channels_set"):
    """Somebody said by which channels an inbox's notifications are sent; none means that they are not.

    `inbox` is its address. `channels` are names that the installation gives to its gateways, whose secrets
    never stand here; `addresses`, in the same order, is where each of them reaches the recipient: personal.
    `by_other` says that who reads the inbox was reached by others before, and didn't do this himself;
    `erased` that nothing was set, but the addresses were erased for ever.
    """

    inbox: str
    scope: str
    by: str
    channels: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    quiet: Quiet | None = None
    by_other: bool = False
    erased: bool = False

    personal: ClassVar[tuple[str, ...]] = ("addresses",)


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """The channels of an inbox as they stand."""

    inbox: str
    scope: str
    channels: tuple[str, ...]
    addresses: tuple[str, ...]
    quiet: Quiet | None

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.scope

    @property
    def status(self) -> str:
        """A recipient has no lifecycle."""
        return "set"

    def address(self, channel: str) -> str | None:
        """Return where a channel reaches the recipient; None if it is not his."""
        found = dict(zip(self.channels, self.addresses, strict=False))
        return found.get(channel)


def evolve(recipient: Recipient | None, event: ChannelsSet) -> Recipient:
    """Return the recipient after `event`."""
    del recipient
    return Recipient(
        inbox=event.inbox,
        scope=event.scope,
        channels=event.channels,
        addresses=event.addresses,
        quiet=event.quiet,
    )
