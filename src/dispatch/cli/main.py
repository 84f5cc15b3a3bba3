"""What `dispatch` understands, and how anything that goes wrong is said: one sentence and an exit code."""

import gc
import os
import sqlite3
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, Final, NoReturn

import psycopg
import typer
from eventsourcing.persistence import PersistenceError
from pydantic import ValidationError

from dispatch.cli.faults import FULL, of_the_driver, unavailable
from dispatch.cli.terminal import HELP, Failure, complain, without_types_of_flags
from dispatch.domain.refusal import Refusal
from dispatch.eventlog import LogFull
from dispatch.eventlog.schema import UnknownSchema
from dispatch.service.settings import BEGINNING
from projections.engine.generations import DatabaseInUse

FAILED = 1
USAGE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141
GARBAGE: Final = 20_000
"""New objects after which Python looks for garbage."""

COMMANDS: Final = {
    "serve": "serve",
    "demo": "demo",
    "import": "ledger",
    "figures": "figures",
    "publish": "publications",
    "restate": "publications",
    "accounts": "accounts",
    "outbox": "outbox",
    "personal": "personal",
    "backup": "backup",
    "rebuild": "rebuild",
    "checkpoint": "checkpoint",
    "export": "export",
    "verify": "verify",
    "audit": "audit",
    "replay": "replay",
    "whatif": "whatif",
}
"""Each command's name and its module here, in the order of the help."""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(version("dispatch"))
        raise typer.Exit


def dispatch(
    _: Annotated[
        bool, typer.Option("--version", help="Say the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Tasks and cases of a township's grids, every figure derived from an immutable log.

    Every command works on the database that `DISPATCH_DATABASE` names, `sqlite:///PATH` or
    `postgresql://USER@HOST/NAME`, or its own `--database`; without either it is `sqlite:///var/dispatch.db`.

    To begin: `dispatch accounts add "Duty desk" --role operator --scope 500115101`, then `dispatch serve`.
    """


def assemble(asked: str | None) -> typer.Typer:
    """Return the command line with the command that was asked for, or with all of them for the help.

    Together they import a web server, a web client and a database toolkit: most of a second, and 40 MB that a
    service at rest need not hold.
    """
    app = typer.Typer(
        name="dispatch",
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": HELP},
    )
    app.callback()(dispatch)
    for name, module in COMMANDS.items():
        if asked not in COMMANDS or asked == name:
            found = import_module(f"dispatch.cli.{module}")
            if hasattr(found, "app"):
                app.add_typer(found.app, name=name)
            else:
                app.command(name)(getattr(found, name))
    return app


def main() -> None:
    """Run `dispatch`; exits with 0 when done, 1 when it failed, 2 when the request can't be meant."""
    try:
        _run()
    except Exception as error:
        # A driver's own, or that of a driver below another library, whose text has the statement, too.
        cause = getattr(error, "orig", error)
        if not isinstance(cause, psycopg.Error | sqlite3.Error):
            raise
        _exit(of_the_driver(cause))


def _run() -> None:
    # What is imported stays: looking through all of it for garbage again and again is a fifth of a start.
    gc.set_threshold(GARBAGE, 20, 20)
    try:
        command = typer.main.get_command(assemble(next(iter(sys.argv[1:]), None)))
        without_types_of_flags(command)
        command(prog_name="dispatch")
    except Failure as failure:
        _exit(str(failure))
    except Refusal as refusal:
        details = "; ".join(f"{name} {_listed(value)}" for name, value in refusal.details.items())
        _exit(f"{refusal.message} ({details})" if details else refusal.message)
    except ValidationError as error:
        faults = "; ".join(map(_fault, error.errors()))
        _exit(f"The settings (DISPATCH_… or .env) can't be used: {faults}.", USAGE)
    except (DatabaseInUse, UnknownSchema) as error:
        _exit(f"{error}.")
    except LogFull:
        _exit(FULL)
    except PersistenceError as error:
        _exit(unavailable(str(error)))
    except BrokenPipeError:
        # Python would complain once more when it flushes stdout at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
    except OSError as error:
        _exit(f"{error.filename or 'A file'} can't be used: {error.strerror or error}.")
    except KeyboardInterrupt:
        _exit("Interrupted; what was recorded until then stays.", INTERRUPTED)


def _fault(error: Any) -> str:
    """Return what is wrong with one setting, under the name that it is set by."""
    names = [f"{BEGINNING}{str(name).upper()}" for name in error["loc"][:1]]
    return ": ".join([*names, *map(str, error["loc"][1:]), error["msg"].removeprefix("Value error, ")])


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _exit(sentence: str, status: int = FAILED) -> NoReturn:
    complain(sentence)
    sys.exit(status)
