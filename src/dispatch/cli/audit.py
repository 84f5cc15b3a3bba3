"""`dispatch audit`: who did what, in words that a person can read."""

from enum import StrEnum
from typing import Annotated

import typer

from dispatch.cli.terminal import AsJson, Database, Failure, print_json
from dispatch.eventlog.mapper import decode_whole
from dispatch.service.installation import installation
from projections.audit.trail import streams_of
from projections.audit.trail import trail as follow

app = typer.Typer(no_args_is_help=True, help="Who did what, in which role, from where and when.")


class Language(StrEnum):
    """The language of the sentences."""

    CHINESE = "zh"
    ENGLISH = "en"


@app.callback()
def audit() -> None:
    """Who did what, in which role, from where and when."""


@app.command()
def trail(
    item: Annotated[
        str, typer.Argument(metavar="ITEM", help="A stream such as task:0198…, or an item's id alone.")
    ],
    *,
    lang: Annotated[Language, typer.Option(help="Chinese or English.")] = Language.CHINESE,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Tell everything that happened to an item: what, by whom, when, when recorded, and from where.

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
        typer.echo(stream)
        for step in steps:
            typer.echo(f"  {step.zh if lang is Language.CHINESE else step.en}")
