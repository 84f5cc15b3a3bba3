"""Known answers: published hashes, trees and leaf bytes, so that no two mistakes agree."""

import hashlib

import pytest

from dispatch.eventlog.log import Stored
from dispatch.eventlog.tree.growth import Growth
from dispatch.eventlog.tree.hashes import SHA256, SM3, Algorithm, sm3_of_cryptography
from dispatch.eventlog.tree.leaf import leaf

# The leaves and roots of the reference test of Certificate Transparency (RFC 6962 and 9162 hash alike).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    growth = Growth()
    growth.extend(LEAVES[:size])
    assert growth.roots().sha256.hex() == ROOTS[size]


def test_sm3_is_that_of_the_standard() -> None:
    # GB/T 32905-2016, appendix A: the messages "abc" and 16 times "abcd".
    assert hashlib.new("sm3", b"abc").hexdigest() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert hashlib.new("sm3", b"abcd" * 16).hexdigest() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


@pytest.mark.parametrize("content", [b"", b"abc", bytes(1_000)])
def test_sm3_is_the_same_from_either_library(content: bytes) -> None:
    other = sm3_of_cryptography()
    assert (SM3.leaf(content), SM3.empty) == (other.leaf(content), other.empty)
    assert SM3.node(bytes(32), SM3.empty) == other.node(bytes(32), other.empty)


@pytest.mark.parametrize("algorithm", [SHA256, SM3], ids=lambda algorithm: algorithm.name)
def test_leaves_and_nodes_have_the_prefixes_of_the_rfc(algorithm: Algorithm) -> None:
    def plain(content: bytes) -> bytes:
        return hashlib.new(algorithm.name, content).digest()

    assert algorithm.leaf(b"x") == plain(b"\x00x")
    assert algorithm.node(b"l" * 32, b"r" * 32) == plain(b"\x01" + b"l" * 32 + b"r" * 32)
    assert algorithm.empty == plain(b"")


def test_a_leaf_is_these_bytes_for_ever() -> None:
    assert leaf(Stored(7, "task:é", 2, "task.closed", -1, 1_700_000_000_000_000, b"{}")).hex() == (
        "0000000000000007" "0000000000000002" "ffffffffffffffff" "00060a24181e4000" "00000007" "0000000b"
        "7461736b3ac3a9" "7461736b2e636c6f736564" "7b7d"
    )  # fmt: skip


def test_no_two_events_have_the_same_leaf() -> None:
    same = {
        leaf(Stored(1, "ab", 1, "c", 0, 0, b"d")),
        leaf(Stored(1, "a", 1, "bc", 0, 0, b"d")),
        leaf(Stored(1, "ab", 1, "cd", 0, 0, b"")),
        leaf(Stored(1, "abcd", 1, "", 0, 0, b"")),
    }
    assert len(same) == 4
