"""`dispatch replay`: any read model as it stood at a moment, or what changed in it since another."""

import json
import re
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from dispatch.cli.terminal import AsJson, Database, Failure, counted, position_or_time, print_json, say, tell
from dispatch.eventlog.log import EventLog, micros
from dispatch.eventlog.mapper import decode
from dispatch.service.installation import installation
from projections.audit.replay import TABLES, Changed, difference, stood
from projections.audit.said import local
from projections.catalogue import PAST
from projections.engine.moment import Moments

PLACE: Final = "POSITION|TIME"
EVERY: Final = 2**31
"""With --json there are all rows."""
SHOWN: Final = 20
"""Rows that are shown to who asks for no number."""
MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z")
EMPTY: Final[tuple[object, ...]] = (None, "", [], {})


def position_of(log: EventLog, at: int | datetime | None) -> int:
    """Return the last position of a moment; `Failure` for one that the log doesn't hold."""
    head = log.head()
    if isinstance(at, datetime):
        return log.position_at(micros(at))
    if at is not None and at > head:
        raise Failure(f"The log has {counted(head, 'event')}, not {at}.")
    return head if at is None else at


def replay(
    *,
    until: Annotated[
        Any, typer.Option(parser=position_or_time, metavar=PLACE, help="As it stood then; now by default.")
    ] = None,
    since: Annotated[
        Any,
        typer.Option("--from", parser=position_or_time, metavar=PLACE, help="Only what changed after that."),
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option(help=f"Which read model, any number of times: {', '.join(TABLES)}.")
    ] = None,
    scope: Annotated[str, typer.Option(metavar="CODE", help="Rows of this place only.")] = "",
    rows: Annotated[int, typer.Option(min=1, help="How many of each table; with --json all.")] = SHOWN,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Fold the log anew up to a moment, and show the read models as they stood then.

    A time means what the log had recorded by then. Without --table each read model is counted. A row is a
    line, without its empty fields, the times on the clock of Shanghai; of a change, what was and what is.

    For example:

        dispatch replay --until 2023-07-01
        dispatch replay --until 20000 --table tasks --json
        dispatch replay --from 2023-07-01 --until 2023-07-02 --table cases
    """
    with installation(database, as_it_is=True) as at:
        end = position_of(at.log, until)
        begin = None if since is None else position_of(at.log, since)
        moments = Moments(at.log, PAST, decode=decode)
        shown = EVERY if as_json else rows
        limit = shown if table else 1
        found: list[Any] = [
            stood(moments, one, end, scope, limit=limit)
            if begin is None
            else difference(moments, one, begin, end, scope, limit=limit)
            for one in table or TABLES
        ]
    if as_json:
        print_json({"position": end, "from": begin, "tables": found if table else _counted(found)})
        return
    for one in found:
        wider = f", and {one.wider:,} of places around {scope} not shown" if one.wider else ""
        typer.echo(
            f"{one.table}: {one.total:,} {'rows' if begin is None else 'changes'} at position {end:,}{wider}"
        )
        if table:
            lines = map(_row, one.rows) if begin is None else map(_change, one.changes)
            for line in lines:
                tell(f"  {line}")
            if one.next is not None:
                say(f"… and {one.total - rows:,} more of {one.table}: --rows {one.total}, or --json.")


def _row(row: dict[str, Any]) -> str:
    return "  ".join(f"{name} {_value(value)}" for name, value in row.items() if value not in EMPTY)


def _change(change: Changed) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        return f"- {_row(before)}" if before is not None else f"+ {_row(after or {})}"
    named = next(iter(after.items()))
    changed = (
        f"{name} {_value(before.get(name))} → {_value(value)}"
        for name, value in after.items()
        if before.get(name) != value
    )
    return "  ".join((f"{named[0]} {_value(named[1])}:", *changed))


def _value(value: Any) -> str:
    if value in EMPTY:
        return "—"
    if isinstance(value, str):
        at = MOMENT.fullmatch(value)
        return local(datetime.fromisoformat(value)) if at else value
    return json.dumps(value, ensure_ascii=False)


def _counted(found: list[Any]) -> list[dict[str, Any]]:
    return [{"table": one.table, "total": one.total, "wider": one.wider} for one in found]
