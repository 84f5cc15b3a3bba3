"""An OpenID provider on Authlib's server side, in this process: signs people in, and lies if it is told to.

Like a real one it knows its clients by their secret, takes only the address that they registered, insists on
PKCE, gives each code once and signs with its own key.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from time import time
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer  # type: ignore[import-untyped] # Authlib has no types
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants  # type: ignore[import-untyped] # Authlib has no types
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped] # Authlib has no types
from authlib.oidc.core.grants import OpenIDCode  # type: ignore[import-untyped] # Authlib has no types
from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "dispatch", "what the provider knows dispatch by"


@dataclass
class Person:
    """Who is signed in at the provider, and what it says about him."""

    sub: str
    claims: dict[str, Any]

    def get_user_id(self) -> str:
        return self.sub


class TheClient(ClientMixin):  # type: ignore[misc] # Authlib has no types
    """Our service, as the provider knows it."""

    callback = ""

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.callback

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.callback

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):  # type: ignore[misc] # Authlib has no types
    """An authorisation code that was given out."""

    code: str
    person: Person
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class Provider:
    """A running provider: `person` signs in next, `lie` changes what the token says, `key` signs it.

    What is asked for at the path `moved` is at the same address with `?moved` behind it; `published` are keys
    beside its own.
    """

    address: str = ""
    person: Person = field(default_factory=lambda: Person("nobody", {}))
    lie: Callable[[dict[str, Any]], None] | None = None
    forge: Callable[[dict[str, Any]], str] | None = None
    document: dict[str, Any] = field(default_factory=dict)
    moved: str = ""
    published: list[dict[str, Any]] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    codes: dict[str, Code] = field(default_factory=dict)
    client: TheClient = field(default_factory=TheClient)

    def signed(self, claims: dict[str, Any]) -> str:
        if self.lie is not None:
            self.lie(claims)
        if self.forge is not None:
            return self.forge(claims)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


def _grants(provider: Provider) -> tuple[type[Any], list[Any]]:
    class Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc] # Authlib has no types
        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            provider.codes[code] = Code(
                code,
                request.user,
                request.payload.redirect_uri,
                request.payload.scope,
                data.get("nonce"),
                data.get("code_challenge"),
                data.get("code_challenge_method"),
            )

        def query_authorization_code(self, code: str, client: TheClient) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> Person:
            return authorization_code.person

    class IdToken(OpenIDCode):  # type: ignore[misc] # Authlib has no types
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return any(code.nonce == nonce for code in provider.codes.values())

        def encode_id_token(self, token: Any, request: Any) -> str:
            person, now = request.authorization_code.person, int(time())
            return provider.signed(
                {
                    "iss": provider.address,
                    "aud": CLIENT,
                    "sub": person.sub,
                    "iat": now,
                    "exp": now + 300,
                    "nonce": request.authorization_code.nonce,
                    **person.claims,
                }
            )

    return Grant, [IdToken(require_nonce=True), CodeChallenge(required=True)]


def _application(provider: Provider) -> Flask:
    app = Flask(__name__)
    server = AuthorizationServer(
        app,
        query_client=lambda key: provider.client if key == CLIENT else None,
        save_token=lambda token, request: None,
    )
    server.register_grant(*_grants(provider))

    @app.before_request
    def elsewhere() -> Any:
        if request.path == provider.moved and not request.query_string:
            return redirect(f"{request.path}?moved", 307)
        return None

    @app.get("/.well-known/openid-configuration")
    def document() -> Response:
        known = {
            "issuer": provider.address,
            "authorization_endpoint": f"{provider.address}/authorize",
            "token_endpoint": f"{provider.address}/token",
            "jwks_uri": f"{provider.address}/keys",
        }
        return jsonify({**known, **provider.document})

    @app.get("/keys")
    def keys() -> Response:
        return jsonify({"keys": [provider.key.as_dict(private=False), *provider.published]})

    @app.get("/authorize")
    def authorize() -> Any:
        grant = server.get_consent_grant(end_user=provider.person)
        return server.create_authorization_response(grant_user=provider.person, grant=grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    return app


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Give a provider that listens on this machine, while in the block."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, _application(provider), threaded=True)
    provider.address = f"http://127.0.0.1:{server.port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
