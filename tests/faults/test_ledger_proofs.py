"""The proofs with a client's own ledger, in short: each holds, and fails when the service is broken."""

from types import ModuleType

import pytest

from tests.faults.proofs import database_killed, disk_full, worker_killed

SMALL_DISK = pytest.mark.skipif(not disk_full.possible(), reason="a small disk of one's own takes root")
PROOFS = pytest.mark.parametrize(
    "proof",
    [worker_killed, database_killed, pytest.param(disk_full, marks=SMALL_DISK)],
    ids=lambda proof: proof.NAME,
)
ATTEMPTS = 3


@PROOFS
def test_the_proof_holds(proof: ModuleType) -> None:
    result = proof.run(full=False, red=False)
    assert result.ok, (result.figure, result.details)


@PROOFS
def test_the_proof_notices_the_break(proof: ModuleType) -> None:
    # A kill may find nothing to destroy: a break that leaves its traces by chance has a few runs for it.
    missed = []
    for _ in range(ATTEMPTS):
        result = proof.run(full=False, red=True)
        if not result.ok:
            return
        missed.append(result.figure)
    pytest.fail(f"the break was never noticed: {missed}")
