"""What HTTPS is served with: made in development, kept while it serves, asked for in production."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from pydantic import ValidationError

from dispatch.service.certificates import (
    LIFE,
    RENEWED,
    Certificate,
    CertificateMissing,
    CertificateUnusable,
    certificate_for,
)
from dispatch.service.settings import Environment, Settings

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def settings(directory: Path, **more: object) -> Settings:
    values = {"database": f"sqlite:///{directory / 'dispatch.db'}", "https": True, **more}
    return Settings.model_validate(values)


def made(directory: Path, now: datetime = NOW, **more: object) -> Certificate:
    found = certificate_for(settings(directory, **more), now=now)
    assert found is not None
    return found


def test_without_https_there_is_none(tmp_path: Path) -> None:
    assert certificate_for(settings(tmp_path, https=False), now=NOW) is None
    assert not list(tmp_path.iterdir())


def test_development_makes_one_that_only_its_owner_can_use(tmp_path: Path) -> None:
    found = made(tmp_path, host="town.example")
    assert found.key.stat().st_mode & 0o777 == 0o600
    assert found.authority is not None
    certificate = x509.load_pem_x509_certificate(found.chain.read_bytes())
    authority = x509.load_pem_x509_certificate(found.authority.read_bytes())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "town.example"]
    # The key that could sign another certificate, which a browser would trust, is nowhere.
    assert {path.name for path in found.key.parent.iterdir()} == {
        "server.pem",
        "server-key.pem",
        "authority.pem",
    }


def test_it_is_kept_until_it_ends_soon_or_the_host_is_another(tmp_path: Path) -> None:
    first = made(tmp_path).chain.read_bytes()
    almost = NOW + LIFE - RENEWED - timedelta(seconds=1)
    assert made(tmp_path, almost).chain.read_bytes() == first
    renewed = made(tmp_path, almost + timedelta(seconds=1)).chain.read_bytes()
    assert renewed != first
    other = made(tmp_path, almost, host="192.0.2.7").chain.read_bytes()
    assert other != renewed
    (tmp_path / "dispatch.db.https" / "server-key.pem").unlink()
    assert made(tmp_path, almost, host="192.0.2.7").chain.read_bytes() != other


def test_production_asks_for_one(tmp_path: Path) -> None:
    with pytest.raises(CertificateMissing):
        made(tmp_path, environment=Environment.PRODUCTION)
    own = made(tmp_path)
    given = made(
        tmp_path,
        environment=Environment.PRODUCTION,
        certificate_file=own.chain,
        certificate_key_file=own.key,
        https=False,
    )
    assert given == Certificate(own.chain, own.key)


def test_half_of_one_or_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        settings(tmp_path, certificate_file=tmp_path / "server.pem")
    nowhere = tmp_path / "nowhere.pem"
    with pytest.raises(CertificateUnusable):
        made(tmp_path, certificate_file=nowhere, certificate_key_file=nowhere)
