"""A provider that says nothing keeps only those waiting who sign in there, and not for long."""

import asyncio
import socket
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from dispatch.service.clock import system_clock
from dispatch.service.settings import Settings
from dispatch.service.sign_in import oidc
from dispatch.service.sign_in.oidc import Oidc, ProviderAway
from dispatch.service.sign_in.store import SecretStore
from tests.vaults import VAULT

MANY = 40
"""More than an event loop has threads of its own."""


def test_a_provider_that_says_nothing_uses_up_nobody_elses_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "PATIENCE", 3.0)
    monkeypatch.setattr(oidc, "LONGEST", 0.5)

    async def main(provider: Oidc) -> float:
        departures = [asyncio.create_task(provider.depart("/back", "/ui/console")) for _ in range(MANY)]
        await asyncio.sleep(0)
        began = monotonic()
        await asyncio.to_thread(int)
        others = monotonic() - began
        ended = await asyncio.gather(*departures, return_exceptions=True)
        assert [type(one) for one in ended] == [ProviderAway] * MANY
        return others

    with socket.create_server(("127.0.0.1", 0), backlog=MANY) as silent:
        issuer = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = Settings(database=f"sqlite:///{tmp_path}/log.db", oidc_issuer=issuer)
        with (
            closing(SecretStore(settings.database)) as store,
            closing(Oidc(store, settings, system_clock, VAULT)) as one,
        ):
            assert asyncio.run(main(one)) < 1.0
