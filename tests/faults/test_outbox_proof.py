"""The proof of the outbox, in short: it holds, and fails when the outbox is broken on purpose."""

from tests.faults.proofs import outbox_killed


def test_the_proof_holds() -> None:
    result = outbox_killed.run(full=False, red=False)
    assert result.ok, (result.figure, result.details)


def test_the_proof_notices_the_break() -> None:
    result = outbox_killed.run(full=False, red=True)
    assert not result.ok, result.figure
