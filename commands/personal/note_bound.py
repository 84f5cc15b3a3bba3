"""Note that what signs in is bound to its account from now on, and how much of it wasn't before."""

from commands.command import Command, Decision, On
from commands.context import SYSTEM, Context
from dispatch.domain.personal import PersonalBound, stream_of

SUBJECT = f"account:{SYSTEM.account}"
"""Of whom it is noted, and once only."""


class NoteBound(Command, frozen=True, kw_only=True, tag="personal.note_bound"):
    """Put on record what was bound that wasn't; see `PersonalBound`."""

    passwords: int
    factors: int
    recovery_codes: int


def decide(command: NoteBound, context: Context) -> Decision:
    """Record it the first time: another process may have been faster."""
    personal = context.personal(SUBJECT)
    if personal is None or not personal.bound:
        yield On(
            stream_of(SUBJECT),
            PersonalBound(
                at=context.now,
                place=context.actor.scope,
                passwords=command.passwords,
                factors=command.factors,
                recovery_codes=command.recovery_codes,
            ),
        )
