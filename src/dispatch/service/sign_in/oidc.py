"""Signing in at a provider (OpenID Connect): authorisation code with PKCE, for accounts that are there.

A browser is sent to the provider with a state, a nonce and a challenge of its own, and comes back once, in
time, with the cookie that it left with. The provider's document and keys are read anew for each sign-in, so
that a key that it has changed needs nothing here. Source: OpenID Connect Core 1.0, RFC 7636 and RFC 9700.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final, NamedTuple, TypeVar, cast

import sqlalchemy as sa
import structlog
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped] # it has no types
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped] # nor here
from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from dispatch.domain import text
from dispatch.domain.refusal import Refusal, Unknown
from dispatch.eventlog import micros
from dispatch.eventlog.vault.ciphers import Unopenable
from dispatch.eventlog.vault.vault import Vault
from dispatch.service.clock import Clock
from dispatch.service.settings import Settings
from dispatch.service.sign_in.bindings import bound_landing, opened_landing
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.sign_in.tables import JOURNEYS
from dispatch.service.tokens import digest_of

T = TypeVar("T")
logger: Final = structlog.get_logger(__name__)
ON_THE_WAY: Final = timedelta(minutes=10)
"""How long a browser may stay at the provider."""
PATIENCE: Final = 5.0
"""Seconds that the provider may be silent while it is asked for something."""
LONGEST: Final = 15.0
"""Seconds that all it is asked for in one request may take, waiting for a turn included."""
AT_ONCE: Final = 4
"""How many sign-ins of a process ask the provider at the same time, on threads that nobody else needs."""
LEEWAY: Final = 60
"""Seconds by which the provider's clock may be wrong."""
SIGNATURES: Final = ("RS256", "PS256", "ES256", "ES384", "Ed25519", "EdDSA")
"""Asymmetric ones only: with a shared secret whoever knows it could say who he is."""


class NoProvider(Unknown):
    """This installation has no provider to sign in at: sign in with a password."""


class ProviderAway(Refusal):
    """The provider can't be reached, or does not answer as one: try again, or sign in with a password."""


class ProviderAnswerRefused(Refusal):
    """What came from the provider does not prove who it is: begin anew."""


class SessionBefore(NamedTuple):
    """The session that a browser has when it leaves: it brings no cookie of that when it comes back."""

    account: str
    session: str


class Departure(NamedTuple):
    """Where a browser is sent, and the secret of the cookie that it comes back with."""

    url: str
    browser: str


class Arrival(NamedTuple):
    """Whom the provider says it is: the account's id, SHA-256 of issuer and subject, and how it made sure."""

    account: str
    identity: str
    methods: frozenset[str]
    landing: str
    before: SessionBefore | None


class Oidc:
    """The provider of one installation; `clock` is the real one, which the provider's tokens go by."""

    def __init__(self, store: SecretStore, settings: Settings, clock: Clock, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._settings = settings
        self._clock = clock
        self._threads = ThreadPoolExecutor(AT_ONCE, "oidc")

    def close(self) -> None:
        """Ask no more; what is being asked ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def depart(self, callback: str, landing: str, before: SessionBefore | None = None) -> Departure:
        """Begin a sign-in that comes back to the address `callback` and ends at the page `landing`."""
        state, nonce, browser = (secrets.token_urlsafe(32) for _ in range(3))
        verifier = secrets.token_urlsafe(48)
        url = await self._asked(lambda: self._authorization_url(callback, state, nonce, verifier))
        now = micros(self._clock())
        await self._rows(sa.delete(JOURNEYS).where(JOURNEYS.c.until <= now))
        journey = {
            "state": digest_of(state),
            "browser": digest_of(browser),
            "nonce": nonce,
            "verifier": verifier,
            "landing": " ".join((landing, *(before or ()))),
            "until": micros(self._clock() + ON_THE_WAY),
        }
        bound = journey | {"landing": bound_landing(self._vault, journey)}
        await self._rows(self._store.insert(JOURNEYS).values(bound))
        return Departure(url, browser)

    async def landing(self, browser: str | None, answer: Mapping[str, str]) -> str | None:
        """Return the page that this browser set out to end at, if it is known; it may still arrive."""
        found = self._begun(await self._rows(sa.select(JOURNEYS).where(*self._this(browser, answer))))
        return found and found[0]

    async def arrive(self, callback: str, browser: str | None, answer: Mapping[str, str]) -> Arrival:
        """Return whom the provider's answer proves; `browser` is the cookie's secret.

        Refuses with `ProviderAnswerRefused`, whose `why` is `state`, `denied`, `issuer`, `code`, `signature`
        or the claim that is wrong, and with `ProviderAway`.
        """
        # Whoever comes back a second time finds nothing, in whatever process.
        this = self._this(browser, answer)
        found = await self._rows(sa.delete(JOURNEYS).where(*this).returning(*JOURNEYS.c))
        begun = self._begun(found)
        if begun is None:
            raise ProviderAnswerRefused(why="state")
        if "error" in answer:
            raise ProviderAnswerRefused(why="denied")
        claims = await self._asked(lambda: self._claims(callback, answer, found[0]))
        name = claims.get(self._settings.oidc_claim)
        if not isinstance(name, str) or text.CONTROL_IN_LINE.search(name):
            raise ProviderAnswerRefused(why=self._settings.oidc_claim)
        methods = claims.get("amr")
        identity = hashlib.sha256(f"{claims['iss']}\0{claims['sub']}".encode()).hexdigest()
        known = frozenset(map(str, methods)) if isinstance(methods, list) else frozenset()
        return Arrival(name, identity, known, *begun)

    def _begun(self, found: Sequence[Any]) -> tuple[str, SessionBefore | None] | None:
        """Return where a journey ends, and with which session it began; None if it isn't as it was begun."""
        if not found:
            return None
        try:
            landing, *before = opened_landing(self._vault, found[0]._asdict()).split(" ")
        except Unopenable:
            logger.warning("journey_not_bound")
            return None
        return landing, SessionBefore(*before) if before else None

    def _this(self, browser: str | None, answer: Mapping[str, str]) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            JOURNEYS.c.state == digest_of(answer.get("state", "")),
            JOURNEYS.c.browser == digest_of(browser or ""),
            JOURNEYS.c.until > micros(self._clock()),
        )

    async def _asked(self, ask: Callable[[], T]) -> T:
        """Ask the provider; one that is slow keeps only those waiting who sign in there, and not for long."""
        try:
            async with asyncio.timeout(LONGEST):
                return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except TimeoutError:
            raise self._away("it took too long") from None

    def _authorization_url(self, callback: str, state: str, nonce: str, verifier: str) -> str:
        with self._session(callback) as session:
            endpoint = self._document(session)["authorization_endpoint"]
            url, _ = session.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    def _claims(self, callback: str, answer: Mapping[str, str], journey: Any) -> dict[str, Any]:
        with self._session(callback) as session:
            document = self._document(session)
            told = document.get("authorization_response_iss_parameter_supported")
            if answer.get("iss", None if told else document["issuer"]) != document["issuer"]:
                raise ProviderAnswerRefused(why="issuer")
            token = self._id_token(session, document, answer, journey)
            keys = self._json(session, document["jwks_uri"])
        try:
            known = KeySet.import_key_set(cast("KeySetSerialization", keys))
            decoded = jwt.decode(token, known, algorithms=SIGNATURES)
        except (JoseError, ValueError, TypeError, KeyError):
            raise ProviderAnswerRefused(why="signature") from None
        self._require_meant(decoded.claims, journey.nonce)
        claims: dict[str, Any] = decoded.claims
        return claims

    def _id_token(
        self, session: OAuth2Session, document: dict[str, Any], answer: Mapping[str, str], journey: Any
    ) -> str:
        try:
            given = session.fetch_token(
                document["token_endpoint"],
                grant_type="authorization_code",
                code=answer.get("code", ""),
                code_verifier=journey.verifier,
                allow_redirects=False,
            )
        except OAuthError as error:
            logger.warning("oidc_code_refused", error=str(error)[:200])
            raise ProviderAnswerRefused(why="code") from None
        except (OSError, ValueError) as error:
            raise self._away(error) from None
        token = given.get("id_token")
        if not isinstance(token, str):
            raise ProviderAnswerRefused(why="id_token")
        return token

    def _require_meant(self, claims: dict[str, Any], nonce: str) -> None:
        """Refuse a token that is not from this issuer, for this service, for this sign-in and of now."""
        settings = self._settings
        assert settings.oidc_issuer is not None
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
            azp={"value": settings.oidc_client_id},
        )
        try:
            registry.validate(claims)
        except ClaimError as error:
            raise ProviderAnswerRefused(why=error.claim) from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if several and claims.get("azp") != settings.oidc_client_id:
            raise ProviderAnswerRefused(why="azp")

    def _document(self, session: OAuth2Session) -> dict[str, Any]:
        issuer = self._settings.oidc_issuer
        if issuer is None:
            raise NoProvider
        document = self._json(session, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if document.get("issuer") != issuer or not all(isinstance(document.get(n), str) for n in needed):
            raise self._away("the document is not this issuer's")
        return document

    def _json(self, session: OAuth2Session, url: str) -> dict[str, Any]:
        try:
            answer = session.get(url, withhold_token=True, allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (OSError, ValueError) as error:
            raise self._away(error) from None
        if not isinstance(found, dict):
            raise self._away("no JSON object")
        return found

    def _session(self, callback: str) -> OAuth2Session:
        settings = self._settings
        if settings.oidc_issuer is None:
            raise NoProvider
        secret = client_secret(settings)
        return OAuth2Session(
            settings.oidc_client_id,
            secret,
            # A client without a secret is a public one, which PKCE alone protects.
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=settings.oidc_scope,
            redirect_uri=callback,
            code_challenge_method="S256",
            default_timeout=PATIENCE,
        )

    @staticmethod
    def _away(error: object) -> ProviderAway:
        logger.warning("oidc_provider_away", error=str(error)[:200])
        return ProviderAway()

    async def _rows(self, statement: sa.Executable) -> list[Any]:
        return await asyncio.to_thread(self._store.rows, statement)


def client_secret(settings: Settings) -> str | None:
    """Return what this service proves itself by at the provider, from the environment or a file."""
    if settings.oidc_client_secret is not None:
        return settings.oidc_client_secret.get_secret_value()
    path = settings.oidc_client_secret_file
    return None if path is None else path.read_text(encoding="utf-8").strip()
