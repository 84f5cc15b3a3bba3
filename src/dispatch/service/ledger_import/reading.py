"""A ledger's file as records: plain or gzip, UTF-8 or GB18030, each with its line and its very text."""

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from dispatch.domain.refusal import Unacceptable

GZIP: Final = b"\x1f\x8b"
BOM: Final = b"\xef\xbb\xbf"
FOREIGN: Final = {
    b"PK\x03\x04": "a spreadsheet or a zip file",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"%PDF": "a PDF",
}
"""How files begin that people send instead of a CSV file."""

MOST_LINES: Final = 200
"""A value in quotation marks ends within so many lines, or its mark was never meant to open one."""

UNCLOSED: Final = "unexpected end of data"
"""What the csv module says of a quotation mark that is not closed yet."""

NEVER_CLOSED: Final = "opens a quotation mark that is never closed"


class LedgerUnreadable(Unacceptable):
    """The ledger can't be read."""

    def __init__(self, path: Path, why: str) -> None:
        self._message = f"{path} can't be read as a ledger: {why}."
        super().__init__()

    @property
    def message(self) -> str:
        """Which file and why."""
        return self._message


class Record(NamedTuple):
    """One record: the line it begins at (the header is line 1), its text, and its values or what is wrong."""

    line: int
    text: str
    values: list[str]
    fault: str | None = None


class Ledger(NamedTuple):
    """A file that was found to be a ledger: where it is, its encoding and its columns' names."""

    path: Path
    encoding: str
    header: list[str]


def open_ledger(path: Path) -> Ledger:
    """Look through a file once and return what it is; `LedgerUnreadable` says what to do about it if not."""
    if not path.is_file():
        raise LedgerUnreadable(path, "there is no such file" if not path.exists() else "it is not a file")
    with _opened(path) as lines:
        encoding = _encoding_of(lines, path)
    for record in _records(path, encoding):
        if record.fault is not None:
            raise LedgerUnreadable(path, f"its first line names no columns ({record.fault})")
        return Ledger(path, encoding, [name.strip() for name in record.values])
    raise LedgerUnreadable(path, "it is empty; its first line must name the columns")


def records(ledger: Ledger) -> Iterator[Record]:
    """Give every record after the header, sound or not, in the file's order; empty lines are none."""
    found = _records(ledger.path, ledger.encoding)
    next(found, None)
    width = len(ledger.header)
    for record in found:
        if record.fault is None and len(record.values) != width:
            fault = f"has {len(record.values)} columns, the header {width}"
            yield record._replace(fault=fault)
        else:
            yield record


@contextmanager
def _opened(path: Path) -> Iterator[Iterable[bytes]]:
    """Give a file's lines, unpacked if its first bytes are gzip's."""
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == GZIP
            plain.seek(0)
            if packed:
                with gzip.open(plain) as unpacked:
                    yield cast("BinaryIO", unpacked)
            else:
                yield plain
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise LedgerUnreadable(path, "it is a damaged gzip file; fetch it again") from error
    except OSError as error:
        raise LedgerUnreadable(path, error.strerror or str(error)) from error


def _encoding_of(lines: Iterable[bytes], path: Path) -> str:
    """Tell UTF-8 from GB18030 by which most lines are: one damaged line doesn't make a file another one."""
    sound = broken = 0
    for number, line in enumerate(lines):
        if number == 0:
            for start, kind in FOREIGN.items():
                if line.startswith(start):
                    raise LedgerUnreadable(path, f"it is {kind}; save it as CSV in UTF-8")
            if line.startswith(BOM):
                return "utf-8"
        if line.isascii():
            continue
        try:
            line.decode()
            sound += 1
        except UnicodeDecodeError:
            broken += 1
    return "utf-8" if sound >= broken else "gb18030"


def _records(path: Path, encoding: str) -> Iterator[Record]:
    with _opened(path) as opened:
        lines = enumerate(opened, 1)
        again: deque[tuple[int, bytes]] = deque()
        while (first := again.popleft() if again else next(lines, None)) is not None:
            number, raw = first
            if number == 1:
                raw = raw.removeprefix(BOM)
            if not raw.strip():
                continue
            record, taken = _record(number, raw, encoding, again, lines)
            # What was looked at in vain, for the end of a quoted value, is read again line by line.
            again.extendleft(reversed(taken))
            yield record


def _record(
    number: int,
    raw: bytes,
    encoding: str,
    again: deque[tuple[int, bytes]],
    lines: Iterator[tuple[int, bytes]],
) -> tuple[Record, list[tuple[int, bytes]]]:
    """Read the record that begins here; also return the lines that were taken and don't belong to it."""
    taken: list[tuple[int, bytes]] = []
    whole = raw
    while True:
        try:
            text = whole.decode(encoding)
        except UnicodeDecodeError:
            fault = f"holds bytes that are not {encoding.upper()}"
            return Record(number, _shown(raw, encoding), [], fault), taken
        try:
            rows = list(csv.reader(io.StringIO(text, newline="\n"), strict=True))
        except csv.Error as error:
            if UNCLOSED in str(error) and len(taken) < MOST_LINES:
                more = again.popleft() if again else next(lines, None)
                if more is not None:
                    taken.append(more)
                    whole += more[1]
                    continue
            fault = NEVER_CLOSED if taken or UNCLOSED in str(error) else f"is not CSV ({error})"
            return Record(number, _shown(raw, encoding), [], fault), taken
        return Record(number, text.rstrip("\r\n"), rows[0] if rows else []), []


def _shown(raw: bytes, encoding: str) -> str:
    return raw.rstrip(b"\r\n").decode(encoding, "backslashreplace")
