"""Handle a case (处置): the handler begins to work on it."""

from commands.cases.command import CaseCommand, present, require, require_plain, then
from commands.cases.responsibility import require_handler
from commands.command import Decision
from commands.context import Context
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseHandlingStarted


class HandleCase(CaseCommand, frozen=True, kw_only=True, tag="case.handle"):
    """Begin to work on a dispatched case."""


def decide(command: HandleCase, context: Context) -> Decision:
    """Begin; a case given to a grid becomes the worker's who begins. Beginning again is a no-op."""
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.DISPATCHED, Status.HANDLING)
    require_handler(case, context)
    if case.status is Status.HANDLING and not before:
        return
    yield from then(before, CaseHandlingStarted(at=context.at(case.since), by=context.person))
