"""A dispute (矛盾纠纷): a case with a number in the town's ledger, mediated until it is struck off."""

from enum import StrEnum
from typing import ClassVar

import msgspec

from dispatch.domain.event import Event
from dispatch.domain.working_time import Deadline


class DisputeKind(StrEnum):
    """What a dispute is about."""

    FAMILY = "family"
    NEIGHBOURS = "neighbours"
    LAND = "land"
    HOUSING = "housing"
    DEBT = "debt"
    LABOUR = "labour"
    INJURY = "injury"
    OTHER = "other"


class DisputeRegistered(Event, frozen=True, kw_only=True, tag="dispute.registered"):
    """The dispute got its `number` in the ledger; the handling clock started."""

    by: str
    number: str
    handling: Deadline


class DisputeClassified(Event, frozen=True, kw_only=True, tag="dispute.classified"):
    """The centre said what it is about and whether it is a major one."""

    by: str
    kind: DisputeKind
    major: bool = False


class DisputeAssigned(Event, frozen=True, kw_only=True, tag="dispute.assigned"):
    """The centre asked a member to mediate."""

    by: str
    mediator: str


class DisputeMediationStarted(Event, frozen=True, kw_only=True, tag="dispute.mediation_started"):
    """The mediation began at `level`, such as `courtyard`; it moves up only."""

    by: str
    level: str


class DisputeAgreed(Event, frozen=True, kw_only=True, tag="dispute.agreed"):
    """The parties agreed at `level`, perhaps `jointly_with` others: it is resolved and the clock stopped."""

    by: str
    level: str
    jointly_with: tuple[str, ...] = ()
    terms: str = ""
    evidence: tuple[str, ...] = ()

    personal: ClassVar[tuple[str, ...]] = ("terms",)


class DisputeFailed(Event, frozen=True, kw_only=True, tag="dispute.failed"):
    """The mediation at `level` came to nothing."""

    by: str
    level: str
    reason: str


class DisputePerformed(Event, frozen=True, kw_only=True, tag="dispute.performed"):
    """The parties did what they had agreed."""

    by: str
    note: str = ""
    evidence: tuple[str, ...] = ()


class DisputeFollowedUp(Event, frozen=True, kw_only=True, tag="dispute.followed_up"):
    """The parties were asked whether it has stayed settled."""

    by: str
    settled: bool
    note: str = ""

    personal: ClassVar[tuple[str, ...]] = ("note",)


class DisputeStruckOff(Event, frozen=True, kw_only=True, tag="dispute.struck_off"):
    """The dispute was struck off the ledger (销号), on evidence: this closes the case."""

    by: str
    note: str
    evidence: tuple[str, ...]
    merged: tuple[str, ...] = ()


class DisputeFlaredUp(Event, frozen=True, kw_only=True, tag="dispute.flared_up"):
    """It broke out again and returned to the ledger under its old number, with a new clock."""

    by: str
    reason: str
    handling: Deadline


DisputeEvent = (
    DisputeRegistered
    | DisputeClassified
    | DisputeAssigned
    | DisputeMediationStarted
    | DisputeAgreed
    | DisputeFailed
    | DisputePerformed
    | DisputeFollowedUp
    | DisputeStruckOff
    | DisputeFlaredUp
)


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a case because it is a dispute.

    `mediators` are all who mediated; none of them may strike it off. `level` is where
    the present round of mediation is, `agreed_level` where it ended well, `rounds` how often it returned.
    """

    number: str
    kind: DisputeKind | None = None
    major: bool = False
    mediators: frozenset[str] = frozenset()
    level: str | None = None
    agreed_level: str | None = None
    rounds: int = 0
