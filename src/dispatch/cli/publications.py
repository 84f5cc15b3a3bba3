"""`dispatch publish` and `dispatch restate`: figures told to others, and what is known of them now."""

import asyncio
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Annotated, Any, Final

import msgspec
import typer

from commands.figures.publish import PublishFigures
from dispatch.cli.figures import past_questions
from dispatch.cli.shell import by_shell
from dispatch.cli.terminal import AsJson, Database, Failure, counted, point_in_time, print_json, say, tell
from dispatch.domain.rhythm import SHANGHAI
from dispatch.eventlog.mapper import decode_whole
from dispatch.service.installation import installation
from projections.audit.restating import Difference, Restatement
from projections.audit.restating import restate as restated
from projections.audit.said import local
from projections.audit.trail import ROLES
from projections.figures.definitions import NAMES
from projections.publications import PublicationRow, Published, numbers_of
from projections.questions.answers import rate
from projections.questions.asked import LARGEST_PAGE, Asked, Page, When
from projections.questions.questions import Questions
from projections.questions.words import WORDS
from projections.spans import Window

PERIOD: Final = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
TIME: Final = "DATE|TIME"
MOST: Final = 20
"""Publications that are named where another was asked for."""
Scope = Annotated[
    str,
    typer.Option(metavar="CODE", help="6 digits county, 9 town, 12 village, 15 grid; `all` is everywhere."),
]


def period(text: str) -> Window:
    """Return the window of a year, month or day of Asia/Shanghai: 2023, 2023-05, 2023-05-17."""
    found = PERIOD.fullmatch(text)
    try:
        year, month, day = (int(part) if part else None for part in found.groups()) if found else (0, 0, 0)
        assert year is not None
        first = date(year, month or 1, day or 1)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no year, month or day, such as 2023-05.") from None
    if day:
        after = date.fromordinal(first.toordinal() + 1)
    elif month:
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    else:
        after = date(first.year + 1, 1, 1)
    return Window(*(datetime.combine(one, time.min, SHANGHAI) for one in (first, after)))


def publish(
    *,
    scope: Scope,
    of: Annotated[
        Any,
        typer.Option(
            "--period", parser=period, metavar="YEAR|MONTH|DAY", help="Items of that time: 2023-05."
        ),
    ],
    title: Annotated[str, typer.Option(help="What they are published as.")],
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", parser=point_in_time, metavar=TIME, help="What had happened by then; now by default."
        ),
    ] = None,
    figure: Annotated[list[str] | None, typer.Option(help="Only this figure; give any number.")] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Record that figures are published: which, as of when, known at which position of the log.

    They are computed from the log. What was published never changes; a correction is published anew.

    For example:

        dispatch publish --scope 500115101 --period 2023-05 --title "5月工作通报"
    """
    with installation(database) as at:
        now = at.clock()
        place = "" if scope == "all" else scope
        when = When(now=now, as_of=as_of or now, known_at=at.log.head())
        board = past_questions(at).figures(when, Asked(scope=place), of, by=())
        numbers = numbers_of(board, figure or ())
        command = PublishFigures(
            scope=place,
            title=title,
            since=of.start,
            until=of.until,
            as_of=board.as_of,
            known_at=board.position,
            figures=numbers.figures,
            numbers=numbers.numbers,
        )
        outcome = asyncio.run(at.handler.handle(by_shell(command)))
    answer = {
        "publication": outcome.key_of("publication"),
        "as_of": board.as_of,
        "known_at": board.position,
        "position": outcome.position,
        **numbers._asdict(),
    }
    if as_json:
        print_json(answer)
        return
    say(f"Published as of {local(board.as_of)}, known at position {board.position:,}:")
    typer.echo(answer["publication"])


def restate(
    *,
    of: Annotated[
        Any,
        typer.Option(
            "--period",
            parser=period,
            metavar="YEAR|MONTH|DAY",
            help="What was published of a time that this one has a part of: 2023-05.",
        ),
    ] = None,
    publication: Annotated[str | None, typer.Option(metavar="ID", help="One publication, by its id.")] = None,
    scope: Scope = "all",
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            parser=point_in_time,
            metavar=TIME,
            help="What had happened by then; by default the time that it was published as of.",
        ),
    ] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Set what was published beside the same figures as they are known now, with the events in between.

    As of the same time, only what the log has taken since can have changed a figure: reports made offline,
    imports. With a later --as-of whatever has happened by then counts too, such as a merge undone or a case
    reopened. Exits with 1 if a figure is another now.

    For example:

        dispatch restate --period 2023-05
        dispatch restate --period 2023-05 --scope 500115101 --as-of 2023-07-01 --json
    """
    with installation(database, as_it_is=True) as at:
        questions, now = past_questions(at), at.clock()
        known = list(_published(questions, now, "" if scope == "all" else scope))
        chosen = [
            one
            for one in known
            if (publication is None or one.id == publication) and (of is None or _overlaps(one, of))
        ]
        if not chosen:
            raise Failure("\n".join(_what_there_is(known)))
        found = [restated(at.log, questions, decode_whole, one, now=now, as_of=as_of) for one in chosen]
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
    else:
        for one in found:
            for line in _lines(one):
                tell(line)
    if any(one.differences or one.unfounded for one in found):
        raise typer.Exit(1)


def _overlaps(one: PublicationRow, of: Window) -> bool:
    """Tell whether some of a time is what was published; without a window that is all until its `as_of`."""
    begins, ends = one.since, one.until or one.as_of
    return (begins is None or of.until is None or begins < of.until) and (of.start is None or ends > of.start)


def _what_there_is(known: list[Published]) -> Iterator[str]:
    if not known:
        yield "Nothing was published yet."
        return
    yield "Nothing was published of that, but (for --publication):"
    for one in known[:MOST]:
        of = f"{local(one.since) if one.since else 'the beginning'} to {local(one.until or one.as_of)}"
        yield f"{one.id} {one.title} · {one.scope or 'everywhere'} · {of}"
    if len(known) > MOST:
        yield f"… and {len(known) - MOST:,} more"


def _published(questions: Questions, now: datetime, scope: str) -> Iterator[Published]:
    after: str | None = None
    while True:
        page = questions.publications(When(now=now, as_of=now), scope, page=Page(LARGEST_PAGE, after))
        yield from page.items
        after = page.next
        if after is None:
            return


def _lines(found: Restatement) -> Iterator[str]:
    one = found.publication
    yield (
        f"{one.title} · {one.scope or 'everywhere'} · published {local(one.at)} by {_who(one)} "
        f"as of {local(one.as_of)}, known at {one.known_at:,}"
    )
    for name in found.unfounded:
        yield f"  {name}: not what the log held then"
    for difference in found.differences:
        yield from _explained(difference)
    yield (
        f"  as of {local(found.as_of)}, known at {found.known_at:,}: "
        f"{counted(len(found.differences), 'figure is another', 'figures are others')} now, "
        f"{counted(found.unchanged, 'is', 'are')} the same"
    )


def _who(one: Published) -> str:
    _, role = ROLES.get(one.role, (one.role, one.role))
    return f"{one.person} ({role})"


def _explained(difference: Difference) -> Iterator[str]:
    zh, en = NAMES.get(difference.figure, ("", ""))
    named = f"{zh} {en} {difference.figure}".strip()
    yield f"  {named}: published {_told(difference.published)}, now {_told(difference.now)}"
    for moved in difference.items:
        way = "entered" if moved.entered else "left"
        yield f"    {moved.item} {way} the {moved.part}" + ("" if moved.events else ", by time alone")
        for event in moved.events:
            words = " ".join(WORDS.get(event.name, (event.name,)))
            yield (
                f"      position {event.position:,}: {words}, happened {local(event.at)}, "
                f"recorded {local(event.recorded_at)} by {event.actor}"
            )


def _told(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"{numbers[0]:,}"
    share = rate(numbers[0], numbers[1]).rate
    return f"{numbers[0]:,}/{numbers[1]:,}" + ("" if share is None else f" ({share:.2f}%)")
