"""Close a case (结案): the centre ends it, and the reporters of its duplicates hear the outcome."""

from commands.cases.command import (
    CaseCommand,
    duplicates,
    present,
    require,
    require_plain,
    tell,
    then,
)
from commands.cases.responsibility import require_not_handler
from commands.command import Decision
from commands.context import Context
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseClosed
from dispatch.domain.refusal import NotNow


class CheckNotPassed(NotNow):
    """A case is closed after its check has passed."""


class CloseCase(CaseCommand, frozen=True, kw_only=True, tag="case.close"):
    """Close a case whose check has passed, or which the level above has settled."""

    note: str = ""


def decide(command: CloseCase, context: Context) -> Decision:
    """Close; who handled the case does not close it."""
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.CHECKING, Status.HANDED_UP)
    if case.status is Status.CHECKING and not case.check_passed:
        raise CheckNotPassed
    require_not_handler(case, context.person)
    merged = tuple(duplicates(case, context))
    closed = CaseClosed(at=context.now, by=context.person, note=command.note, merged=merged)
    yield from then(before, closed)
    yield from tell(command, case, context)
