"""The stand-alone verifier calls a forged bundle forged, whatever true hashes are in it."""

import json
import re
import shutil
import string
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dispatch.eventlog import open_log
from dispatch.eventlog.bundle import verify_bundle
from dispatch.eventlog.bundle.exporting import Directory, export
from dispatch.eventlog.checkpoints.issuing import issue
from dispatch.eventlog.checkpoints.signer import Ed25519Signer
from tests.faults.forgeries import (
    FIRST,
    FORGERIES,
    change_about,
    forge_line,
    hashed,
    lines_of,
    true_hashes,
    write_lines,
)
from tests.unit.eventlog.making import Clock, append

ORIGIN = "example.org/log"


@dataclass
class Bundle:
    """A bundle, with the checkpoint and the key that were kept elsewhere."""

    path: Path
    outside: Path
    key: Path

    def verify(self, path: Path | None = None) -> tuple[list[str], list[str]]:
        """Return what is wrong, and what else the verifier says."""
        problems, remarks = verify_bundle.verify(
            str(path or self.path), [str(self.outside)], str(self.key), 1
        )
        return [problem.what for problem in problems], remarks


def make(directory: Path, size: int) -> Bundle:
    signer = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    bundle = Bundle(directory / "bundle", directory / "outside.checkpoint", directory / "key")
    with open_log(f"sqlite:///{directory / 'a.db'}", clock=Clock()) as log:
        if size:
            log.append(append("a", events=size))
        note = issue(log.tree, signer, ORIGIN, [])
        for _ in export(log, Directory(bundle.path), origin=ORIGIN, key=signer.key, checkpoints=[note]):
            pass
    bundle.outside.write_text(note.note)
    bundle.key.write_text(signer.key)
    return bundle


def more_bits(last: str) -> str:
    """Return another last character of base64 for the same 32 bytes."""
    characters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    return characters[characters.index(last) + 1]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make(tmp_path_factory.mktemp("exported"), 100)


@pytest.fixture
def bundle(exported: Bundle, tmp_path: Path) -> Bundle:
    shutil.copytree(exported.path, tmp_path / "bundle")
    shutil.copy(exported.outside, tmp_path / "outside.checkpoint")
    return Bundle(tmp_path / "bundle", tmp_path / "outside.checkpoint", exported.key)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_bundle_is_not_whole_though_the_hashes_in_it_are_true(bundle: Bundle, name: str) -> None:
    assert bundle.verify()[0] == []
    FORGERIES[name](bundle.path, 47)
    try:
        found, _ = bundle.verify()
    except verify_bundle.NotABundle as refused:
        found = [str(refused)]
    assert found


def test_files_of_events_of_an_odd_length_hide_nothing(tmp_path: Path) -> None:
    bundle = make(tmp_path, 4)
    lines = lines_of(bundle.path)
    both = [
        digest(b"\x01" + left + right)
        for digest, left, right in zip(
            verify_bundle.hash_functions().values(), *map(true_hashes, lines[2:]), strict=True
        )
    ]
    second = "events/000000000004.ndjson.gz"
    write_lines(
        bundle.path,
        [json.dumps({"position": 4, "withheld": True, **hashed(both)}).encode()],
        second,
    )
    write_lines(bundle.path, lines[:3])
    forged = {**json.loads(lines[2]), "state": "FORGED"}
    forged["leaf"] = hashed(true_hashes(json.dumps(forged).encode()))["leaf"]
    forge_line(bundle.path, 3, lambda *_: forged)
    change_about(
        bundle.path,
        withheld=1,
        segment_events=3,
        segments=[{"file": FIRST, "first": 1, "last": 3}, {"file": second, "first": 4, "last": 4}],
    )
    with pytest.raises(verify_bundle.NotABundle, match="no power of two"):
        bundle.verify()


def in_two_files(bundle: Path) -> list[dict[str, Any]]:
    """Put the events of a bundle into two files, and return how bundle.json names them."""
    lines = lines_of(bundle)
    half = 64
    second = f"events/{half + 1:012}.ndjson.gz"
    write_lines(bundle, lines[half:], second)
    write_lines(bundle, lines[:half])
    named = [
        {"file": FIRST, "first": 1, "last": half},
        {"file": second, "first": half + 1, "last": len(lines)},
    ]
    change_about(bundle, segment_events=half, segments=named)
    return named


def test_bundle_json_names_no_file_of_events_but_the_one_that_a_reader_opens(bundle: Bundle) -> None:
    first, second = in_two_files(bundle.path)
    assert bundle.verify()[0] == []
    true = (bundle.path / FIRST).read_bytes()
    (bundle.path / "elsewhere.ndjson.gz").write_bytes(true)
    for forged in (
        [first | {"note": "none"}, second],
        [first | {"file": "elsewhere.ndjson.gz"}, second],
        [first | {"file": f"events/../{FIRST}"}, second],
        [first, second | {"events": 36}],
        [first | {"file": second["file"]}, second | {"file": first["file"]}],
    ):
        change_about(bundle.path, segments=forged)
        with pytest.raises(verify_bundle.NotABundle, match="names another file"):
            bundle.verify()


def test_which_events_are_withheld_is_said_by_their_positions(bundle: Bundle) -> None:
    for at in (3, 4, 5, 40):
        forge_line(
            bundle.path,
            at,
            lambda event, true: {"position": event["position"], "withheld": True, **hashed(true)},
        )
    change_about(bundle.path, withheld=4)
    problems, remarks = bundle.verify()
    assert problems == []
    assert "4 events withheld: only their hashes are in the bundle (3-5, 40)" in remarks


def test_a_zip_file_with_a_name_twice_is_not_whole(bundle: Bundle, tmp_path: Path) -> None:
    file = Path(shutil.make_archive(str(tmp_path / "log"), "zip", bundle.path))
    assert bundle.verify(file)[0] == []
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(FIRST, (bundle.path / FIRST).read_bytes())
    assert bundle.verify(file)[0] == [f"{FIRST} is twice in the bundle"]


def test_what_else_lies_beside_the_bundle_is_said_not_to_be_of_it(bundle: Bundle) -> None:
    (bundle.path / "summary.txt").write_text("all is well")
    problems, remarks = bundle.verify()
    assert problems == []
    assert "summary.txt is NOT of the bundle, and was not looked at" in remarks


@pytest.mark.parametrize(
    "change",
    [
        lambda note: re.sub("sm3 .*\n", "", note),
        lambda note: re.sub("(sm3 .*\n)", r"\1\1", note),
        lambda note: note.replace("\n100\n", "\n1_00\n"),
        lambda note: note.replace("\n100\n", "\n-100\n"),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: re.sub("sm3 .*\n", "sm3 AAAA\n", note),
        lambda note: re.sub("(sm3 .*)(.)=\n", lambda found: f"{found[1]}{more_bits(found[2])}=\n", note),
        lambda _: "x",
    ],
    ids=[
        "no SM3",
        "SM3 twice",
        "a gap",
        "below nothing",
        "no signatures",
        "a short root",
        "more bits",
        "garbage",
    ],
)
def test_a_note_that_says_too_little_is_no_checkpoint_in_plain_words(
    bundle: Bundle, change: Callable[[str], str]
) -> None:
    bundle.outside.write_text(change(bundle.outside.read_text()))
    with pytest.raises(verify_bundle.NotABundle, match=r"outside\.checkpoint is no checkpoint"):
        bundle.verify()


@pytest.mark.parametrize("said", ["", "garbage", "a+b", "x+00000000+AQ=", "x+00000000+AR=="])
def test_what_is_no_key_is_said_to_be_none(bundle: Bundle, tmp_path: Path, said: str) -> None:
    bundle.key = tmp_path / "key"
    bundle.key.write_text(said)
    with pytest.raises(verify_bundle.NotABundle, match="no key can be read"):
        bundle.verify()


def test_the_program_says_so_without_a_traceback(bundle: Bundle) -> None:
    bundle.outside.write_text(re.sub("sm3 .*\n", "", bundle.outside.read_text()))
    command = [sys.executable, str(bundle.path / "verify_bundle.py"), str(bundle.path)]
    done = subprocess.run(
        [*command, "--checkpoint", str(bundle.outside)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_bundle_of_nothing_has_the_root_of_nothing(tmp_path: Path) -> None:
    bundle = make(tmp_path, 0)
    assert bundle.verify()[0] == []
    change_about(bundle.path, sha256=json.loads((bundle.path / "bundle.json").read_bytes())["sm3"])
    assert bundle.verify()[0] == ["the bundle's head has a root of no events that is not that of nothing"]


def withheld(position: Any, hashes: list[bytes], said: Any = True) -> bytes:
    return json.dumps({"position": position, "withheld": said, **hashed(hashes)}).encode()


@pytest.mark.parametrize(("position", "said"), [(47, 1), (48, True), (47.0, True)])
def test_a_withheld_event_says_which_it_is_and_that_it_is_withheld_in_one_way(
    bundle: Bundle, position: Any, said: Any
) -> None:
    change_about(bundle.path, withheld=1)
    forge_line(bundle.path, 47, lambda _, true: withheld(47, true))
    assert bundle.verify()[0] == []
    lines = lines_of(bundle.path)
    true = [verify_bundle.bytes_of(json.loads(lines[46])[name]) for name in ("leaf", "sm3")]
    write_lines(bundle.path, [*lines[:46], withheld(position, true, said), *lines[47:]])
    assert bundle.verify()[0]


def test_no_byte_of_a_withheld_hash_is_moved_to_the_one_beside_it(bundle: Bundle) -> None:
    """The node over two leaves has both their hashes side by side: only their length says where one ends."""
    lines = lines_of(bundle.path)
    pairs = list(zip(*map(true_hashes, lines[:2]), strict=True))
    left = [one[:-1] for one, _ in pairs]
    right = [one[-1:] + other for one, other in pairs]
    write_lines(bundle.path, [withheld(1, left), withheld(2, right), *lines[2:]])
    change_about(bundle.path, withheld=2)
    assert "a hash has 32 bytes" in bundle.verify()[0][0]


def test_an_event_beside_another_leaf_than_its_own_is_not_the_one_that_was_recorded(bundle: Bundle) -> None:
    other = json.loads(lines_of(bundle.path)[0])["leaf"]
    forge_line(bundle.path, 47, lambda event, _: event | {"leaf": other})
    assert bundle.verify()[0] == ["not the event that was recorded: its leaf's hash is another"]


def test_an_event_after_the_last_one_is_one_too_many(bundle: Bundle) -> None:
    lines = lines_of(bundle.path)
    made_up = {**json.loads(lines[-1]), "position": 101, "state": "FORGED"}
    made_up["leaf"] = hashed(true_hashes(json.dumps(made_up).encode()))["leaf"]
    write_lines(bundle.path, [*lines, json.dumps(made_up).encode()])
    assert bundle.verify()[0] == ["missing, or one too many"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"segments": []}, "names no file for position 1"),
        ({"segments": [{"file": FIRST, "first": True, "last": 100}]}, "names no whole file for position 1"),
        ({"segments": [{"file": FIRST, "first": 1, "last": 100.0}]}, "names no whole file for position 1"),
        ({"note": "FORGED"}, "of a format that I don't know"),
        ({"origin": None}, "says numbers that are none"),
        ({"size": -1}, "says numbers that are none"),
        ({"segment_events": -1}, "says numbers that are none"),
        ({"withheld": -1}, "says numbers that are none"),
        ({"size": True}, "says numbers that are none"),
    ],
)
def test_bundle_json_says_what_is_verified_and_nothing_else(
    bundle: Bundle, fields: dict[str, Any], told: str
) -> None:
    change_about(bundle.path, **fields)
    with pytest.raises(verify_bundle.NotABundle, match=told):
        bundle.verify()


def test_a_checkpoint_of_another_log_or_of_more_events_speaks_against_the_bundle(
    bundle: Bundle, tmp_path: Path
) -> None:
    (larger_at := tmp_path / "larger").mkdir()
    larger = make(larger_at, 120)
    bundle.outside = larger.outside
    assert bundle.verify()[0] == [f"missing: {larger.outside} knows 120 events"]
    change_about(larger.path, origin="other.example/log")
    assert f"{larger.outside} is of another log, {ORIGIN}" in larger.verify()[0]


def test_a_signature_is_of_the_key_that_it_and_its_id_name(bundle: Bundle) -> None:
    key = bundle.key.read_text()
    name, key_id, _ = key.split("+", 2)
    note = verify_bundle.parse_note("note", bundle.outside.read_text())
    [(_, signature)] = note.signatures
    assert verify_bundle.signature_fault(note, key) is None
    zeros = note._replace(signatures=[(name, bytes(4) + signature[4:])])
    faults = {
        "the key is not what its id says": (zeros, key.replace(key_id, "00000000")),
        "it is not signed by the key": (note._replace(signatures=[("other.example", signature)]), key),
        "its signature is wrong": (note._replace(body=b"other"), key),
    }
    assert all(verify_bundle.signature_fault(*given) == told for told, given in faults.items())


def test_each_key_signs_in_its_time_and_keys_that_leave_that_open_are_none() -> None:
    keys = "present\nfirst 5\nsecond 7\n"
    assert [verify_bundle.key_of(keys, size) for size in (5, 6, 7, 8)] == [
        *("first", "second", "second", "present"),
    ]
    for wrong in ("present 5", "present\nfirst", "present\nfirst 7\nsecond 5", "present\nfirst 5\nsecond 5"):
        with pytest.raises(verify_bundle.NotABundle, match="oldest first"):
            verify_bundle.key_of(wrong, 5)
