"""The people's devices: send requests, again if the service was away, and stop at an unexpected answer."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgspec

CONNECTIONS: Final = 32
ATTEMPTS: Final = 12
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 3.0
AWAY: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
SHOWN: Final = 2_000

_decode: Final = msgspec.json.Decoder().decode


class Unexpected(Exception):
    """The service answered something else than was expected, or not at all; the message shows both."""


class Client:
    """Sends requests with each account's token; `retries` counts how often one was sent again.

    `require_alive` raises if the service is gone, so that there is nothing to wait for.
    """

    def __init__(self, address: str, tokens: Mapping[str, str], require_alive: Callable[[], None]) -> None:
        self._address = f"{address}/api/v1"
        self._headers = {
            account: {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            for account, token in tokens.items()
        }
        self.retries = 0
        self._require_alive = require_alive
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=75, force_close=False),
            timeout=aiohttp.ClientTimeout(total=60),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            cookie_jar=aiohttp.DummyCookieJar(),
            raise_for_status=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    def know(self, account: str, token: str) -> None:
        """Take the token of one more account."""
        self._headers[account] = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def send(
        self,
        who: str,
        method: str,
        path: str,
        *,
        status: int = HTTPStatus.OK,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the answer's JSON; `Unexpected` if its status is another than `status`.

        What is sent again because the service was away must have an idempotency key, or change nothing.
        """
        found, answer = await self._until_there(who, method, path, body, headers)
        if found != status:
            shown = body.decode(errors="replace")[:SHOWN]
            raise Unexpected(
                f"{method} {path} by {who}, {dict(headers or {})}\n{shown}\n"
                f"was to be answered with {status} and got {found}:\n"
                f"{answer.decode(errors='replace')[:SHOWN]}"
            )
        return _decode(answer)

    async def _until_there(
        self, who: str, method: str, path: str, body: bytes, headers: Mapping[str, str] | None
    ) -> tuple[int, bytes]:
        given = self._headers[who]
        merged = {**given, **headers} if headers else given
        wait, problem = FIRST_WAIT, ""
        for _ in range(ATTEMPTS):
            try:
                async with self._session.request(
                    method, self._address + path, data=body or None, headers=merged
                ) as response:
                    answer = await response.read()
                    if response.status not in AWAY:
                        return response.status, answer
                    problem = f"{response.status}: {answer.decode(errors='replace')[:SHOWN]}"
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                problem = repr(error)
            self._require_alive()
            self.retries += 1
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
        raise Unexpected(f"{method} {path} by {who} was tried {ATTEMPTS} times. The last time: {problem}")
