"""Permits to publish (双公示): recorded when decided, reported in time, judged and corrected."""

from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import Field

from commands.permits.correct import CorrectPermit
from commands.permits.judge import JudgePermit
from commands.permits.record import RecordPermit
from commands.permits.report import ReportPermit
from dispatch.service.http.answers import WRITES
from dispatch.service.http.bodies import Evidence, Work
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.routes import API
from dispatch.service.http.steps import Steps
from dispatch.service.http.text import Body, Moment, Note, PlaceCode, Title

router = APIRouter(prefix=f"{API}/permits", tags=["permits"], responses=WRITES, route_class=JsonRoute)


class Record(Body):
    """A permit that was decided; `holder` is personal data."""

    grid: Annotated[PlaceCode, Field(description="A grid, or the town", examples=["500115101"])]
    number: Annotated[Title, Field(max_length=100, examples=["万顺许准字〔2023〕12号"])]
    title: Title
    holder: Annotated[Note, Field(max_length=200)] = ""
    decided_at: Moment | None = None


class Publication(Body):
    """What was published."""

    evidence: Evidence = ()


class Compliance(Body):
    """Whether the publication was accepted as compliant; the note says what is wrong if not."""

    compliant: bool
    note: Note = ""


steps: Final = Steps(router, "case", "permit")
steps.begin(
    "record",
    RecordPermit,
    Record,
    "Record a permit that is due to be published",
    "The clock for reporting it starts; the same number of the same town is the same permit.",
)
steps.add("report", ReportPermit, Publication, "Report it (报送)", "Within 7 working days of the decision.")
steps.add("judge", JudgePermit, Compliance, "Judge it (合规)", "Was the publication accepted as compliant?")
steps.add("correct", CorrectPermit, Work, "Correct it (修正)", "What was not compliant was put right.")
