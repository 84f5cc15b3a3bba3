"""`dispatch audit`: who did what, in words that a person can read."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
import typer
from msgspec.structs import replace

from dispatch.cli.terminal import (
    AsJson,
    Database,
    Failure,
    counted,
    group,
    one_of,
    point_in_time,
    print_json,
    tell,
)
from dispatch.domain.digests import in_base64
from dispatch.eventlog.checkpoints.issuing import LogRewritten
from dispatch.eventlog.checkpoints.note import NoteMalformed
from dispatch.eventlog.mapper import decode_whole
from dispatch.service.checkpoints import Checkpoints
from dispatch.service.installation import installation
from projections.audit.digest import digest as digest_of
from projections.audit.trail import streams_of
from projections.audit.trail import trail as follow
from projections.questions.words import WORDS
from projections.spans import local_day

app = group("Who did what, in which role, from where and when.")


class Language(StrEnum):
    """The language of the sentences."""

    CHINESE = "zh"
    ENGLISH = "en"


@app.callback()
def audit() -> None:
    """Who did what, in which role, from where and when."""


@app.command()
def digest(
    day: Annotated[
        datetime | None,
        typer.Argument(
            metavar="DAY", parser=point_in_time, help="A day such as 2023-07-01; today by default."
        ),
    ] = None,
    *,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Print a day of the log on one page: what was recorded, the tree's roots, and a signed checkpoint.

    To be kept on paper or elsewhere: whoever has it can show later that the log of that day was not changed.
    A checkpoint that covers the day is issued if there is none yet.

    For example:

        dispatch audit digest
        dispatch audit digest 2023-07-01 | lp
    """
    with installation(database) as at:
        chosen = local_day(at.clock() if day is None else day)
        found = digest_of(at.log, chosen)
        if found.checkpoint is None and found.last:
            try:
                Checkpoints(at.log, at.settings, at.clock).issue()
            except (LogRewritten, NoteMalformed) as error:
                raise Failure(f"Nothing was signed: {error}. Run dispatch verify.") from None
            found = digest_of(at.log, chosen)
    found = replace(found, sha256=in_base64(found.sha256), sm3=in_base64(found.sm3))
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    typer.echo(
        f"{found.day:%Y-%m-%d}: positions {found.first:,} to {found.last:,}, "
        f"{counted(found.actors, 'account')}"
    )
    for name, count in found.events.items():
        tell(f"{count:>9,} {' '.join(WORDS.get(name, (name,)))}")
    typer.echo(f"SHA-256 {found.sha256}\nSM3     {found.sm3}\n\n{found.checkpoint or ''}", nl=False)


@app.command()
def trail(
    item: Annotated[
        str, typer.Argument(metavar="ITEM", help="A stream such as task:0198…, or an item's id alone.")
    ],
    *,
    lang: Annotated[Language, one_of(Language, help="Chinese or English.")] = Language.CHINESE,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Tell everything that happened to an item: what, by whom, when, when recorded, and from where.

    What somebody tried with it in vain stands among it, as far as it is on record: what was sent under a key,
    and requests that named it and were refused for rights, counted over a minute.
    Each line ends with the event's position, up to which `dispatch replay --until` shows the read models.

    For example:

        dispatch audit trail 0185c2f0a7b07e3c9d1f2a4b6c8e0d12
        dispatch audit trail account:operator-1 --lang en
    """
    with installation(database, as_it_is=True) as at:
        found = {stream: follow(at.log, decode_whole, stream) for stream in streams_of(at.log, item)}
    if not found:
        raise Failure(f"There is nothing of that name in the log: {item[:80]}.")
    if as_json:
        print_json(found)
        return
    for stream, steps in found.items():
        tell(stream)
        for step in steps:
            tell(f"  {step.zh if lang is Language.CHINESE else step.en}")
