"""How a category of tasks or cases is written."""

import re
from typing import Final

CATEGORY: Final = r"[a-z][a-z0-9_]{0,39}"
"""The pattern of a category: small letters, digits and _."""
EVERY: Final = "*"
"""Stands for every category, or every grade, that is not named."""


def names_category(text: str) -> bool:
    """Tell whether a text names a category, or every one."""
    return text == EVERY or re.fullmatch(CATEGORY, text) is not None
