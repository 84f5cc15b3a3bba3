"""`dispatch checkpoint`: the signed head of the log, to be kept elsewhere."""

from base64 import b64encode

import typer

from dispatch.cli.terminal import AsJson, Database, Failure, print_json
from dispatch.eventlog.checkpoints.issuing import LogRewritten
from dispatch.eventlog.checkpoints.note import NoteMalformed
from dispatch.service.checkpoints import Checkpoints
from dispatch.service.installation import installation


def checkpoint(*, database: Database = None, as_json: AsJson = False) -> None:
    """Issue a checkpoint of the log, deliver it as the settings say, and print it.

    It is signed only if the log goes on from the last checkpoint. Keep it where nobody who can change the
    database can change it, on paper if need be: `dispatch verify --checkpoint FILE` holds the log against it.

    For example:

        dispatch checkpoint
        dispatch checkpoint > /media/stick/today.checkpoint
    """
    with installation(database) as at:
        checkpoints = Checkpoints(at.log, at.settings, at.clock)
        try:
            issued = checkpoints.issue()
        except (LogRewritten, NoteMalformed) as error:
            raise Failure(f"Nothing was signed: {error}. Run dispatch verify.") from None
        except OSError as error:
            raise Failure(f"The checkpoint could not be delivered: {error}.") from None
        key, *_ = checkpoints.signer().key.splitlines()
    if as_json:
        size, *roots = issued.roots
        sha256, sm3 = (b64encode(root).decode() for root in roots)
        answer = {"size": size, "sha256": sha256, "sm3": sm3, "note": issued.note, "key": key}
        print_json(answer | {"directory": str(checkpoints.directory)})
        return
    typer.echo(issued.note, nl=False)
