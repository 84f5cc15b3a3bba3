"""Who hears of which event: the rule of the inboxes, one line for each kind of event.

Who is to act hears what he is to do; who asked hears the answer; who reported hears the outcome; the centre
hears of what comes back to it. What somebody did himself he is not told.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from dispatch.domain import codes, tasks
from dispatch.domain.cases import disputes, events
from dispatch.domain.cases.kinds import Source
from dispatch.domain.escalation import (
    CaseEscalated,
    CaseEscalationAnswered,
    Escalated,
    EscalationAnswered,
    TaskEscalated,
    TaskEscalationAnswered,
)
from dispatch.domain.event import Event
from dispatch.domain.inboxes import of_account, of_centre, of_department, of_district, of_member
from dispatch.domain.ladder import Addressee
from dispatch.domain.recalculation import CaseDeadlineRecalculated, TaskDeadlineRecalculated
from dispatch.domain.towns import Post
from projections.engine.rows import Rows
from projections.inbox.row import PERSONS, PLACES, AddressedRow

HANDS: Final = frozenset({Post.CHIEF, Post.FULL_TIME, Post.PART_TIME})
"""The posts of a grid that take on what was given to the grid and to nobody by name."""


class Hearing(NamedTuple):
    """An event's item before and after it, and the rows that say who is where."""

    rows: Rows
    before: AddressedRow
    after: AddressedRow

    @property
    def town(self) -> str:
        """The town that the item lies in."""
        return codes.town_of(self.after.place)

    def person(self, person: str | None) -> Iterator[str]:
        """Give the inbox of a person: a member's of the town, or an account's that has nobody behind it."""
        if person is None:
            return
        member = self.rows.get(PERSONS, (self.town, person)) is not None
        yield of_member(self.town, person) if member else of_account(person)

    def posted(self, *posts: Post) -> Iterator[str]:
        """Give the inboxes of who is in one of these posts in the item's grid."""
        place = self.rows.get(PLACES, self.after.place)
        for member, post in place.posts if place else ():
            if post in posts:
                yield of_member(self.town, member)

    def handlers(self, item: AddressedRow) -> Iterator[str]:
        """Give the inboxes of who is to work on it: a person, a department, or the hands of the grid."""
        if item.assignee is not None:
            yield from self.person(item.assignee)
        if item.department is not None:
            yield of_department(self.town, item.department)
        elif item.assignee is None:
            yield from self.posted(*HANDS)

    def centre(self) -> Iterator[str]:
        """Give the inbox of the town's command centre."""
        yield of_centre(self.town)

    def district(self) -> Iterator[str]:
        """Give the inbox of the level above the town."""
        yield of_district(self.after.place[: codes.COUNTY])


Audience = Callable[[Hearing, Any], Iterable[str]]


def _handlers(hearing: Hearing, _event: Event) -> Iterator[str]:
    yield from hearing.handlers(hearing.after)


def _handed_over(hearing: Hearing, event: Event) -> Iterator[str]:
    yield from _handlers(hearing, event)
    yield from hearing.person(hearing.before.assignee)


def _handlers_before(hearing: Hearing, _event: Event) -> Iterator[str]:
    yield from hearing.handlers(hearing.before)


def _assignee_before(hearing: Hearing, _event: Event) -> Iterator[str]:
    yield from hearing.person(hearing.before.assignee)


def _centre(hearing: Hearing, _event: Event) -> Iterator[str]:
    yield from hearing.centre()


def _district(hearing: Hearing, _event: Event) -> Iterator[str]:
    yield from hearing.district()


def _reporter(hearing: Hearing, _event: Event) -> Iterator[str]:
    yield from hearing.person(hearing.before.reporter)


def _applicant(hearing: Hearing, _event: Event) -> Iterator[str]:
    yield from hearing.person(hearing.before.applicant or hearing.before.assignee)


def _appellant(hearing: Hearing, _event: Event) -> Iterator[str]:
    yield from hearing.person(hearing.before.appellant)


def _instructed(hearing: Hearing, event: Event) -> Iterator[str]:
    yield from _handlers(hearing, event)
    yield from hearing.posted(Post.CHIEF)


def _recalculated(hearing: Hearing, event: CaseDeadlineRecalculated) -> Iterator[str]:
    # What is not dispatched yet is the centre's to act on.
    item = hearing.after
    if event.handling is None or (item.assignee is None and item.department is None):
        yield from hearing.centre()
    else:
        yield from hearing.handlers(item)


def _reported(hearing: Hearing, event: events.CaseReported) -> Iterator[str]:
    # What a ledger is imported from happened long ago, and was known.
    if event.source is not Source.IMPORT:
        yield from hearing.centre()


def _escalated(hearing: Hearing, event: Escalated) -> Iterator[str]:
    for person in event.persons:
        yield from hearing.person(person)
    if Addressee.ASSIGNEE in event.roles and hearing.after.department is not None:
        yield of_department(hearing.town, hearing.after.department)
    if Addressee.DISTRICT in event.roles:
        yield from hearing.district()


def _answered(hearing: Hearing, _event: EscalationAnswered) -> Iterator[str]:
    for person in hearing.before.told:
        yield from hearing.person(person)


def _checker(hearing: Hearing, event: events.CaseCheckStarted) -> Iterator[str]:
    yield from hearing.person(event.checker)


AUDIENCES: Final[dict[type[Event], Audience]] = {
    tasks.TaskIssued: _handlers,
    tasks.TaskTransferred: _handed_over,
    tasks.TaskReturned: _handlers,
    tasks.TaskDeclined: _centre,
    tasks.TaskExtensionRequested: _centre,
    tasks.TaskExtensionGranted: _applicant,
    tasks.TaskExtensionRefused: _applicant,
    tasks.TaskSuspended: _handlers,
    tasks.TaskResumed: _handlers,
    tasks.TaskCancelled: _handlers_before,
    tasks.TaskInstructed: _instructed,
    TaskDeadlineRecalculated: _handlers,
    TaskEscalated: _escalated,
    TaskEscalationAnswered: _answered,
    events.CaseReported: _reported,
    events.CaseDispatched: _handlers,
    events.CaseHandedDown: _handlers,
    events.CaseTransferred: _handed_over,
    events.CaseDeclined: _centre,
    events.CaseHandedUp: _district,
    events.CaseCheckStarted: _checker,
    events.CaseCheckFailed: _handlers,
    events.CaseInstructed: _instructed,
    CaseDeadlineRecalculated: _recalculated,
    events.CaseSuspended: _handlers,
    events.CaseResumed: _handlers,
    events.CaseExtensionRequested: _centre,
    events.CaseExtensionGranted: _applicant,
    events.CaseExtensionRefused: _applicant,
    events.CaseMerged: _assignee_before,
    events.CaseAppealed: _centre,
    events.CaseAppealDecided: _appellant,
    events.CaseRefused: _reporter,
    events.CaseNotRegistered: _reporter,
    events.CaseVoided: _reporter,
    events.CaseClosed: _reporter,
    events.CaseOutcomeTold: _reporter,
    disputes.DisputeAssigned: _handlers,
    disputes.DisputeStruckOff: _reporter,
    CaseEscalated: _escalated,
    CaseEscalationAnswered: _answered,
}
"""By the event of an item; of any other nobody is told. `switches` says who hears of a switch of the mode."""
