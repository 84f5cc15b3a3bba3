"""Publishing figures is an event: who told which numbers to others, of when, known at which position."""

from datetime import datetime

import msgspec

from dispatch.domain.event import Event


class FiguresPublished(Event, frozen=True, kw_only=True, tag="figures.published"):
    """Figures of a scope were published: of items between `since` and `until`, as of `as_of`.

    `known_at` is the log position that they rest on. `figures` holds for each rate its numerator and
    denominator, `numbers` the plain numbers such as `tasks.open`. The four together say what can be computed
    again at any time: as of `as_of`, known at `known_at`, these are the figures and will always be.
    """

    scope: str
    title: str
    since: datetime | None
    until: datetime | None
    category: str | None
    source: str | None
    as_of: datetime
    known_at: int
    figures: dict[str, tuple[int, int]]
    numbers: dict[str, int]
    by: str


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """What was published; it never changes, a correction is a publication of its own."""

    scope: str
    title: str

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.scope

    @property
    def status(self) -> str:
        """A publication has no lifecycle."""
        return "published"


def evolve(_publication: Publication | None, event: FiguresPublished) -> Publication:
    """Return the publication after `event`."""
    return Publication(scope=event.scope, title=event.title)
