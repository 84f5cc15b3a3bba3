"""Start the check of a case (核查): somebody is sent to see whether it is fixed."""

from commands.cases.command import CaseCommand, present, require, require_plain, then
from commands.cases.responsibility import require_not_handler
from commands.command import Decision
from commands.context import Context
from dispatch.domain.cases import Status
from dispatch.domain.cases.events import CaseCheckStarted
from dispatch.domain.refusal import Unacceptable


class CheckerNotInGrid(Unacceptable):
    """Only who has a post in the case's grid can be named to check it; the centre checks without a name."""


class StartCheck(CaseCommand, frozen=True, kw_only=True, tag="case.start_check"):
    """Have a handled case checked, by the member `checker` of its grid or by the centre itself."""

    checker: str | None = None


def decide(command: StartCheck, context: Context) -> Decision:
    """Start; the checker is never one who handled the case, and one who reaches it.

    Source: DOMAIN.md, People and rights: a grid worker works on what is the worker's own or the grid's.
    """
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.HANDLED)
    if command.checker is not None:
        if case.grid not in context.town(case.grid).grids_of(command.checker):
            raise CheckerNotInGrid(checker=command.checker, grid=case.grid)
        require_not_handler(case, command.checker)
    yield from then(before, CaseCheckStarted(at=context.now, by=context.person, checker=command.checker))
