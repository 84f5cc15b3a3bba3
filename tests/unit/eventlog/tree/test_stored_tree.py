"""Roots and proofs from stored tiles are those of RFC 9162, for every size and however the tree grew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.eventlog.tree.growth import Growth, counts
from dispatch.eventlog.tree.hashes import ALGORITHMS
from dispatch.eventlog.tree.proofs import consistent, includes
from dispatch.eventlog.tree.stored_tree import SizeNotInTree, TreeBroken
from tests.unit.eventlog.tree import plain_tree
from tests.unit.eventlog.tree.memory_tree import MemoryTree, leaf_number

MOST = 200
sizes = st.integers(1, MOST)


@pytest.fixture(scope="module")
def tree() -> MemoryTree:
    return MemoryTree([1] * 40 + [3, 13, 16, 17, 60, 100])


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
    for size in range(1, MOST + 1, 7):
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


@given(steps=st.lists(st.integers(1, 90), max_size=8))
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


def test_an_edge_of_another_size_is_refused() -> None:
    assert sum(counts(0x123)) == 6
    assert Growth.from_edge(0x123, bytes(6 * 32), bytes(6 * 32)) is not None
    assert Growth.from_edge(0x123, bytes(5 * 32), bytes(6 * 32)) is None


def test_what_is_not_in_the_tree_is_refused(tree: MemoryTree) -> None:
    for ask in (
        lambda: tree.inclusion(0, 10),
        lambda: tree.inclusion(11, 10),
        lambda: tree.inclusion(1, 250),
        lambda: tree.inclusion(1, 0),
        lambda: tree.consistency(11, 10),
        lambda: tree.consistency(1, 250),
        lambda: tree.consistency(-1, 10),
        lambda: tree.roots(250),
    ):
        with pytest.raises(SizeNotInTree):
            ask()


def test_a_tree_with_a_hole_is_broken() -> None:
    tree = MemoryTree([1] * 40)
    tree.connection.execute("DELETE FROM tree WHERE level = 0 AND first = 3")
    with pytest.raises(TreeBroken, match="gap"):
        tree.inclusion(4, 40)
    tree.connection.execute("DELETE FROM tree WHERE level = 1")
    with pytest.raises(TreeBroken, match="lacks"):
        tree.inclusion(40, 40)
    with pytest.raises(TreeBroken, match="edge"):
        tree.growth(40)
