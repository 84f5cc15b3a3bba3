"""Known answers for whoever checks proofs in another language: the pages' own code is held against them.

`python -m tests.unit.eventlog.tree.answers_for_the_pages` writes them anew.
"""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dispatch.eventlog.checkpoints.note import body_of, signed
from dispatch.eventlog.checkpoints.signer import Ed25519Signer
from dispatch.eventlog.log import Stored
from dispatch.eventlog.tree.growth import Growth
from dispatch.eventlog.tree.hashes import ALGORITHMS, Algorithm
from dispatch.eventlog.tree.leaf import leaf
from dispatch.eventlog.tree.proofs import consistency_path, inclusion_path

FILE: Final = Path(__file__).parents[4] / "web" / "tests" / "known-proofs.json"
SIZES: Final = (1, 2, 3, 7, 8, 11, 21)
ORIGIN: Final = "dispatch.test/log"
LEAVES: Final = [
    leaf(
        Stored(
            position=n,
            stream=f"task:{n:032x}",
            version=1,
            name="task.issued",
            at=1_700_000_000_000_000 + n,
            recorded_at=1_700_000_000_500_000 + n,
            state=f'{{"data":{{"title":"巡查 {n}"}},"meta":{{}}}}'.encode(),
        )
    )
    for n in range(1, max(SIZES) + 1)
]


def root(algorithm: Algorithm, begin: int, end: int) -> bytes:
    """Return the root over some of the leaves, by the recursive definition (RFC 9162, 2.1.1)."""
    if end - begin == 1:
        return algorithm.leaf(LEAVES[begin])
    middle = begin + (1 << (end - begin - 1).bit_length() - 1)
    return algorithm.node(root(algorithm, begin, middle), root(algorithm, middle, end))


def _text(value: bytes) -> str:
    return b64encode(value).decode()


def answers() -> dict[str, Any]:
    """Return the answers: leaves, roots, proofs of every kind, and a signed checkpoint."""
    kinds: dict[str, Any] = {}
    for algorithm in ALGORITHMS:

        def subtree(begin: int, end: int, algorithm: Algorithm = algorithm) -> bytes:
            return root(algorithm, begin, end)

        kinds[algorithm.name] = {
            "leaves": [_text(algorithm.leaf(one)) for one in LEAVES],
            "roots": {size: _text(root(algorithm, 0, size)) for size in SIZES},
            "inclusion": [
                {"index": at, "size": size, "path": [_text(one) for one in inclusion_path(subtree, at, size)]}
                for size in SIZES
                for at in sorted({0, size // 2, size - 1})
            ],
            "consistency": [
                {
                    "old": old,
                    "size": size,
                    "path": [_text(one) for one in consistency_path(subtree, old, size)],
                }
                for size in SIZES
                for old in SIZES
                if old <= size
            ],
        }
    signer = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    growth = Growth()
    growth.extend(LEAVES)
    body = body_of(ORIGIN, growth.roots())
    return {
        "state": _text(b'{"data":{"title":"\xe5\xb7\xa1\xe6\x9f\xa5 1"},"meta":{}}'),
        "leaf": _text(LEAVES[0]),
        "key": signer.key,
        "note": signed(body, [signer.sign(body.encode())]),
        "kinds": kinds,
    }


def text() -> str:
    """Return the file's text."""
    return json.dumps(answers(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
