"""Where a request becomes a command: who sends it, under which key, when the device says that it happened."""

import asyncio
from datetime import datetime
from typing import Annotated, Final, NoReturn

import msgspec
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from commands.command import Command, Outcome
from commands.command import Request as CommandRequest
from dispatch.domain.accounts import Account
from dispatch.service.http.entrance import Entered, address_of, enter, request_id_of, runtime_of
from dispatch.service.http.text import Moment
from dispatch.service.runtime import Runtime

KEY_LENGTH: Final = 200
encoder: Final = msgspec.json.Encoder()
_moment: Final[TypeAdapter[datetime]] = TypeAdapter(Moment)


def malformed(where: str, what: str) -> NoReturn:
    """Refuse a header with the problem that a malformed body gets."""
    raise RequestValidationError([{"loc": ("header", where), "msg": what, "type": "value_error"}])


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= KEY_LENGTH or not key.isascii() or not key.isprintable() or key.startswith("~"):
        malformed("Idempotency-Key", "must be 1 to 200 printable ASCII characters, the first not ~")
    return key


def _version(request: Request) -> int | None:
    tag = request.headers.get("if-match")
    if tag is None:
        return None
    text = tag.strip().strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - no stream is that long
        malformed("If-Match", 'must be the version that you read, such as "3"')
    return int(text)


def _device_at(request: Request) -> datetime | None:
    text = request.headers.get("dispatch-device-time")
    if text is None:
        return None
    try:
        return _moment.validate_python(text)
    except ValidationError as error:
        malformed("Dispatch-Device-Time", error.errors()[0]["msg"])


class Desk:
    """One request's place at the desk: sends commands in the name of its account."""

    def __init__(self, request: Request, runtime: Runtime, entered: Entered) -> None:
        self.request = request
        self.runtime = runtime
        self.entered = entered

    @property
    def account(self) -> Account:
        """Who sends."""
        return self.entered.account

    async def outcome(self, command: Command, *, keyed: bool = True) -> Outcome:
        """Carry a command out; a `Refusal` is raised for what may not or can't be.

        Unless `keyed` it is carried out each time that it is sent, whatever the client's key.
        """
        request = self.request
        # If it is refused, that is on record with what it was about.
        request.state.about = command.about
        evidence: tuple[str, ...] = getattr(command, "evidence", ())
        sent = self.runtime.photos.sent
        photos = await asyncio.to_thread(sent, self.account.account, evidence) if evidence else ()
        return await self.runtime.handler.handle(
            CommandRequest(
                command=command,
                account=self.account.account,
                token=self.entered.proof,
                session=self.entered.proof if self.entered.by_session else None,
                key=_key(request) if keyed else None,
                version=_version(request),
                device_at=_device_at(request),
                address=address_of(request),
                request_id=request_id_of(request),
                photos=photos,
            )
        )

    async def carry_out(self, command: Command, *, status: int = 200) -> Response:
        """Carry a command out and answer with what it wrote, and the log position in `Dispatch-Position`."""
        return answer(await self.outcome(command), status=status)


def answer(outcome: Outcome, *, status: int = 200) -> Response:
    """Return the HTTP answer to a command: `position`, `repeated` and the version and status of each item."""
    body = {
        "position": outcome.position,
        "repeated": outcome.repeated,
        "items": [
            {"kind": kind, "id": key, "version": written.version, "status": written.status}
            for written in outcome.written
            for kind, _, key in [written.stream.partition(":")]
        ],
    }
    headers = {"Dispatch-Position": str(outcome.position)}
    if len(outcome.written) == 1:
        headers["ETag"] = f'"{outcome.written[0].version}"'
    return Response(encoder.encode(body), status, headers, "application/json")


async def at_desk(request: Request) -> Desk:
    """Return the desk of the account that the request comes from; `Unauthenticated` if none."""
    runtime = runtime_of(request)
    return Desk(request, runtime, await enter(request, runtime, fresh=False))


AtDesk = Annotated[Desk, Depends(at_desk)]
"""A route's parameter for whatever sends commands."""
