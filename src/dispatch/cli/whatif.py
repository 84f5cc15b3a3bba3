"""`dispatch whatif`: a period under another policy or in another mode, beside what was."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from dispatch.cli.terminal import (
    AsJson,
    Database,
    Failure,
    cell,
    counted,
    one_of,
    point_in_time,
    print_json,
    progress_bar,
    stdout,
)
from dispatch.domain.ladder import LEVELS
from dispatch.domain.policy import Mode, Policy
from dispatch.domain.rhythm import SHANGHAI
from dispatch.eventlog.files import in_words
from dispatch.eventlog.log import micros
from dispatch.eventlog.mapper import decode
from dispatch.service.calendars import china
from dispatch.service.http.routes.policies import PolicyBody
from dispatch.service.installation import installation
from dispatch.service.whatif.outcome import Clock, Late, Outcome, Step, Told, what_if
from dispatch.service.whatif.supposition import Supposition

TIME: Final = "DATE|TIME"
SHOWN: Final = 20
"""Lines of each list on a terminal, unless all are asked for."""
World = Literal["was", "would"]


def whatif(
    *,
    since: Annotated[
        datetime,
        typer.Option(
            "--from", parser=point_in_time, metavar=TIME, help="Clocks that start from then on, included."
        ),
    ],
    until: Annotated[
        datetime,
        typer.Option("--until", parser=point_in_time, metavar=TIME, help="Until then, excluded."),
    ],
    policy: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A policy in JSON, as `PUT /api/v1/policies/SCOPE` takes it or GET answers it.",
        ),
    ] = None,
    mode: Annotated[Mode | None, one_of(Mode, help="The mode that holds throughout.")] = None,
    scope: Annotated[str, typer.Option(metavar="CODE", help="Only what begins in this place.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Show every difference, not the first 20.")] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show what would have been late and who would have been told under other limits or in emergency mode.

    Replays the log and writes nothing. People do what they did, when they did it; the clocks that start in
    the period, their deadlines, pauses, extensions and the ladder are decided anew by the service's own
    rules. Under the policy that was in force, nothing differs.

    For example:

        dispatch whatif --policy stricter.json --from 2023-07-01 --until 2023-08-01
        dispatch whatif --mode emergency --from 2023-07-01 --until 2023-07-08 --scope 500115101 --json
    """
    supposition = Supposition(
        since=since,
        until=until,
        scope=scope,
        policy=None if policy is None else read_policy(policy),
        mode=mode,
    )
    with installation(database, as_it_is=True) as at:
        end = at.log.position_at(micros(until))
        with progress_bar() as bar:
            task = bar.add_task("Replaying events", total=end)
            outcome = what_if(
                at.log,
                supposition,
                china(),
                decode=decode,
                now=at.clock(),
                advance=lambda events: bar.advance(task, events),
            )
    if as_json:
        print_json(_as_json(outcome))
    else:
        _show(outcome, None if every else SHOWN)


def read_policy(path: Path) -> Policy:
    """Return the policy in a file; `Failure` with the reasons for one that can't be meant.

    The answer of `GET /api/v1/policies/SCOPE` holds one too. Its `version` is not looked at, here as there.
    """
    try:
        given = msgspec.json.decode(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Failure(f"{path} can't be read as JSON: {in_words(error)}.") from None
    if isinstance(given, dict):
        given = given.get("policy", given)
    if isinstance(given, dict):
        given.pop("version", None)
    try:
        # As JSON it may say what Python's values may not: a tuple is a list there.
        return PolicyBody.model_validate_json(msgspec.json.encode(given)).policy()
    except ValidationError as error:
        faults = "; ".join(map(_fault, error.errors()))
        raise Failure(f"{path} is no policy: {faults}.") from None


def _fault(error: Any) -> str:
    said = error["msg"].removeprefix("Value error, ")
    return ": ".join(filter(None, [".".join(map(str, error["loc"])), said]))


def _local(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(SHANGHAI).isoformat()


def _late(late: Late | None) -> dict[str, Any] | None:
    return None if late is None else {"due": _local(late.due), "done_at": _local(late.done_at)}


def _told(told: Told | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {
        "at": _local(told.at),
        "planned_at": _local(told.planned_at),
        "persons": told.persons,
        "late_factor": told.late_factor,
    }


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "scope": outcome.scope,
        "from": _local(outcome.since),
        "until": _local(outcome.until),
        "policy": outcome.policy,
        "mode": outcome.mode,
        "events": outcome.events,
        "tasks": outcome.tasks,
        "cases": outcome.cases,
        "refused": outcome.refused,
        "same": outcome.same,
        "counts": {world: _counts(outcome, world) for world in ("was", "would")},
        "late": [_line(one) | {"category": one.category, "clock": one.clock} for one in outcome.late],
        "steps": [_line(one) | {"step": one.step, "level": one.level} for one in outcome.steps],
        "names": outcome.names,
    }


def _line(one: Clock | Step) -> dict[str, Any]:
    shown: Callable[[Any], Any] = _late if isinstance(one, Clock) else _told
    return {
        "item": one.item,
        "title": one.title,
        "grid": one.grid,
        "was": shown(one.was),
        "would": shown(one.would),
    }


def _counts(outcome: Outcome, world: World) -> dict[str, dict[str, int]]:
    """Return how many clocks ran out and how many steps fired in one world, and who was told how often."""
    late = Counter(one.clock for one in outcome.late if getattr(one, world) is not None)
    steps = [(one, getattr(one, world)) for one in outcome.steps]
    fired = Counter(str(one.level) for one, told in steps if told is not None)
    told = Counter(person for _, told in steps if told is not None for person in told.persons)
    return {
        "late": {clock: late[clock] for clock in ("acceptance", "handling", "report")},
        "steps": {str(level): fired[level] for level in LEVELS},
        "told": dict(sorted(told.items())),
    }


def _show(outcome: Outcome, limit: int | None) -> None:
    was, would = _counts(outcome, "was"), _counts(outcome, "would")
    supposed = [
        *(["another policy"] if outcome.policy else []),
        *([f"{outcome.mode} mode"] if outcome.mode else []),
    ]
    period = f"{_minute(outcome.since)} to {_minute(outcome.until)}"
    typer.echo(f"{outcome.scope or 'everywhere'} · {period} · {' in '.join(supposed)}")
    total = Table("")
    total.add_column("was", justify="right")
    total.add_column("would", justify="right")
    total.add_row("tasks whose clock started", *(f"{outcome.tasks:,}",) * 2)
    total.add_row("cases whose clock started", *(f"{outcome.cases:,}",) * 2)
    for kind, heading in (("late", "late: {}"), ("steps", "step: {}")):
        for name in was[kind]:
            total.add_row(heading.format(name), f"{was[kind][name]:,}", f"{would[kind][name]:,}")
    total.add_row("people told", f"{len(was['told']):,}", f"{len(would['told']):,}")
    total.add_row("extensions and suspensions not given", "", f"{outcome.refused:,}")
    stdout.print(total)
    if outcome.same:
        typer.echo("Nothing would have been different.")
        return
    _list("late", ("due", "done"), (one for one in outcome.late if not one.same), _late_cells, limit)
    names = outcome.names
    _list(
        "told",
        ("at", "whom"),
        (one for one in outcome.steps if not one.same),
        lambda told: (
            _minute(told.at),
            "、".join(names.get(person, person) for person in told.persons) or "–",
        ),
        limit,
    )


def _list(
    what: str,
    headings: tuple[str, str],
    differing: Iterable[Clock | Step],
    cells: Callable[[Any], tuple[str, str]],
    limit: int | None,
) -> None:
    """Print the differences of one kind, in the order of time, up to a limit."""
    lines = list(differing)
    if not lines:
        return
    table = Table("item", "grid", what, title=f"{counted(len(lines), 'difference')}: {what}")
    for world in ("was", "would"):
        for heading in headings:
            table.add_column(f"{world}: {heading}")
    for one in lines[:limit]:
        label = one.clock if isinstance(one, Clock) else one.step
        values = [("–", "") if it is None else cells(it) for it in (one.was, one.would)]
        table.add_row(
            Text.assemble(cell(one.title), "\n", (one.item, "dim")),
            one.grid,
            label,
            *map(cell, (*values[0], *values[1])),
        )
    stdout.print(table)
    if limit is not None and len(lines) > limit:
        typer.echo(f"… and {len(lines) - limit:,} more: --all shows them, --json has everything.")


def _late_cells(late: Late) -> tuple[str, str]:
    return _minute(late.due), "not yet" if late.done_at is None else _minute(late.done_at)


def _minute(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
