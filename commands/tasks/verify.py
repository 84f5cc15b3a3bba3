"""Verify a task (核验): the centre closes it (办结) or returns it for rework (退回)."""

from commands.command import Decision
from commands.context import Context
from commands.households.visits import visits
from commands.reasons import require_reason
from commands.tasks.clocks import goes_on
from commands.tasks.command import TaskCommand, present, require, then
from commands.tasks.responsibility import require_other_verifier
from dispatch.domain.tasks import Status, TaskClosed, TaskReturned


class VerifyTask(TaskCommand, frozen=True, kw_only=True, tag="task.verify"):
    """Say whether the submitted work is good; a `note` is required when it is not."""

    passed: bool
    note: str = ""


def decide(command: VerifyTask, context: Context) -> Decision:
    """Close, which records the visits made, or return.

    After a return the handling clock goes on where the submission had stopped it.
    """
    task, before = present(command, context)
    require(task, Status.SUBMITTED)
    require_other_verifier(task, context)
    if command.passed:
        yield from then(before, TaskClosed(at=context.now, by=context.person, note=command.note))
        yield from visits(command.task, task, context)
        return
    reason = require_reason(command.note)
    event = TaskReturned(at=context.now, by=context.person, reason=reason, handling=goes_on(task, context))
    yield from then(before, event)
