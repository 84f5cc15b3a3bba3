"""The personal data of one subject: what is kept of it, and, where it was disclosed, what it says."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from commands.handler import Handler
from dispatch.domain.personal import Personal, PersonalStatus, stream_of
from dispatch.eventlog import DatabaseLog
from dispatch.eventlog.mapper import decode
from dispatch.eventlog.vault.sealing import Sealed, place, texts


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One personal text: the event and the field that it stands in; `text` is null while it isn't shown."""

    position: int
    at: datetime
    event: str
    field: str
    text: str | None = None


class PersonalData(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a subject, in the order of the log; of what was erased nothing can be shown."""

    subject: str
    status: PersonalStatus
    erased_at: datetime | None
    disclosures: int
    kept: list[Kept]


async def personal_data(log: DatabaseLog, handler: Handler, subject: str, *, shown: bool) -> PersonalData:
    """Return the personal data of a subject; what it says only if `shown`, and only while it can be read."""
    found = await asyncio.to_thread(_kept, log, subject)
    state = await handler.state(stream_of(subject))
    personal = state if isinstance(state, Personal) else Personal(place="")
    said: Sequence[str | None] = [None] * len(found)
    if shown and personal.erased_at is None:
        said = await handler.opened(subject, [sealed for _, sealed in found])
    return PersonalData(
        subject=subject,
        status=personal.status,
        erased_at=personal.erased_at,
        disclosures=personal.disclosures,
        kept=[
            Kept(position=one.position, at=one.at, event=one.event, field=one.field, text=text)
            for (one, _), text in zip(found, said, strict=True)
        ],
    )


def _kept(log: DatabaseLog, subject: str) -> list[tuple[Kept, Sealed]]:
    return [
        (
            Kept(position=stored.position, at=event.at, event=stored.name, field=field),
            Sealed(place(stored.name, stored.version, field), text),
        )
        for stored in log.read_stream(subject)
        if (event := decode(stored).event).personal
        for field, text in texts(event)
    ]
