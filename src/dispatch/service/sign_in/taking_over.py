"""Taking over what was kept before anything was bound: once, when the service starts, and never again.

Of each account that is what the log says is in force and was set before. That it was done is on record
(`personal.bound`), so what is put among the secrets later is worth nothing. What had been exchanged before
can't be told from what was there: it is taken over with the rest.
"""

import asyncio
from collections import Counter
from typing import Final

import structlog

from commands.command import Request
from commands.context import SYSTEM
from commands.handler import Handler
from commands.personal.note_bound import SUBJECT, NoteBound
from dispatch.domain.accounts import Account
from dispatch.domain.personal import Personal, stream_of
from dispatch.service.sign_in.bindings import BINDINGS, is_bound
from dispatch.service.sign_in.store import SecretStore, opens
from dispatch.service.sign_in.tables import FACTORS, PASSWORDS, RECOVERY_CODES

MOST: Final = 20
"""Accounts that are named in the service's log."""
log: Final = structlog.get_logger(__name__)


async def take_over(store: SecretStore, handler: Handler) -> None:
    """Bind what isn't, if that was never done; any number of processes may begin with it at once.

    What is in force and stays unbound, or was bound by another key, signs nobody in: the log lines say so.
    """
    found = [one for one in await asyncio.to_thread(store.secrets) if not opens(handler.vault, one)]
    if not found:
        return
    done = await handler.state(stream_of(SUBJECT))
    taken_over = isinstance(done, Personal) and done.bound
    count: Counter[str] = Counter()
    worthless = set()
    for secret in found:
        account = await handler.state(f"account:{secret.account}")
        if not isinstance(account, Account) or secret.key not in {account.credential, account.factor}:
            continue
        if taken_over or is_bound(secret.kept) or secret.key not in account.unbound:
            worthless.add(secret.account)
            continue
        bind, _ = BINDINGS[secret.table]
        kept = bind(handler.vault, secret.account, secret.key, secret.kept)
        count[secret.table.name] += await asyncio.to_thread(store.replace, secret, kept)
    if worthless:
        log.error("secrets_not_bound", accounts=sorted(worthless)[:MOST], of=len(worthless))
    if taken_over or all(is_bound(one.kept) for one in found):
        return
    command = NoteBound(
        passwords=count[PASSWORDS.name],
        factors=count[FACTORS.name],
        recovery_codes=count[RECOVERY_CODES.name],
    )
    await handler.handle(Request(command=command, account=SYSTEM.account, source="service"))
