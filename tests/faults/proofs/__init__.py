"""What must be proved: one module for each proof, each with a red twin that must fail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProofResult:
    """What a proof found: whether the promise held, the figure to publish, and what else helps.

    A proof's module has `run(*, full: bool, red: bool) -> ProofResult`: the short or the full
    version, of the service as it is or with one deliberate break.
    """

    name: str
    ok: bool
    figure: str
    details: object = ""
