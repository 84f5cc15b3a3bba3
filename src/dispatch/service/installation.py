"""What a command line works with beside a running service: the log and the handler, no HTTP, no timers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from commands.handler import Handler
from dispatch.domain.refusal import Unknown
from dispatch.eventlog import DatabaseLog, open_log
from dispatch.eventlog.schema import EarlierSchema, NoLog
from dispatch.eventlog.vault.vault import Vault
from dispatch.service.calendars import china
from dispatch.service.clock import Clock, system_clock
from dispatch.service.clocks import catch_up, clock_beside
from dispatch.service.settings import Settings
from dispatch.service.vaults import require_own, vault_for

SQLITE: Final = "sqlite:///"


class DatabaseNotThere(Unknown):
    """There is no database yet: `dispatch serve`, `dispatch accounts add` and `dispatch import` make one."""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """The log and the handler of one installation; a service on the same database may run meanwhile."""

    settings: Settings
    log: DatabaseLog
    clock: Clock

    @cached_property
    def handler(self) -> Handler:
        """What carries commands out; who only reads needs no key-encryption key."""
        return self.handler_under(vault_for(self.settings))

    def handler_under(self, vault: Vault) -> Handler:
        """Return one for another key-encryption key than that of the settings; it must be the log's own."""
        return Handler(self.log, calendar=china(), clock=self.clock, vault=require_own(vault, self.log))


def settings_for(database: str | None) -> Settings:
    """Return the settings of the environment, on another database if one is named."""
    return Settings() if database is None else Settings(database=database)


def shown(database: str) -> str:
    """Return a database's URL as it may be printed: without its password."""
    if database.startswith(SQLITE):
        return database
    url = urlsplit(database)
    user = f"{url.username}@" if url.username else ""
    # As they are written: of several hosts, each has its own port.
    return f"{url.scheme}://{user}{url.netloc.rpartition('@')[2]}{url.path}"


@contextmanager
def installation(
    database: str | None, *, make: bool = False, rehearse: bool = False, as_it_is: bool = False
) -> Iterator[Installation]:
    """Open an installation for the length of a block.

    A database that isn't there yet is made if `make`, else refused with `DatabaseNotThere`, and one without a
    log with `NoLog`; with `rehearse` an empty one in memory stands for either. With `as_it_is` the tree over
    the log isn't completed if it lacks something; tables of an earlier version are refused with
    `EarlierSchema`. `LogUnavailable` if it is away. Where the last service went by a simulated clock, the
    clock is at the time of the log's last record.
    """
    settings = settings_for(database)
    if settings.database.startswith(SQLITE):
        path = Path(settings.database.removeprefix(SQLITE))
        if make:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.exists() and not rehearse:
            raise DatabaseNotThere(database=settings.database)
    if rehearse and not _holds_log(settings.database):
        settings, make = settings_for(f"{SQLITE}:memory:"), True
    clock = clock_beside(settings)
    changes = not as_it_is
    with open_log(settings.database, clock=clock, complete_tree=changes, upgrade=changes, make=make) as log:
        catch_up(clock, log)
        yield Installation(settings=settings, log=log, clock=clock)


def _holds_log(database: str) -> bool:
    """Tell whether there is a log of the present version or an earlier one, and make none."""
    if database.startswith(SQLITE) and not Path(database.removeprefix(SQLITE)).exists():
        return False
    try:
        open_log(database, clock=system_clock, complete_tree=False, upgrade=False, make=False).close()
    except NoLog:
        return False
    except EarlierSchema:
        pass
    return True
