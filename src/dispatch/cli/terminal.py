"""What people see on the terminal: results on stdout, progress and complaints on stderr."""

import json
import sys
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from dispatch.domain.text import written_out
from dispatch.service.dates import DateMalformed, moment

HELP: Final = ["-h", "--help"]
"""The flags that ask for a command's help."""
PIPED: Final = 160
"""Columns where the output is no terminal: wide enough that no name is broken."""
LONGEST_POSITION: Final = 18
"""Digits: every such number fits into 64 bits."""

stdout: Final = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED)
stderr: Final = Console(stderr=True, highlight=False)

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///PATH or postgresql://USER@HOST/NAME; else what DISPATCH_DATABASE says.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on one line and nothing else on stdout.")]


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what it counts: 1 event, 2,000 events."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def group(about: str) -> typer.Typer:
    """Return a group of commands, whose help is written as that of all the others is."""
    return typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help=about)


def without_types_of_flags(command: Any) -> None:
    """Don't let the help say `--json <bool>`: nothing may be written after a flag."""
    asks_for_help = command.get_help_option(typer.Context(command, help_option_names=HELP))
    for option in (*command.params, asks_for_help):
        if getattr(option, "is_bool_flag", False):
            option.metavar = ""
    for inner in getattr(command, "commands", {}).values():
        without_types_of_flags(inner)


def _written_out(sentences: str) -> str:
    return "\n".join(map(written_out, sentences.split("\n")))


class Failure(Exception):
    """What was asked for could not be done; the message is one sentence that says what to do."""


def complain(sentence: str) -> None:
    """Say on stderr what went wrong."""
    stderr.print(
        Text.assemble(("dispatch: ", "bold red"), _written_out(sentence)),
        soft_wrap=True,
    )


def say(sentence: str) -> None:
    """Say something on stderr, where it doesn't disturb a program that reads stdout."""
    stderr.print(Text(_written_out(sentence)), soft_wrap=True)


def tell(*columns: object) -> None:
    """Print one line of stdout, whatever the log's texts in it hold."""
    typer.echo("\t".join(written_out(str(column)) for column in columns))


def cell(text: str) -> Text:
    """Return a text of the log for a table: neither what can't be seen nor markup in it counts."""
    return Text(written_out(text))


def print_json(answer: Any) -> None:
    """Print JSON on one line of stdout, whatever can't be seen in its texts as an escape."""
    text = msgspec.json.encode(answer).decode()
    if not text.isprintable():
        text = "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)
    typer.echo(text)


def point_in_time(text: str) -> datetime:
    """Return the moment (UTC) of an option; a usage error says which forms there are."""
    try:
        return moment(text.strip())
    except DateMalformed as error:
        raise typer.BadParameter(f"{text!r} {error}") from None


def one_of(kind: type[StrEnum], *, help: str) -> Any:  # noqa: A002 (typer's own word)
    """Return an option that takes the words of a kind; a usage error says which there are."""

    def parse(text: str) -> StrEnum:
        try:
            return kind(text)
        except ValueError:
            raise typer.BadParameter(f"{text!r} is none of {', '.join(kind)}") from None

    return typer.Option(parser=parse, metavar="|".join(kind), help=help)


def position_or_time(text: str) -> int | datetime:
    """Return the log position or the moment (UTC) that an option names."""
    if text.isascii() and text.isdigit() and len(text) <= LONGEST_POSITION:
        return int(text)
    return point_in_time(text)


class _Rate(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate, once it is known."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


def progress_bar() -> Progress:
    """Return a progress bar on stderr: what, how far, how fast, how long still."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=stderr,
    )
