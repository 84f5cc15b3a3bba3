"""A town's ledger of disputes (一本账): every dispute gets the next number of its year."""

import msgspec
from msgspec.structs import replace

from dispatch.domain.event import Event


class LedgerNumberGiven(Event, frozen=True, kw_only=True, tag="ledger.number_given"):
    """A dispute got its number in the ledger, such as `2023-0001`."""

    town: str
    number: str
    case: str


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger as it stands: how many numbers each year has given."""

    town: str
    given: dict[str, int] = {}

    @property
    def place(self) -> str:
        """The code that rights are measured against."""
        return self.town

    @property
    def status(self) -> str:
        """A ledger has no lifecycle."""
        return "open"

    def next_number(self, year: int) -> str:
        """Return the number that the next dispute of `year` gets."""
        return f"{year:04d}-{self.given.get(f'{year:04d}', 0) + 1:04d}"


def evolve(ledger: Ledger | None, event: LedgerNumberGiven) -> Ledger:
    """Return the ledger after `event`."""
    ledger = ledger or Ledger(town=event.town)
    year, _, number = event.number.partition("-")
    return replace(ledger, given={**ledger.given, year: int(number)})
