"""Who is responsible for a task, so who may work on it and who may not verify it."""

from commands.context import Context
from dispatch.domain.refusal import NotNow
from dispatch.domain.tasks import Task


class NotTheAssignee(NotNow):
    """Only the person who is responsible for the task may do that."""


class VerifierDidTheWork(NotNow):
    """The verifier is never the person who did the work."""


def require_assignee(task: Task, context: Context, *, unassigned: bool = False) -> None:
    """Refuse with `NotTheAssignee` unless the actor is responsible (or nobody is, if `unassigned` does)."""
    if task.assignee is None and unassigned:
        return
    if task.assignee != context.person:
        raise NotTheAssignee(assignee=task.assignee)


def require_other_verifier(task: Task, context: Context) -> None:
    """Refuse with `VerifierDidTheWork` if the actor accepted or worked on the task."""
    if context.person in task.workers:
        raise VerifierDidTheWork
