"""`dispatch backup`: an SQLite database and what belongs to it, as of one moment, in a new directory."""

import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from dispatch.cli.terminal import AsJson, Database, Failure, counted, print_json, progress_bar
from dispatch.service.backing_up import back_up
from dispatch.service.installation import SQLITE, DatabaseNotThere, settings_for


def backup(
    to: Annotated[Path, typer.Argument(metavar="DIR", help="A new directory, best on another disk.")],
    *,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Copy an SQLite database into a new directory, as it was at one moment, also while the service runs.

    With the log go the photos, what signs people in, and what waits to be sent: `PATH.photos`, `.sign-in`,
    `.outbox`. Read models don't, for they are built from the log; nor do the keys, without which nobody reads
    personal data or signs in, and the checkpoints, which show whether a backup is whole: keep them elsewhere.
    On PostgreSQL, `pg_dump` makes the backup. `docs/operations.md` says how one is put back.

    For example:

        dispatch backup /media/disk/2026-03-01
        dispatch verify --log-only --database sqlite:////media/disk/2026-03-01/dispatch.db
    """
    settings = settings_for(database)
    if not settings.database.startswith(SQLITE):
        raise Failure(
            "PostgreSQL makes the backup itself: pg_dump --format=custom --file=FILE with the same URL "
            "(docs/operations.md)."
        )
    path = Path(settings.database.removeprefix(SQLITE))
    if not path.exists():
        raise DatabaseNotThere(database=settings.database)
    try:
        with progress_bar() as bar:
            task = bar.add_task("Copying pages", total=None)
            head = back_up(path, to, lambda done, of: bar.update(task, completed=done, total=of))
    except sqlite3.Error as error:
        raise Failure(f"The backup can't be made, and nothing of it was left: SQLite: {error}.") from None
    if as_json:
        print_json({"events": head, "backup": str(to)})
    else:
        typer.echo(f"{counted(head, 'event')} in {to / path.name}, with what belongs to it beside it.")
