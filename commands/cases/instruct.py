"""Instruct (批示): a leader adds an instruction to a case."""

from commands.cases.command import CaseCommand, present, then
from commands.command import Decision
from commands.context import Context
from dispatch.domain.cases.events import CaseInstructed


class InstructCase(CaseCommand, frozen=True, kw_only=True, tag="case.instruct"):
    """Add an instruction that everyone who works on the case sees."""

    note: str


def decide(command: InstructCase, context: Context) -> Decision:
    """Record the instruction."""
    _case, before = present(command, context)
    yield from then(before, CaseInstructed(at=context.now, by=context.person, note=command.note))
