"""Forgeries of a bundle: each changes what it says of the log, and keeps every hash that it is held against.

They get a bundle as a directory with one file of events, and change the event at a position. Whoever made
them knows the true log, so he has the hashes of what he hides.
"""

import gzip
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dispatch.eventlog.bundle import verify_bundle

FIRST = "events/000000000001.ndjson.gz"
DIGESTS = tuple(verify_bundle.hash_functions().values())
Line = dict[str, Any]


def lines_of(bundle: Path) -> list[bytes]:
    """Return the lines of the bundle's events."""
    return gzip.decompress((bundle / FIRST).read_bytes()).splitlines()


def write_lines(bundle: Path, lines: list[bytes], name: str = FIRST) -> None:
    """Put lines in the place of a file of events."""
    (bundle / name).write_bytes(gzip.compress(b"".join(line + b"\n" for line in lines)))


def change_about(bundle: Path, **fields: Any) -> None:
    """Change what bundle.json says."""
    path = bundle / "bundle.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **fields}))


def true_hashes(line: bytes) -> list[bytes]:
    """Return the leaf's hashes of an event as it was recorded."""
    leaf = b"\x00" + verify_bundle.leaf_of(json.loads(line))
    return [digest(leaf) for digest in DIGESTS]


def hashed(hashes: list[bytes]) -> dict[str, str]:
    """Return the two fields that hold a leaf's hashes."""
    return {name: b64encode(one).decode() for name, one in zip(("leaf", "sm3"), hashes, strict=True)}


def forge_line(bundle: Path, at: int, change: Callable[[Line, list[bytes]], Line | bytes]) -> None:
    """Replace the line at a position; `change` gets the event and its true hashes."""
    lines = lines_of(bundle)
    made = change(json.loads(lines[at - 1]), true_hashes(lines[at - 1]))
    lines[at - 1] = made if isinstance(made, bytes) else json.dumps(made).encode()
    write_lines(bundle, lines)


def content_in_a_withheld_line(bundle: Path, at: int) -> None:
    """Tell another state, and call the event withheld, so that its true hashes are taken as they are."""
    forge_line(bundle, at, lambda event, true: {**event, **hashed(true), "state": "FORGED", "withheld": True})
    change_about(bundle, withheld=1)


def withheld_without_a_word(bundle: Path, at: int) -> None:
    """Hide an event, and say nothing of it in bundle.json."""
    forge_line(bundle, at, lambda event, true: {"position": at, "withheld": True, **hashed(true)})


def withheld_by_another_word(bundle: Path, at: int) -> None:
    """Say `withheld` with 1 for true, beside a state that nobody recorded."""
    forge_line(bundle, at, lambda event, true: {**event, **hashed(true), "state": "FORGED", "withheld": 1})


def fewer_withheld_than_said(bundle: Path, _at: int) -> None:
    """Say that an event is withheld of which all is there."""
    change_about(bundle, withheld=1)


def a_name_twice(bundle: Path, at: int) -> None:
    """Give `state` twice: one program reads the first, the verifier the last."""

    def twice(event: Line, _true: list[bytes]) -> bytes:
        return b'{"state":"FORGED",' + json.dumps(event).encode()[1:]

    forge_line(bundle, at, twice)


def two_states(bundle: Path, at: int) -> None:
    """Give the true state as text and another in base64."""
    forge_line(bundle, at, lambda event, _: {**event, "state_base64": b64encode(b"FORGED").decode()})


def a_field_of_no_meaning(bundle: Path, at: int) -> None:
    """Add a field that no leaf covers."""
    forge_line(bundle, at, lambda event, _: {**event, "actor": "FORGED"})


def true_for_one(bundle: Path, _at: int) -> None:
    """Give a number by a word that Python takes for it."""
    forge_line(bundle, 1, lambda event, _: {**event, "position": True, "version": True})


def a_second_bundle_json_within(bundle: Path, _at: int) -> None:
    """Give the number of events twice in bundle.json."""
    path = bundle / "bundle.json"
    path.write_text('{"size":9999,' + path.read_text().lstrip()[1:])


def a_file_beside(bundle: Path, at: int) -> None:
    """Put a file of events of another name beside the true one."""
    write_lines(bundle, [b'{"state":"FORGED"}'] * at, "events/000000000001.ndjson.GZ")


def another_place(bundle: Path, at: int) -> None:
    """Let bundle.json name the true events elsewhere, and forge those where a reader looks for them."""
    lines = lines_of(bundle)
    write_lines(bundle, lines, "key.gz")
    write_lines(bundle, [*lines[: at - 1], b'{"state":"FORGED"}', *lines[at:]])
    change_about(bundle, segments=[{"file": "key.gz", "first": 1, "last": len(lines)}])


def pairs_for_leaves(bundle: Path, _at: int) -> None:
    """Leave the first half out of the tree as a short file, and give the nodes above all as the second half.

    The tree over half as many leaves has the same root, if each is what stands over two.
    """
    lines = lines_of(bundle)
    size, half = len(lines), len(lines) // 2
    leaves = [true_hashes(line) for line in lines]
    pairs = [
        [digest(b"\x01" + left + right) for digest, left, right in zip(DIGESTS, *two, strict=True)]
        for two in zip(leaves[::2], leaves[1::2], strict=False)
    ] + leaves[half * 2 :]
    withheld = [
        json.dumps({"position": position, "withheld": True, **hashed(pair)}).encode()
        for position, pair in enumerate(pairs, half + 1)
    ]
    forged = []
    for line in lines[:half]:
        event = {**json.loads(line), "state": "FORGED"}
        event["leaf"] = hashed(true_hashes(json.dumps(event).encode()))["leaf"]
        forged.append(json.dumps(event).encode())
    second = f"events/{half + 1:012}.ndjson.gz"
    write_lines(bundle, forged)
    write_lines(bundle, withheld, second)
    change_about(
        bundle,
        withheld=len(withheld),
        segments=[
            {"file": FIRST, "first": 1, "last": half},
            {"file": second, "first": half + 1, "last": size},
        ],
    )
    for note in bundle.glob("checkpoints/*"):
        note.unlink()


FORGERIES: dict[str, Callable[[Path, int], None]] = {
    forgery.__name__.replace("_", " "): forgery
    for forgery in (
        content_in_a_withheld_line,
        withheld_without_a_word,
        withheld_by_another_word,
        fewer_withheld_than_said,
        a_name_twice,
        two_states,
        a_field_of_no_meaning,
        true_for_one,
        a_second_bundle_json_within,
        a_file_beside,
        another_place,
        pairs_for_leaves,
    )
}
