"""Browsers: the cookies that they are given, and those that an account has signed in from."""

import re
import secrets
from typing import Final

from fastapi import Request
from starlette.responses import Response

from dispatch.service.http.entrance import address_of, request_id_of, runtime_of
from dispatch.service.http.routes import API
from dispatch.service.sign_in.guessing import KNOWN_FOR, Claim
from dispatch.service.tokens import digest_of

KNOWN: Final = "dispatch_browser"
"""The cookie that a browser is known by where somebody has signed in before: it opens nothing."""
SECRET: Final = re.compile(r"[\w-]{43}", re.ASCII)


def claimed(request: Request, account: str, password: str, code: str | None = None) -> Claim:
    """Return what somebody says to be let in, and from where."""
    secret = _secret_of(request)
    browser = None if secret is None else digest_of(secret)
    return Claim(account, password, code, address_of(request), request_id_of(request), browser)


async def know(response: Response, request: Request, account: str) -> None:
    """Have the browser known where an account has just proved who it is."""
    secret = _secret_of(request) or secrets.token_urlsafe(32)
    await runtime_of(request).reception.know(digest_of(secret), account)
    ends = int(KNOWN_FOR.total_seconds())
    give_cookie(response, request, KNOWN, secret, path=f"{API}/session", max_age=ends)


def give_cookie(
    response: Response, request: Request, name: str, secret: str, *, path: str, max_age: int | None
) -> None:
    """Give the browser a cookie for this origin alone, for `max_age` seconds; None for until it is closed."""
    response.set_cookie(
        name,
        secret,
        max_age=max_age,
        path=path,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _secret_of(request: Request) -> str | None:
    secret = request.cookies.get(KNOWN, "")
    return secret if SECRET.fullmatch(secret) else None
