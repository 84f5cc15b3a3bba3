"""The proof of rights, in short: it holds, and a service without scopes fails it."""

from tests.faults.proofs import rights


def test_every_cell_is_allowed_or_refused_as_declared() -> None:
    result = rights.run(full=False, red=False)
    assert result.ok, (result.figure, result.details)


def test_a_service_that_knows_no_scopes_is_noticed() -> None:
    result = rights.run(full=False, red=True)
    assert not result.ok, result.figure
