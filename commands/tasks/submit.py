"""Submit a task (反馈): the assignee reports it as done and the handling clock stops."""

from commands.command import Decision
from commands.context import Context
from commands.households.visits import require_named
from commands.tasks.command import TaskCommand, present, require, then
from commands.tasks.responsibility import require_assignee
from dispatch.domain.tasks import Status, TaskSubmitted


class SubmitTask(TaskCommand, frozen=True, kw_only=True, tag="task.submit"):
    """Report a task as done; `evidence` are the SHA-256 digests (hex) of photos and papers.

    `not_met` are households that were to be visited and were not met.
    """

    note: str
    evidence: tuple[str, ...] = ()
    not_met: tuple[str, ...] = ()


def decide(command: SubmitTask, context: Context) -> Decision:
    """Submit what is being worked on, at the time at which it was done: a late sync makes nobody late."""
    task, before = present(command, context)
    require(task, Status.IN_PROGRESS, Status.RETURNED)
    require_assignee(task, context)
    require_named(command.not_met, task)
    event = TaskSubmitted(
        at=context.at(task.since),
        by=context.person,
        note=command.note,
        evidence=command.evidence,
        not_met=command.not_met,
    )
    yield from then(before, event)
