"""Strike a dispute off the ledger (销号): on evidence, by someone other than a mediator."""

from commands.cases.command import CaseCommand, duplicates, require, tell, then
from commands.command import Decision
from commands.context import Context
from commands.disputes.command import numbered
from dispatch.domain.cases import Status
from dispatch.domain.cases.disputes import DisputeStruckOff
from dispatch.domain.refusal import NotNow, Unacceptable


class EvidenceMissing(Unacceptable):
    """A dispute is struck off on evidence."""


class MediatorStrikesOff(NotNow):
    """A dispute is struck off by someone who did not mediate it."""


class StrikeOffDispute(CaseCommand, frozen=True, kw_only=True, tag="dispute.strike_off"):
    """Strike it off; `evidence` are the SHA-256 digests (hex) of the agreement and its performance."""

    evidence: tuple[str, ...]
    note: str = ""


def decide(command: StrikeOffDispute, context: Context) -> Decision:
    """Strike off what was followed up, or what the level above has settled.

    The mediators are those whom the centre asked to mediate; an operator who recorded in their name how it
    went did not mediate. Source: DOMAIN.md, A case, someone other than the mediator.
    """
    case, dispute, before = numbered(command, context)
    require(case, Status.FOLLOWED_UP, Status.HANDED_UP)
    if not any(digest.strip() for digest in command.evidence):
        raise EvidenceMissing
    if context.person in dispute.mediators:
        raise MediatorStrikesOff
    event = DisputeStruckOff(
        at=context.now,
        by=context.person,
        note=command.note,
        evidence=command.evidence,
        merged=tuple(duplicates(case, context)),
    )
    yield from then(before, event)
    yield from tell(command, case, context)
