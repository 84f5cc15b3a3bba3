"""What a question says: of which moment, of what, how much of the answer."""

from datetime import datetime
from typing import Final, Literal

import msgspec

from dispatch.domain import codes
from dispatch.domain.refusal import Unacceptable
from projections.spans import Window

__all__ = [
    "AsOfInFuture",
    "Asked",
    "KnownAtInFuture",
    "Page",
    "PageMalformed",
    "Part",
    "Reach",
    "When",
    "Window",
    "WindowReversed",
    "in_order",
]

LARGEST_PAGE: Final = 500
LONGEST_NUMBER: Final = 18
"""Digits of a cursor that is a number: as many as a position or a time in µs has at most."""
Part = Literal["numerator", "denominator"]


class AsOfInFuture(Unacceptable):
    """A question can be about now or about the past."""


class KnownAtInFuture(Unacceptable):
    """The log does not hold that position or time yet."""


class WindowReversed(Unacceptable):
    """The window ends before it begins: `until` must be later than `from`."""


class PageMalformed(Unacceptable):
    """A page has 1 to 500 items and goes on from a cursor that an earlier page gave."""


class When(msgspec.Struct, frozen=True, kw_only=True):
    """The moment that a question is about, in both times; `now` is the service's clock.

    `as_of`: what had happened by then, that very moment included; None is now. `known_at`: what the log
    held by then, a position or a time; None is everything that it holds now. All aware. `of`: the read
    models that the answer rests on, whose position it then tells; None is all of them.
    """

    now: datetime
    as_of: datetime | None = None
    known_at: int | datetime | None = None
    of: frozenset[str] | None = None


def in_order(window: Window) -> Window:
    """Return a window that somebody may ask about, or raise `WindowReversed`."""
    if window.start is not None and window.until is not None and window.until <= window.start:
        raise WindowReversed
    return window


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Of what: the prefix of a code (`""` is everything), one category, one source of cases.

    `exact`: what stands under the code `scope` itself, such as a town's cases of no grid, and not what lies
    in it. A figure of tasks ignores `source`: tasks have none. Raises `CodeMalformed` for another scope.
    """

    scope: str = ""
    exact: bool = False
    category: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        codes.require(self.scope, *codes.SCOPE_LENGTHS)


class Reach(msgspec.Struct, frozen=True):
    """What a grid worker sees: the items of these grids, and those assigned to this member.

    But for `gone`, which he could see so at the moment that is asked about and can see no more.
    """

    grids: frozenset[str]
    member: str | None
    gone: frozenset[str] = frozenset()


class Page(msgspec.Struct, frozen=True):
    """How many items, 1 to 500, and after which cursor of an earlier answer. Raises `PageMalformed`."""

    limit: int = 50
    after: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= LARGEST_PAGE:
            raise PageMalformed(limit=self.limit)

    def number(self) -> int | None:
        """Return the cursor where it is a number, None without one. Raises `PageMalformed`."""
        after = self.after
        if after is None:
            return None
        if not (after.isascii() and after.isdigit() and len(after) <= LONGEST_NUMBER):
            raise PageMalformed(after=after[:40])
        return int(after)
