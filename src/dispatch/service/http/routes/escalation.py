"""Escalation (督办): the answer that holds it back."""

from typing import Annotated, Final

from pydantic import Field

from commands.cases.answer_escalation import AnswerCaseEscalation
from commands.tasks.answer_escalation import AnswerTaskEscalation
from dispatch.service.http.routes import cases, tasks
from dispatch.service.http.steps import Steps
from dispatch.service.http.text import Body, Moment, Note


class Promise(Body):
    """By when there will be an outcome."""

    promised_at: Annotated[Moment, Field(examples=["2023-07-05T18:00:00+08:00"])]
    note: Note = ""


SUMMARY: Final = "Answer the escalation (回应督办)"
DESCRIPTION: Final = (
    "By the supervisor or whoever was told: until the promised time nothing fires; what is due meanwhile "
    "fires then, if it is still open."
)
Steps(tasks.router, "task").add("answer-escalation", AnswerTaskEscalation, Promise, SUMMARY, DESCRIPTION)
Steps(cases.router, "case").add("answer-escalation", AnswerCaseEscalation, Promise, SUMMARY, DESCRIPTION)
