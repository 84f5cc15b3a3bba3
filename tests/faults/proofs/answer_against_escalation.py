"""Nothing escalates after its answer, in the order of the log, however close the two come.

Each task has a step that is due at one moment. Within 5 ms of it, before or after, somebody answers, while
two others, with logs and states of their own, have the task looked at.
The break: who looks at a task doesn't look at whether it was answered.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

from commands.command import Command, Decision, Request
from commands.context import Context
from commands.escalation import Climber, climb
from commands.handler import Handler
from commands.rights import CATALOGUE, Entry
from commands.tasks.answer_escalation import AnswerTaskEscalation
from commands.tasks.escalate import EscalateTask
from dispatch.domain.escalation import (
    NONE,
    TaskEscalated,
    TaskEscalationAnswered,
    TaskEscalationSkipped,
)
from dispatch.domain.event import Event
from dispatch.domain.ladder import Addressee, Level, Step
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.refusal import Refusal
from dispatch.domain.tasks import TaskIssued
from dispatch.domain.working_time import Deadline
from dispatch.eventlog import EventLog, open_log
from dispatch.eventlog.log import LogUnavailable
from dispatch.eventlog.mapper import decode
from dispatch.service.calendars import china
from tests import postgres
from tests.faults.proofs import ProofResult
from tests.faults.proofs.racing_schedulers import GRID, clock, town
from tests.histories import record
from tests.vaults import VAULT

NAME = "answer-against-escalation"
SHORT, FULL = 200, 5_000
APART_SECONDS = 0.012
"""Between two tasks' deadlines."""
AROUND_SECONDS = 0.005
PROMISED = timedelta(hours=1)
LOOKERS = 2
RETRY_SECONDS = 0.5


def deaf(command: EscalateTask, context: Context) -> Decision:
    """The break: fire what is due, whatever was answered."""
    task = context.task(command.task)
    climber = Climber(task.grid, task.assignee, None, TaskEscalated, TaskEscalationSkipped)
    yield from climb(climber, task.handling, NONE, context)


def history(number: int, begin: datetime) -> Iterator[tuple[str, Event]]:
    """Tasks of which somebody was told already; the card is due soon."""
    for one in range(number):
        due = begin + timedelta(seconds=one * APART_SECONDS)
        steps = (
            Step("notice", begin - timedelta(hours=1), 0.5, Level.NOTICE, (Addressee.CHIEF,)),
            Step("yellow_card", due, 1.0, Level.YELLOW_CARD, (Addressee.CHIEF,)),
        )
        limit = Limit(LimitKind.CLOCK_HOURS, 2)
        handling = Deadline(
            started=begin - timedelta(hours=2),
            due=due,
            limit=limit,
            rule="default@1/proof",
            calendar="none",
            steps=steps,
        )
        stream = f"task:{one:032x}"
        at = begin - timedelta(hours=1)
        yield (
            stream,
            TaskIssued(
                at=at,
                grid=GRID,
                title="走访",
                category="visit",
                instructions="",
                by="operator",
                acceptance=handling,
                handling=handling,
            ),
        )
        told = TaskEscalated(
            at=at,
            step="notice",
            level=Level.NOTICE,
            planned_at=at,
            roles=(Addressee.CHIEF,),
            persons=("chief",),
            next_at=due,
        )
        yield stream, told


async def at(moment: datetime, act: Callable[[], Awaitable[object]]) -> None:
    """Act at a moment, and again while the database can't be reached; a refusal is an answer too."""
    await asyncio.sleep(max(0.0, (moment - clock()).total_seconds()))
    while True:
        try:
            await act()
        except Refusal:
            return
        except LogUnavailable:
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return


async def race(logs: list[EventLog], number: int, begin: datetime) -> None:
    """Answer each task and look at it, at nearly the same moment."""
    chance = random.Random(number)
    answerer, *lookers = [Handler(log, calendar=china(), clock=clock, vault=VAULT) for log in logs]

    def send(handler: Handler, command: Command) -> Callable[[], Awaitable[object]]:
        return lambda: handler.handle(Request(command=command, account="system", source="proof"))

    async with asyncio.TaskGroup() as group:
        for one in range(number):
            task, due = f"{one:032x}", begin + timedelta(seconds=one * APART_SECONDS)
            near = due + timedelta(seconds=chance.uniform(-AROUND_SECONDS, AROUND_SECONDS))
            answer = AnswerTaskEscalation(task=task, promised_at=due + PROMISED)
            group.create_task(at(near, send(answerer, answer)))
            for looker in lookers:
                for _ in range(2):
                    soon = due + timedelta(seconds=chance.uniform(0, 2 * AROUND_SECONDS))
                    group.create_task(at(soon, send(looker, EscalateTask(task=task))))


def count(log: EventLog) -> tuple[int, int, int]:
    """Return how many were answered, how many escalated before that, and how many after it."""
    answered: set[str] = set()
    before = after = 0
    for stored in log.read():
        event = decode(stored).event
        if isinstance(event, TaskEscalationAnswered):
            answered.add(stored.stream)
        elif isinstance(event, TaskEscalated) and event.step != "notice":
            before += stored.stream not in answered
            after += stored.stream in answered
    return len(answered), before, after


def run(*, full: bool, red: bool) -> ProofResult:
    """Let answers and escalations race; the red twin escalates what was answered."""
    number = FULL if full else SHORT
    kept = CATALOGUE[EscalateTask]
    with postgres.running_server() as url:
        logs = [open_log(url, clock=clock) for _ in range(1 + LOOKERS)]
        try:
            if red:
                CATALOGUE[EscalateTask] = Entry(deaf, kept.roles)
            begin = datetime.now(UTC) + timedelta(seconds=3 + number / 1_000)
            record(logs[0], [*town(begin - timedelta(days=1)), *history(number, begin)])
            asyncio.run(race(list(logs), number, begin))
            answered, before, after = count(logs[0])
        finally:
            CATALOGUE[EscalateTask] = kept
            for log in logs:
                log.close()
    figure = (
        f"{after} of {answered:,} tasks escalated after their answer, {before:,} before it; answers within "
        f"{AROUND_SECONDS * 1000:.0f} ms of the deadline"
    )
    return ProofResult(NAME, after == 0 and answered == number, figure)
