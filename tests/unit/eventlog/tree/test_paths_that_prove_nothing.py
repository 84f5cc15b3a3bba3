"""A path proves what its size and place ask for, to the last hash: one too few or too many is no proof."""

import pytest

from dispatch.eventlog.tree.hashes import SHA256, SM3, Algorithm
from dispatch.eventlog.tree.proofs import consistent, includes


@pytest.fixture(params=[SHA256, SM3], ids=lambda algorithm: algorithm.name)
def algorithm(request: pytest.FixtureRequest) -> Algorithm:
    found: Algorithm = request.param
    return found


@pytest.fixture
def leaves(algorithm: Algorithm) -> list[bytes]:
    """The hashes of four leaves."""
    return [algorithm.leaf(bytes([number])) for number in range(4)]


def test_a_leaf_is_in_a_tree_of_its_own_size_and_at_its_own_place(
    algorithm: Algorithm, leaves: list[bytes]
) -> None:
    one, other, third, _ = leaves
    pair = algorithm.node(one, other)
    three = algorithm.node(pair, third)

    def proved(leaf: bytes, path: list[bytes], index: int, size: int, root: bytes) -> bool:
        return includes(algorithm, leaf, path, index=index, size=size, root=root)

    assert proved(one, [], 0, 1, one)
    assert proved(other, [one], 1, 2, pair)
    assert proved(third, [pair], 2, 3, three)
    # Too few for the size.
    assert not proved(one, [], 0, 2, one)
    assert not proved(one, [other], 0, 3, pair)
    # Too many: the root is that of a larger tree, or of a tree above it.
    assert not proved(other, [one], 0, 1, pair)
    assert not proved(third, [pair, one], 2, 3, algorithm.node(one, three))
    # Nowhere in the tree.
    assert not proved(one, [], 1, 1, one)
    assert not proved(one, [], -1, 1, one)
    assert not proved(one, [], 0, 0, one)


def test_a_tree_goes_on_from_one_of_its_own_size(algorithm: Algorithm, leaves: list[bytes]) -> None:
    one, other, third, fourth = leaves
    pair, second = algorithm.node(one, other), algorithm.node(third, fourth)
    three, four = algorithm.node(pair, third), algorithm.node(pair, second)

    def proved(path: list[bytes], old: int, size: int, old_root: bytes, root: bytes) -> bool:
        return consistent(algorithm, path, old=old, size=size, old_root=old_root, root=root)

    assert proved([other], 1, 2, one, pair)
    assert proved([third, fourth, pair], 3, 4, three, four)
    # Too few for the size, or none at all.
    assert not proved([other], 1, 3, one, pair)
    assert not proved([other], 1, 4, one, pair)
    assert not proved([], 3, 4, three, four)
    assert not proved([], 2, 4, pair, four)
    # Too many: the roots are those of trees above.
    above = [algorithm.node(one, root) for root in (three, four)]
    assert not proved([third, fourth, pair, one], 3, 4, *above)
    # A tree that is no smaller has nothing to prove, and nothing smaller goes on from a larger one.
    assert proved([], 4, 4, four, four)
    assert not proved([one], 4, 4, four, four)
    assert not proved([], 4, 4, three, four)
    for old in (3, -1):
        assert not proved([one], old, 1, one, one)
    # What begins with nothing begins with nothing's root.
    assert proved([], 0, 4, algorithm.empty, four)
    assert not proved([one], 0, 4, algorithm.empty, four)
    assert not proved([], 0, 4, one, four)
    assert not proved([], 0, 4, four, four)
