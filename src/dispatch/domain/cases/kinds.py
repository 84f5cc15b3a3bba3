"""What kinds of case there are: where they stand, where they came from, how grave they are."""

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where a case stands; disputes and permits have steps of their own after the first ones."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    REGISTERED = "registered"
    NOT_REGISTERED = "not_registered"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    HANDLED = "handled"
    CHECKING = "checking"
    CLOSED = "closed"
    REOPENED = "reopened"
    SELF_HANDLED = "self_handled"
    MERGED = "merged"
    HANDED_UP = "handed_up"
    SUSPENDED = "suspended"
    VOIDED = "voided"

    CLASSIFIED = "classified"
    ASSIGNED = "assigned"
    MEDIATING = "mediating"
    AGREED = "agreed"
    FAILED = "failed"
    PERFORMED = "performed"
    FOLLOWED_UP = "followed_up"
    STRUCK_OFF = "struck_off"

    DUE = "due"
    PUBLISHED = "published"
    COMPLIANT = "compliant"
    NOT_COMPLIANT = "not_compliant"
    CORRECTED = "corrected"


ENDED: Final = frozenset(
    {
        Status.REFUSED,
        Status.NOT_REGISTERED,
        Status.CLOSED,
        Status.SELF_HANDLED,
        Status.MERGED,
        Status.VOIDED,
        Status.STRUCK_OFF,
        Status.COMPLIANT,
        Status.CORRECTED,
    }
)
"""The statuses in which nothing is left to do; reopening, appeal, undoing a merge and flaring up lead out."""

TURNED_AWAY: Final = frozenset({Status.REFUSED, Status.NOT_REGISTERED, Status.VOIDED})
"""The endings that may be appealed against: nothing was done about the report."""

WITH_THE_HANDLER: Final = frozenset({Status.DISPATCHED, Status.HANDLING, Status.ASSIGNED, Status.MEDIATING})
"""The statuses in which a department, a grid or a person is to work on it."""

CLOCK_RUNS: Final = WITH_THE_HANDLER | {
    Status.REGISTERED,
    Status.REOPENED,
    Status.CLASSIFIED,
    Status.FAILED,
}
"""The statuses in which the handling clock runs: it is the town's promise, so it runs in the centre too."""

MERGEABLE: Final = frozenset(
    {
        Status.REPORTED,
        Status.ACCEPTED,
        Status.REGISTERED,
        Status.DISPATCHED,
        Status.HANDLING,
        Status.REOPENED,
    }
)
"""The statuses in which a case can be found to be a duplicate of another."""

DISPUTE: Final = "dispute"
PERMIT: Final = "permit"
UNCATEGORISED: Final = "uncategorised"
"""The category of an imported case whose ledger names none."""


class Source(StrEnum):
    """Who or what brought a case to the centre."""

    GRID_WORKER = "grid_worker"
    RESIDENT = "resident"
    HOTLINE = "hotline"
    PATROL = "patrol"
    VIDEO = "video"
    INSPECTION = "inspection"
    LEADER = "leader"
    DEPARTMENT = "department"
    IMPORT = "import"


TO_BE_VERIFIED: Final = frozenset({Source.RESIDENT, Source.HOTLINE})
"""The sources whose reports none of the staff has seen: to be verified (核实) before they are registered."""


class Channel(StrEnum):
    """By which way a report or request came; the online share counts `online`."""

    ONLINE = "online"
    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"
    DEVICE = "device"
    PAPER = "paper"


class Severity(StrEnum):
    """How grave a case is: five grades for daily cases, Ⅳ (blue) to Ⅰ (red) for emergencies."""

    GRADE_1 = "1"
    GRADE_2 = "2"
    GRADE_3 = "3"
    GRADE_4 = "4"
    GRADE_5 = "5"
    BLUE = "IV"
    YELLOW = "III"
    ORANGE = "II"
    RED = "I"


EMERGENCIES: Final = frozenset({Severity.BLUE, Severity.YELLOW, Severity.ORANGE, Severity.RED})
