"""The sets that a case belongs to: the one place that decides what any number or list of cases counts."""

from datetime import datetime
from functools import cache
from typing import Final

from dispatch.domain.cases import ENDED, Channel, Status
from dispatch.domain.cases.kinds import DISPUTE, PERMIT
from projections.cases.row import CaseRow
from projections.escalation import LEVEL_SETS, sets_of

ASSISTANCE: Final = "assistance"
"""The category of which the online share is told (重庆救助通)."""

SETS: Final = (
    "reported",
    "reported_online",
    "accepted",
    "accepted_in_time",
    "refused",
    "not_registered",
    "registered",
    "self_handled",
    "handled",
    "handled_on_time",
    "handled_once",
    "reworked",
    "should_have_closed",
    "unit_closed",
    "closed_on_time",
    "closed",
    "overdue",
    "lapsed",
    "open",
    "suspended",
    "reopened",
    "voided",
    "merged",
    "dispute_reported",
    "dispute_accepted",
    "dispute_registered",
    "dispute_mediated",
    "dispute_resolved",
    "dispute_major_joint",
    "dispute_struck_off",
    "requested",
    "requested_online",
    "permit",
    "permit_due",
    "permit_reported",
    "permit_in_time",
    "permit_compliant",
    "permit_faulted",
    "permit_corrected",
    *LEVEL_SETS,
)
"""Every set, in the order of the tallies' columns."""

BY_TIME: Final = frozenset({"should_have_closed", "overdue", "lapsed"})
"""The sets that a case enters by time alone, at its `lapses_at`."""

PERMIT_BY_TIME: Final = frozenset({"permit_due"})
"""The sets that a permit enters by time alone, at its `lapses_at`."""

VOIDED: Final = frozenset({"voided"})
MERGED: Final = frozenset({"merged"})


def membership(case: CaseRow, as_of: datetime | None) -> frozenset[str]:
    """Return the sets that a case belongs to at `as_of`; None leaves out what time alone brings about.

    Source of the rules: DOMAIN.md, Figures and A case.

    - `voided` and `merged` cases are in no other set; they are counted apart.
    - `reported`: every other one; `reported_online` through the online channel. `accepted`, `refused`.
    - `accepted_in_time`: accepted by the acceptance deadline; equal to it is on time, here and below.
    - `self_handled` cases are accepted and closed, and in none of the sets of registration and handling.
    - `registered`: put on the books, or reopened. `handled`, `handled_on_time`, `handled_once`, `reworked`,
      `should_have_closed`, `unit_closed`, `closed_on_time`, `overdue`, `lapsed`: as for tasks, of registered
      cases only; a dispute is handled when the parties agree.
    - `closed`: closed (a dispute: struck off), or self-handled, and not reopened since.
    - `escalated`: any step of the ladder has ever fired; `notice` to `district`: one of that level.
    - `open`: something is left to do.
    - `dispute_…`: reported, accepted, registered, mediated (mediation has begun), resolved (the parties
      agree), struck off; `dispute_major_joint`: resolved, a major one, by more than one level together.
    - `requested`: requests for social assistance; `requested_online` those through the online channel.
    - Permits to publish are in the sets `permit…` only, see `_permit`.
    """
    if case.status is Status.VOIDED:
        return VOIDED
    if case.status is Status.MERGED:
        return MERGED
    lapsed = as_of is not None and case.lapses_at is not None and case.lapses_at <= as_of
    if case.category == PERMIT:
        return _permit(case, lapsed)
    accepted_at, handled_at, due = case.accepted_at, case.handled_at, case.handling_due
    on_books = case.registered_at is not None and case.status is not Status.SELF_HANDLED
    facts = (
        case.channel is Channel.ONLINE,
        accepted_at is not None,
        accepted_at is not None and case.acceptance_due is not None and accepted_at <= case.acceptance_due,
        on_books,
        on_books and handled_at is not None,
        on_books and handled_at is not None and due is not None and handled_at <= due,
        on_books and case.first_handled_at is not None,
        case.reworks > 0,
        case.closed_at is not None,
        lapsed,
        case.reopenings > 0,
        case.category == ASSISTANCE,
    )
    found = _sets(case.status, facts)
    if case.levels:
        found |= sets_of(case.levels)
    return found | _dispute(case) if case.category == DISPUTE else found


@cache
def _sets(status: Status, facts: tuple[bool, ...]) -> frozenset[str]:
    online, accepted, accepted_in_time, registered, handled, handled_on_time = facts[:6]
    handled_once, rework, closed, lapsed, reopened, assistance = facts[6:]
    should = handled or lapsed
    found = {
        "reported": True,
        "reported_online": online,
        "accepted": accepted,
        "accepted_in_time": accepted_in_time,
        "refused": status is Status.REFUSED,
        "not_registered": status is Status.NOT_REGISTERED,
        "registered": registered,
        "self_handled": status is Status.SELF_HANDLED,
        "handled": handled,
        "handled_on_time": handled_on_time,
        "handled_once": handled_once,
        "reworked": handled_once and rework,
        "should_have_closed": should,
        "unit_closed": closed and should,
        "closed_on_time": closed and handled_on_time,
        "closed": closed,
        "overdue": should and not handled_on_time,
        "lapsed": lapsed,
        "open": status not in ENDED,
        "suspended": status is Status.SUSPENDED,
        "reopened": reopened,
        "requested": assistance,
        "requested_online": assistance and online,
    }
    return frozenset(name for name, holds in found.items() if holds)


def _dispute(case: CaseRow) -> frozenset[str]:
    facts = (
        case.accepted_at is not None,
        case.registered_at is not None,
        case.mediated_at is not None,
        case.resolved_at is not None,
        case.major and case.joint,
        case.struck_off_at is not None,
    )
    return _dispute_sets(facts)


@cache
def _dispute_sets(facts: tuple[bool, ...]) -> frozenset[str]:
    accepted, registered, mediated, resolved, major_joint, struck_off = facts
    found = {
        "dispute_reported": True,
        "dispute_accepted": accepted,
        "dispute_registered": registered,
        "dispute_mediated": mediated,
        "dispute_resolved": accepted and resolved,
        "dispute_major_joint": accepted and resolved and major_joint,
        "dispute_struck_off": registered and struck_off,
    }
    return frozenset(name for name, holds in found.items() if holds)


def _permit(case: CaseRow, lapsed: bool) -> frozenset[str]:
    """Return the sets of a permit.

    `permit_due` (应报送): reported, or its deadline for reporting is past; `permit_reported`;
    `permit_in_time`: by the deadline. Of the reported ones: `permit_compliant` if the last judgement says
    so, `permit_faulted` if any said otherwise, `permit_corrected` those of the faulted that were put right.
    """
    at, due = case.published_at, case.handling_due
    facts = (
        at is not None or lapsed,
        at is not None,
        at is not None and due is not None and at <= due,
        case.compliant is True,
        case.faulted_at is not None,
        case.corrected_at is not None,
    )
    return _permit_sets(facts)


@cache
def _permit_sets(facts: tuple[bool, ...]) -> frozenset[str]:
    due, reported, in_time, compliant, faulted, corrected = facts
    found = {
        "permit": True,
        "permit_due": due,
        "permit_reported": reported,
        "permit_in_time": in_time,
        "permit_compliant": reported and compliant,
        "permit_faulted": reported and faulted,
        "permit_corrected": reported and faulted and corrected,
    }
    return frozenset(name for name, holds in found.items() if holds)
