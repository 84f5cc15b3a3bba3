"""`dispatch export`: the log as a bundle that anybody can verify without us."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dispatch.cli.keys import Key, read_keys
from dispatch.cli.terminal import AsJson, Database, Failure, counted, print_json, progress_bar
from dispatch.eventlog.bundle.exporting import Archive, Directory, Target
from dispatch.eventlog.bundle.exporting import export as write
from dispatch.eventlog.checkpoints.directory import all_in
from dispatch.eventlog.checkpoints.note import Checkpoint, NoteMalformed, parse
from dispatch.service.checkpoints import Checkpoints
from dispatch.service.installation import Installation, installation


def export(
    to: Annotated[Path, typer.Argument(metavar="DIR|FILE.zip", help="A new directory, or a new zip file.")],
    *,
    until: Annotated[
        int | None, typer.Option(min=1, metavar="POSITION", help="The last event; all of them by default.")
    ] = None,
    key: Key = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Write every event, the tree's head, the checkpoints, the public key and a verifier into a bundle.

    Who gets it needs only Python: `python verify_bundle.py BUNDLE --checkpoint FILE`, with a checkpoint that
    was kept elsewhere. Nothing that a leaf covers is left out, so a bundle is as confidential as the log.

    For example:

        dispatch export 2023.zip
        dispatch export --key key.txt 2023.zip
        dispatch export --until 10809 bundle/ && python bundle/verify_bundle.py bundle/
    """
    with installation(database, as_it_is=True) as at:
        head = at.log.head()
        if until is not None and until > head:
            raise Failure(f"The log has {counted(head, 'event')}, not {until}.")
        issuing = Checkpoints(at.log, at.settings, at.clock)
        known = known_checkpoints(at, issuing.directory)
        # Before there is a file: a bundle that breaks off at once would stand in the way of the next one.
        public = (issuing.signer() if key is None else read_keys(key)).key
        try:
            with target(to) as files, progress_bar() as bar:
                task = bar.add_task("Exporting events", total=until or head)
                size = 0
                for size in write(
                    at.log,
                    files,
                    origin=at.settings.log_origin,
                    key=public,
                    checkpoints=known.values(),
                    until=until,
                ):
                    bar.update(task, completed=size)
        except OSError as error:
            raise Failure(f"The bundle {to} can't be written: {error.strerror or error}.") from None
    if as_json:
        print_json({"events": size, "bundle": str(to)})
    else:
        typer.echo(f"{counted(size, 'event')} in {to}")


def known_checkpoints(at: Installation, directory: Path) -> dict[str, Checkpoint]:
    """Return the checkpoints of the database and of the directory outside it, by where they are from.

    Of two with the same text one is left. Raises `Failure` for one that can't be read.
    """
    found: dict[str, Checkpoint] = {}
    try:
        after = 0
        while kept := at.log.checkpoints(after):
            found |= {f"the database's checkpoint at {one.size}": parse(one.note) for one in kept}
            after = kept[-1].size
        notes = {checkpoint.note for checkpoint in found.values()}
        outside = all_in(directory)
    except NoteMalformed as error:
        raise Failure(f"A checkpoint can't be read: {error}.") from None
    return found | {name: one for name, one in outside.items() if one.note not in notes}


@contextmanager
def target(to: Path) -> Iterator[Target]:
    """Open a bundle to write: a zip file if it is named so, else a directory."""
    if to.suffix != ".zip":
        yield Directory(to)
        return
    with zipfile.ZipFile(to, "x", zipfile.ZIP_STORED) as file:
        yield Archive(file)
