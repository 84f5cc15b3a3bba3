"""`dispatch verify`: the log against its tree and checkpoints, the read models against the log."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from dispatch.cli.keys import Key, read_keys
from dispatch.cli.terminal import AsJson, Database, Failure, counted, print_json, progress_bar, tell
from dispatch.eventlog.checkpoints.directory import files_in
from dispatch.eventlog.checkpoints.former import key_of
from dispatch.eventlog.checkpoints.kept import look
from dispatch.eventlog.checkpoints.note import Checkpoint, NoteMalformed, parse
from dispatch.eventlog.checkpoints.signer import Verifier
from dispatch.eventlog.files import in_words
from dispatch.eventlog.log import Stored
from dispatch.eventlog.mapper import decode
from dispatch.eventlog.stream_check import StreamCheck
from dispatch.eventlog.tree.checking import Check, Fault
from dispatch.eventlog.vault.vault import Vault
from dispatch.service.beside_check import BesideCheck
from dispatch.service.checkpoints import Checkpoints
from dispatch.service.installation import Installation, installation
from dispatch.service.outbox.checking import changed_deliveries
from dispatch.service.outbox.store import Store as Outbox
from dispatch.service.photos.checking import PhotoCheck
from dispatch.service.photos.store import Store
from dispatch.service.privileges import unlike
from dispatch.service.runtime import open_generations
from dispatch.service.shapes import comparable, unsound_beside
from dispatch.service.sign_in.checking import SignInCheck
from dispatch.service.signing import signer_at_hand
from dispatch.service.vaults import KeyEncryptionKeyUnusable, vault_at_hand
from projections.catalogue import PROJECTIONS
from projections.engine.comparison import Difference, NothingToCompare, differences

MOST = 1_000
"""Faults and differences that are shown; the rest is counted."""

UNSIGNED = "without the log's key, whose public half --key takes: signatures of checkpoints"
UNCOMPARED = "without the right to make schemas (CREATE on the database): definitions of tables and triggers"


def verify(
    *,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A checkpoint that was kept elsewhere; give any number."),
    ] = None,
    key: Key = None,
    log_only: Annotated[
        bool, typer.Option("--log-only", help="Leave out the comparison of the read models with a replay.")
    ] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Verify that the log is whole, and that the read models are what it says.

    Every event is hashed anew from its stored bytes and held against the tree; the roots against every
    checkpoint, those of the directory outside the database too. Then the whole log is folded anew and each
    row compared with the live tables. The checkpoints in the database are held against those of the
    directory, the photos against their digests and the events that name them, the stored answers to commands
    against their events; each key of personal data must open what is sealed with it, and be gone after an
    erasure; what signs in must be bound to its account, and what waits to be sent as its notification has it;
    tables, constraints, views and triggers must be those
    that this program makes. Exits with 0 if all is well, else with 1, naming each
    position and row; so it does where there are read models that can't be compared, unless `--log-only`
    leaves them out. A log rewritten as a whole shows only by a checkpoint that was kept elsewhere.
    Whoever may only read the database gives the public key by `--key`; what he can't look at is said.

    For example:

        dispatch verify
        dispatch verify --checkpoint /media/stick/2023-07-01.checkpoint --json
        dispatch verify --checkpoint 2023-07-01.checkpoint --key key.txt
    """
    given = None if key is None else read_keys(key)
    with installation(database, as_it_is=True) as at:
        directory = Checkpoints(at.log, at.settings, at.clock).directory
        known, faults = look(at.log, directory)
        inside = bool(known) and not checkpoint and not files_in(directory)
        known |= {str(path): _read(path) for path in checkpoint or ()}
        verifier = given or signer_at_hand(at.settings)
        keys, wrong = _of_checkpoints(at, known, verifier)
        faults += wrong
        compares = comparable(at.settings.database)
        faults += _told(_of_database(at, views=not log_only, compares=compares), lambda: 0)
        faults += _told(_of_outbox(at, views=not log_only), lambda: 0)
        head = at.log.head()
        vault, unchecked = _vault(at)
        if known and verifier is None:
            unchecked.append(UNSIGNED)
        if not compares:
            unchecked.append(UNCOMPARED)
        beside, streams = BesideCheck(at.log, vault), StreamCheck(at.log)
        photos = PhotoCheck(store := Store(at.settings.database), head)
        sign_in = SignInCheck(at.settings.database, at.log, vault)
        checks = (streams, beside, photos, sign_in)

        def beside_them(events: Sequence[Stored]) -> None:
            for one in checks:
                one.look(events)

        check = Check(at.log, {source: one.roots for source, one in known.items()}, beside_them)
        with closing(store), progress_bar() as bar:
            task = bar.add_task("Hashing events", total=head)
            walk = check.faults(lambda position: bar.update(task, completed=position))
            faults += _told(walk, lambda: check.roots().size + 1)
            for one in checks:
                faults += _told(one.faults(), lambda: 0)
        unchecked += beside.unchecked + sign_in.unchecked
        if inside:
            unchecked.append(f"any checkpoint from outside: none was given, and none is in {directory}")
        models = Models() if log_only else _read_models(at)
    differing = models.differing
    answer: dict[str, Any] = {
        "whole": not faults and not differing and models.known,
        "events": head,
        "sha256": b64encode(check.roots().sha256).decode(),
        "sm3": b64encode(check.roots().sm3).decode(),
        "checkpoints": len(known),
        "keys": keys,
        "unchecked": unchecked,
        "faults": [fault._asdict() for fault in faults[:MOST]],
        "read_models": {
            "compared_at": models.compared_at,
            "remark": models.remark,
            "differences": [difference._asdict() for difference in differing[:MOST]],
        },
    }
    if as_json:
        print_json(answer)
    else:
        _tell(answer, faults, differing)
    if not answer["whole"]:
        raise typer.Exit(1)


def _read(path: Path) -> Checkpoint:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, NoteMalformed) as error:
        raise Failure(f"{path} can't be read as a checkpoint: {in_words(error)}.") from None


def _of_checkpoints(
    at: Installation, known: dict[str, Checkpoint], verifier: Verifier | None
) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Return which key signed from where to where, and what is wrong with checkpoints by themselves."""
    signed: dict[str, list[int]] = {}
    faults = []
    for source, checkpoint in sorted(known.items(), key=lambda one: one[1].roots.size):
        size = checkpoint.roots.size
        if checkpoint.origin != at.settings.log_origin:
            faults.append(Fault(0, f"{source} is of another log, {checkpoint.origin}"))
        elif verifier is None:
            continue
        elif not verifier.has_signed(checkpoint):
            faults.append(Fault(size, f"{source} is not signed by this log's key of its time"))
        else:
            signed.setdefault(key_of(verifier.key, size), []).append(size)
    return [{"key": key, "first": sizes[0], "last": sizes[-1]} for key, sizes in signed.items()], faults


def _vault(at: Installation) -> tuple[Vault | None, list[str]]:
    """Return what opens personal data if it is at hand, else what can't be looked at without."""
    try:
        vault = vault_at_hand(at.settings)
    except KeyEncryptionKeyUnusable:
        vault = None
    if vault is not None:
        return vault, []
    return None, ["without the key-encryption key: whether keys open their texts, and telephones' digests"]


def _told(found: Iterable[Fault], position: Callable[[], int]) -> Iterator[Fault]:
    """Give what was found, and say from where on a database that was damaged can't be read."""
    try:
        yield from found
    except Exception as error:  # noqa: BLE001 - whatever the bytes make of a read, what else is known is told
        said = (str(error) or type(error).__name__).partition("\n")[0].rstrip(".")
        yield Fault(position(), f"from here on it can't be read: {said}")


def _of_outbox(at: Installation, *, views: bool) -> Iterator[Fault]:
    """Return whether notifications are said to be taken up beyond the log, so that the next go to nobody.

    Or whether it isn't said up to where, as it is when there is another row in its place. With `views`, also
    what is to be sent that no notification says.
    """
    with closing(Outbox(at.settings.database)) as outbox:
        taken = outbox.followed()
        if taken is None:
            yield Fault(0, "up to where notifications are followed is not kept as it was")
        elif taken > (head := at.log.head()):
            yield Fault(head, f"notifications are followed to {taken}, where no event is")
    if views:
        with closing(open_generations(at.settings.database)) as generations:
            yield from changed_deliveries(at.settings.database, generations)


def _of_database(at: Installation, *, views: bool, compares: bool) -> Iterator[Fault]:
    """Return what of the databases isn't as this program makes it, or not as their own indexes say."""
    yield from (Fault(0, what) for what in unlike(at.settings.database, views=views))
    if not compares:
        return
    yield from (Fault(0, what) for what in at.log.unsound())
    yield from (Fault(0, what) for what in unsound_beside(at.settings.database, views=views))


class Models(NamedTuple):
    """What came of comparing the read models; `known` unless there are some of which nothing can be said."""

    compared_at: int | None = None
    differing: Sequence[Difference] = ()
    remark: str | None = None
    known: bool = True


def _read_models(at: Installation) -> Models:
    generations = open_generations(at.settings.database)
    try:
        return Models(*differences(at.log, generations, PROJECTIONS, decode=decode))
    except NothingToCompare as error:
        return Models(remark=str(error))
    except Exception as error:  # noqa: BLE001 - whatever was done to the rows, what is known of the log is told
        said = (str(error) or type(error).__name__).partition("\n")[0].rstrip(".")
        return Models(remark=said, known=False)
    finally:
        generations.close()


def _tell(answer: dict[str, Any], faults: list[Fault], differing: Sequence[Difference]) -> None:
    for fault in faults[:MOST]:
        tell(f"position {fault.position}: {fault.what}")
    for line in _lines(differing[:MOST]):
        tell(line)
    for one in answer["unchecked"]:
        tell(f"Not looked at {one}.")
    models = answer["read_models"]
    if models["remark"] is not None:
        tell(f"The read models were not compared: {models['remark']}.")
    elif models["compared_at"] is not None:
        typer.echo(
            f"Read models at position {models['compared_at']:,}: {counted(len(differing), 'difference')}."
        )
    if len(answer["keys"]) > 1:
        for one in answer["keys"]:
            tell(f"Checkpoints {one['first']:,} to {one['last']:,} are signed by {one['key']}.")
    typer.echo(
        f"Log: {counted(answer['events'], 'event')}, {counted(answer['checkpoints'], 'checkpoint')}, "
        f"{counted(len(faults), 'fault')}; "
        f"SHA-256 root {answer['sha256']}, SM3 root {answer['sm3']}"
    )


def _lines(differing: Sequence[Difference]) -> Iterator[str]:
    for table, live, row in differing:
        yield f"{table}: {'only in the live table' if live else 'only in the replay'}: {row}"
