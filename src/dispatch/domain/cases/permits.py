"""An administrative permit to publish (双公示): due within working days, judged, perhaps corrected."""

from typing import ClassVar

import msgspec

from dispatch.domain.event import Event
from dispatch.domain.working_time import Deadline


class PermitDue(Event, frozen=True, kw_only=True, tag="permit.due"):
    """A permit was decided at `at` and is to be reported for publication by `reporting.due`.

    `grid` is the grid or town that it belongs to, `number` the permit's own number. One that was voided may
    begin anew: then this holds, and nothing of what was before.
    """

    grid: str
    number: str
    title: str
    by: str
    reporting: Deadline
    holder: str = ""

    personal: ClassVar[tuple[str, ...]] = ("holder",)


class PermitReported(Event, frozen=True, kw_only=True, tag="permit.reported"):
    """The permit was reported (报送) and published; in time if `at` is not after the deadline."""

    by: str
    evidence: tuple[str, ...] = ()


class PermitJudged(Event, frozen=True, kw_only=True, tag="permit.judged"):
    """Somebody else looked at what was published and found it compliant (合规) or not."""

    by: str
    compliant: bool
    note: str = ""


class PermitCorrected(Event, frozen=True, kw_only=True, tag="permit.corrected"):
    """What was not compliant was put right (修正)."""

    by: str
    note: str
    evidence: tuple[str, ...] = ()


PermitEvent = PermitDue | PermitReported | PermitJudged | PermitCorrected


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a case because it is a permit to publish."""

    number: str
    reporting: Deadline
    reported_by: str | None = None
