"""`dispatch import`: an existing ledger into the log."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import TaskID

from dispatch.cli.shell import user_of_the_machine
from dispatch.cli.terminal import AsJson, Database, counted, group, print_json, progress_bar, say
from dispatch.domain import codes
from dispatch.service.clock import system_clock
from dispatch.service.installation import installation
from dispatch.service.ledger_import.importing import Importer, Report, Survey, survey
from dispatch.service.ledger_import.rejects import Rejects, rejects_to

app = group("Take an existing ledger into the log.")


@app.callback()
def take() -> None:
    """Take an existing ledger into the log."""


@app.command()
def cases(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV, plain or gzip, in UTF-8 or GB18030; line 1 names the columns."
        ),
    ],
    *,
    town: Annotated[str, typer.Option(metavar="CODE", help="The town's code, 9 digits.")],
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=COLUMN,…",
            help="Which column is what: id, grid, reported and, if there are, closed, category, subject. "
            "Without it the columns are called so.",
        ),
    ] = None,
    create_grids: Annotated[
        bool,
        typer.Option("--create-grids", help="Draw the grids (and found the town) that aren't there yet."),
    ] = False,
    town_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name of a town that is founded; else its code.")
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where the rows go that can't be taken: line, reason, row. Else NAME.rejects.csv, here.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and record nothing.")
    ] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Take a ledger of cases into the log with their true dates, accepted when they were reported.

    A day without a time is its first moment in Asia/Shanghai. Grids are found by name or code; a new one gets
    the town's next free village number. The same file once more changes nothing. Rows that can't be taken are
    written to the rejects file and nothing is lost: imported + unchanged + rejected = rows read.

    For example:

        dispatch import cases ledger.csv --town 500115101 --dry-run
        dispatch import cases 2019.csv.gz --town 500115101 --create-grids
            --columns "id=case_id,grid=district,reported=opened,closed=closed"
    """
    if not codes.is_code(town, codes.TOWN):
        raise typer.BadParameter(f"{town!r} is no town's code: that has 9 digits", param_hint="--town")
    say(f"Reading {file}")
    found = survey(file, columns, system_clock)
    path = rejects or Path(f"{file.name.split('.')[0] or 'ledger'}.rejects.csv")
    with (
        installation(database, make=not dry_run, rehearse=dry_run) as at,
        rejects_to(path, ledger=file, always=rejects is not None) as written,
    ):
        importer = Importer(at.log, at.handler, town, found, written, address=user_of_the_machine())
        before = at.log.head()
        report = asyncio.run(_run(importer, found, create_grids, town_name, dry_run))
    # Others may have recorded something meanwhile; that is none of this run's.
    events = report.position - before if report.imported or report.grids_drawn else 0
    _tell(report, written, path, events, dry_run=dry_run, as_json=as_json)


async def _run(
    importer: Importer, found: Survey, create_grids: bool, town_name: str | None, dry_run: bool
) -> Report:
    await importer.plan(create_grids=create_grids)
    with progress_bar() as bar:
        task: TaskID = bar.add_task("Looking at rows" if dry_run else "Importing rows", total=found.rows)

        def advance(rows: int) -> None:
            bar.advance(task, rows)

        if not dry_run:
            await importer.draw(town_name)
        return await importer.run(advance, record=not dry_run)


def _tell(report: Report, written: Rejects, path: Path, events: int, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        answer: dict[str, Any] = msgspec.to_builtins(report)
        answer |= {"events": events, "rejects": str(path) if written.count else None, "dry_run": dry_run}
        print_json(answer)
        return
    would = "would be " if dry_run else ""
    town = " and the town founded" if report.town_founded else ""
    typer.echo(
        f"{counted(report.rows, 'row')} read: {report.imported:,} {would}imported, "
        f"{report.unchanged:,} unchanged, {report.rejected:,} {would}rejected."
    )
    if report.grids_drawn:
        typer.echo(f"{counted(report.grids_drawn, 'grid')} {would}drawn{town}.")
    if not dry_run:
        pace = report.rows / report.seconds if report.seconds else 0
        changed = (
            f"{counted(events, 'event')} recorded" if events else "Nothing changed, no event was recorded"
        )
        typer.echo(f"{changed}; position {report.position:,}; {report.seconds:.1f} s, {pace:,.0f} rows/s.")
    if written.count:
        typer.echo(f"Rejects, with line and reason: {path}")
