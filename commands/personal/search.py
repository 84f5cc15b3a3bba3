"""Search: find out which cases a telephone number stands in."""

from commands.command import Command, Decision, On
from commands.context import Context
from commands.personal.command import place_of
from dispatch.domain.personal import PersonalSearched, Purpose, stream_of


class SearchPersonal(Command, frozen=True, kw_only=True, tag="personal.search"):
    """Put on record that somebody is told in which items a number stands; the number itself is not said."""

    found: tuple[str, ...]
    purpose: Purpose


def decide(command: SearchPersonal, context: Context) -> Decision:
    """Record it with the account that searches; each item must be within its reach."""
    for subject in command.found:
        place_of(subject, context)
    yield On(
        stream_of(f"account:{context.actor.account}"),
        PersonalSearched(
            at=context.now,
            place=context.actor.scope,
            by=context.person,
            purpose=command.purpose,
            found=command.found,
        ),
    )
