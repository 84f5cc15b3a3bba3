"""The proofs of the read side, in short: each holds, and each fails when the engine is broken on purpose."""

from types import ModuleType

import pytest

from tests.faults.proofs import live_rebuilt, poison_event

PROOFS = pytest.mark.parametrize("proof", [live_rebuilt, poison_event], ids=lambda proof: proof.NAME)


@PROOFS
def test_the_proof_holds(proof: ModuleType) -> None:
    result = proof.run(full=False, red=False)
    assert result.ok, (result.figure, result.details)


@PROOFS
def test_the_proof_notices_the_break(proof: ModuleType) -> None:
    result = proof.run(full=False, red=True)
    assert not result.ok, result.figure
