"""The proof of repeated delivery, in short: it holds, and it fails when the keys are lost on the way."""

from tests.faults.proofs import repeated_delivery


def test_one_request_delivered_often_has_one_effect_and_one_answer() -> None:
    result = repeated_delivery.run(full=False, red=False)
    assert result.ok, (result.figure, result.details)


def test_the_proof_notices_that_keys_are_lost_on_the_way() -> None:
    result = repeated_delivery.run(full=False, red=True)
    assert not result.ok, result.figure
