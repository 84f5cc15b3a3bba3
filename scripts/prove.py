"""Runs a proof twice: as the service is (it must hold), and with one deliberate break (it must fail)."""

import argparse
import importlib
import sys
import time
from pathlib import Path
from typing import Protocol

PROJECT = Path(__file__).resolve().parent.parent
PROOFS = PROJECT / "tests" / "faults" / "proofs"

CATALOGUE = {
    "worker-killed": "a worker killed under load loses and doubles nothing",
    "database-killed": "a database killed under load loses and doubles nothing",
    "late-commit": "a reader misses no commit that comes late",
    "repeated-delivery": "one request delivered often has one effect and one answer",
    "live-rebuilt": "what projections hold is what a rebuild gives, row by row",
    "poison-event": "a fold that raises stops its own projection and skips nothing",
    "racing-schedulers": "each timer fires exactly once, whoever races for it",
    "answer-against-escalation": "nothing escalates after its answer",
    "calendars": "deadlines are what somebody counts minute by minute",
    "disk-full": "a full disk loses nothing and recovers by itself",
    "tampering": "every change to the log is found offline, and what is changed beside it",
    "erasure": "after an erasure no plaintext is anywhere",
    "hostile-input": "no input makes the service fail or hang",
    "rights": "every route, role and scope is allowed or refused as declared",
    "outbox-killed": "a sender killed again and again loses no notification",
    "start-together": "processes that start together on an empty database all start",
}


class Result(Protocol):
    """What a proof gives back, see `tests.faults.proofs.ProofResult`."""

    name: str
    ok: bool
    figure: str
    details: object


class Proof(Protocol):
    """A module in tests/faults/proofs."""

    def run(self, *, full: bool, red: bool) -> Result: ...


def module_of(name: str) -> Path:
    return PROOFS / f"{name.replace('-', '_')}.py"


def built() -> set[str]:
    return {path.stem.replace("_", "-") for path in PROOFS.glob("[a-z]*.py")}


def show_all() -> None:
    there = built()
    for name in [*CATALOGUE, *sorted(there - set(CATALOGUE))]:
        status = "built" if name in there else "not yet"
        print(f"{name:<28} {status:<8} {CATALOGUE.get(name, '')}".rstrip())


def run(proof: Proof, *, full: bool, red: bool) -> Result:
    began = time.monotonic()
    result = proof.run(full=full, red=red)
    side = "broken on purpose" if red else "as it is"
    verdict = "holds" if result.ok else "FAILS"
    print(f"{result.name}, {side}: {verdict} ({time.monotonic() - began:.1f} s)\n  {result.figure}")
    if result.details:
        print(f"  {result.details}")
    return result


def prove(name: str, *, full: bool) -> int:
    if not module_of(name).is_file():
        print(f"There is no proof named {name}; scripts/prove --list names them.", file=sys.stderr)
        return 2
    # A proof may start processes, which must be able to import it by its name.
    sys.path.insert(0, str(PROJECT))
    proof: Proof = importlib.import_module(f"tests.faults.proofs.{module_of(name).stem}")
    green = run(proof, full=full, red=False)
    red = run(proof, full=full, red=True)
    if red.ok:
        print("The break was not noticed: this proof proves nothing.", file=sys.stderr)
    return 0 if green.ok and not red.ok else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/prove", description=__doc__)
    parser.add_argument("name", nargs="?", help="which proof")
    parser.add_argument("--full", action="store_true", help="the long version, with the published figure")
    parser.add_argument("--list", action="store_true", help="name all proofs")
    arguments = parser.parse_args()
    if arguments.list:
        show_all()
        return 0
    if arguments.name is None:
        parser.error("name a proof, or --list")
    return prove(arguments.name, full=arguments.full)


if __name__ == "__main__":
    sys.exit(main())
