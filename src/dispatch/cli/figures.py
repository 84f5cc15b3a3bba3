"""`dispatch figures`: every figure of a scope, at any moment, from the log itself."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
import typer
from rich.table import Table

from dispatch.cli.terminal import (
    AsJson,
    Database,
    cell,
    point_in_time,
    position_or_time,
    print_json,
    say,
    stdout,
    tell,
)
from dispatch.domain.rhythm import SHANGHAI
from dispatch.eventlog.mapper import decode, decode_whole
from dispatch.service.calendars import china
from dispatch.service.installation import Installation, installation
from projections.audit.said import local
from projections.catalogue import PAST
from projections.engine.moment import Moments
from projections.figures.definitions import NAMES
from projections.questions.answers import Board, Rate
from projections.questions.asked import LARGEST_PAGE, Asked, Page, Part, When
from projections.questions.questions import Questions
from projections.spans import Window

TIME: Final = "DATE|TIME"


def figures(
    *,
    scope: Annotated[
        str,
        typer.Option(
            metavar="CODE", help="6 digits county, 9 town, 12 village, 15 grid; `all` is everywhere."
        ),
    ],
    since: Annotated[
        datetime | None,
        typer.Option(
            "--from", parser=point_in_time, metavar=TIME, help="Items from then on, that moment included."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until", parser=point_in_time, metavar=TIME, help="Items before then, that moment excluded."
        ),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            parser=point_in_time,
            metavar=TIME,
            help="What had happened by then, that moment included; now by default.",
        ),
    ] = None,
    known_at: Annotated[
        Any,
        typer.Option(
            "--known-at",
            parser=position_or_time,
            metavar="POSITION|TIME",
            help="What the log held by then; all that it holds by default.",
        ),
    ] = None,
    category: Annotated[str | None, typer.Option(help="Only items of this category.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Only cases from this source, such as hotline or import.")
    ] = None,
    ids: Annotated[
        str | None,
        typer.Option("--ids", metavar="FIGURE", help="Instead, the ids of the items behind this figure."),
    ] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show every figure of a scope, each with numerator and denominator, in total and grid by grid.

    A date alone is its first moment in Asia/Shanghai, so a month is `--from 2023-05-01 --until 2023-06-01`.
    Computed from the log itself, whether the service runs or not; as of a time and known at a position it
    never changes again. Without a denominator there is no data, neither 0% nor 100%.

    For example:

        dispatch figures --scope 500115101 --from 2023-01-01 --until 2024-01-01
        dispatch figures --scope 500115101 --as-of 2023-07-01 --known-at 20000 --json
        dispatch figures --scope 500115101 --ids closure_rate
    """
    with installation(database, as_it_is=True) as at:
        now = at.clock()
        when = When(now=now, as_of=now if as_of is None else as_of, known_at=known_at)
        asked = Asked(scope="" if scope == "all" else scope, category=category, source=source)
        window = Window(since, until)
        if ids is None:
            board = past_questions(at).figures(when, asked, window)
            if as_json:
                print_json(_as_json(board))
            else:
                _show(board, now)
            return
        answer = _behind(past_questions(at), ids, when, asked, window)
    if as_json:
        print_json(answer)
        return
    for part in ("numerator", "denominator"):
        say(f"{ids}, {part}: {len(answer[part]):,}")
        for key in answer[part]:
            tell(part, key)


def past_questions(at: Installation) -> Questions:
    """Return the questions that an installation answers without the service: those of a stated moment."""
    moments = Moments(at.log, PAST, decode=decode)
    return Questions(at.log, _no_live_tables, moments, calendar=china(), decode_whole=decode_whole)


def _no_live_tables() -> AbstractContextManager[sa.Connection]:
    raise AssertionError("a question about a stated moment folds the log")


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat()


def _as_json(board: Board) -> dict[str, Any]:
    return {
        "scope": board.scope,
        "as_of": _local(board.as_of),
        "position": board.position,
        "figures": board.figures,
        "grids": [{"code": grid.code, "name": grid.name, "figures": grid.figures} for grid in board.grids],
    }


def _behind(questions: Questions, figure: str, when: When, asked: Asked, window: Window) -> dict[str, Any]:
    """Return the ids behind both numbers of a figure, all pages of them."""

    def every(part: Part) -> list[str]:
        found: list[str] = []
        after: str | None = None
        while True:
            page = questions.ids(
                when, figure, part, asked, window, page=Page(limit=LARGEST_PAGE, after=after)
            )
            found += page.ids
            after = page.next
            if after is None:
                answer["as_of"], answer["position"] = _local(page.as_of), page.position
                return found

    answer: dict[str, Any] = {"scope": asked.scope, "figure": figure}
    answer["numerator"], answer["denominator"] = every("numerator"), every("denominator")
    return answer


def _share(rate: Rate) -> str:
    return "–" if rate.rate is None else f"{rate.rate:.2f}%"


def _show(board: Board, now: datetime) -> None:
    """Print the figures that have data, and grid by grid those of them that are told most."""
    until = "now" if board.as_of == now else local(board.as_of)
    shown = [name for name, rate in board.figures.items() if rate.denominator]
    total = Table(
        "figure", "", title=f"{board.scope or 'everywhere'} · as of {until} · position {board.position:,}"
    )
    for heading in ("numerator", "denominator", "rate"):
        total.add_column(heading, justify="right")
    for name in shown:
        rate = board.figures[name]
        zh, en = NAMES[name]
        numbers = f"{rate.numerator:,}", f"{rate.denominator:,}", _share(rate)
        total.add_row(en, f"[dim]{zh} {name}[/dim]", *numbers)
    if not shown:
        say("No data: nothing of this scope and window had happened by then.")
        return
    stdout.print(total)
    told = [name for name in ("completion_rate", "closure_rate") if name in shown]
    if not told or not board.grids:
        return
    parts = Table("grid", "name")
    for name in told:
        parts.add_column(NAMES[name][1], justify="right")
    for grid in board.grids:
        rates = [grid.figures[name] for name in told]
        parts.add_row(
            grid.code,
            cell(grid.name or ""),
            *(f"{r.numerator:,}/{r.denominator:,} {_share(r)}" for r in rates),
        )
    stdout.print(parts)
