"""The proofs of the timers, in short: each holds, and each fails when the timers are broken on purpose."""

from types import ModuleType

import pytest

from tests.faults.proofs import answer_against_escalation, racing_schedulers

PROOFS = pytest.mark.parametrize(
    "proof", [racing_schedulers, answer_against_escalation], ids=lambda proof: proof.NAME
)


@PROOFS
def test_the_proof_holds(proof: ModuleType) -> None:
    result = proof.run(full=False, red=False)
    assert result.ok, (result.figure, result.details)


@PROOFS
def test_the_proof_notices_the_break(proof: ModuleType) -> None:
    result = proof.run(full=False, red=True)
    assert not result.ok, result.figure
