"""Writing a bundle: all that the leaves cover, the tree's head, checkpoints and a verifier."""

from __future__ import annotations

import gzip
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from dispatch.eventlog.checkpoints.directory import SUFFIX
from dispatch.eventlog.checkpoints.note import Checkpoint
from dispatch.eventlog.database_log import DatabaseLog
from dispatch.eventlog.log import Stored
from dispatch.eventlog.tree.growth import Growth
from dispatch.eventlog.tree.hashes import ALGORITHMS, SIZE
from dispatch.eventlog.tree.leaf import leaf_as_found

FORMAT: Final = "dispatch-bundle-1"
SEGMENT: Final = 1 << 14
"""Events of a file: a power of two, so that each full file is a whole subtree."""
LEVEL: Final = 5
"""Of gzip: the higher ones take longer than all the rest."""
VERIFIER: Final = Path(__file__).with_name("verify_bundle.py")

encoder: Final = msgspec.json.Encoder()

README: Final = """\
# 日志包 {origin}

(English below.)

日志所存的 {size} 条记录，原样在此。在本目录中运行（需 Python 3.10 或更高，不需别的）：

    python verify_bundle.py .

即可核验其中没有记录被修改、删除、增添或调换。但包内的一切，都可能出自制作此包的人。更可靠的是用**另行保管**的
检查点、公钥和核验程序：

    python verify_bundle.py . --checkpoint 文件 --key 文件

只有您自己此前保管的检查点，能发现日志曾被整体改写；只有您自己保管的公钥，能证明检查点是谁签的。输出“完整无误”
即通过（返回值 0）；否则逐条指出从第几号起不符（返回值 1）。不是中文时加 `--language zh`。检查点和公钥可在
审计页面的“证明”中保存，也会随每日摘要发出。

- `events/*.ndjson.gz`：每行一个 JSON 对象。`at`、`recorded_at` 是 1970 年以来的微秒数（UTC）；`state` 是当时
  记下的原文（不是 UTF-8 时为 `state_base64`）；`leaf` 是日志的树中该叶子的 SHA-256，用来指出改动的位置。
- 有 `withheld` 的行，其内容不在包内：记录不归取包的人管辖（或已不可读），或含未加密的个人信息，或含审计中
  不予显示的令牌、会话摘要。`leaf` 和 `sm3` 是其叶子的散列，通向同样的树根。
- 叶子覆盖：位置和版本（各 8 字节，无符号）、`at` 和 `recorded_at`（各 8 字节，有符号）、流名和类型名的
  字节长度（各 4 字节），均为大端序；其后是流名、类型名和原文。
- `bundle.json`：默克尔树（RFC 9162）在 SHA-256 和 SM3 下的树头，以及文件清单。
- `checkpoints/`：本日志已签名的树头（C2SP signed note）；`key.txt`：签名所用的公钥；以前若用过别的，由旧到新
  列在其后，各带其最后签署的条数。

# A bundle of the log {origin}

{size} events, as the log held them: `python verify_bundle.py .` (Python 3.10 or newer, nothing else)
shows that none was changed, removed, added or moved. Better:

    python verify_bundle.py . --checkpoint FILE --key FILE

with a checkpoint and the public key, and a verifier, that were kept elsewhere: what is in this bundle could
have been made by whoever made the bundle. `--language en` where it should speak English.

- `events/*.ndjson.gz`: one JSON object a line. `at` and `recorded_at` are µs since 1970, UTC; `state` is
  the exact text that was recorded (`state_base64` where it is no UTF-8); `leaf` is the leaf's SHA-256 as
  the log's tree holds it, which tells the position of a change.
- A line with `withheld` stands for an event that isn't in this bundle: one outside the scope of whoever took
  it (or that can't be read), with personal data in clear, or with the digest of a token or a session, which
  audits don't show. `leaf` and `sm3` are its leaf's hashes, which lead to the same roots.
- A leaf covers: position and version (8 bytes each, unsigned), `at` and `recorded_at` (8, signed), the
  lengths of stream and name in bytes (4 each), all big-endian, then stream, name and state.
- `bundle.json`: the head of the Merkle tree (RFC 9162) over them, in SHA-256 and SM3, and the files.
- `checkpoints/`: signed heads of this log (C2SP signed note); `key.txt`: the key that signs
  them; if the log had others before, they follow, oldest first, each with the size of the last it signed.
"""


class Target(Protocol):
    """Where a bundle is written to."""

    def add(self, name: str, content: bytes) -> None:
        """Add a file."""


class Directory:
    """A bundle as a directory, which must be new or empty."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise FileExistsError(f"{path} is not empty")
        self._path = path

    def add(self, name: str, content: bytes) -> None:
        """Add a file."""
        path = self._path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


class Archive:
    """A bundle as one zip file, which must be new."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    def add(self, name: str, content: bytes) -> None:
        """Add a file; what is large in a bundle is compressed already."""
        self._file.writestr(name, content)


def export(
    log: DatabaseLog,
    target: Target,
    *,
    origin: str,
    key: str,
    checkpoints: Iterable[Checkpoint] = (),
    until: int | None = None,
    shown: Callable[[Stored], bool] = lambda _: True,
) -> Iterator[int]:
    """Write the events up to a position, or all; gives the last position after each file of events.

    What stands in the database is written as it is, even where it makes no sense: it is for the verifier
    to say so. What is not `shown` is written as its leaf's hashes alone, which lead to the same roots.
    Checkpoints of more events than are exported are left out if `until` was given.
    """
    head = log.head()
    size = head if until is None else min(until, head)
    growth = Growth()
    segments = []
    withheld = 0
    for first in range(1, size + 1, SEGMENT):
        last = min(first + SEGMENT - 1, size)
        events = log.read(after=first - 1, until=last)
        growth.extend([leaf_as_found(event) for event in events])
        name = f"events/{first:012}.ndjson.gz"
        hidden = {event.position for event in events if not shown(event)}
        withheld += len(hidden)
        lines = b"".join(_lines(events, _leaf_hashes(log, first, last), hidden))
        target.add(name, gzip.compress(lines, LEVEL, mtime=0))
        segments.append({"file": name, "first": first, "last": last})
        yield last
    _, sha256, sm3 = growth.roots()
    about = {
        "format": FORMAT,
        "origin": origin,
        "size": size,
        "withheld": withheld,
        "sha256": b64encode(sha256).decode(),
        "sm3": b64encode(sm3).decode(),
        "segment_events": SEGMENT,
        "segments": segments,
    }
    target.add("bundle.json", msgspec.json.format(encoder.encode(about)))
    for checkpoint in checkpoints:
        if until is None or checkpoint.roots.size <= size:
            target.add(f"checkpoints/{checkpoint.roots.size:015}{SUFFIX}", checkpoint.note.encode())
    target.add("key.txt", f"{key}\n".encode())
    target.add("README.md", README.format(origin=origin, size=f"{size:,}").encode())
    target.add("verify_bundle.py", VERIFIER.read_bytes())


def _leaf_hashes(log: DatabaseLog, first: int, last: int) -> dict[int, str]:
    """Return the leaves' hashes that the database holds, by position."""
    found = {}
    for row in log.tree.rows(0, first - 1, last):
        for place in range(len(row.sha256) // SIZE):
            hashed = row.sha256[place * SIZE : (place + 1) * SIZE]
            found[row.first + place + 1] = b64encode(hashed).decode()
    return found


def _lines(events: Iterable[Stored], leaves: dict[int, str], hidden: set[int]) -> Iterator[bytes]:
    for event in events:
        if event.position in hidden:
            # From the event as it stands: were it changed, the roots would be others.
            sha256, sm3 = (
                b64encode(algorithm.leaf(leaf_as_found(event))).decode() for algorithm in ALGORITHMS
            )
            yield (
                encoder.encode({"position": event.position, "withheld": True, "leaf": sha256, "sm3": sm3})
                + b"\n"
            )
            continue
        line: dict[str, Any] = event._asdict()
        state: bytes = line.pop("state")
        try:
            line["state"] = state.decode()
        except UnicodeDecodeError:
            line["state_base64"] = b64encode(state).decode()
        line["leaf"] = leaves.get(event.position)
        yield encoder.encode(line) + b"\n"
