"""`dispatch serve`: the service itself."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from dispatch.cli.terminal import Database, Failure, say
from dispatch.domain.refusal import NotNow
from dispatch.eventlog import open_log
from dispatch.eventlog.stream_check import hidden
from dispatch.service.certificates import certificate_for
from dispatch.service.clock import system_clock
from dispatch.service.exposure import exposures
from dispatch.service.http.pages import START
from dispatch.service.installation import SQLITE, shown
from dispatch.service.outbox.channels import open_channels
from dispatch.service.privileges import require_rights
from dispatch.service.server import serve as run
from dispatch.service.settings import Environment, Settings, of_no_effect
from dispatch.service.sign_in.oidc import client_secret
from dispatch.service.signing import require_key
from dispatch.service.vaults import require_own, vault_for
from projections.engine.sqlite_generations import SqliteGenerations


def serve(
    *,
    host: Annotated[
        str | None, typer.Option(help="The address to listen at; 0.0.0.0 is every one of this machine's.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 is any free port.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes; more than one needs PostgreSQL.")
    ] = None,
    https: Annotated[
        bool | None,
        typer.Option("--https", help="Over HTTPS; in development with a certificate that it makes itself."),
    ] = None,
    database: Database = None,
) -> None:
    """Serve the HTTP API, and project and watch deadlines beside it.

    Each option has a setting of the same name, `DISPATCH_HOST`, `DISPATCH_PORT`, `DISPATCH_WORKERS`,
    `DISPATCH_DATABASE`, which may also stand in a file `.env`. The database is made when it is not there yet.
    Stop it with Ctrl-C or SIGTERM: requests on their way are finished first.

    For example:

        dispatch serve
        dispatch serve --port 8080 --database sqlite:///var/town.db
        dispatch serve --https
        dispatch serve --workers 4 --database postgresql://dispatch@localhost/dispatch
    """
    given: dict[str, Any] = {
        "host": host,
        "port": port,
        "workers": workers,
        "https": https,
        "database": database,
    }
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    if names := ", ".join(of_no_effect()):
        say(f"Of no effect, as no setting is called so: {names}")
    if (webroot := settings.webroot) and not (webroot / START / "index.html").is_file():
        say(f"There are no built pages in {webroot}, which DISPATCH_WEBROOT names: only the API is served.")
    require_key(settings)
    client_secret(settings)
    open_channels(settings.channels_file, seconds=settings.channel_seconds)
    secure = certificate_for(settings, now=system_clock())
    for exposure in exposures(settings, https=secure is not None):
        if settings.environment is Environment.PRODUCTION:
            raise exposure
        details = ", ".join(f"{name} {value}" for name, value in exposure.details.items())
        say(f"Production would refuse this: {exposure.message} ({details})")
    if settings.database.startswith(SQLITE):
        _require_alone(Path(settings.database.removeprefix(SQLITE)))
    _require_own_log(settings)

    def ready(address: str) -> None:
        several = f" · {settings.workers} processes" if settings.workers > 1 else ""
        if secure is not None and secure.authority is not None:
            say(f"Trust {secure.authority} in the browsers and phones that are to try this.")
        say(f"Serving {address}/api/v1 · {shown(settings.database)}{several} · process {os.getpid()}")

    if not run(settings, ready):
        raise Failure("The service could not start; the log above says why.")


class EventsHidden(NotNow):
    """The database hides events that say who may what: `dispatch verify` names them, REINDEX may mend it."""


def _require_own_log(settings: Settings) -> None:
    """Raise what would end the service later, with a traceback, or in each worker again and again.

    That is a database that is away or can only be read, or a key-encryption key that isn't this log's; and
    what it would never notice: the index by which streams are found hides the end of an account.
    """
    vault = vault_for(settings)
    with open_log(settings.database, clock=system_clock, complete_tree=False) as log:
        require_rights(settings.database)
        require_own(vault, log)
        if streams := hidden(log):
            raise EventsHidden(streams=streams[:5])


def _require_alone(path: Path) -> None:
    """Raise DatabaseInUse if another process serves this database; the service claims it for itself later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    generations = SqliteGenerations(path)
    try:
        generations.claim()
    finally:
        generations.close()
