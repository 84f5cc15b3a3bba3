"""Issuing checkpoints: nothing is signed that doesn't go on from what was signed before."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import NamedTuple

from dispatch.domain.checkpoints import Discrepancy, Finding
from dispatch.eventlog.checkpoints.note import Checkpoint, Signature, body_of, parse, signed
from dispatch.eventlog.checkpoints.signer import Signer
from dispatch.eventlog.tree.growth import Roots
from dispatch.eventlog.tree.hashes import ALGORITHMS
from dispatch.eventlog.tree.proofs import consistent
from dispatch.eventlog.tree.stored_tree import StoredTree, TreeBroken


class LogRewritten(TreeBroken):
    """The log no longer goes on from a checkpoint that was signed before: it was changed behind our back."""

    def __init__(self, said: str, finding: Finding, before: Checkpoint, held: int) -> None:
        super().__init__(said)
        size, sha256, _ = before.roots
        self.discrepancy = Discrepancy(
            finding=finding, size=size, sha256=b64encode(sha256).decode(), held=held
        )


class KeptCheckpoint(NamedTuple):
    """A checkpoint as the database keeps it; `issued_at` in µs since 1970."""

    size: int
    issued_at: int
    note: str


def require_continued(tree: StoredTree, before: Checkpoint, roots: Roots) -> None:
    """Raise `LogRewritten` unless a consistency proof leads from a checkpoint to these roots."""
    old = before.roots.size
    if old > roots.size:
        said = f"a checkpoint knows {old} events, the log has {roots.size}"
        raise LogRewritten(said, Finding.SHORTER, before, roots.size)
    proof = tree.consistency(old, roots.size)
    pairs = zip(ALGORITHMS, proof, before.roots[1:], roots[1:], strict=True)
    for algorithm, path, old_root, root in pairs:
        if not consistent(algorithm, path, old=old, size=roots.size, old_root=old_root, root=root):
            said = f"the log does not begin with the {old} events of a checkpoint signed before"
            raise LogRewritten(said, Finding.OTHER_EVENTS, before, roots.size)


def issue(
    tree: StoredTree, signer: Signer, origin: str, before: Iterable[str], *, at: int | None = None
) -> Checkpoint:
    """Sign the log's head, having made sure that it goes on from earlier checkpoints (their notes).

    `at` is when that is, in µs since 1970. Raises `LogRewritten` if it doesn't, or if one of them is of
    another log or was not signed by this key; `NoteMalformed`, `LogUnavailable`.
    """
    earlier = [parse(note) for note in before]
    roots = tree.roots(tree.size())
    for checkpoint in earlier:
        if checkpoint.origin != origin:
            said = f"the last checkpoint is of another log, {checkpoint.origin}"
            raise LogRewritten(said, Finding.OTHER_LOG, checkpoint, roots.size)
        if not signer.has_signed(checkpoint):
            said = f"the checkpoint at {checkpoint.roots.size} was not signed by this key"
            raise LogRewritten(said, Finding.OTHER_KEY, checkpoint, roots.size)
        require_continued(tree, checkpoint, roots)
    body = body_of(origin, roots, at)
    signature: Signature = signer.sign(body.encode())
    return parse(signed(body, [signature]))
