"""What people write: whether it says something, what does not belong to it, and what no text may hold."""

import re
from typing import Final
from unicodedata import category

CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What no text may hold: control characters but for tabs and ends of lines, half a surrogate pair, and the
marks that turn the direction in which what follows is read."""
NO_WIDTH: Final = re.compile(r"[\xad\u180e\u200b\u2060-\u2064\ufeff]")
"""What can't be seen inside of a line, and joins nothing: two that look the same are not."""
CONTROL_IN_LINE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    r"\ud800-\udfff]"
)
"""The same of what is one line, such as a title or a name; further every mark of direction, and what has no
width. What joins letters and the parts of an emoji may stay."""
_AROUND: Final = (
    " \t\n\x0b\x0c\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d"
    "\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
"""Blanks, and what is pasted along with a text: of zero width, or a mark of direction."""
_FILLERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols, says Unicode, that show nothing."""


def trimmed(text: str) -> str:
    """Return a text without what stands around it and can't be seen."""
    return text.strip(_AROUND)


def says_something(text: str) -> bool:
    """Tell whether there is a letter, a digit, a punctuation mark or a symbol that can be seen."""
    return any(category(one)[0] in "LNPS" and one not in _FILLERS for one in text)


def written_out(text: str) -> str:
    """Return a text on one line, with whatever can't be seen written out as source code writes it.

    Nobody's words can so look like a line of ours, nor change the order in which one is read.
    """
    return "".join(
        one if one.isprintable() or category(one) == "Zs" else one.encode("unicode_escape").decode()
        for one in text
    )
