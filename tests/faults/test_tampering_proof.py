"""The proof of tampering, in short: it holds, and a verifier that trusts what is stored fails it."""

from tests.faults.proofs import tampering


def test_every_change_to_the_log_is_found() -> None:
    result = tampering.run(full=False, red=False)
    assert result.ok, (result.figure, result.details)


def test_a_verifier_that_trusts_stored_hashes_misses_changes() -> None:
    result = tampering.run(full=False, red=True)
    assert not result.ok, result.figure
    assert isinstance(result.details, list)
    assert any("content in a withheld line (bundle" in one for one in result.details)
    assert any(one.startswith("a constraint dropped (verify, postgresql") for one in result.details)
