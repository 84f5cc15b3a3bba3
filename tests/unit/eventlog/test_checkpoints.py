"""Checkpoints as text, their signatures, and that nothing is signed that doesn't go on from the last."""

from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from dispatch.eventlog.checkpoints.directory import all_in, deliver, last_in
from dispatch.eventlog.checkpoints.former import FormerKey, PublicKeys, WithFormerKeys, key_of
from dispatch.eventlog.checkpoints.issuing import LogRewritten, issue
from dispatch.eventlog.checkpoints.note import LARGEST, NoteMalformed, Signature, parse, signed
from dispatch.eventlog.checkpoints.signer import (
    ED25519,
    Ed25519Signer,
    KeyMalformed,
    is_signed,
    key_id,
    new_pem,
    public_key,
)
from tests.unit.eventlog.other_signer import make
from tests.unit.eventlog.tree.memory_tree import MemoryTree

ORIGIN = "town.example/log"
SIGNER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))


def test_a_checkpoint_is_this_text_for_ever() -> None:
    assert issue(MemoryTree([3]), SIGNER, ORIGIN, []).note == (
        "town.example/log\n"
        "3\n"
        "1Pksj7uJcg6ztVZ3x9fvrd/rENEaGoSguo8aIzN/qpU=\n"
        "sm3 KWWmEStsX1nvnM9lIdBePCcbKkfENoCbGV0YQnHfJbs=\n"
        "\n"
        "— town.example/log UDakbTHCWqaz/j7cW4qlXZTxc+HKj7VxLbYFKOK5T"
        "qi7RpL8ukSG5a4oJ1J6Hv5Z3VrKZvjUoHPLmEvfS3Bdj6ASqAY=\n"
    )


def test_the_key_is_the_text_that_signed_notes_want() -> None:
    name, key_id, encoded = SIGNER.key.split("+", 2)
    assert (name, len(key_id)) == (ORIGIN, 8)
    # The public key that belongs to 32 zero bytes, as every library of Ed25519 computes it.
    public = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
    assert b64decode(encoded).hex() == f"01{public}"


def test_what_was_signed_is_recognised_and_nothing_else() -> None:
    checkpoint = issue(MemoryTree([5]), SIGNER, ORIGIN, [])
    other = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    assert is_signed(checkpoint, SIGNER.key)
    assert not is_signed(checkpoint, other.key)
    forged = parse(checkpoint.note.replace("\n5\n", "\n6\n"))
    assert not is_signed(forged, SIGNER.key)


def test_a_second_signature_of_an_unknown_kind_does_no_harm() -> None:
    checkpoint = issue(MemoryTree([5]), SIGNER, ORIGIN, [])
    sm2 = Signature("sm2.example", b"1234", b"opaque")
    both = parse(signed(checkpoint.body.decode(), [sm2, *checkpoint.signatures]))
    assert is_signed(both, SIGNER.key)


def test_a_signature_is_of_the_key_that_it_names() -> None:
    checkpoint = issue(MemoryTree([5]), SIGNER, ORIGIN, [])
    body, [right] = checkpoint.body.decode(), checkpoint.signatures
    former = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    assert is_signed(parse(signed(body, [former.sign(checkpoint.body), right])), SIGNER.key)
    assert not is_signed(parse(signed(body, [right._replace(name="other.example")])), SIGNER.key)
    for torn in (right.signature[:-1], b""):
        assert not is_signed(parse(signed(body, [right._replace(signature=torn)])), SIGNER.key)


def text_of_a_key(name: str, kind: bytes, public: bytes) -> str:
    return f"{name}+{key_id(name, kind, public).hex()}+{b64encode(kind + public).decode()}"


def test_a_key_whose_id_or_kind_is_anothers_is_none() -> None:
    name, named_id, encoded = SIGNER.key.split("+", 2)
    public = b64decode(encoded)[1:]
    assert text_of_a_key(name, ED25519, public) == SIGNER.key
    assert public_key(SIGNER.key) == (name, bytes.fromhex(named_id), public)
    for wrong in (
        f"{name}+00000000+{encoded}",
        f"other.example+{named_id}+{encoded}",
        f"{name}+{named_id}+!{encoded}",
        text_of_a_key(name, b"\x02", public),
    ):
        with pytest.raises(KeyMalformed):
            public_key(wrong)
    too_short = text_of_a_key(name, ED25519, public[1:])
    by_it = Signature(name, public_key(too_short).key_id, bytes(64))
    body = issue(MemoryTree([5]), SIGNER, ORIGIN, []).body.decode()
    assert not is_signed(parse(signed(body, [by_it])), too_short)


def test_when_it_was_issued_is_said_once_or_not_at_all() -> None:
    note = issue(MemoryTree([5]), SIGNER, ORIGIN, [], at=7).note
    assert parse(note).issued_at == 7
    assert parse(note.replace("at 7\n", "at 7\nat 8\n")).issued_at is None


def test_a_module_with_another_kind_of_key_signs_and_goes_on_from_its_own_checkpoints() -> None:
    module, tree = make(ORIGIN), MemoryTree([5])
    first = issue(tree, module, ORIGIN, [])
    assert module.has_signed(first)
    assert not SIGNER.has_signed(first)
    tree.grow(40)
    assert issue(tree, module, ORIGIN, [first.note]).roots.size == 45
    forged = first.note.replace("\n5\n", "\n6\n")
    for before in (forged, issue(tree, SIGNER, ORIGIN, []).note):
        with pytest.raises(LogRewritten, match="not signed by this key"):
            issue(tree, module, ORIGIN, [before])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "a\n1\nAAAA\n\n— a AAAA\n",
        "origin\n-1\n{root}\nsm3 {root}\n\n— a AAAA\n",
        "origin\n01\n{root}\nsm3 {root}\n\n— a AAAA\n",
        "origin\n1\n{root}\n{root}\n\n— a AAAA\n",
        "origin\n\n— a AAAA\n",
        "\n1\n{root}\nsm3 {root}\n\n— a AAAA\n",
        "origin\n1\nAAAA\nsm3 {root}\n\n— a AAAA\n",
        "origin\n1\n{root}\nsm3 {root}\nsm3 {root}\n\n— a AAAA\n",  # of which no reader knows which is meant
        "origin\n1\n{root}\nsm3 {root}\n\n" + "— a AAAA\n" * (LARGEST // 9 + 1),
        "origin\n1\n{root}\nsm3 ?\n\n— a AAAA\n",
        "origin\n1\n{root}\nsm3 {root}\n\n- a AAAA\n",
        "origin\n1\n{root}\nsm3 {root}\n\n— a AAB=\n",  # whose last two bits are of no byte
        "origin\n1\n{root}\nsm3 {root}\n\n— a AAAA",
        "origin\n1\n{root}\nsm3 {root}\n— a AAAA\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(NoteMalformed):
        parse(note.format(root="A" * 43 + "="))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\x1b[8mb"])
def test_a_name_that_a_note_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(KeyMalformed):
        Ed25519Signer(name, Ed25519PrivateKey.generate())


def test_a_key_comes_from_pem() -> None:
    pem = new_pem()
    assert Ed25519Signer.from_pem(ORIGIN, pem).key == Ed25519Signer.from_pem(ORIGIN, pem).key
    with pytest.raises(KeyMalformed):
        Ed25519Signer.from_pem(ORIGIN, "nothing")
    other = Ed448PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(KeyMalformed, match="not of Ed25519"):
        Ed25519Signer.from_pem(ORIGIN, other.decode())
    with pytest.raises(KeyMalformed):
        is_signed(issue(MemoryTree([1]), SIGNER, ORIGIN, []), "name+00000000+AAAA")


def test_a_log_that_grew_is_signed_again() -> None:
    tree = MemoryTree([5])
    first = issue(tree, SIGNER, ORIGIN, [])
    tree.grow(40)
    second = issue(tree, SIGNER, ORIGIN, [first.note])
    assert second.roots.size == 45
    assert issue(tree, SIGNER, ORIGIN, [first.note, second.note]).note == second.note


def test_a_log_that_was_cut_short_is_not_signed() -> None:
    before = issue(MemoryTree([20]), SIGNER, ORIGIN, [])
    with pytest.raises(LogRewritten, match="knows 20 events, the log has 19"):
        issue(MemoryTree([19]), SIGNER, ORIGIN, [before.note])


def test_a_log_that_was_rewritten_is_not_signed() -> None:
    before = issue(MemoryTree([20]), SIGNER, ORIGIN, [])
    rewritten = MemoryTree()
    rewritten.connection.executemany(
        "INSERT INTO nodes VALUES (?, ?, ?, ?)", rewritten.grown.extend([b"other"] * 30)
    )
    with pytest.raises(LogRewritten, match="does not begin with the 20 events"):
        issue(rewritten, SIGNER, ORIGIN, [before.note])


@pytest.mark.parametrize("kind", ["sha256", "sm3"])
@pytest.mark.parametrize("grown", [0, 40])
def test_a_log_that_goes_on_by_one_hash_function_alone_is_not_signed(kind: str, grown: int) -> None:
    tree = MemoryTree([20])
    before = issue(tree, SIGNER, ORIGIN, [])
    tree.connection.execute(f"UPDATE nodes SET {kind} = zeroblob(length({kind}))")
    tree.grow(grown)
    with pytest.raises(LogRewritten, match="does not begin with the 20 events"):
        issue(tree, SIGNER, ORIGIN, [before.note])


def test_each_checkpoint_before_is_looked_at() -> None:
    tree = MemoryTree([20])
    good, other = issue(tree, SIGNER, ORIGIN, []), issue(tree, SIGNER, "other.example", [])
    for before in ([good.note, other.note], [other.note, good.note]):
        with pytest.raises(LogRewritten, match="another log"):
            issue(tree, SIGNER, ORIGIN, before)


def test_a_checkpoint_of_another_log_or_key_stops_the_signing() -> None:
    tree = MemoryTree([20])
    with pytest.raises(LogRewritten, match="another log"):
        issue(tree, SIGNER, ORIGIN, [issue(tree, SIGNER, "other.example", []).note])
    stranger = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
    with pytest.raises(LogRewritten, match="not signed by this key"):
        issue(tree, SIGNER, ORIGIN, [issue(tree, stranger, ORIGIN, []).note])


def test_a_directory_keeps_them_in_order_and_the_first_of_a_size(tmp_path: Path) -> None:
    directory = tmp_path / "checkpoints"
    assert last_in(directory) is None
    for size in (9, 100, 10):
        deliver(directory, issue(MemoryTree([size]), SIGNER, ORIGIN, []))
    deliver(directory, issue(MemoryTree([50, 50]), SIGNER, ORIGIN, []))
    last = last_in(directory)
    assert last is not None
    assert parse(last).roots.size == 100
    assert [checkpoint.roots.size for checkpoint in all_in(directory).values()] == [9, 10, 100]
    assert len(list(directory.iterdir())) == 3


def test_each_checkpoint_is_of_the_one_key_that_signed_at_its_time() -> None:
    first, second, present = (Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate()) for _ in range(3))
    signer = WithFormerKeys(present, [FormerKey(first.key, 5), FormerKey(second.key, 7)])
    signed_by = {
        size: [one for one in (first, second, present) if signed_rightly(signer, one, size)]
        for size in (4, 5, 6, 7, 8)
    }
    assert signed_by == {4: [first], 5: [first], 6: [second], 7: [second], 8: [present]}
    assert signer.key == f"{present.key}\n{first.key} 5\n{second.key} 7"
    assert [key_of(signer.key, size) for size in (5, 7, 8)] == [first.key, second.key, present.key]


def signed_rightly(all_keys: WithFormerKeys, one: Ed25519Signer, size: int) -> bool:
    return all_keys.has_signed(issue(MemoryTree([size]), one, ORIGIN, []))


def test_public_keys_alone_believe_each_key_in_its_time_too() -> None:
    first, present = (Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate()) for _ in range(2))
    keys = PublicKeys(f"{present.key}\n\n {first.key} 5\n")
    believed = {
        size: [one for one in (first, present) if keys.has_signed(issue(MemoryTree([size]), one, ORIGIN, []))]
        for size in (5, 6)
    }
    assert believed == {5: [first], 6: [present]}
    for wrong in (
        "",
        "garbage",
        f"{present.key}\n{first.key}",
        f"{present.key}\n{first.key} 7\n{first.key} 5",
    ):
        with pytest.raises(KeyMalformed):
            PublicKeys(wrong)


@pytest.mark.parametrize("size", ["", " ", " x", " 05", " -1", " 5 6"])
def test_a_former_key_says_the_last_size_that_it_signed(size: str) -> None:
    with pytest.raises(KeyMalformed):
        FormerKey.of(f"{SIGNER.key}{size}")
    with pytest.raises(KeyMalformed):
        FormerKey.of("garbage 5")
    assert FormerKey.of(f"{SIGNER.key} 5\n") == (SIGNER.key, 5)


@pytest.mark.parametrize("sizes", [(7, 5), (5, 5)])
def test_former_keys_stand_in_order_of_time(sizes: tuple[int, int]) -> None:
    with pytest.raises(KeyMalformed, match="oldest first"):
        WithFormerKeys(SIGNER, [FormerKey(SIGNER.key, size) for size in sizes])
