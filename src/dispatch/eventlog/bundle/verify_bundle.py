"""Verifies a bundle of the log offline, with nothing but Python's standard library: see its README.

    python verify_bundle.py BUNDLE [--checkpoint FILE …] [--key FILE]

Every event is hashed anew from its own bytes, in SHA-256 and SM3, into the Merkle tree of RFC 9162,
and its roots are held against the bundle's head and every checkpoint. Exits with 0 when all is well,
1 when something is not, naming the position, and 2 when there is nothing to verify. Give it a
checkpoint that was kept elsewhere: only that shows a log that was rewritten as a whole.

What two programs could read in two ways is refused: a name that is given twice, a field that no leaf
covers, a file that bundle.json doesn't name. A hash is taken as it is only from a line that has nothing else.
"""

# One file, however long: whoever gets it needs nothing else, and it shares no code with what it checks.
# ruff: noqa: T201 - it is a program
from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import multiprocessing
import os
import re
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HEADER = struct.Struct(">QQqqII")
FIELDS = ("position", "stream", "version", "name", "at", "recorded_at")
EVENTS = ({*FIELDS, "state", "leaf"}, {*FIELDS, "state_base64", "leaf"})
WITHHELD = {"position", "withheld", "leaf", "sm3"}
ABOUT = {"format", "origin", "size", "withheld", "sha256", "sm3", "segment_events", "segments"}
BESIDE = {"bundle.json", "key.txt", "README.md", "verify_bundle.py"}
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
FORMER_KEY = re.compile(rf"(\S+) ({NUMBER.pattern})")
MOST_PROBLEMS = 20
Hash = Callable[[bytes], bytes]
Levels = list[list[bytes]]


class NotABundle(Exception):
    """There is nothing to verify."""


class UnknownKey(Exception):
    """The key is of a kind that this program doesn't know, such as SM2."""


class Problem(NamedTuple):
    """What is wrong, and from which position on."""

    position: int
    what: str


class Segment(NamedTuple):
    """What a process is asked about one file of events: the sizes are those of checkpoints within it."""

    bundle: str
    file: str
    first: int
    last: int
    sizes: tuple[int, ...]


class Checked(NamedTuple):
    """What came of a segment: for each size, and for its end, the roots of the whole subtrees up to there.

    `withheld` are the stretches of events of which there are only hashes, by their first and last position.
    """

    problems: list[Problem]
    parts: dict[int, list[list[bytes]]]
    withheld: Sequence[tuple[int, int]] = ()


def counted(number: int, one: str) -> str:
    """Return a number with what it counts: 1 event, 2,000 events."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, whose names must differ."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


decode = json.JSONDecoder(object_pairs_hook=once).decode


def hash_functions() -> dict[str, Hash]:
    """Return the hash functions that are to be had here: SHA-256, and SM3 from one library or the other."""

    def of_hashlib(name: str) -> Hash:
        start = hashlib.new(name)

        def digest(content: bytes) -> bytes:
            state = start.copy()
            state.update(content)
            return state.digest()

        return digest

    found = {"sha256": of_hashlib("sha256")}
    try:
        found["sm3"] = of_hashlib("sm3")
    except ValueError:
        try:
            from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - may not be there
        except ImportError:
            return found

        def sm3(content: bytes) -> bytes:
            state = hashes.Hash(hashes.SM3())
            state.update(content)
            return state.finalize()

        found["sm3"] = sm3
    return found


def read(bundle: str, name: str) -> bytes:
    """Return a file of the bundle, be that a directory or a zip file."""
    if Path(bundle).is_dir():
        return (Path(bundle) / name).read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        return archive.read(name)


def names(bundle: str) -> list[str]:
    """Return the names of the bundle's files."""
    if Path(bundle).is_dir():
        return [path.relative_to(bundle).as_posix() for path in Path(bundle).rglob("*") if not path.is_dir()]
    with zipfile.ZipFile(bundle) as archive:
        return [name for name in archive.namelist() if not name.endswith("/")]


def leaf_of(event: dict[str, Any]) -> bytes:
    """Return the bytes that an event's leaf covers: all that the log holds of it."""
    position, stream, version, name, at, recorded_at = map(event.__getitem__, FIELDS)
    if not type(position) is type(version) is type(at) is type(recorded_at) is int:
        raise ValueError("positions, versions and times are whole numbers")
    state = (
        event["state"].encode()
        if "state" in event
        else base64.b64decode(event["state_base64"], validate=True)
    )
    stream, name = stream.encode(), name.encode()
    header = HEADER.pack(position, version, at, recorded_at, len(stream), len(name))
    leaf: bytes = header + stream + name + state
    return leaf


def levels_over(digest: Hash, leaves: list[bytes]) -> Levels:
    """Return the nodes of every level over leaves' hashes, as far as they have both children."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        nodes = levels[-1]
        levels.append(
            [digest(b"\x01" + left + right) for left, right in zip(nodes[::2], nodes[1::2], strict=False)]
        )
    return levels


def parts_of(levels: Levels, size: int) -> list[bytes]:
    """Return the roots of the whole subtrees that make up the first `size` leaves, the largest first."""
    parts, at = [], 0
    for level in reversed(range(len(levels))):
        if size >> level & 1:
            parts.append(levels[level][at >> level])
            at += 1 << level
    return parts


def leaf_hashes(event: dict[str, Any], digests: Sequence[Hash]) -> list[bytes]:
    """Return an event's leaf in each hash function, from its own bytes and not from what is said of it.

    Of an event that is withheld there are its hashes and nothing else: whether they are right the roots will
    say.
    """
    if "withheld" in event:
        if event.keys() != WITHHELD or event["withheld"] is not True or type(event["position"]) is not int:
            raise ValueError("a withheld event has a position and hashes, and nothing else")
        hashes = [base64.b64decode(event[name], validate=True) for name in ("leaf", "sm3")]
        if any(len(one) != hashlib.sha256().digest_size for one in hashes):
            raise ValueError("a hash has 32 bytes")
        return hashes[: len(digests)]
    if event.keys() not in EVENTS:
        raise ValueError("it has other fields than an event")
    leaf = b"\x00" + leaf_of(event)
    return [digest(leaf) for digest in digests]


def check_lines(
    lines: Sequence[bytes], first: int, digests: Sequence[Hash]
) -> tuple[list[list[bytes]], list[Problem], list[tuple[int, int]]]:
    """Return the leaves of the events, up to where one is missing; what is wrong; what is withheld."""
    leaves: list[list[bytes]] = []
    problems: list[Problem] = []
    withheld: list[tuple[int, int]] = []
    for expected, line in enumerate(lines, first):
        try:
            event = decode(line.decode())
            if event["position"] != expected:
                what = f"missing or out of order: {event['position']} stands here"
                return leaves, [*problems, Problem(expected, what)], withheld
            hashes = leaf_hashes(event, digests)
            if "withheld" in event:
                add_stretch(withheld, expected, expected)
            if event["leaf"] != base64.b64encode(hashes[0]).decode():
                problems.append(
                    Problem(expected, "not the event that was recorded: its leaf's hash is another")
                )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
            return leaves, [*problems, Problem(expected, f"no event can be read here: {error!r}")], withheld
        leaves.append(hashes)
    return leaves, problems, withheld


def add_stretch(stretches: list[tuple[int, int]], first: int, last: int) -> None:
    """Add a stretch of positions, to the one before it where it goes on from there."""
    if stretches and stretches[-1][1] == first - 1:
        first, _ = stretches.pop()
    stretches.append((first, last))


def check_segment(segment: Segment) -> Checked:
    """Hash each event of a segment from its own bytes."""
    digests = list(hash_functions().values())
    try:
        lines = gzip.decompress(read(segment.bundle, segment.file)).splitlines()
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        return Checked([Problem(segment.first, f"{segment.file} can't be read: {error}")], {})
    leaves, problems, withheld = check_lines(lines, segment.first, digests)
    wanted = segment.last - segment.first + 1
    if len(lines) != wanted:
        problems.append(Problem(segment.first + min(len(lines), wanted), "missing, or one too many"))
    columns = [list(column) for column in zip(*leaves, strict=True)]
    trees = [levels_over(digest, column) for digest, column in zip(digests, columns, strict=False)]
    parts = {
        size: [parts_of(tree, size - segment.first + 1) for tree in trees]
        for size in (*segment.sizes, segment.last)
        if size - segment.first < len(leaves)
    }
    return Checked(problems[:MOST_PROBLEMS], parts, withheld)


class Tree:
    """The whole subtrees so far, widest first, and roots from them, for one hash function."""

    def __init__(self, digest: Hash) -> None:
        self.digest = digest
        self.stack: list[tuple[int, bytes]] = []

    def add(self, width: int, root: bytes) -> None:
        """Add a whole subtree on the right."""
        while self.stack and self.stack[-1][0] == width:
            _, left = self.stack.pop()
            width, root = width * 2, self.digest(b"\x01" + left + root)
        self.stack.append((width, root))

    def root(self, parts: Sequence[bytes]) -> bytes:
        """Return the root over what was added and some narrower subtrees."""
        nodes = [root for _, root in self.stack] + list(parts)
        right = nodes.pop() if nodes else self.digest(b"")
        while nodes:
            right = self.digest(b"\x01" + nodes.pop() + right)
        return right


class Note(NamedTuple):
    """A checkpoint: where it comes from, what it says, and its signatures."""

    source: str
    origin: str
    size: int
    roots: dict[str, bytes]
    body: bytes
    signatures: list[tuple[str, bytes]]


def roots_of(text: dict[str, Any]) -> dict[str, bytes]:
    """Return the roots that are given in base64."""
    roots = {name: base64.b64decode(text[name], validate=True) for name in ("sha256", "sm3")}
    if any(len(root) != hashlib.sha256().digest_size for root in roots.values()):
        raise ValueError("a root has 32 bytes")
    return roots


def parse_note(source: str, text: str) -> Note:
    """Return what a checkpoint says (C2SP signed note, tlog-checkpoint, with a line for SM3)."""
    try:
        body, empty, signatures = text.partition("\n\n")
        lines = body.split("\n")
        sm3 = [line[4:] for line in lines[3:] if line.startswith("sm3 ")]
        if not empty or len(sm3) != 1 or not NUMBER.fullmatch(lines[1]):
            what = "it must say its log, its size and the roots in SHA-256 and SM3, and who signed it"
            raise NotABundle(f"{source} is no checkpoint: {what}")
        origin, size, sha256 = lines[:3]
        roots = roots_of({"sha256": sha256, "sm3": sm3[0]})
        signed = []
        for line in signatures.splitlines():
            _, name, signature = line.split(" ")
            signed.append((name, base64.b64decode(signature, validate=True)))
        return Note(source, origin, int(size), roots, f"{body}\n".encode(), signed)
    except ValueError as error:
        raise NotABundle(f"{source} is no checkpoint: {error}") from None


def key_of(text: str, size: int) -> str:
    """Return which of the keys signs a checkpoint of that size: each signed in its own time alone.

    The first line is the present key; former ones follow, oldest first, each with the size of its last.
    """
    present, *former = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    found = [one for one in map(FORMER_KEY.fullmatch, former) if one]
    sizes = [int(one[2]) for one in found]
    if " " in present or len(found) < len(former) or sizes != sorted(set(sizes)):
        raise NotABundle("keys are the present one, then former ones, oldest first, each with its last size")
    return next((one[1] for one in found if size <= int(one[2])), present)


def signature_fault(note: Note, key: str) -> str | None:
    """Return what is wrong with a checkpoint's signature by this key; None if nothing is.

    Raises ImportError where `cryptography` is not installed, UnknownKey for a key that is not of Ed25519.
    """
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - may not be there
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - as above

    name, key_id, encoded = key.strip().split("+", 2)
    public = base64.b64decode(encoded)
    if public[:1] != b"\x01":
        raise UnknownKey
    if hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex() != key_id:
        return "the key is not what its id says"
    for signer, signature in note.signatures:
        if signer == name and signature[:4].hex() == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], note.body)
            except InvalidSignature:
                return "its signature is wrong"
            return None
    return "it is not signed by the key"


def segments_of(bundle: str, about: dict[str, Any], notes: Sequence[Note]) -> Iterator[Segment]:
    """Return the files of events in order; raises NotABundle where they are not as they must be.

    Each but the last holds the same power of two of events: only so is each a whole subtree.
    """
    after, full = 0, about["segment_events"]
    if full < 1 or full & (full - 1):
        raise NotABundle("bundle.json names files of events whose number is no power of two")
    for segment in about["segments"]:
        first, last = segment["first"], segment["last"]
        if (
            not type(first) is type(last) is int
            or first != after + 1
            or last != min(after + full, about["size"])
        ):
            raise NotABundle(f"bundle.json names no whole file for position {after + 1}")
        if segment != {"file": f"events/{first:012}.ndjson.gz", "first": first, "last": last}:
            raise NotABundle(f"bundle.json names another file for position {first} than a reader looks at")
        sizes = tuple(sorted({note.size for note in notes if first <= note.size <= last}))
        yield Segment(bundle, segment["file"], first, last, sizes)
        after = last
    if after != about["size"]:
        raise NotABundle(f"bundle.json names no file for position {after + 1}")


def file_problems(bundle: str, segments: Sequence[Segment], remarks: list[str]) -> list[Problem]:
    """Return which files would show a reader what is not verified, and remark on those beside the bundle."""
    found = names(bundle)
    problems = [
        Problem(0, f"{name} is twice in the bundle") for name in sorted(set(found)) if found.count(name) > 1
    ]
    others = sorted(set(found) - BESIDE - {segment.file for segment in segments})
    for name in others:
        if name.startswith("events/"):
            problems.append(Problem(0, f"{name} is in the bundle, and bundle.json doesn't name it"))
        elif not name.startswith("checkpoints/"):
            remarks.append(f"{name} is NOT of the bundle, and was not looked at")
    return problems


def compare(
    about: dict[str, Any],
    notes: Sequence[Note],
    checked: Iterator[Checked],
    segments: Sequence[Segment],
    remarks: list[str],
) -> list[Problem]:
    """Put the segments together and hold the roots against the head and the checkpoints."""
    digests = hash_functions()
    trees = [Tree(digest) for digest in digests.values()]
    expected = [*notes, Note("the bundle's head", "", about["size"], roots_of(about), b"", [])]
    problems = [
        Problem(0, f"{note.source} has a root of no events that is not that of nothing")
        for note in expected
        if note.size == 0 and [note.roots[name] for name in digests] != [tree.root([]) for tree in trees]
    ]
    good = 0
    withheld: list[tuple[int, int]] = []
    for segment, found in zip(segments, checked, strict=True):
        problems += found.problems
        for stretch in found.withheld:
            add_stretch(withheld, *stretch)
        for note in sorted(
            (n for n in expected if segment.first <= n.size <= segment.last), key=lambda n: n.size
        ):
            parts = found.parts.get(note.size)
            roots = (
                None if parts is None else [tree.root(part) for tree, part in zip(trees, parts, strict=True)]
            )
            if roots == [note.roots[name] for name in digests]:
                good = max(good, note.size)
            elif not any(problem.position <= note.size for problem in problems):
                what = f"the events from here to {note.size} are not those of {note.source}"
                problems.append(Problem(good + 1, what))
        whole = found.parts.get(segment.last)
        if whole is None:
            break
        width = segment.last - segment.first + 1
        if width == about["segment_events"]:
            for tree, part in zip(trees, whole, strict=True):
                tree.add(width, part[0])
    count = tell_withheld(withheld, remarks)
    if not problems and count != about.get("withheld", 0):
        problems.append(Problem(0, f"{counted(count, 'event')} withheld, which is not what bundle.json says"))
    problems += [
        Problem(about["size"] + 1, f"missing: {note.source} knows {counted(note.size, 'event')}")
        for note in notes
        if note.size > about["size"]
    ]
    return problems


def tell_withheld(stretches: Sequence[tuple[int, int]], remarks: list[str]) -> int:
    """Remark which events are withheld, and return how many."""
    count = sum(last - first + 1 for first, last in stretches)
    if count:
        where = ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in stretches)
        remarks.append(f"{counted(count, 'event')} withheld: only their hashes are in the bundle ({where})")
    return count


def verify(
    bundle: str, outside: Sequence[str], key: str | None, processes: int
) -> tuple[list[Problem], list[str]]:
    """Return what is wrong with a bundle, and what else is to be said about it."""
    try:
        about = decode(read(bundle, "bundle.json").decode())
        numbers = (about["size"], about["segment_events"], about.get("withheld", 0))
        if about["format"] != "dispatch-bundle-1" or not about.keys() <= ABOUT:
            raise NotABundle("this is a bundle of a format that I don't know")
        if not isinstance(about["origin"], str) or any(type(one) is not int or one < 0 for one in numbers):
            raise NotABundle("bundle.json says numbers that are none")
        roots_of(about)
        within = sorted(name for name in names(bundle) if name.startswith("checkpoints/"))
        notes = [parse_note(name, read(bundle, name).decode()) for name in within]
        notes += [parse_note(name, Path(name).read_text(encoding="utf-8")) for name in outside]
        segments = list(segments_of(bundle, about, notes))
        held = f"{counted(about['size'], 'event')}, {counted(len(notes), 'checkpoint')}"
        remarks = [f"{held}, {len(outside)} of them from outside"]
        problems = file_problems(bundle, segments, remarks)
        problems += [
            Problem(0, f"{note.source} is of another log, {note.origin}")
            for note in notes
            if note.origin != about["origin"]
        ]
        problems += signature_problems(bundle, notes, key, remarks)
    except (
        OSError, KeyError, TypeError, ValueError, AttributeError, RuntimeError, zipfile.BadZipFile, zlib.error
    ) as error:  # fmt: skip
        raise NotABundle(f"{bundle} can't be read as a bundle: {error!r}") from None
    if not outside:
        remarks.append("no checkpoint from outside was given: a log rewritten as a whole would not show")
    if "sm3" not in hash_functions():
        remarks.append("SM3 could NOT be checked: neither this Python nor `cryptography` has it")
    if processes == 1 or len(segments) == 1:
        problems += compare(about, notes, map(check_segment, segments), segments, remarks)
    else:
        with multiprocessing.Pool(processes) as pool:
            problems += compare(about, notes, pool.imap(check_segment, segments), segments, remarks)
    return sorted(problems)[:MOST_PROBLEMS], remarks


def signature_problems(
    bundle: str, notes: Sequence[Note], key: str | None, remarks: list[str]
) -> list[Problem]:
    """Return which signatures are wrong, and remark whether they could be checked."""
    text = read(bundle, "key.txt").decode() if key is None else Path(key).read_text(encoding="utf-8")
    faults: list[tuple[Note, str | None]] = []
    unknown = 0
    try:
        for note in notes:
            try:
                faults.append((note, signature_fault(note, key_of(text, note.size))))
            except UnknownKey:
                unknown += 1
    except ImportError:
        remarks.append("signatures could NOT be checked: the library `cryptography` is not installed")
        return []
    if unknown:
        remarks.append(
            f"signatures could NOT be checked: the key is not one of Ed25519 ({unknown} checkpoints)"
        )
    if key is None:
        remarks.append("signatures are checked by the bundle's own key: better give --key from elsewhere")
    return [Problem(note.size, f"{note.source}: {fault}") for note, fault in faults if fault]


def written_out(text: str) -> str:
    """Return a text with whatever can't be seen written out: no bundle moves the cursor, or hides a line."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def main() -> int:
    """Verify a bundle as the command line says."""
    parser = argparse.ArgumentParser(description="Verifies a bundle of the log offline.")
    parser.add_argument("bundle", metavar="BUNDLE", help="the directory or zip file")
    parser.add_argument(
        "--checkpoint", metavar="FILE", action="append", default=[], help="one kept elsewhere"
    )
    parser.add_argument("--key", metavar="FILE", help="the public key (or key.txt), from elsewhere")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many to use")
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        problems, remarks = verify(
            arguments.bundle, arguments.checkpoint, arguments.key, max(arguments.processes, 1)
        )
    except NotABundle as error:
        print(written_out(str(error)), file=sys.stderr)
        return 2
    for remark in remarks:
        print(written_out(remark))
    for problem in problems:
        print(f"position {problem.position}: {written_out(problem.what)}")
    verdict = "NOT WHOLE" if problems else "whole"
    print(f"{verdict} ({time.monotonic() - began:.1f} s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
