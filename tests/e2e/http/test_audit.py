"""An auditor takes checkpoints and proofs from the running service and checks them by himself."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from dispatch.eventlog.checkpoints.note import parse
from dispatch.eventlog.tree.hashes import ALGORITHMS
from dispatch.eventlog.tree.proofs import consistent, includes
from tests.e2e.http.conftest import Shared
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town


@pytest.fixture
def checkpointing(tmp_path: Path) -> Iterator[Shared]:
    """A service of this test's own that issues a checkpoint every few events."""
    database = f"sqlite:///{tmp_path / 'dispatch.db'}"
    root = first_administrator(database)
    with Running(database, tmp_path, clock="simulated", checkpoint_events="3") as running:
        yield Shared(running, root)


def roots_of(hashes: dict[str, str]) -> list[bytes]:
    return [b64decode(hashes[algorithm.name]) for algorithm in ALGORITHMS]


def paths_of(hashes: dict[str, list[str]]) -> list[list[bytes]]:
    return [[b64decode(step) for step in hashes[algorithm.name]] for algorithm in ALGORITHMS]


def test_proofs_lead_from_each_event_to_the_root(town: Town) -> None:
    size = town.root.head()
    for position in (1, size // 2, size):
        found = town.read("auditor", f"/audit/proof/inclusion?position={position}&size={size}")
        kinds = zip(
            ALGORITHMS,
            roots_of(found["leaf"]),
            paths_of(found["proof"]),
            roots_of(found["root"]),
            strict=True,
        )
        for algorithm, leaf_hash, path, root in kinds:
            assert includes(algorithm, leaf_hash, path, index=position - 1, size=size, root=root)


def test_a_log_that_grew_is_shown_to_have_only_grown(town: Town) -> None:
    old = town.root.head()
    town.issue()
    new = town.root.head()
    found = town.read("supervisor", f"/audit/proof/consistency?from={old}&to={new}")
    assert (found["from"], found["to"]) == (old, new)
    befores, afters = roots_of(found["from_root"]), roots_of(found["to_root"])
    kinds = zip(ALGORITHMS, paths_of(found["proof"]), befores, afters, strict=True)
    for algorithm, path, before, after in kinds:
        assert consistent(algorithm, path, old=old, size=new, old_root=before, root=after)


@pytest.mark.parametrize(
    "asked", ["inclusion?position=5&size=4", "inclusion?position=1&size=99999999", "consistency?from=9&to=8"]
)
def test_what_is_not_in_the_log_cannot_be_proved(town: Town, asked: str) -> None:
    answer = town.by("auditor").get(f"/api/v1/audit/proof/{asked}")
    assert (answer.status, answer.code) == (422, "size-outside-log")


def test_the_service_issues_checkpoints_by_itself(checkpointing: Shared, tmp_path: Path) -> None:
    town = Town(checkpointing.root).found()
    began = monotonic()
    while (answer := town.by("auditor").get("/api/v1/audit/checkpoint")).status == 404:
        assert monotonic() - began < 60
        sleep(0.5)
    checkpoint = parse(answer.content.decode())
    kept = town.read("auditor", "/audit/checkpoints")
    assert checkpoint.note in [one["note"] for one in kept]
    delivered = [path.read_text() for path in (tmp_path / "dispatch.db.checkpoints").iterdir()]
    assert checkpoint.note in delivered
    size = checkpoint.roots.size
    found = town.read("auditor", f"/audit/proof/inclusion?position=1&size={size}")
    assert roots_of(found["root"]) == list(checkpoint.roots[1:])
