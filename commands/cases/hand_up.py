"""Hand a case up (提级): the level above is to handle it, and the town's clock waits."""

from commands.cases.command import CaseCommand, present, require, then
from commands.command import Decision
from commands.context import Context
from commands.reasons import require_reason
from dispatch.domain.cases.events import CaseHandedUp
from dispatch.domain.cases.kinds import CLOCK_RUNS
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.text import says_something


class LevelMissing(Unacceptable):
    """Say to whom the case is handed up."""


class HandUpCase(CaseCommand, frozen=True, kw_only=True, tag="case.hand_up"):
    """Give a registered case to the level above, `to`, such as the district, with a reason."""

    reason: str
    to: str = "district"


def decide(command: HandUpCase, context: Context) -> Decision:
    """Hand up whatever is being worked on here."""
    case, before = present(command, context)
    require(case, *CLOCK_RUNS)
    if not says_something(command.to):
        raise LevelMissing
    reason = require_reason(command.reason)
    yield from then(before, CaseHandedUp(at=context.now, by=context.person, to=command.to, reason=reason))
