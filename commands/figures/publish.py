"""Publish: put on record which figures were told to others, so that they can be held against later ones."""

from datetime import datetime
from typing import Any, Final

from typing_extensions import override

from commands.command import Command, Decision, On
from commands.context import Context
from commands.moments import past, utc
from dispatch.domain import codes
from dispatch.domain.publications import FiguresPublished
from dispatch.domain.refusal import Unacceptable
from dispatch.domain.text import says_something

LONGEST_TITLE: Final = 200


class NothingPublished(Unacceptable):
    """A publication has a title of 1 to 200 characters, and at least one figure."""


class WindowReversed(Unacceptable):
    """A window begins before it ends."""


class PublishFigures(Command, frozen=True, kw_only=True, tag="figures.publish"):
    """Record figures as published; the fields are those of the event.

    Whoever sends it has computed the numbers from the log: as of `as_of`, known at `known_at`.
    """

    scope: str
    title: str
    as_of: datetime
    known_at: int
    figures: dict[str, tuple[int, int]]
    numbers: dict[str, int]
    since: datetime | None = None
    until: datetime | None = None
    category: str | None = None
    source: str | None = None

    @override
    def asked(self) -> Any:
        """Leave out what was computed, so that a repeat under the same key finds its first answer."""
        return (self.scope, self.title, self.since, self.until, self.category, self.source)


def decide(command: PublishFigures, context: Context) -> Decision:
    """Record what was published."""
    codes.require(command.scope, *codes.SCOPE_LENGTHS)
    context.reach(command.scope)
    titled = says_something(command.title) and len(command.title) <= LONGEST_TITLE
    if not titled or not (command.figures or command.numbers):
        raise NothingPublished(figures=len(command.figures))
    since, until = (None if at is None else utc(at) for at in (command.since, command.until))
    if since is not None and until is not None and since >= until:
        raise WindowReversed(since=since.isoformat(), until=until.isoformat())
    yield On(
        f"publication:{context.new_id()}",
        FiguresPublished(
            at=context.now,
            scope=command.scope,
            title=command.title,
            since=since,
            until=until,
            category=command.category,
            source=command.source,
            as_of=past(command.as_of, context),
            known_at=command.known_at,
            figures=command.figures,
            numbers=command.numbers,
            by=context.person,
        ),
    )
