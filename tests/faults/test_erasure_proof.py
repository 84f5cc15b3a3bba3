"""The proof of erasure, in short: it holds, and services that don't seal or don't destroy fail it."""

from tests.faults.proofs import erasure


def test_after_an_erasure_no_plaintext_is_anywhere() -> None:
    result = erasure.run(full=False, red=False)
    assert result.ok, (result.figure, result.details)


def test_what_is_not_sealed_or_not_destroyed_is_found() -> None:
    result = erasure.run(full=False, red=True)
    assert not result.ok, (result.figure, result.details)
