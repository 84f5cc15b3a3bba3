"""Disputes (矛盾纠纷): cases with a number in the town's ledger, struck off one by one."""

from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import Field

from commands.disputes.agree import AgreeDispute
from commands.disputes.assign import AssignDispute
from commands.disputes.classify import ClassifyDispute
from commands.disputes.fail import FailDispute
from commands.disputes.follow_up import FollowUpDispute
from commands.disputes.mediate import MediateDispute
from commands.disputes.perform import PerformDispute
from commands.disputes.register import RegisterDispute
from commands.disputes.return_to_ledger import ReturnDisputeToLedger
from commands.disputes.strike_off import StrikeOffDispute
from dispatch.domain.cases.disputes import DisputeKind
from dispatch.service.http.answers import WRITES
from dispatch.service.http.bodies import Evidence, Why
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.routes import API
from dispatch.service.http.steps import Steps
from dispatch.service.http.text import Body, MemberKey, Note, Slug

router = APIRouter(prefix=f"{API}/disputes", tags=["disputes"], responses=WRITES, route_class=JsonRoute)


class Classification(Body):
    """What kind of dispute it is, and whether a major one."""

    kind: DisputeKind
    major: bool = False


class Mediator(Body):
    """Who mediates."""

    mediator: MemberKey


class Mediation(Body):
    """At which level: courtyard, then village, then town."""

    level: Annotated[Slug, Field(examples=["courtyard"])]


class Agreement(Body):
    """What was agreed, and which other levels took part."""

    terms: Note = ""
    jointly_with: Annotated[tuple[Slug, ...], Field(max_length=5)] = ()
    evidence: Evidence = ()


class Performance(Body):
    """How the agreement was performed."""

    note: Note = ""
    evidence: Evidence = ()


class Settled(Body):
    """Whether it has stayed settled."""

    settled: bool
    note: Note = ""


steps: Final = Steps(router, "case", "dispute")
steps.add(
    "register",
    RegisterDispute,
    None,
    "Enter into the ledger",
    "An accepted dispute gets the town's next number.",
)
steps.add("classify", ClassifyDispute, Classification, "Classify", "Its kind, and whether it is a major one.")
steps.add("assign", AssignDispute, Mediator, "Assign a mediator", "An earlier mediator is relieved.")
steps.add("mediate", MediateDispute, Mediation, "Mediate", "Begins at a level, or goes on at a higher one.")
steps.add("agree", AgreeDispute, Agreement, "Record the agreement", "The dispute is resolved.")
steps.add("fail", FailDispute, Why, "Record that mediation failed", "It can go on at a higher level.")
steps.add("perform", PerformDispute, Performance, "Record the performance", "What was agreed was done.")
steps.add("follow-up", FollowUpDispute, Settled, "Follow up", "Has it stayed settled?")
steps.add(
    "strike-off",
    StrikeOffDispute,
    Performance,
    "Strike off (销号)",
    "With evidence, and by someone other than the mediator.",
)
steps.add(
    "return-to-ledger", ReturnDisputeToLedger, Why, "Return to the ledger", "It flared up: it is open again."
)
