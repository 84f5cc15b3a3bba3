"""How events that were recorded under an older name or shape become those of today.

An event's shape never changes under its name: a changed shape gets a new name, and a function here
that turns the old one's data into the new one's. The log itself stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Data = dict[str, Any]
"""An event's fields as JSON has them: text, numbers, lists and objects."""

Upcaster = Callable[[Data], tuple[str, Data]]
"""Takes the data of the old event; returns the new name and the new data."""

UPCASTERS: dict[str, Upcaster] = {}
"""By the old name. What it leads to may be old itself."""


def upcast(name: str, data: Data, upcasters: Mapping[str, Upcaster]) -> tuple[str, Data]:
    """Return the name and data of today for those of the past; raises `ValueError` for a circle."""
    seen = {name}
    while upcaster := upcasters.get(name):
        name, data = upcaster(data)
        if name in seen:
            raise ValueError(f"the upcasters lead from {name!r} back to {name!r}")
        seen.add(name)
    return name, data
