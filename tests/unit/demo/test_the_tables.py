"""What the demonstration found is read whole, on a screen of eighty columns, too."""

from io import StringIO

from rich.console import Console
from rich.table import Table

from dispatch.demo import screen
from dispatch.demo.comparison import Line
from dispatch.demo.facts import HELD, NAMES


def shown(table: Table) -> str:
    console = Console(file=StringIO(), width=80)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_every_name_stands_whole_in_eighty_columns() -> None:
    published = {"period.from": "2023-01-01", "period.zone": "Asia/Shanghai"}
    lines = [Line(path, published.get(path, 10809), published.get(path, 10809)) for path in NAMES]
    for table in (screen.table(lines), screen.held((path, 10809) for path in HELD)):
        assert "…" not in shown(table)
