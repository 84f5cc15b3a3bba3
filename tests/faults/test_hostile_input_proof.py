"""The proof of hostile input, in short: it holds, and a service that takes anything for text fails it."""

from tests.faults.proofs import hostile_input


def test_no_input_makes_the_service_fail_or_hang() -> None:
    result = hostile_input.run(full=False, red=False)
    assert result.ok, (result.figure, result.details)


def test_a_service_that_takes_anything_for_text_is_noticed() -> None:
    result = hostile_input.run(full=False, red=True)
    assert not result.ok, result.figure
