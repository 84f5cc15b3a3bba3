"""Verify a case (核实): is the report true? Before it is registered; not the check (核查)."""

from commands.cases.command import CaseCommand, present, require, then
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseVerified


class VerifyCase(CaseCommand, frozen=True, kw_only=True, tag="case.verify"):
    """Say whether an accepted case is `genuine`; a `note` is required when it is not."""

    genuine: bool
    note: str = ""


def decide(command: VerifyCase, context: Context) -> Decision:
    """Verify at the time at which somebody was there; verifying anew replaces what was said."""
    case, before = present(command, context)
    require(case, Status.ACCEPTED)
    note = command.note if command.genuine else require_reason(command.note)
    at = context.at(case.since)
    yield from then(before, CaseVerified(at=at, by=context.person, genuine=command.genuine, note=note))
