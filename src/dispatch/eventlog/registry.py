"""Which event class belongs to which name."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module

import dispatch.domain
from dispatch.domain.event import Event, name_of


@cache
def domain_events() -> dict[str, type[Event]]:
    """Return the classes of all events that the modules of `dispatch.domain` define, by name."""
    for module in pkgutil.walk_packages(dispatch.domain.__path__, f"{dispatch.domain.__name__}."):
        import_module(module.name)
    classes = (cls for cls in _descendants(Event) if cls.__module__.startswith(dispatch.domain.__name__))
    return by_name(classes)


def by_name(classes: Iterable[type[Event]]) -> dict[str, type[Event]]:
    """Return these classes by their permanent names.

    A class without a name of its own may only serve others as their parent. Raises `ValueError`
    when it doesn't, and when two classes have the same name.
    """
    named: dict[str, type[Event]] = {}
    for cls in classes:
        name = name_of(cls)
        if name == cls.__name__:
            if not cls.__subclasses__():
                raise ValueError(f"{cls.__qualname__} needs a permanent name: tag='…'")
            continue
        other = named.setdefault(name, cls)
        if other is not cls:
            raise ValueError(f"{cls.__qualname__} and {other.__qualname__} are both named {name!r}")
    return named


def _descendants(cls: type[Event]) -> Iterator[type[Event]]:
    for child in cls.__subclasses__():
        yield child
        yield from _descendants(child)
