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
from dispatch.eventlog.vault.vault import Vault
from dispatch.service.sign_in.bindings import bound_code, bound_hash, is_bound
from dispatch.service.sign_in.store import Secret, SecretStore
from dispatch.service.sign_in.tables import FACTORS, PASSWORDS, RECOVERY_CODES

log: Final = structlog.get_logger(__name__)


async def take_over(store: SecretStore, handler: Handler) -> None:
    """Bind what isn't, if that was never done; any number of processes may begin with it at once."""
    older = [one for one in await asyncio.to_thread(store.secrets) if not is_bound(one.kept)]
    if not older:
        return
    done = await handler.state(stream_of(SUBJECT))
    if isinstance(done, Personal) and done.bound:
        log.error("secrets_not_bound", accounts=sorted({one.account for one in older}))
        return
    count: Counter[str] = Counter()
    for secret in older:
        account = await handler.state(f"account:{secret.account}")
        if (
            isinstance(account, Account)
            and secret.key in {account.credential, account.factor} & account.unbound
        ):
            kept = _bound(handler.vault, secret)
            count[secret.table.name] += await asyncio.to_thread(store.replace, secret, kept)
    command = NoteBound(
        passwords=count[PASSWORDS.name],
        factors=count[FACTORS.name],
        recovery_codes=count[RECOVERY_CODES.name],
    )
    await handler.handle(Request(command=command, account=SYSTEM.account, source="service"))


def _bound(vault: Vault, secret: Secret) -> str:
    if secret.table is PASSWORDS:
        return bound_hash(vault, secret.account, secret.key, secret.kept)
    if secret.table is RECOVERY_CODES:
        return bound_code(vault, secret.account, secret.key, secret.kept)
    return vault.seal_secret(secret.key, secret.kept)
