"""The one table of queries: which roles may ask each, and how far each of them sees.

Its counterpart for commands is `commands.rights`. The query door looks here at the moment of the act, and a
service with a question that stands nowhere here doesn't start.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from dispatch.domain.accounts import Role


class Extent(StrEnum):
    """How far a role sees with a query."""

    ITSELF = "itself"
    """What concerns the account itself, or no place at all."""
    OWN = "own"
    """The grids of the account's posts, and what is assigned to the person behind it."""
    SCOPE = "scope"
    """Whatever lies in the account's scope: a grid, village, town, district or more."""
    WHOLE = "whole"
    """The whole log, as digests that tell nothing of any place."""


Query = Mapping[Role, Extent]
"""By role; who is missing may not ask."""


def _all(extent: Extent, *roles: Role) -> dict[Role, Extent]:
    return dict.fromkeys(roles, extent)


# Source: DOMAIN.md, People and rights. The administrator keeps accounts, grids, staffing and policies and
# dispatches nothing: tasks, cases and their figures are none of his.
CENTRE: Final[Query] = _all(Extent.SCOPE, Role.OPERATOR, Role.SUPERVISOR, Role.AUDITOR)
ITEMS: Final[Query] = {**CENTRE, Role.WORKER: Extent.OWN}
OVERSIGHT: Final[Query] = {**CENTRE, Role.ADMINISTRATOR: Extent.SCOPE}
STAFFING: Final[Query] = {**OVERSIGHT, Role.WORKER: Extent.OWN}
PLACES: Final[Query] = {**OVERSIGHT, Role.WORKER: Extent.SCOPE}
ADMINISTRATION: Final[Query] = {Role.ADMINISTRATOR: Extent.SCOPE}
AUDIT: Final[Query] = {Role.AUDITOR: Extent.SCOPE}
DIGESTS: Final[Query] = _all(Extent.WHOLE, Role.AUDITOR, Role.SUPERVISOR)
OVERSEEN: Final[Query] = _all(Extent.SCOPE, Role.ADMINISTRATOR, Role.AUDITOR)
PUBLISHERS: Final[Query] = _all(Extent.SCOPE, Role.OPERATOR, Role.SUPERVISOR)
HANDLERS: Final[Query] = {Role.OPERATOR: Extent.SCOPE, Role.WORKER: Extent.OWN}
"""Who works on an item, and so may need to know whom it is about."""
DESK: Final[Query] = _all(Extent.SCOPE, Role.OPERATOR)
CHECKPOINT: Final[Query] = {**DIGESTS, Role.OPERATOR: Extent.WHOLE}
"""Who prints or exports a list says under which checkpoint."""
WORKING: Final[Query] = _all(Extent.ITSELF, Role.OPERATOR, Role.WORKER)
"""Who does or reports something that photos go with."""
EVERYBODY: Final[Query] = _all(Extent.ITSELF, *(role for role in Role if role is not Role.SYSTEM))

QUERIES: Final[Mapping[str, Query]] = {
    "GET /tasks": ITEMS,
    "GET /tasks/{id}": ITEMS,
    "GET /tasks/{id}/deadline": ITEMS,
    "GET /tasks/{id}/timeline": ITEMS,
    "GET /tasks/{id}/photos": ITEMS,
    "GET /tasks/{id}/photos/{digest}": ITEMS,
    "GET /campaigns/{id}": CENTRE,
    "GET /cases": ITEMS,
    "GET /cases/{id}": ITEMS,
    "GET /cases/{id}/deadline": ITEMS,
    "GET /cases/{id}/timeline": ITEMS,
    "GET /cases/{id}/photos": ITEMS,
    "GET /cases/{id}/photos/{digest}": ITEMS,
    "POST /photos": WORKING,
    "GET /plans": OVERSIGHT,
    "GET /plans/{id}": OVERSIGHT,
    "GET /plans/{id}/occurrences": OVERSIGHT,
    "GET /plans/{id}/timeline": OVERSIGHT,
    "GET /households": STAFFING,
    "GET /households/{id}": STAFFING,
    "GET /households/{id}/timeline": STAFFING,
    "GET /personal/{subject}": ITEMS,
    "POST /personal/disclose": HANDLERS,
    "POST /personal/search": DESK,
    "GET /mode": PLACES,
    "GET /figures": ITEMS,
    "GET /figures/{figure}/ids": ITEMS,
    "GET /figures/{figure}/items": ITEMS,
    "GET /figures/{figure}/trend": ITEMS,
    "POST /figures/publish": PUBLISHERS,
    "GET /figures/published": CENTRE,
    "GET /overview": CENTRE,
    "GET /staffing": STAFFING,
    "GET /grids": PLACES,
    "GET /towns": PLACES,
    "GET /members": ADMINISTRATION,
    "GET /accounts": ADMINISTRATION,
    "GET /departments": OVERSIGHT,
    "GET /policies/{scope}": PLACES,
    "GET /channels/{inbox}": ADMINISTRATION,
    "GET /outbox": ADMINISTRATION,
    "POST /outbox/{delivery}/retry": ADMINISTRATION,
    "POST /outbox/{delivery}/discard": ADMINISTRATION,
    "GET /inbox": EVERYBODY,
    "GET /inbox/channels": EVERYBODY,
    "GET /stream": STAFFING,
    "GET /me": EVERYBODY,
    "GET /sessions": EVERYBODY,
    "GET /clock": EVERYBODY,
    "PUT /clock": {Role.ADMINISTRATOR: Extent.ITSELF},
    "GET /audit/checkpoint": CHECKPOINT,
    "GET /audit/checkpoints": DIGESTS,
    "GET /audit/proof/inclusion": DIGESTS,
    "GET /audit/proof/consistency": DIGESTS,
    "GET /audit/events": AUDIT,
    "GET /audit/events/{position}": AUDIT,
    "GET /audit/events/{position}/effects": AUDIT,
    "GET /audit/replay": AUDIT,
    "GET /audit/restate": AUDIT,
    "GET /audit/key": DIGESTS,
    "GET /audit/bundle": AUDIT,
}
"""By method and address below `/api/v1`: every question, and what else is asked at the query door."""


SHARED_INBOXES: Final[Query] = _all(Extent.SCOPE, Role.OPERATOR, Role.SUPERVISOR)
"""Who reads an inbox that several people read and that isn't his own, such as a department's (`GET /inbox`).

A department is told and has no account: the centre's people read its inbox and act for it, and whoever of
its people works in a grid has a worker's account. So no account stands for several persons.
"""

HAPPENINGS: Final[Mapping[str, Query]] = {
    "account": OVERSEEN,
    "campaign": ITEMS,
    "case": ITEMS,
    "checkpoint": AUDIT,
    "command": AUDIT,
    "digest": AUDIT,
    "household": STAFFING,
    "inbox": EVERYBODY,
    "ledger": ITEMS,
    "mode": PLACES,
    "personal": OVERSEEN,
    "plan": STAFFING,
    "policy": STAFFING,
    "powers": OVERSEEN,
    "publication": ITEMS,
    "recipient": OVERSEEN,
    "refusals": AUDIT,
    "task": ITEMS,
    "town": PLACES,
}
"""By kind of stream: who hears of what happens there (`GET /stream`). What is missing nobody hears of."""


class UndeclaredRoutes(RuntimeError):
    """A question stands in no table of rights, so nobody has said who may ask it."""

    def __init__(self, routes: Iterable[str]) -> None:
        super().__init__(f"declare in dispatch.service.rights who may use: {', '.join(sorted(routes))}")


def require_declared(routes: Iterable[str]) -> None:
    """Raise `UndeclaredRoutes` unless each of these questions is declared."""
    if missing := set(routes) - set(QUERIES):
        raise UndeclaredRoutes(missing)
