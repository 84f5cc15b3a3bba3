"""Answers made small for slow lines: those to questions, and nothing in which a secret stands."""

import asyncio
import zlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

LEAST: Final = 1_400
"""Bytes that fit into one packet, which no line brings sooner if they are fewer."""
LEVEL: Final = 6
GZIP: Final = zlib.MAX_WBITS + 16


def accepted(request: Request) -> set[str]:
    """Return the encodings that a browser takes."""
    taken = (one.partition(";") for one in request.headers.get("accept-encoding", "").lower().split(","))
    return {name.strip() for name, _, weight in taken if weight.replace(" ", "") not in {"q=0", "q=0.0"}}


async def found(request: Request, content: bytes, headers: Mapping[str, str], media_type: str) -> Response:
    """Return the answer to a question, compressed for who takes that.

    For answers only that hold no secret: the length of one that is compressed together with what an attacker
    had said in his request tells him of it (BREACH). See docs/decisions/0025.
    """
    given = {**headers, "Vary": "Accept-Encoding"}
    if len(content) >= LEAST and "gzip" in accepted(request):
        given["Content-Encoding"] = "gzip"
        content = await asyncio.to_thread(_compressed, content)
    return Response(content, HTTPStatus.OK, given, media_type)


def _compressed(content: bytes) -> bytes:
    # Without a time in it: the same answer about the past is the same bytes.
    packing = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    return packing.compress(content) + packing.flush()
