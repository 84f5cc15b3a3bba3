"""The log as a bundle for the stand-alone verifier, sent while it is written."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from dispatch.domain import codes
from dispatch.eventlog.bundle.exporting import Archive, export
from dispatch.eventlog.checkpoints.note import Checkpoint, parse
from dispatch.eventlog.log import Stored
from dispatch.eventlog.mapper import UnreadableEvent, decode_whole
from dispatch.service.http.answers import READS
from dispatch.service.http.reader import LARGEST, AtReader, Reader
from dispatch.service.http.routes import API
from dispatch.service.http.routes.audit import NotInLogYet
from dispatch.service.http.strict import StrictRoute
from projections.audit.events import may_leave

router = APIRouter(prefix=f"{API}/audit", tags=["audit"], responses=READS, route_class=StrictRoute)

ZIP: Final = "application/zip"


class Outgoing(io.RawIOBase):
    """A file that is only written to: what was written is taken away and sent."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        """Say that it is written to; it can't be sought in, so the archive is written in one go."""
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override] # what a zip file writes is bytes
        """Take in more to send."""
        self._waiting.append(bytes(content))
        return len(content)

    def take(self) -> bytes:
        """Return what was written since."""
        taken = b"".join(self._waiting)
        self._waiting.clear()
        return taken


def _may_be_shown(scope: str, stored: Stored) -> bool:
    """Tell whether an event may leave as it is stored, for an account of this scope."""
    try:
        recorded = decode_whole(stored)
    except UnreadableEvent:
        # Whose it is can't be told; that it was changed is for the verifier to say.
        return scope == ""
    assert recorded.metadata is not None
    return codes.covers(scope, recorded.metadata.scope) and may_leave(recorded)


def _written(reader: Reader, until: int | None) -> Iterator[bytes]:
    log, checkpoints = reader.runtime.log, reader.runtime.checkpoints
    outgoing = Outgoing()
    with zipfile.ZipFile(outgoing, "w", zipfile.ZIP_STORED) as file:
        for _ in export(
            log,
            Archive(file),
            origin=reader.runtime.settings.log_origin,
            key=checkpoints.signer().key,
            checkpoints=_kept(reader),
            until=until,
            shown=lambda stored: _may_be_shown(reader.account.scope, stored),
        ):
            yield outgoing.take()
    yield outgoing.take()


def _kept(reader: Reader) -> Iterator[Checkpoint]:
    after = 0
    while kept := reader.runtime.log.checkpoints(after):
        yield from (parse(one.note) for one in kept)
        after = kept[-1].size


@router.get(
    "/bundle",
    summary="The log as a bundle for the stand-alone verifier",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "A zip file",
            "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def bundle(
    reader: AtReader,
    until: Annotated[
        int | None, Query(ge=1, le=LARGEST, description="The last event; all of them by default")
    ] = None,
) -> StreamingResponse:
    """Unpack it, and `python verify_bundle.py .` needs nothing but Python; its README says how.

    Of an event outside the account's scope, with personal data in clear, or with the digest of a token or a
    session, there are only the hashes of its leaf, which lead to the same roots.
    """
    head = await asyncio.to_thread(reader.runtime.log.head)
    size = head if until is None else until
    if size > head:
        raise NotInLogYet(position=size, head=head)

    async def parts() -> AsyncIterator[bytes]:
        written = _written(reader, size)
        while (part := await asyncio.to_thread(next, written, None)) is not None:
            yield part

    headers = {
        "Dispatch-Position": str(size),
        "Content-Disposition": f'attachment; filename="log-{size}.zip"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(parts(), media_type=ZIP, headers=headers)
