"""What a fault tells the person who met it: that there was one, and nothing of how the service is made."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy.exc
from fastapi import FastAPI
from starlette.types import Message

from dispatch.eventlog.mapper import UnreadableEvent
from dispatch.service.http import problems
from dispatch.service.photos.store import PhotoDamaged

SECRETS = ("Traceback", "SELECT", "password", "problems.py", "MadeUpError")


class MadeUpError(Exception):
    """What nobody expected."""


def ask(app: FastAPI, path: str) -> tuple[int, str]:
    """Send one request to an application; returns the status and what it answers."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [],
    }
    with suppress(MadeUpError):  # which the framework raises again, for the server's own log
        asyncio.run(app(scope, receive, send))
    assert (b"content-type", problems.MEDIA_TYPE.encode()) in sent[0]["headers"]
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]).decode()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (MadeUpError("SELECT password FROM accounts"), 500, "fault"),
        (sqlalchemy.exc.OperationalError("SELECT password", {}, Exception("refused")), 503, "database-away"),
        (UnreadableEvent("task.issued", 7, "password"), 500, "event-unreadable"),
        (PhotoDamaged("ab12"), 500, "photo-damaged"),
    ],
)
def test_no_fault_says_what_went_wrong_inside(error: Exception, status: int, code: str) -> None:
    app = FastAPI()
    problems.install(app, (sqlalchemy.exc.OperationalError,))

    @app.get("/")
    async def fail() -> None:
        raise error

    answered, text = ask(app, "/")
    assert (answered, json.loads(text)["code"]) == (status, code)
    assert not [secret for secret in SECRETS if secret in text], text
