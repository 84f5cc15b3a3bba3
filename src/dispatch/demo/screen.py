"""What a person sees of the demonstration: how far it is, what it found, where to look."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from dispatch.demo.comparison import Line
from dispatch.demo.facts import HELD, NAMES
from dispatch.demo.sign_ins import SignIn

stdout: Final = Console(highlight=False)
stderr: Final = Console(stderr=True, highlight=False)


def say(sentence: str) -> None:
    """Say how things stand, on stderr."""
    stderr.print(sentence, soft_wrap=True, markup=False)


@contextmanager
def progress(total: int) -> Iterator[Progress]:
    """Show a bar on stderr while the year goes by; its one task is number 0."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=stderr,
        disable=not stderr.is_terminal,
    )
    bar.add_task("2023", total=total)
    with bar:
        yield bar


def _named(title: str) -> Table:
    """Return a table whose rows begin with a name in Chinese and in English."""
    found = Table(title=title)
    # Chinese has no spaces to break a line at, and would be cut off.
    found.add_column("指标", overflow="fold")
    found.add_column("Figure")
    return found


def table(lines: Iterable[Line]) -> Table:
    """Return the published figures beside the measured ones."""
    found = _named("万顺镇 2023 · Wanshun Town 2023")
    found.add_column("公布 published", justify="right")
    found.add_column("实测 measured", justify="right")
    found.add_column("一致 equal", justify="center")
    for line in lines:
        zh, en = NAMES[line.path]
        mark = "✓" if line.equal else "[bold red]✗[/]"
        found.add_row(zh, en, str(line.published), str(line.measured), mark)
    return found


def held(values: Iterable[tuple[str, Any]]) -> Table:
    """Return what else the year held: nobody published it, so it stands beside nothing."""
    found = _named("这一年还有 · What else the year held")
    found.add_column("实测 measured", justify="right")
    for path, value in values:
        zh, en = HELD[path]
        found.add_row(zh, en, str(value))
    return found


def addresses(address: str, sign_ins: Iterable[SignIn]) -> Table:
    """Return where the service is and how people sign in, one account for each role."""
    # Eighty columns hold a page's whole address.
    found = Table(title=address, show_edge=False, pad_edge=False)
    for column in ("role", "account", "password", "page"):
        found.add_column(column, no_wrap=True)
    for one in sign_ins:
        found.add_row(one.role, one.account, one.password, one.page)
    return found


def tokens(address: str, sign_ins: Iterable[SignIn]) -> str:
    """Return what programs sign in with, one line for each of these accounts."""
    lines = (f"{one.role:13} {one.token}" for one in sign_ins)
    return "\n".join((f"Bearer tokens for {address}/api/v1:", *lines))
