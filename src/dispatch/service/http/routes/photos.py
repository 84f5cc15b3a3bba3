"""Photos: sent before the report that names them, and shown with the item to whoever may see it."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Final, NoReturn

from fastapi import APIRouter, Path, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from dispatch.domain.personal import Personal, stream_of
from dispatch.service.http.answers import READS, WRITES, KeptPhoto, PhotosOfItem
from dispatch.service.http.reader import Asking, AtReader, Question, encoder
from dispatch.service.http.routes import API, items
from dispatch.service.http.strict import StrictRoute
from dispatch.service.http.text import ItemKey
from projections.timeline import Entry

router = APIRouter(prefix=API, tags=["photos"], responses=READS, route_class=StrictRoute)

SENT_TO: Final = f"{API}/photos"
AROUND: Final = 10_000
"""Bytes that a form may have around its photo."""
FORM: Final = "multipart/form-data"
TAKEN: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {FORM: {"schema": {"$ref": "#/components/schemas/PhotoForm"}}},
    }
}
PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The picture",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}
SHOWN: Final = {
    # A picture is a picture whatever stands in it, and nobody's cache keeps it.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "private, no-store",
}
SUFFIXES: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

PhotoKey = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="The photo's SHA-256: 64 hex digits")]


@router.post(
    "/photos",
    status_code=HTTPStatus.CREATED,
    response_model=KeptPhoto,
    responses=WRITES,
    summary="Send a photo",
    openapi_extra=TAKEN,
)
async def send(request: Request, reader: AtReader) -> Response:
    """Before the report or step whose `evidence` names it by the `digest` of the answer.

    Taken are whole pictures in JPEG, PNG and WebP, told by their content. What the file says about place,
    time and device is left out, and with it on which side the picture lies. Sent again, it is kept once. A
    photo that nothing names within a day is forgotten.
    """
    file = await _file(request)
    album = reader.runtime.photos
    kept = await asyncio.to_thread(album.keep, file, reader.account.account)
    return Response(encoder.encode(kept), HTTPStatus.CREATED, media_type="application/json")


async def _file(request: Request) -> bytes:
    """Return the bytes of the form's one photo; read when it is known who sends it, and never further."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        _malformed(f"must be sent as {FORM}")
    try:
        async with request.form(max_files=1, max_fields=1) as form:
            photo = form.get("photo")
            if not isinstance(photo, UploadFile):
                _malformed("the form must hold one file of this name")
            return await photo.read()
    except ClientDisconnect:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The body broke off.") from None


def _malformed(what: str) -> NoReturn:
    raise RequestValidationError([{"loc": ("body", "photo"), "msg": what, "type": "value_error"}])


async def _entries(question: Question, stream: str) -> list[Entry]:
    """Return what happened to an item; nothing where its personal data, and so its photos, were erased."""
    runtime = question.reader.runtime
    personal = await runtime.handler.state(stream_of(stream))
    if isinstance(personal, Personal) and personal.erased_at is not None:
        return []
    return (await asyncio.to_thread(runtime.questions.timeline, question.when, stream)).entries


async def _listed(question: Question, stream: str) -> Response:
    entries = await _entries(question, stream)
    found = await asyncio.to_thread(question.reader.runtime.photos.of, entries)
    return Response(encoder.encode({"photos": found}), media_type="application/json")


async def _shown(question: Question, stream: str, digest: str) -> Response:
    entries = await _entries(question, stream)
    kept, content = await asyncio.to_thread(question.reader.runtime.photos.show, digest, entries)
    named = f'inline; filename="{digest[:12]}.{SUFFIXES[kept.media_type]}"'
    return Response(content, headers=SHOWN | {"Content-Disposition": named}, media_type=kept.media_type)


@router.get("/tasks/{id}/photos", response_model=PhotosOfItem, summary="A task's photos")
async def of_task(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """Those that its events name, in their order."""
    await items.task(id, question)
    return await _listed(question, f"task:{id}")


@router.get("/cases/{id}/photos", response_model=PhotosOfItem, summary="A case's photos")
async def of_case(id: ItemKey, question: Asking) -> Response:  # noqa: A002 - the path says {id}
    """Those that its events name, in their order."""
    await items.case(id, question)
    return await _listed(question, f"case:{id}")


@router.get(
    "/tasks/{id}/photos/{digest}", responses=PICTURE, response_class=Response, summary="A task's photo"
)
async def one_of_task(id: ItemKey, digest: PhotoKey, question: Asking) -> Response:  # noqa: A002 - as the path
    """The picture itself, for whoever may see the task."""
    await items.task(id, question)
    return await _shown(question, f"task:{id}", digest)


@router.get(
    "/cases/{id}/photos/{digest}", responses=PICTURE, response_class=Response, summary="A case's photo"
)
async def one_of_case(id: ItemKey, digest: PhotoKey, question: Asking) -> Response:  # noqa: A002 - as the path
    """The picture itself, for whoever may see the case."""
    await items.case(id, question)
    return await _shown(question, f"case:{id}", digest)
