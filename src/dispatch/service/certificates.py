"""What HTTPS is served with: the certificate of the settings, or one of our own making in development."""

import ipaddress
import os
import ssl
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import trustme
from cryptography import x509

from dispatch.domain.refusal import NotNow
from dispatch.service.settings import Environment, Settings
from dispatch.service.signing import beside

LIFE: Final = timedelta(days=365)
RENEWED: Final = timedelta(days=14)
"""How long before its end a certificate of our own making is made anew."""
OWNER_ONLY: Final = 0o600
LOCAL: Final = ("localhost", "127.0.0.1", "::1")


class CertificateMissing(NotNow):
    """In production HTTPS needs DISPATCH_CERTIFICATE_FILE and DISPATCH_CERTIFICATE_KEY_FILE."""


class CertificateUnusable(NotNow):
    """HTTPS can't be served with DISPATCH_CERTIFICATE_FILE and DISPATCH_CERTIFICATE_KEY_FILE as they are."""


class Certificate(NamedTuple):
    """Files in PEM; `authority` is what a browser or a phone has to trust if it is of our own making."""

    chain: Path
    key: Path
    authority: Path | None = None


def certificate_for(settings: Settings, *, now: datetime) -> Certificate | None:
    """Return what to serve HTTPS with, making it in development if it isn't there; None for plain HTTP.

    Raises `CertificateMissing` in production, and `CertificateUnusable`.
    """
    chain, key = settings.certificate_file, settings.certificate_key_file
    if chain is not None and key is not None:
        for path in (chain, key):
            try:
                path.read_bytes()
            except OSError as error:
                raise CertificateUnusable(file=str(path), error=error.strerror or str(error)) from None
        try:
            # A key under a password would have it asked for at the terminal, again at each start.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, password="")
        except (OSError, ValueError) as error:
            said = getattr(error, "reason", None) or "no certificate and key in PEM without a password"
            raise CertificateUnusable(file=str(chain), key_file=str(key), error=said) from None
        return Certificate(chain, key)
    if not settings.https:
        return None
    if settings.environment is Environment.PRODUCTION:
        raise CertificateMissing
    return _own(beside(settings, ".https"), settings.host, now)


def _own(directory: Path, host: str, now: datetime) -> Certificate:
    """Return the certificate in a directory, making a new one if it ends soon or is for another host."""
    names = tuple(dict.fromkeys((*LOCAL, host)))
    made = Certificate(directory / "server.pem", directory / "server-key.pem", directory / "authority.pem")
    if not _serves(made, names, now):
        directory.mkdir(parents=True, exist_ok=True)
        _make(made, names, now)
    return made


def _serves(made: Certificate, names: tuple[str, ...], now: datetime) -> bool:
    with suppress(OSError, ValueError, x509.ExtensionNotFound):
        certificate = x509.load_pem_x509_certificate(made.chain.read_bytes())
        covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return (
            made.key.exists()
            and {_name(name) for name in names} <= set(covered)
            and now < certificate.not_valid_after_utc - RENEWED
        )
    return False


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _make(made: Certificate, names: tuple[str, ...], now: datetime) -> None:
    """Write a certificate and the authority that signed it, whose key is kept nowhere."""
    authority = trustme.CA(organization_name="dispatch, development only")
    server = authority.issue_cert(*names, not_before=now - timedelta(hours=1), not_after=now + LIFE)
    assert made.authority is not None
    authority.cert_pem.write_to_path(made.authority)
    made.key.unlink(missing_ok=True)
    descriptor = os.open(made.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(server.private_key_pem.bytes())
    made.chain.write_bytes(b"".join(part.bytes() for part in server.cert_chain_pems))
