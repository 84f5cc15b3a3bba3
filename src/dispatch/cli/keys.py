"""The option that gives a log's public key, to whoever hasn't the key that signs."""

from pathlib import Path
from typing import Annotated

import typer

from dispatch.cli.terminal import Failure
from dispatch.eventlog.checkpoints.former import PublicKeys
from dispatch.eventlog.checkpoints.signer import KeyMalformed
from dispatch.eventlog.files import in_words

Key = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The log's public key (or key.txt); the installation's by default."),
]


def read_keys(path: Path) -> PublicKeys:
    """Return the keys in a file, the present one first; `Failure` if they can't be read."""
    try:
        return PublicKeys(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, KeyMalformed) as error:
        raise Failure(f"{path} can't be read as a public key: {in_words(error)}.") from None
