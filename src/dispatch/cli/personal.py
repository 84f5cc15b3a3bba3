"""`dispatch personal`: find the cases of a telephone number, and erase personal data, on the server."""

import asyncio
from typing import Annotated

import typer

from commands.command import Command, Outcome, Request
from commands.context import SYSTEM
from commands.personal.erase import ErasePersonal
from commands.personal.search import SearchPersonal
from dispatch.cli.terminal import AsJson, Database, Failure, group, print_json, say
from dispatch.domain.personal import Ground, Purpose
from dispatch.service.installation import Installation, installation

app = group("Personal data: found by telephone, and erased for ever; each time on record.")


def _send(at: Installation, command: Command) -> Outcome:
    return asyncio.run(at.handler.handle(Request(command=command, account=SYSTEM.account, source="cli")))


@app.command()
def find(
    *,
    telephone: Annotated[
        str, typer.Option(prompt=True, help="Better asked for than given: a command line is seen by others.")
    ],
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """List the cases that a telephone number stands in, however it was written.

    For example:

        dispatch personal find
    """
    with installation(database) as at:
        found = tuple(at.handler.found_by_telephone(telephone))
        _send(at, SearchPersonal(found=found, purpose=Purpose.REQUEST))
    if as_json:
        print_json({"subjects": found})
        return
    if not found:
        say("No case has that number.")
    for subject in found:
        typer.echo(subject)


@app.command()
def erase(
    subjects: Annotated[list[str], typer.Argument(metavar="case:ID|household:ID", help="Up to 100 items.")],
    *,
    ground: Annotated[Ground, typer.Option(help="Why. Source: PIPL, article 47.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask once more.")] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Destroy the keys of these items' personal data: nobody can read or restore it. The items stay.

    All of them or none. Backups of the database from before still hold the keys: see to them too.

    For example:

        dispatch personal erase case:0185c2f0a7b07e3c9d1f2a4b6c8e0d12 --ground request
    """
    if not yes and not typer.confirm(f"Erase the personal data of {len(subjects)} for ever?"):
        raise Failure("Nothing was erased.")
    with installation(database) as at:
        outcome = _send(at, ErasePersonal(subjects=tuple(subjects), ground=ground))
    if as_json:
        print_json({"erased": [one.stream.partition(":")[2] for one in outcome.written]})
    else:
        say(f"Erased the personal data of {len(outcome.written)}; position {outcome.position:,}.")


@app.command()
def wipe(*, database: Database = None) -> None:
    """Have the bytes of destroyed keys leave the database's files, where it was too busy at the erasure.

    Wanted after the service has logged `destroyed_keys_not_wiped`.
    """
    with installation(database) as at:
        if not at.log.wipe():
            raise Failure("The database is busy: try again, or stop the service first.")
    say("No destroyed key is left in the database's files.")
