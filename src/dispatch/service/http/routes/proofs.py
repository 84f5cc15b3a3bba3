"""Checkpoints of the log, and proofs that it holds an event and goes on from an earlier state."""

import asyncio
from base64 import b64encode
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.responses import PlainTextResponse, Response

from dispatch.domain.refusal import Unacceptable, Unknown
from dispatch.eventlog import DatabaseLog
from dispatch.eventlog.tree.hashes import ALGORITHMS
from dispatch.eventlog.tree.leaf import leaf
from dispatch.eventlog.tree.stored_tree import Proof, SizeNotInTree, TreeBroken
from dispatch.service.http.answers import READS, described
from dispatch.service.http.reader import LARGEST, AtReader
from dispatch.service.http.routes import API
from dispatch.service.http.strict import StrictRoute

router = APIRouter(prefix=f"{API}/audit", tags=["audit"], responses=READS, route_class=StrictRoute)

encoder: Final = msgspec.json.Encoder()
Size = Annotated[int, Query(ge=1, le=LARGEST)]


class NoCheckpoint(Unknown):
    """No checkpoint has been issued yet: `dispatch checkpoint` issues one."""


class SizeOutsideLog(Unacceptable):
    """The log has not that many events, or the position is not among them."""


class Hashes(msgspec.Struct, frozen=True):
    """A root, or the hashes of a proof from the leaf upwards, in base64."""

    sha256: str | list[str]
    sm3: str | list[str]


class Inclusion(msgspec.Struct, frozen=True):
    """The proof (RFC 9162, 2.1.3) that the event at a position is among the first `size` of the log."""

    position: int
    size: int
    leaf: Hashes
    proof: Hashes
    root: Hashes


class Consistency(msgspec.Struct, frozen=True):
    """The proof (RFC 9162, 2.1.4) that the first `to` events begin with the first `from` ones."""

    from_: int = msgspec.field(name="from")
    to: int
    proof: Hashes
    from_root: Hashes
    to_root: Hashes


class Kept(msgspec.Struct, frozen=True):
    """A checkpoint: how many events it covers, when it was issued (µs since 1970) and the signed note."""

    size: int
    issued_at: int
    note: str


async def _log(reader: AtReader) -> DatabaseLog:
    return reader.runtime.log


AuditedLog = Annotated[DatabaseLog, Depends(_log)]


def _texts(hashes: list[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in hashes]


def _pair(sha256: bytes, sm3: bytes) -> Hashes:
    return Hashes(*_texts([sha256, sm3]))


def _path(proof: Proof) -> Hashes:
    return Hashes(_texts(proof.sha256), _texts(proof.sm3))


def _json(answer: Any) -> Response:
    return Response(encoder.encode(answer), HTTPStatus.OK, media_type="application/json")


@router.get("/checkpoint", summary="The last checkpoint", response_class=PlainTextResponse)
async def checkpoint(log: AuditedLog) -> Response:
    """A signed note as C2SP defines it: keep it somewhere else, and the log can't be rewritten unnoticed."""
    kept = await asyncio.to_thread(log.last_checkpoint)
    if kept is None:
        raise NoCheckpoint
    return PlainTextResponse(kept.note)


@router.get("/key", summary="The key that checkpoints are signed with", response_class=PlainTextResponse)
async def key(reader: AtReader) -> Response:
    """As a signed note names it, NAME+ID+BASE64: hold it against the one that you keep elsewhere.

    Keys that signed before follow, oldest first, one a line with the size of the last checkpoint of each.
    """
    signer = await asyncio.to_thread(reader.runtime.checkpoints.signer)
    return PlainTextResponse(f"{signer.key}\n")


@router.get("/checkpoints", summary="All checkpoints", responses=described(list[Kept]))
async def checkpoints(
    log: AuditedLog,
    after: Annotated[int, Query(ge=0, le=LARGEST, description="Only those of more events")] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Response:
    """Smallest first."""
    kept = await asyncio.to_thread(log.checkpoints, after, limit)
    return _json([Kept(*one) for one in kept])


def _inclusion(log: DatabaseLog, position: int, size: int) -> Inclusion:
    try:
        proof = log.tree.inclusion(position, size)
    except SizeNotInTree as error:
        raise SizeOutsideLog(asked=error.asked, size=error.size) from None
    stored = log.read(after=position - 1, until=position)
    if not stored:
        raise TreeBroken(f"position {position} is missing from the log")
    sha256, sm3 = (algorithm.leaf(leaf(stored[0])) for algorithm in ALGORITHMS)
    roots = log.tree.roots(size)
    return Inclusion(position, size, _pair(sha256, sm3), _path(proof), _pair(roots.sha256, roots.sm3))


def _consistency(log: DatabaseLog, old: int, size: int) -> Consistency:
    try:
        proof = log.tree.consistency(old, size)
    except SizeNotInTree as error:
        raise SizeOutsideLog(asked=error.asked, size=error.size) from None
    before, after = log.tree.roots(old), log.tree.roots(size)
    return Consistency(
        old, size, _path(proof), _pair(before.sha256, before.sm3), _pair(after.sha256, after.sm3)
    )


@router.get("/proof/inclusion", summary="Proof that the log holds an event", responses=described(Inclusion))
async def inclusion(log: AuditedLog, position: Size, size: Size) -> Response:
    """`leaf` is computed from the event as it is stored now; `size` is best taken from a checkpoint."""
    return _json(await asyncio.to_thread(_inclusion, log, position, size))


@router.get("/proof/consistency", summary="Proof that the log only grew", responses=described(Consistency))
async def consistency(
    log: AuditedLog, from_: Annotated[int, Query(alias="from", ge=1, le=LARGEST)], to: Size
) -> Response:
    """Both sizes are best taken from checkpoints."""
    return _json(await asyncio.to_thread(_consistency, log, from_, to))
