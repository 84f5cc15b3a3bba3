"""Runs a measurement on a PostgreSQL of its own and shows its figures."""

import argparse
import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType

from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from tests import postgres  # noqa: E402 - the project is on the path only now

MEASUREMENTS = PROJECT / "scripts" / "bench.d"
WHOLE_FROM = 100  # figures from here on are shown without decimals


def measurements() -> dict[str, Path]:
    # A file that would hide a module of Python's from the type checker has `_` behind its name.
    return {path.stem.rstrip("_"): path for path in MEASUREMENTS.glob("[a-z]*.py")}


def load(name: str) -> ModuleType:
    # Found by its path: the folder's name is no package's. Its processes can't import it by name.
    spec = importlib.util.spec_from_file_location(f"bench_{name}", measurements()[name])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= WHOLE_FROM else f"{value:,.3g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def rows(figures: dict[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Give a line for each figure, with the names of nested ones joined by dots."""
    found = []
    for name, value in figures.items():
        if isinstance(value, dict):
            found += rows(value, f"{prefix}{name}.")
        else:
            found.append((prefix + name, figure(value)))
    return found


def show(name: str, figures: dict[str, object], seconds: float) -> None:
    table = Table(title=f"{name} ({seconds:.1f} s)", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for row in rows(figures):
        table.add_row(*row)
    Console(width=100 if not sys.stdout.isatty() else None).print(table)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("name", choices=sorted(measurements()), help="what to measure")
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes, rougher figures")
    parser.add_argument("--json", action="store_true", help="also print one JSON object as the last line")
    arguments = parser.parse_args()

    with postgres.running_server() as server, postgres.fresh_database(server) as url:
        began = time.monotonic()
        figures = load(arguments.name).run(url, quick=arguments.quick)
        show(arguments.name, figures, time.monotonic() - began)
    if arguments.json:
        print(json.dumps({"bench": arguments.name, "quick": arguments.quick, **figures}, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
