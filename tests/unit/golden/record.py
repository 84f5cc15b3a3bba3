"""The public record: each event's name and fields, and what may change in it without harm."""

import json
from pathlib import Path
from typing import Any, TypedDict

import msgspec
from msgspec import inspect

from dispatch.domain.event import Event
from dispatch.eventlog.registry import domain_events

GOLDEN = Path(__file__).with_name("events.json")

Fields = dict[str, str]
"""A field's type in words; ` = …` follows where it has a default, `personal` stands before personal data."""


class Record(TypedDict):
    """All of the public record; `shapes` and `choices` are what fields of the events consist of."""

    events: dict[str, Fields]
    shapes: dict[str, Fields]
    choices: dict[str, list[str]]


def read() -> Record:
    if not GOLDEN.exists():
        return Record(events={}, shapes={}, choices={})
    record: Record = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return record


def write(record: Record) -> None:
    text = json.dumps(record, indent=2, ensure_ascii=False, sort_keys=True)
    GOLDEN.write_text(text + "\n", encoding="utf-8")


def present() -> Record:
    """Return the record that the code has now."""
    return describe(domain_events())


def describe(events: dict[str, type[Event]]) -> Record:
    record = Record(events={}, shapes={}, choices={})
    for name, event in events.items():
        fields = _fields(inspect.type_info(event), record)
        record["events"][name] = {
            field: f"personal {what}" if field in event.personal else what for field, what in fields.items()
        }
    return record


def breaks(old: Record, new: Record) -> list[str]:
    """Say what in the new record would keep an old event from being read as what it was.

    New events, new choices, and new fields that have a default do no harm.
    """
    found = [f"{name} is gone" for name in old["events"] if name not in new["events"]]
    # A shape that no event has any more harms nobody; the event that lost it is named.
    for before, after in ((old["events"], new["events"]), (old["shapes"], new["shapes"])):
        for name in before.keys() & after.keys():
            found += _broken(name, before[name], after[name])
    for name in old["choices"].keys() & new["choices"].keys():
        gone = set(old["choices"][name]) - set(new["choices"][name])
        found += [f"{name} has no {choice} any more" for choice in gone]
    return sorted(found)


def _broken(name: str, before: Fields, after: Fields) -> list[str]:
    found = [f"{name}.{field} is gone" for field in before if field not in after]
    for field, what in after.items():
        if field not in before:
            if " = " not in what:
                found.append(f"{name}.{field} is new and has no default")
        elif before[field] != what:
            found.append(f"{name}.{field} was {before[field]}, is {what}")
    return found


def _fields(info: inspect.Type, record: Record) -> Fields:
    assert isinstance(info, inspect.StructType)
    return {field.encode_name: _type(field.type, record) + _default(field) for field in info.fields}


def _default(field: inspect.Field) -> str:
    if field.required:
        return ""
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return f" = {msgspec.json.encode(value).decode()}"


def _type(info: inspect.Type, record: Record) -> str:
    """Say a type in words, and note the shapes and choices that it consists of."""
    match info:
        case inspect.StructType() | inspect.EnumType():
            text = _named(info, record)
        case inspect.UnionType():
            text = " | ".join(_type(each, record) for each in info.types)
        case inspect.LiteralType():
            text = " | ".join(msgspec.json.encode(value).decode() for value in info.values)
        case inspect.TupleType():
            text = f"[{', '.join(_type(each, record) for each in info.item_types)}]"
        case inspect.CollectionType():
            text = f"[{_type(info.item_type, record)}…]"
        case inspect.DictType():
            text = f"{{{_type(info.key_type, record)}: {_type(info.value_type, record)}}}"
        case _:
            text = _plain(info)
    return text


def _named(info: inspect.StructType | inspect.EnumType, record: Record) -> str:
    name = info.cls.__name__
    if isinstance(info, inspect.EnumType):
        choices = [str(member.value) for member in info.cls]
        assert record["choices"].setdefault(name, choices) == choices, f"there are two {name}"
    elif name not in record["shapes"]:
        record["shapes"][name] = {}  # it may contain itself
        record["shapes"][name] = _fields(info, record)
    return name


def _plain(info: inspect.Type) -> str:
    name = type(info).__name__.removesuffix("Type").lower()
    told: dict[str, Any] = {
        key: value for key, value in msgspec.structs.asdict(info).items() if value is not None
    }
    return f"{name}({', '.join(f'{key}={value}' for key, value in told.items())})" if told else name
