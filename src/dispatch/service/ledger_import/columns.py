"""Which of a ledger's columns is what: `id=case_id,grid=district,reported=opened,…`."""

import csv
from typing import Any, Final, NamedTuple

from dispatch.domain.refusal import Unacceptable
from dispatch.service.ledger_import.reading import Ledger

NEEDED: Final = ("id", "grid", "reported")
OPTIONAL: Final = ("closed", "category", "subject")
KNOWN: Final = (*NEEDED, *OPTIONAL)


class ColumnsDoNotFit(Unacceptable):
    """The columns that were named don't fit the ledger."""

    def __init__(self, why: str) -> None:
        self._message = why
        super().__init__()

    @property
    def message(self) -> str:
        """What doesn't fit, and what there is."""
        return self._message


class Columns(NamedTuple):
    """Where in a record each thing stands, from 0; None for what the ledger doesn't have."""

    id: int
    grid: int
    reported: int
    closed: int | None
    category: int | None
    subject: int | None


def parse(spec: str) -> dict[str, str]:
    """Return what `--columns` says, our names to the ledger's; `ColumnsDoNotFit` if it can't be meant."""
    named: dict[str, str] = {}
    for part in next(csv.reader([spec], skipinitialspace=True), []):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if not equals or not theirs or ours not in KNOWN:
            raise ColumnsDoNotFit(
                f"--columns has {part.strip()!r}: write NAME=COLUMN with one of the names {', '.join(KNOWN)}."
            )
        if ours in named:
            raise ColumnsDoNotFit(f"--columns names {ours} twice.")
        named[ours] = theirs
    missing = [name for name in NEEDED if name not in named]
    if missing:
        raise ColumnsDoNotFit(
            f"--columns says nothing about {', '.join(missing)}: needed are {', '.join(NEEDED)}, "
            f"and may be given {', '.join(OPTIONAL)}."
        )
    return named


def locate(ledger: Ledger, spec: str | None) -> Columns:
    """Return where the columns stand; without `spec` they are called as we call them."""
    header = ledger.header
    named = parse(spec) if spec is not None else {name: name for name in KNOWN if name in header}
    absent = [theirs for theirs in named.values() if theirs not in header]
    absent += [] if spec is not None else [name for name in NEEDED if name not in header]
    if absent:
        hint = "" if spec is not None else "; say which is which with --columns id=…,grid=…,reported=…"
        raise ColumnsDoNotFit(
            f"{ledger.path} has no column {', '.join(map(repr, absent))}; it has {', '.join(header)}{hint}."
        )
    twice = [theirs for theirs in named.values() if header.count(theirs) > 1]
    if twice:
        raise ColumnsDoNotFit(f"{ledger.path} has several columns called {', '.join(map(repr, twice))}.")
    found: dict[str, Any] = {name: header.index(named[name]) if name in named else None for name in KNOWN}
    return Columns(**found)
