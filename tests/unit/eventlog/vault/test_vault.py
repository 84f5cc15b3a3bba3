"""Sealing a text: it opens with its subject's key at its place, and in no other way."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.eventlog.vault.ciphers import Suite, Unopenable
from dispatch.eventlog.vault.vault import (
    SEALED,
    KeyEncryptionKeyMalformed,
    SubjectKey,
    Vault,
    WrappedKey,
    new_root,
)

CASE, OTHER = "case:1", "case:2"
PLACE = "case.reported/1/reporter.name"
suites = pytest.mark.parametrize("suite", list(Suite))


def key(suite: Suite, subject: str = CASE) -> SubjectKey:
    return Vault(new_root(), suite).new_key(subject)


@suites
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_again(suite: Suite, text: str) -> None:
    one = key(suite)
    sealed = one.seal(PLACE, text)
    assert one.open(PLACE, sealed) == text
    assert sealed.startswith(f"{SEALED}{suite}:{PLACE}:")
    assert one.seal(PLACE, text) != sealed


@suites
def test_it_opens_with_no_other_key_no_other_subject_and_at_no_other_place(suite: Suite) -> None:
    one = key(suite)
    sealed = one.seal(PLACE, "张三")
    for other in (key(suite), one._replace(subject=OTHER)):
        with pytest.raises(Unopenable):
            other.open(PLACE, sealed)
    for place in ("case.reported/2/reporter.name", "case.reported/1/reporter.note"):
        # Neither as it was sealed, nor saying that it was sealed for where it stands now.
        for moved in (sealed, sealed.replace(PLACE, place)):
            with pytest.raises(Unopenable):
                one.open(place, moved)
        # Nor where it was sealed for, saying otherwise.
        with pytest.raises(Unopenable):
            one.open(PLACE, sealed.replace(PLACE, place))


def test_a_text_says_which_cipher_it_was_sealed_with_and_opens_by_no_other() -> None:
    for suite, other in ((Suite.AES_256_GCM, Suite.SM4_GCM), (Suite.SM4_GCM, Suite.AES_256_GCM)):
        one = key(suite)
        with pytest.raises(Unopenable):
            one.open(PLACE, one.seal(PLACE, "张三").replace(f":{suite}:", f":{other}:"))
        with pytest.raises(Unopenable):
            other.open(one.secret, bytes(64), b"")


@suites
def test_a_changed_bit_is_noticed_wherever_it_is(suite: Suite) -> None:
    one = key(suite)
    sealed = one.seal(PLACE, "张三")
    head, _, encoded = sealed.rpartition(":")
    octets = bytearray(base64.b64decode(encoded))
    for number in range(len(octets)):
        octets[number] ^= 1
        with pytest.raises(Unopenable):
            one.open(PLACE, f"{head}:{base64.b64encode(octets).decode()}")
        octets[number] ^= 1
    assert one.open(PLACE, f"{head}:{base64.b64encode(octets).decode()}") == "张三"


def test_what_only_looks_sealed_is_no_text_and_what_never_was_is_itself() -> None:
    one = key(Suite.AES_256_GCM)
    for text in ("sealed:", "sealed:a:b", "sealed:rot13:x/1/y:AAAA", f"sealed:aes-256-gcm:{PLACE}:!!!"):
        with pytest.raises(Unopenable):
            one.open(PLACE, text)
    assert one.open(PLACE, "一位居民") == "一位居民"
    assert one.open(PLACE, one.seal(PLACE, "sealed:in itself")) == "sealed:in itself"


@suites
def test_a_kept_key_unwraps_under_the_same_key_encryption_key_only(suite: Suite) -> None:
    root = new_root()
    vault = Vault(root, suite)
    one = vault.new_key(CASE)
    kept = vault.wrap(one)
    assert kept.subject == CASE
    assert one.secret not in kept.wrapped
    # Which suite new keys get doesn't matter for those that there are.
    assert [Vault(root, other).unwrap(kept) for other in Suite] == [one, one]
    changed = (kept._replace(subject=OTHER), kept._replace(suite="rot13"), kept._replace(wrapped=b""))
    for wrong in changed:
        with pytest.raises(Unopenable):
            vault.unwrap(wrong)
    with pytest.raises(Unopenable):
        Vault(new_root(), suite).unwrap(kept)


def test_a_telephone_is_known_again_however_it_is_written() -> None:
    vault = Vault(new_root())
    digest = vault.telephones("13800001234")
    assert len(digest) == 1
    for written in (
        *("138 0000 1234", "138-0000-1234", "+86 13800001234", "0086 138 0000 1234", "8613800001234"),
        *("１３８００００１２３４", "138.0000.1234", "电话13800001234", "13800001234转2"),
    ):
        assert vault.telephones(written) == digest, written
    other = vault.telephones("02379221234")
    assert vault.telephones("023-79221234") == other
    for both in ("13800001234、023-79221234", "138 0000 1234 / 02379221234", "13800001234 02379221234"):
        assert vault.telephones(both) == digest | other, both
    assert vault.telephones("13800001235") != digest
    assert Vault(new_root()).telephones("13800001234") != digest
    assert vault.telephones("无") == set()


def test_a_fingerprint_tells_nothing_to_who_lacks_the_key() -> None:
    vault = Vault(new_root())
    assert vault.fingerprint(b"request") == vault.fingerprint(b"request")
    assert vault.fingerprint(b"request") != vault.fingerprint(b"another")
    assert vault.fingerprint(b"request") != Vault(new_root()).fingerprint(b"request")


@suites
def test_a_secret_of_the_service_is_its_owners(suite: Suite) -> None:
    root = new_root()
    sealed = Vault(root, suite).seal_secret("factor:1", "JBSWY3DP")
    assert "JBSWY3DP" not in sealed
    assert [Vault(root, other).open_secret("factor:1", sealed) for other in Suite] == ["JBSWY3DP"] * 2
    with pytest.raises(Unopenable):
        Vault(root, suite).open_secret("factor:2", sealed)
    with pytest.raises(Unopenable):
        Vault(new_root(), suite).open_secret("factor:1", sealed)


@pytest.mark.parametrize("wrong", ["", "no key", base64.b64encode(bytes(16)).decode(), "é"])
def test_a_key_encryption_key_is_32_bytes(wrong: str) -> None:
    with pytest.raises(KeyEncryptionKeyMalformed):
        Vault(wrong)


def test_a_kept_key_is_what_the_database_has_columns_for() -> None:
    assert WrappedKey._fields == ("subject", "suite", "wrapped_by", "wrapped")


KNOWN = base64.b64encode(bytes(range(32))).decode()
KEPT = {
    Suite.AES_256_GCM: (
        "qcimq8URyKIpxaDMuZ1L+BPILzRlJZbhytgsZtOtgPDU9f7pTcXEGkq/TczDlbRMwamriuk3fLMiCUlP",
        "Yg+Y2RGABb2xMQYxYjGgie13uuALcRZmDgkXQnWcvt0=",
        "4e0LtO5WgfHqkGrq3cbbQ1LH16ZXqg0Owq0Zxzewa/tHpg==",
    ),
    Suite.SM4_GCM: (
        "MVapr6Mq0m9obgJ1oJ8L6SGYvYiRWRiD3shjwA5+8WtEh8kCxduONrIMyNI=",
        "oT3L3x2VsjesnGhyYhynaNwHJqietifwt3V2fXfwYVc=",
        "BM+dnfvoJPkmPHdF7tM+yxKnLRMAdt09NirUm6g9Oq24oQ==",
    ),
}
"""What was kept once: a key wrapped, a secret of the service and a text sealed."""


@suites
def test_what_was_kept_once_opens_for_ever(suite: Suite) -> None:
    wrapped, secret, text = KEPT[suite]
    vault = Vault(KNOWN)
    known = vault.unwrap(WrappedKey(CASE, suite, vault.id, base64.b64decode(wrapped)))
    assert known.secret == bytes(range(suite.key_length))
    assert known.open(PLACE, f"{SEALED}{suite}:{PLACE}:{text}") == "张三"
    assert vault.open_secret("owner", f"{SEALED}{suite}:service:{secret}") == "text"


def test_what_is_known_again_by_a_digest_is_known_for_ever() -> None:
    vault = Vault(KNOWN)
    assert vault.id.hex() == "cdeaa476a9e66adf"
    assert vault.fingerprint(b"request").hex() == "1d12704642df7f7b0e6a4c546de6c1f0"
    assert {one.hex() for one in vault.telephones("13800001234")} == {"855e9f0ca98e21534140a8111ad9538c"}
    assert vault.binding("owner", "text") == (
        "a65e342a9120871779ef39d038f312abc0ba5800ff0e046fff1fd2d90cada85f"
    )
