"""Register a case (立案): the centre puts it on its books and the handling clock starts."""

from commands.cases.command import CaseCommand, handling_from, present, require, require_plain, then
from commands.command import Decision
from commands.context import Context
from dispatch.domain.cases import Case, Status
from dispatch.domain.cases.events import CaseRegistered
from dispatch.domain.cases.kinds import TO_BE_VERIFIED
from dispatch.domain.refusal import NotNow


class CaseNotVerified(NotNow):
    """What residents or the hotline report is verified before it is registered."""


class CaseNotGenuine(NotNow):
    """The verification found that the report is not true."""


class RegisterCase(CaseCommand, frozen=True, kw_only=True, tag="case.register"):
    """Put an accepted case on the books."""


def require_genuine(case: Case) -> None:
    """Refuse if the report was found untrue, or came from outside and nobody has looked."""
    if case.genuine is False:
        raise CaseNotGenuine
    if case.genuine is None and case.source in TO_BE_VERIFIED:
        raise CaseNotVerified(source=case.source)


def decide(command: RegisterCase, context: Context) -> Decision:
    """Register; a dispute gets its number in the ledger instead."""
    case, before = present(command, context)
    require_plain(case)
    require(case, Status.ACCEPTED)
    require_genuine(case)
    handling = handling_from(case, context.now, context)
    yield from then(before, CaseRegistered(at=context.now, by=context.person, handling=handling))
