"""What setting channels comes to, whoever does it: what may be said of them."""

import re
from typing import Final

import msgspec
from msgspec.structs import replace

from commands.command import Command, Decision
from commands.context import Context
from dispatch.domain import codes
from dispatch.domain.event import name_of
from dispatch.domain.inboxes import of_account, of_person
from dispatch.domain.recipients import ChannelsSet, Quiet, Recipient
from dispatch.domain.refusal import Unacceptable
from dispatch.eventlog.vault.sealing import PersonalText, Sealed, sealed_in

MOST: Final = 10
CHANNEL: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
ADDRESS: Final = re.compile(r"[^\s\x00-\x1f\x7f\ud800-\udfff]{0,200}")
TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class ChannelUnacceptable(Unacceptable):
    """Channels have names of small letters, digits and hyphens, each once, up to 10; addresses no spaces."""


class QuietHoursUnacceptable(Unacceptable):
    """Quiet hours begin and end at two different times of the day, such as 22:00 and 07:00."""


class ChannelPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A channel, and where it reaches the recipient; nowhere in particular for a group's robot."""

    channel: str
    address: str = ""


class ChannelsCommand(Command, frozen=True, kw_only=True):
    """A command on the channels of an inbox, by its address."""

    inbox: str
    channels: tuple[ChannelPlan, ...]
    quiet: Quiet | None = None

    @property
    def stream(self) -> str:
        """The stream of the recipient."""
        return f"recipient:{self.inbox}"


def sealed_addresses(recipient: Recipient, version: int) -> tuple[Sealed, ...]:
    """Return the addresses of a recipient in their places; the last event of his stream holds them all."""
    found = (PersonalText(f"addresses.{number}", text) for number, text in enumerate(recipient.addresses))
    return sealed_in(name_of(ChannelsSet), version, found)


def own_inboxes(context: Context) -> frozenset[str | None]:
    """Return the addresses of the inboxes that are the actor's alone; None if no member stands behind him."""
    actor = context.actor
    town = None if actor.member is None else context.find_town(codes.town_of(actor.scope))
    return frozenset({of_account(actor.account), of_person(actor, town)})


def set_channels(command: ChannelsCommand, scope: str, context: Context) -> Decision:
    """Set them; setting the very same again is a no-op.

    Whose channels somebody else changes is told so, and so are the auditors. Where nothing was sent before,
    nobody is deprived of anything.
    """
    names = tuple(plan.channel for plan in command.channels)
    addresses = tuple(plan.address for plan in command.channels)
    named = all(CHANNEL.fullmatch(name) for name in names) and len(set(names)) == len(names) <= MOST
    if not named or not all(ADDRESS.fullmatch(address) for address in addresses):
        raise ChannelUnacceptable
    quiet = command.quiet
    if quiet is not None:
        sound = TIME.fullmatch(quiet.start) and TIME.fullmatch(quiet.until)
        if not sound or quiet.start == quiet.until:
            raise QuietHoursUnacceptable
    after = Recipient(inbox=command.inbox, scope=scope, channels=names, addresses=addresses, quiet=quiet)
    before = context.recipient(command.inbox)
    context.require_version(command.stream)
    if before is not None:
        sealed = sealed_addresses(before, context.reads[command.stream])
        before = replace(before, addresses=context.opened(command.stream, sealed))
    if before != after:
        yield ChannelsSet(
            at=context.now,
            inbox=command.inbox,
            scope=scope,
            by=context.person,
            channels=names,
            addresses=addresses,
            quiet=quiet,
            by_other=bool(before and before.channels) and command.inbox not in own_inboxes(context),
        )
