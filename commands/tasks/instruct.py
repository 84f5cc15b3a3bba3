"""Instruct (批示): a leader adds an instruction to a task."""

from commands.command import Decision
from commands.context import Context
from commands.tasks.command import TaskCommand, present, then
from dispatch.domain.tasks import TaskInstructed


class InstructTask(TaskCommand, frozen=True, kw_only=True, tag="task.instruct"):
    """Add an instruction that everyone who works on the task sees."""

    note: str


def decide(command: InstructTask, context: Context) -> Decision:
    """Record the instruction."""
    _task, before = present(command, context)
    yield from then(before, TaskInstructed(at=context.now, by=context.person, note=command.note))
