"""Titles: what an item is called by whoever looks through a list."""

from dispatch.domain.refusal import Unacceptable
from dispatch.domain.text import says_something


class TitleMissing(Unacceptable):
    """This needs a title that can be read."""


def require_title(title: str) -> str:
    """Return `title`, which must say something; otherwise `TitleMissing`."""
    if not says_something(title):
        raise TitleMissing
    return title
