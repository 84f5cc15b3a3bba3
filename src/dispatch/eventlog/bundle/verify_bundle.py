"""Verifies a bundle of the log offline, with nothing but Python's standard library: see its README.

    python verify_bundle.py BUNDLE [--checkpoint FILE …] [--key FILE] [--language zh|en]

Every event is hashed anew from its own bytes, in SHA-256 and SM3, into the Merkle tree of RFC 9162,
and its roots are held against the bundle's head and every checkpoint. Exits with 0 when all is well,
1 when something is not, naming the position, and 2 when there is nothing to verify. Give it a
checkpoint that was kept elsewhere: only that shows a log that was rewritten as a whole.

What two programs could read in two ways is refused: a name that is given twice, a field that no leaf
covers, a file that bundle.json doesn't name. A hash is taken as it is only from a line that has nothing else.

离线核验日志包：只需 Python 自带的标准库，说明见包内 README.md。每条记录都由它自己的字节重新计算散列
（SHA-256 和 SM3），再与各检查点比对。完整返回 0；有问题返回 1，并指出位置；没有可核验的返回 2。
请给出另行保管的检查点：日志若被整体改写，只有它能发现。
"""

# One file, however long: whoever gets it needs nothing else, and it shares no code with what it checks.
# ruff: noqa: T201 - it is a program
from __future__ import annotations

import argparse
import base64
import errno
import gzip
import hashlib
import io
import json
import locale
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


CHINESE = {
    "a hash has 32 bytes": "散列应有 32 个字节",
    "a name is given twice": "同一名称出现两次",
    "a root has 32 bytes": "树根应有 32 个字节",
    "a withheld event has a position and hashes, and nothing else": (
        "只留散列的记录只有位置和散列，不应有别的"
    ),
    "base64 with more bits than its bytes have": "Base64 文本的位数多于其字节",
    "bundle.json names another file for position {position} than a reader looks at": (
        "bundle.json 为第 {position} 号所指的文件，与读者会看的不是同一个"
    ),
    "bundle.json names files of events whose number is no power of two": (
        "bundle.json 所列文件的记录数不是 2 的幂"
    ),
    "bundle.json names no file for position {position}": "bundle.json 没有指出第 {position} 号所在的文件",
    "bundle.json names no whole file for position {position}": (
        "bundle.json 没有为第 {position} 号指出一个完整的文件"
    ),
    "bundle.json says numbers that are none": "bundle.json 所写的数不成其为数",
    "it has other fields than an event": "它的字段不是一条记录的字段",
    "it is no JSON, or not a whole one": "不是 JSON，或不完整",
    "it is no zip file, or not a whole one": "不是 zip 文件，或不完整",
    "it is not signed by the key": "不是由这把公钥签名的",
    "it says no {name}": "没有写明 {name}",
    "it must say its log, its size and the roots in SHA-256 and SM3, and who signed it": (
        "它必须写明所属日志、条数、SHA-256 和 SM3 的树根，以及签名者"
    ),
    "its signature is wrong": "签名不对",
    "keys are the present one, then former ones, oldest first, each with its last size": (
        "公钥应先写现用的，再写以前的（由旧到新），各带其最后签署的条数"
    ),
    "missing or out of order: {position} stands here": "缺失或次序不对：这里是第 {position} 号",
    "missing, or one too many": "缺失，或多出一条",
    "missing: {source} knows {events}": "缺失：{source} 所知有 {events}",
    "no checkpoint from outside was given: a log rewritten as a whole would not show": (
        "没有给出另行保管的检查点：日志若被整体改写，将看不出来"
    ),
    "NOTHING signed speaks for positions {first} to {last}: the newest checkpoint is older": (
        "没有签名的检查点涵盖位置 {first} 至 {last}：最新的检查点早于它们"
    ),
    "no event can be read here: {error}": "这里读不出记录：{error}",
    "NOT WHOLE ({seconds:.1f} s)": "不完整！（{seconds:.1f} 秒）",
    "no key can be read: it is one line, such as dispatch.local/log+1a2b3c4d+AbCd…": (
        "读不出公钥：应为一行，如 dispatch.local/log+1a2b3c4d+AbCd…"
    ),
    "not the event that was recorded: its leaf's hash is another": "不是当初所记：叶子的散列不同",
    "one kept elsewhere": "另行保管的检查点",
    "position {position}: {what}": "第 {position} 号：{what}",
    "positions, versions and times are whole numbers": "位置、版本和时间应为整数",
    "signatures are checked by the bundle's own key: better give --key from elsewhere": (
        "签名是用包内的公钥核对的：最好用 --key 给出另行保管的公钥"
    ),
    "signatures could NOT be checked: the key is not one of Ed25519 ({checkpoints})": (
        "签名未能核对：公钥不是 Ed25519 的（{checkpoints}）"
    ),
    "signatures could NOT be checked: the library `cryptography` is not installed": (
        "签名未能核对：没有安装 cryptography 库"
    ),
    "SM3 could NOT be checked: neither this Python nor `cryptography` has it": (
        "SM3 未能核对：这个 Python 和 cryptography 库都没有它"
    ),
    "the bundle's head": "包内所写的树头",
    "the directory or zip file": "日志包：目录或 zip 文件",
    "the events from here to {size} are not those of {source}": (
        "从这里到第 {size} 号的记录，与 {source} 所签的不同"
    ),
    "the key is not what its id says": "公钥与其编号不符",
    "the language of what is told": "用哪种语言说明",
    "the public key (or key.txt), from elsewhere": "另行保管的公钥（或 key.txt）",
    "there is no file {file}": "没有文件 {file}",
    "the processes to use": "同时使用的进程数",
    "this is a bundle of a format that I don't know": "不认识这个包的格式",
    "this user may not read {file}": "当前用户无权读取 {file}",
    "Verifies a bundle of the log offline.": "离线核验一个日志包。",
    "whole ({seconds:.1f} s)": "完整无误（{seconds:.1f} 秒）",
    "{bundle} can't be read as a bundle: {error}": "{bundle} 读不出日志包：{error}",
    "{events} withheld, which is not what bundle.json says": "只留散列的有 {events}，与 bundle.json 所写不符",
    "{events} withheld: only their hashes are in the bundle ({where})": (
        "只留散列的有 {events}，包内没有其内容（{where}）"
    ),
    "{events}, {checkpoints}, {outside} of them from outside": (
        "{events}，{checkpoints}，其中 {outside} 个另行保管"
    ),
    "{file} can't be read: {error}": "{file} 读不出来：{error}",
    "{name} is in the bundle, and bundle.json doesn't name it": "包内有 {name}，bundle.json 却没有列出",
    "{name} is NOT of the bundle, and was not looked at": "{name} 不属于这个包，没有核验",
    "{name} is twice in the bundle": "包内有两个 {name}",
    "{source} has a root of no events that is not that of nothing": "{source} 没有记录，树根却不是空的",
    "{source} is no checkpoint: {why}": "{source} 不是检查点：{why}",
    "{source} is of another log, {origin}": "{source} 属于另一个日志：{origin}",
}
"""What this program says, in Chinese."""
OF_ARGPARSE = {
    "usage: ": "用法：",
    "positional arguments": "参数",
    "options": "选项",
    "optional arguments": "选项",
    "show this help message and exit": "显示本说明后退出",
    "%(prog)s: error: %(message)s\n": "%(prog)s：%(message)s\n",
    "argument %(argument_name)s: %(message)s": "参数 %(argument_name)s：%(message)s",
    "the following arguments are required: %s": "缺少参数：%s",
    "unrecognized arguments: %s": "没有这样的参数：%s",
    "expected one argument": "后面须有一个值",
    "ignored explicit argument %r": "不应有值 %r",
    "invalid %(type)s value: %(value)r": "值 %(value)r 不是 %(type)s",
    "invalid choice: %(value)r (choose from %(choices)s)": "没有 %(value)r 这一选择（可选：%(choices)s）",
}
"""What Python's argparse says, in Chinese; what another version of it says otherwise stays English."""
COUNTED = {"event": "条记录", "checkpoint": "个检查点"}
spoken = {"language": "en"}


def speak(language: str) -> None:
    """Say everything in this language from now on, in this process."""
    spoken["language"] = language
    # argparse asks gettext for its words, which looks for files: this program is one file.
    vars(argparse)["_"] = lambda text: OF_ARGPARSE.get(text, text) if spoken["language"] == "zh" else text


def usual_language() -> str:
    """Return the language of whoever sits here, as far as the machine tells."""
    said = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    told = next(filter(None, said), None) or locale.getlocale()[0] or ""
    return "zh" if told.lower().startswith(("zh", "chinese")) else "en"


def say(sentence: str, **values: object) -> str:
    """Return a sentence of this program's, with what stands in its places."""
    return (CHINESE[sentence] if spoken["language"] == "zh" else sentence).format(**values)


def why(error: Exception) -> str:
    """Return in words why something can't be read; for what there are none, as Python says it."""
    if isinstance(error, FileNotFoundError):
        return say("there is no file {file}", file=error.filename)
    if isinstance(error, PermissionError):
        return say("this user may not read {file}", file=error.filename)
    if isinstance(error, zipfile.BadZipFile):
        return say("it is no zip file, or not a whole one")
    if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError)):
        return say("it is no JSON, or not a whole one")
    if isinstance(error, KeyError):
        return say("it says no {name}", name=error.args[0])
    said = error.strerror if isinstance(error, OSError) else str(error) if type(error) is ValueError else None
    return said or repr(error)


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
    if spoken["language"] == "zh":
        return f"{number:,} {COUNTED[one]}"
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, whose names must differ."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(say("a name is given twice"))
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
        try:
            return archive.read(name)
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{bundle}/{name}") from None


def names(bundle: str) -> list[str]:
    """Return the names of the bundle's files."""
    if Path(bundle).is_dir():
        return [path.relative_to(bundle).as_posix() for path in Path(bundle).rglob("*") if not path.is_dir()]
    with zipfile.ZipFile(bundle) as archive:
        return [name for name in archive.namelist() if not name.endswith("/")]


def bytes_of(text: str) -> bytes:
    """Return what a text in base64 stands for; two texts never stand for the same."""
    found = base64.b64decode(text, validate=True)
    if base64.b64encode(found).decode() != text:
        raise ValueError(say("base64 with more bits than its bytes have"))
    return found


def leaf_of(event: dict[str, Any]) -> bytes:
    """Return the bytes that an event's leaf covers: all that the log holds of it."""
    position, stream, version, name, at, recorded_at = map(event.__getitem__, FIELDS)
    if not type(position) is type(version) is type(at) is type(recorded_at) is int:
        raise ValueError(say("positions, versions and times are whole numbers"))
    state = event["state"].encode() if "state" in event else bytes_of(event["state_base64"])
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
            raise ValueError(say("a withheld event has a position and hashes, and nothing else"))
        hashes = [bytes_of(event[name]) for name in ("leaf", "sm3")]
        if any(len(one) != hashlib.sha256().digest_size for one in hashes):
            raise ValueError(say("a hash has 32 bytes"))
        return hashes[: len(digests)]
    if event.keys() not in EVENTS:
        raise ValueError(say("it has other fields than an event"))
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
                what = say("missing or out of order: {position} stands here", position=event["position"])
                return leaves, [*problems, Problem(expected, what)], withheld
            hashes = leaf_hashes(event, digests)
            if "withheld" in event:
                add_stretch(withheld, expected, expected)
            if event["leaf"] != base64.b64encode(hashes[0]).decode():
                problems.append(
                    Problem(expected, say("not the event that was recorded: its leaf's hash is another"))
                )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
            what = say("no event can be read here: {error}", error=why(error))
            return leaves, [*problems, Problem(expected, what)], withheld
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
        what = say("{file} can't be read: {error}", file=segment.file, error=why(error))
        return Checked([Problem(segment.first, what)], {})
    leaves, problems, withheld = check_lines(lines, segment.first, digests)
    wanted = segment.last - segment.first + 1
    if len(lines) != wanted:
        problems.append(Problem(segment.first + min(len(lines), wanted), say("missing, or one too many")))
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
    roots = {name: bytes_of(text[name]) for name in ("sha256", "sm3")}
    if any(len(root) != hashlib.sha256().digest_size for root in roots.values()):
        raise ValueError(say("a root has 32 bytes"))
    return roots


def parse_note(source: str, text: str) -> Note:
    """Return what a checkpoint says (C2SP signed note, tlog-checkpoint, with a line for SM3)."""
    try:
        body, empty, signatures = text.partition("\n\n")
        lines = body.split("\n")
        sm3 = [line[4:] for line in lines[3:] if line.startswith("sm3 ")]
        if not empty or len(sm3) != 1 or not NUMBER.fullmatch(lines[1]):
            what = say("it must say its log, its size and the roots in SHA-256 and SM3, and who signed it")
            raise NotABundle(say("{source} is no checkpoint: {why}", source=source, why=what))
        origin, size, sha256 = lines[:3]
        roots = roots_of({"sha256": sha256, "sm3": sm3[0]})
        signed = []
        for line in signatures.splitlines():
            _, name, signature = line.split(" ")
            signed.append((name, bytes_of(signature)))
        return Note(source, origin, int(size), roots, f"{body}\n".encode(), signed)
    except ValueError as error:
        raise NotABundle(say("{source} is no checkpoint: {why}", source=source, why=error)) from None


def key_of(text: str, size: int) -> str:
    """Return which of the keys signs a checkpoint of that size: each signed in its own time alone.

    The first line is the present key; former ones follow, oldest first, each with the size of its last.
    """
    present, *former = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    found = [one for one in map(FORMER_KEY.fullmatch, former) if one]
    sizes = [int(one[2]) for one in found]
    if " " in present or len(found) < len(former) or sizes != sorted(set(sizes)):
        raise NotABundle(
            say("keys are the present one, then former ones, oldest first, each with its last size")
        )
    return next((one[1] for one in found if size <= int(one[2])), present)


def signature_fault(note: Note, key: str) -> str | None:
    """Return what is wrong with a checkpoint's signature by this key; None if nothing is.

    Raises ImportError where `cryptography` is not installed, UnknownKey for a key that is not of Ed25519,
    NotABundle for what is no key.
    """
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - may not be there
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - as above

    try:
        name, key_id, encoded = key.strip().split("+", 2)
        public = bytes_of(encoded)
    except ValueError:
        told = say("no key can be read: it is one line, such as dispatch.local/log+1a2b3c4d+AbCd…")
        raise NotABundle(told) from None
    if public[:1] != b"\x01":
        raise UnknownKey
    if hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex() != key_id:
        return say("the key is not what its id says")
    for signer, signature in note.signatures:
        if signer == name and signature[:4].hex() == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], note.body)
            except InvalidSignature:
                return say("its signature is wrong")
            return None
    return say("it is not signed by the key")


def segments_of(bundle: str, about: dict[str, Any], notes: Sequence[Note]) -> Iterator[Segment]:
    """Return the files of events in order; raises NotABundle where they are not as they must be.

    Each but the last holds the same power of two of events: only so is each a whole subtree.
    """
    after, full = 0, about["segment_events"]
    if full < 1 or full & (full - 1):
        raise NotABundle(say("bundle.json names files of events whose number is no power of two"))
    for segment in about["segments"]:
        first, last = segment["first"], segment["last"]
        if (
            not type(first) is type(last) is int
            or first != after + 1
            or last != min(after + full, about["size"])
        ):
            what = say("bundle.json names no whole file for position {position}", position=after + 1)
            raise NotABundle(what)
        if segment != {"file": f"events/{first:012}.ndjson.gz", "first": first, "last": last}:
            what = "bundle.json names another file for position {position} than a reader looks at"
            raise NotABundle(say(what, position=first))
        sizes = tuple(sorted({note.size for note in notes if first <= note.size <= last}))
        yield Segment(bundle, segment["file"], first, last, sizes)
        after = last
    if after != about["size"]:
        raise NotABundle(say("bundle.json names no file for position {position}", position=after + 1))


def file_problems(bundle: str, segments: Sequence[Segment], remarks: list[str]) -> list[Problem]:
    """Return which files would show a reader what is not verified, and remark on those beside the bundle."""
    found = names(bundle)
    problems = [
        Problem(0, say("{name} is twice in the bundle", name=name))
        for name in sorted(set(found))
        if found.count(name) > 1
    ]
    others = sorted(set(found) - BESIDE - {segment.file for segment in segments})
    for name in others:
        if name.startswith("events/"):
            what = say("{name} is in the bundle, and bundle.json doesn't name it", name=name)
            problems.append(Problem(0, what))
        elif not name.startswith("checkpoints/"):
            remarks.append(say("{name} is NOT of the bundle, and was not looked at", name=name))
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
    expected = [*notes, Note(say("the bundle's head"), "", about["size"], roots_of(about), b"", [])]
    problems = [
        Problem(0, say("{source} has a root of no events that is not that of nothing", source=note.source))
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
                what = "the events from here to {size} are not those of {source}"
                what = say(what, size=note.size, source=note.source)
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
        what = say("{events} withheld, which is not what bundle.json says", events=counted(count, "event"))
        problems.append(Problem(0, what))
    problems += [
        Problem(
            about["size"] + 1,
            say("missing: {source} knows {events}", source=note.source, events=counted(note.size, "event")),
        )
        for note in notes
        if note.size > about["size"]
    ]
    return problems


def tell_withheld(stretches: Sequence[tuple[int, int]], remarks: list[str]) -> int:
    """Remark which events are withheld, and return how many."""
    count = sum(last - first + 1 for first, last in stretches)
    if count:
        where = ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in stretches)
        told = "{events} withheld: only their hashes are in the bundle ({where})"
        remarks.append(say(told, events=counted(count, "event"), where=where))
    return count


def verify(
    bundle: str, outside: Sequence[str], key: str | None, processes: int
) -> tuple[list[Problem], list[str]]:
    """Return what is wrong with a bundle, and what else is to be said about it."""
    try:
        about = decode(read(bundle, "bundle.json").decode())
        numbers = (about["size"], about["segment_events"], about.get("withheld", 0))
        if about["format"] != "dispatch-bundle-1" or not about.keys() <= ABOUT:
            raise NotABundle(say("this is a bundle of a format that I don't know"))
        if not isinstance(about["origin"], str) or any(type(one) is not int or one < 0 for one in numbers):
            raise NotABundle(say("bundle.json says numbers that are none"))
        roots_of(about)
        within = sorted(name for name in names(bundle) if name.startswith("checkpoints/"))
        notes = [parse_note(name, read(bundle, name).decode()) for name in within]
        notes += [parse_note(name, Path(name).read_text(encoding="utf-8")) for name in outside]
        segments = list(segments_of(bundle, about, notes))
        held = {"events": counted(about["size"], "event"), "checkpoints": counted(len(notes), "checkpoint")}
        remarks = [
            say("{events}, {checkpoints}, {outside} of them from outside", outside=len(outside), **held)
        ]
        problems = file_problems(bundle, segments, remarks)
        problems += [
            Problem(0, say("{source} is of another log, {origin}", source=note.source, origin=note.origin))
            for note in notes
            if note.origin != about["origin"]
        ]
        problems += signature_problems(bundle, notes, key, remarks)
    except (
        OSError, KeyError, TypeError, ValueError, AttributeError, RuntimeError, zipfile.BadZipFile, zlib.error
    ) as error:  # fmt: skip
        what = say("{bundle} can't be read as a bundle: {error}", bundle=bundle, error=why(error))
        raise NotABundle(what) from None
    if not outside:
        remarks.append(say("no checkpoint from outside was given: a log rewritten as a whole would not show"))
    newest = max((note.size for note in notes), default=0)
    if newest < about["size"]:
        told = "NOTHING signed speaks for positions {first} to {last}: the newest checkpoint is older"
        remarks.append(say(told, first=newest + 1, last=about["size"]))
    if "sm3" not in hash_functions():
        remarks.append(say("SM3 could NOT be checked: neither this Python nor `cryptography` has it"))
    if processes == 1 or len(segments) == 1:
        problems += compare(about, notes, map(check_segment, segments), segments, remarks)
    else:
        with multiprocessing.Pool(processes, speak, (spoken["language"],)) as pool:
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
        remarks.append(say("signatures could NOT be checked: the library `cryptography` is not installed"))
        return []
    if unknown:
        told = "signatures could NOT be checked: the key is not one of Ed25519 ({checkpoints})"
        remarks.append(say(told, checkpoints=counted(unknown, "checkpoint")))
    if key is None and notes:
        remarks.append(
            say("signatures are checked by the bundle's own key: better give --key from elsewhere")
        )
    return [Problem(note.size, f"{note.source}: {fault}") for note, fault in faults if fault]


def written_out(text: str) -> str:
    """Return a text with whatever can't be seen written out: no bundle moves the cursor, or hides a line."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def main() -> int:
    """Verify a bundle as the command line says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A console that has no Chinese is told by numbers what it can't show.
            stream.reconfigure(errors="backslashreplace")
    chosen = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    speak(usual_language())
    choice = chosen.add_argument("--language", choices=("zh", "en"), default=spoken["language"])
    speak(chosen.parse_known_args()[0].language)
    choice.help = say("the language of what is told")
    parser = argparse.ArgumentParser(
        description=say("Verifies a bundle of the log offline."), parents=[chosen]
    )
    parser.add_argument("bundle", metavar="BUNDLE", help=say("the directory or zip file"))
    parser.add_argument(
        "--checkpoint", metavar="FILE", action="append", default=[], help=say("one kept elsewhere")
    )
    parser.add_argument("--key", metavar="FILE", help=say("the public key (or key.txt), from elsewhere"))
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, help=say("the processes to use")
    )
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
        print(say("position {position}: {what}", position=problem.position, what=written_out(problem.what)))
    verdict = "NOT WHOLE ({seconds:.1f} s)" if problems else "whole ({seconds:.1f} s)"
    print(say(verdict, seconds=time.monotonic() - began))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
