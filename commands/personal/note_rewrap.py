"""Note a rewrap: the key-encryption key was changed, and what lay under it is under another."""

from commands.command import Command, Decision, On
from commands.context import Context
from dispatch.domain.personal import PersonalRewrapped, stream_of


class NoteRewrap(Command, frozen=True, kw_only=True, tag="personal.note_rewrap"):
    """Put on record what was put under another key, named by the ids of both; see `PersonalRewrapped`."""

    former: str
    present: str
    keys: int
    digests: int
    factors: int
    passwords: int
    recovery_codes: int


def decide(command: NoteRewrap, context: Context) -> Decision:
    """Record it with the account that did it."""
    yield On(
        stream_of(f"account:{context.actor.account}"),
        PersonalRewrapped(
            at=context.now,
            place=context.actor.scope,
            by=context.person,
            former=command.former,
            present=command.present,
            keys=command.keys,
            digests=command.digests,
            factors=command.factors,
            passwords=command.passwords,
            recovery_codes=command.recovery_codes,
        ),
    )
