"""The personal texts of an event: sealed before it is recorded, opened for who may see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event

Change = Callable[[str, str], str]
"""Takes a field, such as `reporter.name` or `addresses.0`, and its text; returns the text to put there."""


class PersonalText(NamedTuple):
    """A personal text and where in its event it stands."""

    field: str
    text: str


class Sealed(NamedTuple):
    """A text as the log holds it, and the place that it is expected to be sealed for."""

    place: str
    text: str


def has_texts(event: Event) -> bool:
    """Tell whether an event says anything personal."""
    return any(True for _ in texts(event))


def has_words(event: Event) -> bool:
    """Tell whether an event says anything personal, or anything else in somebody's own words."""
    return any(getattr(event, name, None) for name in event.said) or has_texts(event)


def texts(event: Event) -> Iterator[PersonalText]:
    """Return the personal texts of an event that say something."""
    for name in event.personal:
        yield from _texts(name, getattr(event, name))


def place(name: str, version: int, field: str) -> str:
    """Return the place that a text of an event is sealed for: no other event, version or field opens it."""
    return f"{name}/{version}/{field}"


def sealed_in(name: str, version: int, found: Iterable[PersonalText]) -> tuple[Sealed, ...]:
    """Return personal texts with their places in the event of that name and version."""
    return tuple(Sealed(place(name, version, field), text) for field, text in found)


def changed(event: Event, change: Change) -> Event:
    """Return an event with each of its personal texts changed."""
    return replace(event, **{name: _changed(name, getattr(event, name), change) for name in event.personal})


def telephones(event: Event) -> Iterator[PersonalText]:
    """Return the telephone numbers of an event that its item is to be found by."""
    return (found for found in texts(event) if found.field in event.telephones)


def _texts(field: str, value: Any) -> Iterator[PersonalText]:
    if isinstance(value, str):
        if value:
            yield PersonalText(field, value)
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from _texts(f"{field}.{number}", one)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _texts(f"{field}.{name}", getattr(value, name))


def _changed(field: str, value: Any, change: Change) -> Any:
    if isinstance(value, str):
        return change(field, value) if value else value
    if isinstance(value, tuple):
        return tuple(_changed(f"{field}.{number}", one, change) for number, one in enumerate(value))
    if isinstance(value, msgspec.Struct):
        fields = {
            name: _changed(f"{field}.{name}", getattr(value, name), change)
            for name in value.__struct_fields__
        }
        return replace(value, **fields)
    return value
