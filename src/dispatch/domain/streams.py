"""Which fold makes the state of which kind of stream."""

from collections.abc import Callable
from typing import Any, Final

from dispatch.domain import (
    accounts,
    campaigns,
    cases,
    checkpoints,
    digests,
    households,
    inboxes,
    ledgers,
    modes,
    personal,
    plans,
    policies,
    powers,
    publications,
    recipients,
    refusals,
    tasks,
    towns,
    unchanged,
)
from dispatch.domain.event import Event

EVOLVE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "account": accounts.evolve,
    "campaign": campaigns.evolve,
    "case": cases.evolve,
    "checkpoint": checkpoints.evolve,
    "command": unchanged.evolve,
    "digest": digests.evolve,
    "household": households.evolve,
    "inbox": inboxes.evolve,
    "ledger": ledgers.evolve,
    "personal": personal.evolve,
    "plan": plans.evolve,
    "mode": modes.evolve,
    "policy": policies.evolve,
    "powers": powers.evolve,
    "publication": publications.evolve,
    "recipient": recipients.evolve,
    "refusals": refusals.evolve,
    "task": tasks.evolve,
    "town": towns.evolve,
}
"""Kind of stream (what stands before the colon of its id) to `evolve(state, event) -> state`."""


def kind_of(stream: str) -> str:
    """Return the kind of a stream, `task` for `task:0198…`."""
    return stream.partition(":")[0]


def evolve(stream: str, state: Any, event: Event) -> Any:
    """Return the state of `stream` after `event`; `state` is None before the first one."""
    return EVOLVE[kind_of(stream)](state, event)
