"""Roots and proofs from stored tiles are those of RFC 9162, for every size and however the tree grew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.eventlog.tree.growth import Growth
from dispatch.eventlog.tree.hashes import ALGORITHMS, SIZE
from dispatch.eventlog.tree.proofs import consistent, includes
from dispatch.eventlog.tree.stored_tree import SizeNotInTree, TreeBroken
from tests.unit.eventlog.tree import plain_tree
from tests.unit.eventlog.tree.memory_tree import MemoryTree, leaf_number

MOST = 600
"""More than two tiles."""
sizes = st.integers(1, MOST)


@pytest.fixture(scope="module")
def tree() -> MemoryTree:
    return MemoryTree([1] * 40 + [3, 13, 16, 17, 60, 100] + [1] * 20 + [300, 31])


@pytest.fixture(scope="module")
def roots() -> list[list[bytes]]:
    leaves = [leaf_number(n) for n in range(MOST)]
    return [[plain_tree.root(a, leaves[:size]) for a in ALGORITHMS] for size in range(MOST + 1)]


def test_every_earlier_root_can_be_had(tree: MemoryTree, roots: list[list[bytes]]) -> None:
    assert [list(tree.roots(size)[1:]) for size in range(MOST + 1)] == roots


@given(data=st.data(), size=sizes)
def test_inclusion_proofs_are_those_of_the_rfc_and_verify(
    tree: MemoryTree, roots: list[list[bytes]], data: st.DataObject, size: int
) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = [leaf_number(n) for n in range(size)]
    proof = tree.inclusion(index + 1, size)
    for algorithm, path, root in zip(ALGORITHMS, proof, roots[size], strict=True):
        assert path == plain_tree.path(algorithm, index, leaves)
        leaf_hash = algorithm.leaf(leaves[index])
        assert includes(algorithm, leaf_hash, path, index=index, size=size, root=root)
        assert not includes(algorithm, algorithm.leaf(b"other"), path, index=index, size=size, root=root)
        assert not includes(algorithm, leaf_hash, path, index=index, size=size, root=roots[size - 1][0])
        assert not includes(algorithm, leaf_hash, [*path, root], index=index, size=size, root=root)
        assert not includes(algorithm, leaf_hash, path, index=size, size=size, root=root)


@given(data=st.data(), size=sizes)
def test_consistency_proofs_are_those_of_the_rfc_and_verify(
    tree: MemoryTree, roots: list[list[bytes]], data: st.DataObject, size: int
) -> None:
    old = data.draw(st.integers(1, size))
    leaves = [leaf_number(n) for n in range(size)]
    proof = tree.consistency(old, size)
    for kind, (algorithm, path) in enumerate(zip(ALGORITHMS, proof, strict=True)):
        assert path == plain_tree.subproof(algorithm, old, leaves, whole=True)
        assert consistent(
            algorithm, path, old=old, size=size, old_root=roots[old][kind], root=roots[size][kind]
        )
        assert not consistent(
            algorithm, path, old=old, size=size, old_root=roots[old - 1][kind], root=roots[size][kind]
        )
        assert not consistent(
            algorithm, path, old=old, size=size, old_root=roots[old][kind], root=roots[size - 1][kind]
        )


def test_every_pair_of_sizes_is_consistent_and_every_position_included(
    tree: MemoryTree, roots: list[list[bytes]]
) -> None:
    sha = ALGORITHMS[0]
    for size in range(1, MOST + 1, 61):
        for place in range(1, size + 1):
            inclusion = tree.inclusion(place, size).sha256
            assert includes(
                sha,
                sha.leaf(leaf_number(place - 1)),
                inclusion,
                index=place - 1,
                size=size,
                root=roots[size][0],
            )
            path = tree.consistency(place, size).sha256
            assert consistent(sha, path, old=place, size=size, old_root=roots[place][0], root=roots[size][0])


@given(steps=st.lists(st.integers(1, 300), max_size=8))
def test_however_a_tree_grows_it_is_the_same(steps: list[int]) -> None:
    grown, at_once = MemoryTree(steps), MemoryTree([sum(steps)])
    assert grown.grown.roots() == at_once.grown.roots() == grown.roots(sum(steps))
    assert grown.size() == sum(steps)


@given(size=st.integers(0, 5_000))
def test_a_tree_goes_on_from_its_stored_edge(size: int) -> None:
    tree = MemoryTree([size, 40])
    resumed = tree.growth(size)
    resumed.extend([leaf_number(n) for n in range(size, size + 40)])
    assert resumed.roots() == tree.grown.roots()


def test_a_copy_grows_apart() -> None:
    growth = Growth()
    growth.extend([b"a"])
    before = growth.roots()
    growth.copy().extend([b"b"] * 20)
    assert growth.roots() == before


@given(data=st.data(), size=st.integers(0, 2_000))
def test_a_tree_catches_up_with_what_another_has_added(data: st.DataObject, size: int) -> None:
    old = data.draw(st.integers(0, size))
    tree = MemoryTree([old, size - old])
    behind = tree.growth(old)
    kinds: list[list[bytes]] = [[], []]
    for level, begin, end in behind.lacks(size):
        for row in tree.rows(level, begin, end):
            kinds[0].append(row.sha256)
            kinds[1].append(row.sm3)
    caught_up = behind.caught_up(size, *map(b"".join, kinds))
    assert caught_up is not None
    caught_up.extend([leaf_number(n) for n in range(size, size + 300)])
    assert caught_up.roots() == MemoryTree([size + 300]).grown.roots()
    assert behind.roots() == tree.roots(old)


def test_nodes_that_are_not_those_that_it_lacks_are_refused() -> None:
    growth = Growth()
    assert growth.caught_up(0x1203, bytes(0x15 * SIZE), bytes(0x15 * SIZE)) is not None
    assert growth.caught_up(0x1203, bytes(0x14 * SIZE), bytes(0x15 * SIZE)) is None
    assert growth.caught_up(0x1203, bytes(0x15 * SIZE), bytes(0x16 * SIZE)) is None
    growth.extend([b"a"])
    assert growth.caught_up(0, b"", b"") is None


def test_a_tree_of_three_levels_is_that_of_the_rfc() -> None:
    steps = [256] * 255 + [250, 1, 1, 1, 1, 1, 1, 300]
    tree, size = MemoryTree(steps), sum(steps)
    assert tree.growth(size).roots() == tree.grown.roots()
    for at in (65_535, 65_536, 65_537, size):
        leaves = [leaf_number(n) for n in range(at)]
        assert tree.roots(at)[1:] == tuple(plain_tree.root(algorithm, leaves) for algorithm in ALGORITHMS)
    for algorithm, path in zip(ALGORITHMS, tree.inclusion(40_000, size), strict=True):
        assert path == plain_tree.path(algorithm, 39_999, [leaf_number(n) for n in range(size)])


def test_what_is_not_in_the_tree_is_refused(tree: MemoryTree) -> None:
    for ask in (
        lambda: tree.inclusion(0, 10),
        lambda: tree.inclusion(11, 10),
        lambda: tree.inclusion(1, 650),
        lambda: tree.inclusion(1, 0),
        lambda: tree.consistency(11, 10),
        lambda: tree.consistency(1, 650),
        lambda: tree.consistency(-1, 10),
        lambda: tree.roots(650),
    ):
        with pytest.raises(SizeNotInTree):
            ask()


def test_a_tree_with_a_hole_is_broken() -> None:
    tree = MemoryTree([1] * 300)
    tree.connection.execute("DELETE FROM nodes WHERE level = 0 AND first = 3")
    with pytest.raises(TreeBroken, match="gap"):
        tree.inclusion(4, 300)
    tree.connection.execute("DELETE FROM nodes WHERE level = 1")
    with pytest.raises(TreeBroken, match="lacks"):
        tree.inclusion(40, 300)
    tree.connection.execute("DELETE FROM nodes WHERE level = 2")
    with pytest.raises(TreeBroken, match="edge"):
        tree.growth(300)
