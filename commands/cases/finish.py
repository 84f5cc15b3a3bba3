"""Finish handling a case: the handler reports it as put right and the handling clock stops."""

from commands.cases.command import CaseCommand, present, require, require_plain, then
from commands.cases.responsibility import require_handler
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_note
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseHandled


class FinishCase(CaseCommand, frozen=True, kw_only=True, tag="case.finish"):
    """Report a case as handled; `evidence` are the SHA-256 digests (hex) of photos and papers."""

    note: str
    evidence: tuple[str, ...] = ()


def decide(command: FinishCase, context: Context) -> Decision:
    """Finish what is being worked on, at the time at which it was done: a late sync makes nobody late."""
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.HANDLING)
    require_handler(case, context)
    note = require_note(command.note, command.stream, context)
    event = CaseHandled(at=context.at(case.since), by=context.person, note=note, evidence=command.evidence)
    yield from then(before, event)
