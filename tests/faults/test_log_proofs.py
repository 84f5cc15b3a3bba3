"""The proofs of the log, in short: each holds, and each fails when the log is broken on purpose."""

from types import ModuleType

import pytest

from tests.faults.proofs import late_commit, start_together


@pytest.mark.parametrize("proof", [late_commit, start_together], ids=lambda proof: proof.NAME)
def test_the_proof_holds(proof: ModuleType) -> None:
    result = proof.run(full=False, red=False)
    assert result.ok, (result.figure, result.details)


@pytest.mark.parametrize("proof", [late_commit, start_together], ids=lambda proof: proof.NAME)
def test_the_proof_notices_the_break(proof: ModuleType) -> None:
    result = proof.run(full=False, red=True)
    assert not result.ok, result.figure
