"""The people's devices: send requests, again if the service was away, and stop at an unexpected answer."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from itertools import chain
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from dispatch.demo.lines import Lines

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
        self._require_alive = require_alive
        self.retries = 0
        found = urlsplit(address)
        assert found.hostname is not None
        assert found.port is not None
        self._host = found.netloc
        self._lines = Lines(found.hostname, found.port, most=CONNECTIONS)
        self._tokens = dict(tokens)

    async def close(self) -> None:
        """Close the connections."""
        self._lines.close()

    def know(self, account: str, token: str) -> None:
        """Take the token of one more account."""
        self._tokens[account] = token

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
        request = self._request(who, method, path, body, headers or {})
        wait, problem = FIRST_WAIT, ""
        for _ in range(ATTEMPTS):
            try:
                found, answer = await self._lines.exchange(request)
            except (OSError, EOFError, TimeoutError) as error:
                problem = repr(error)
            else:
                if found not in AWAY:
                    return found, answer
                problem = f"{found}: {answer.decode(errors='replace')[:SHOWN]}"
            self._require_alive()
            self.retries += 1
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
        raise Unexpected(f"{method} {path} by {who} was tried {ATTEMPTS} times. The last time: {problem}")

    def _request(self, who: str, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        given = {
            "Host": self._host,
            "Authorization": f"Bearer {self._tokens[who]}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        }
        lines = (f"{name}: {value}\r\n" for name, value in chain(given.items(), headers.items()))
        return f"{method} /api/v1{path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("ascii") + body
