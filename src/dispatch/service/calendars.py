"""China's working calendar: public holidays, make-up working days (调休) and what a town adds to them."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from importlib.metadata import version

from dispatch.domain.working_time import Calendar

FIRST_YEAR = 2000
LAST_YEAR = 2100
COUNTRY = "CN"


def china(days_off: Iterable[date] = (), workdays: Iterable[date] = ()) -> Calendar:
    """Return the national calendar, with a town's own days off and worked days before all others.

    A day that the town names as both is refused with `CalendarNotUsable`. The version names the
    package's release and, if the town added anything, a digest of that: `holidays 0.109 CN`,
    `holidays 0.109 CN, town 5f0c2a11`.
    """
    return _national().adapted(days_off, workdays)


@lru_cache(maxsize=1)
def _national() -> Calendar:
    """Return the days off and the make-up working days of 2000 to 2100.

    The State Council announces a year's make-up days in the November before; until the installed
    package knows them, a later year has its statutory holidays alone.
    """
    # Costs 0.2 s and 18 MB, which a command line that asks for help need not pay.
    from holidays import country_holidays  # noqa: PLC0415 - see above

    found = country_holidays(COUNTRY, years=range(FIRST_YEAR, LAST_YEAR + 1))
    workdays: frozenset[date] = frozenset(found.weekend_workdays)
    return Calendar(
        version=f"holidays {version('holidays')} {COUNTRY}",
        days_off=frozenset(found) - workdays,
        workdays=workdays,
    )
