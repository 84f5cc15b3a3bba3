"""Who is responsible for a case, so who may work on it and who may not check it."""

from commands.context import Context
from dispatch.domain.accounts import Role
from dispatch.domain.cases import Case
from dispatch.domain.refusal import NotNow


class NotTheHandler(NotNow):
    """Only who is responsible for the case may do that."""


class CheckerHandledIt(NotNow):
    """The checker is never the one who handled the case."""


def require_handler(case: Case, context: Context) -> None:
    """Refuse with `NotTheHandler` unless the case is with the actor.

    A case given to a person is that person's; one given to a grid is any of its workers'. A department has no
    account of its own: the centre records what it did.
    """
    if case.assignee is not None:
        mine = case.assignee == context.person
    elif case.department is not None:
        mine = context.actor.role is not Role.WORKER
    else:
        mine = context.actor.role in {Role.WORKER, Role.SYSTEM}
    if not mine:
        raise NotTheHandler(assignee=case.assignee, department=case.department)


def require_not_handler(case: Case, person: str) -> None:
    """Refuse with `CheckerHandledIt` if the person worked on the case.

    A department handles what was given to it. The operator who records that in its name has done none of the
    work, so may check it and close it: a centre may have one operator only. Source: DOMAIN.md, A task, the
    verifier is never the person who did the work.
    """
    if person in case.handlers:
        raise CheckerHandledIt
