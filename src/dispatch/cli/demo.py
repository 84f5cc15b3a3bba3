"""`dispatch demo`: a town's whole year through the running service, beside what the town published."""

from pathlib import Path
from typing import Annotated

import typer

from dispatch.cli.terminal import AsJson
from dispatch.demo.run import Demonstration, run
from dispatch.demo.year.whole import SEED


def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="Stop the service at the end, instead of leaving it to look at.")
    ] = False,
    directory: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="Where the new database is made, and stays; else in a directory that goes at the end.",
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Where the service listens; else any free port.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another year with the same figures.")] = SEED,
    as_json: AsJson = False,
) -> None:
    """Send the year 2023 of Wanshun Town through the service and compare the figures with the published ones.

    Starts the service on a new embedded database with a simulated clock, founds the town, and sends 10,809
    tasks, 307 cases, 326 disputes and the rest through the HTTP API, as 60 people at once. Exits with 1 if
    a figure differs. Leaves the service running, with a password and a token for each role, until Ctrl-C.

    For example:

        dispatch demo
        dispatch demo --exit --json
        dispatch demo --directory var/demo --port 8080
    """
    asked = Demonstration(directory=directory, port=port, seed=seed, leave=leave, as_json=as_json)
    raise typer.Exit(run(asked))
