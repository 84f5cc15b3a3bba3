"""`dispatch rebuild`: the read models anew from the log, beside the live ones, then swapped in."""

from time import monotonic

import typer

from dispatch.cli.terminal import AsJson, Database, Failure, counted, print_json, progress_bar
from dispatch.eventlog import EventLog
from dispatch.eventlog.mapper import decode
from dispatch.service.installation import installation
from dispatch.service.runtime import open_generations
from projections.catalogue import PROJECTIONS
from projections.engine.generations import Generations, RebuildFellShort, RebuildRunning
from projections.engine.generations import rebuild as build


def rebuild(*, database: Database = None, as_json: AsJson = False) -> None:
    """Build all read models anew from the log, beside the live ones, and swap them in when they are level.

    Nobody waits: on PostgreSQL the service goes on answering from the old ones until the swap. On SQLite stop
    the service first, which then has the database for itself. A rebuild that is broken off changes nothing.

    For example:

        dispatch rebuild
        dispatch rebuild --database postgresql://dispatch@localhost/dispatch --json
    """
    with installation(database) as at:
        generations = open_generations(at.settings.database)
        try:
            generations.claim()
            started = monotonic()
            number, position = _build(generations, at.log)
            seconds = round(monotonic() - started, 3)
        except RebuildRunning:
            raise Failure("The read models are being rebuilt already; wait until that is done.") from None
        except RebuildFellShort as error:
            raise Failure(f"The live read models stay: {error}.") from None
        finally:
            generations.close()
    if as_json:
        print_json({"generation": number, "position": position, "seconds": seconds})
    else:
        pace = position / seconds if seconds else 0
        typer.echo(
            f"Generation {number} is live: {counted(position, 'event')} in {seconds:.1f} s, "
            f"{pace:,.0f} events/s."
        )


def _build(generations: Generations, log: EventLog) -> tuple[int, int]:
    """Return the new generation's number and the position that the log had when it began."""
    head = log.head()
    with progress_bar() as bar:
        task = bar.add_task("Folding events", total=head)

        def reached(position: int, _: int) -> None:
            bar.update(task, completed=min(position, head))

        number = build(generations, log, PROJECTIONS, decode=decode, progress=reached)
        bar.update(task, completed=head)
    return number, head
