"""`dispatch personal`: find the cases of a telephone number, and erase personal data, on the server."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from commands.command import Command, Outcome
from commands.personal.erase import ErasePersonal
from commands.personal.note_rewrap import NoteRewrap
from commands.personal.search import SearchPersonal
from dispatch.cli.shell import by_shell
from dispatch.cli.terminal import AsJson, Database, Failure, counted, group, one_of, print_json, say
from dispatch.domain.personal import STREAM, Ground, Purpose
from dispatch.eventlog.files import in_words
from dispatch.eventlog.vault.vault import KeyEncryptionKeyMalformed, Vault
from dispatch.service.installation import Installation, installation
from dispatch.service.rewrapping import rewrap as put_under
from dispatch.service.runtime import open_generations
from dispatch.service.settings import SQLITE
from dispatch.service.sign_in.store import SecretStore
from dispatch.service.vaults import vault_for

EACH: Final = 10_000
"""Keys after which the progress is said."""
STILL_THERE: Final = (
    "PostgreSQL's write-ahead log still has them until its segments are recycled; so have archives of it, "
    "backups, and the server's own log where it is set to hold statements."
)
app = group("Personal data: found by telephone, and erased for ever; each time on record.")


def _send(at: Installation, command: Command) -> Outcome:
    return asyncio.run(at.handler.handle(by_shell(command)))


def _wiped(at: Installation) -> bool:
    """Have destroyed and replaced keys leave the database's files, and the secrets of second factors too."""
    store = SecretStore(at.settings.database)
    try:
        return at.log.wipe() and store.wipe()
    finally:
        store.close()


@app.command(context_settings={"allow_extra_args": True})
def find(
    given: typer.Context,
    *,
    telephone: Annotated[
        str | None,
        typer.Option(
            show_default=False, help="Better asked for than given: a command line is seen by others."
        ),
    ] = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """List the cases that a telephone number stands in, however it was written.

    For example:

        dispatch personal find
    """
    if given.args:
        raise typer.BadParameter(
            "it is asked for, so that it doesn't stay in the shell's history. Give none here.",
            param_hint="the number",
        )
    telephone = telephone or typer.prompt("Telephone")
    with installation(database) as at:
        found = tuple(at.handler.found_by_telephone(telephone))
        _send(at, SearchPersonal(found=found, purpose=Purpose.REQUEST))
    if as_json:
        print_json({"subjects": found})
        return
    if not found:
        say("No case has that number.")
    for subject in found:
        typer.echo(subject)


@app.command()
def erase(
    subjects: Annotated[
        list[str], typer.Argument(metavar="case:ID|household:ID|recipient:INBOX", help="Up to 100 of them.")
    ],
    *,
    ground: Annotated[Ground, one_of(Ground, help="Why. Source: PIPL, article 47.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask once more.")] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Destroy the keys of these items' personal data: nobody can read or restore it. The items stay.

    recipient:account:ID and recipient:member:TOWN:ID are where somebody's notifications are sent: to no
    address from then on, nor can one be set again. He is told so in his inbox.

    All of them or none. Backups of the database from before still hold the keys: see to them too, and on
    PostgreSQL to archives of its write-ahead log.

    For example:

        dispatch personal erase case:0185c2f0a7b07e3c9d1f2a4b6c8e0d12 --ground request
    """
    if not yes and not typer.confirm(f"Erase the personal data of {len(subjects)} for ever?"):
        raise Failure("Nothing was erased.")
    with installation(database) as at:
        outcome = _send(at, ErasePersonal(subjects=tuple(subjects), ground=ground))
    erased = [one.stream.removeprefix(STREAM) for one in outcome.written if one.stream.startswith(STREAM)]
    if as_json:
        print_json({"erased": erased})
    else:
        say(f"Erased the personal data of {len(erased)}; position {outcome.position:,}.")


@app.command()
def wipe(*, database: Database = None) -> None:
    """Have the bytes of destroyed keys leave the database's files, where it was too busy at the erasure.

    Wanted after the service has logged `destroyed_keys_not_wiped`. On PostgreSQL the server's write-ahead log
    has them until its segments are recycled; so have archives of it, and backups.
    """
    with installation(database) as at:
        if not _wiped(at):
            raise Failure("The database is busy: try again, or stop the service first.")
        embedded = at.settings.database.startswith(SQLITE)
    say("No destroyed key is left in the database's tables.")
    if not embedded:
        say(STILL_THERE)


@app.command()
def rewrap(
    new_key_file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The new key: `openssl rand -base64 32`, for its owner only."),
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask once more.")] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Change the key-encryption key: put all that lies under the present one under that in FILE.

    The present one is the setting's (DISPATCH_KEY_ENCRYPTION_KEY_FILE). Stop the service first. All of it or
    nothing; if it is broken off, do it again. An event says that it was done. Then let the setting name FILE
    and start the service. Keep the old key only as long as backups from before are kept.

    For example:

        dispatch personal rewrap /etc/dispatch/key-encryption-key.new
    """

    def said(seen: int, total: int) -> None:
        if seen == total or seen % EACH == 0:
            say(f"{seen:,} of {counted(total, 'key')}")

    try:
        new = Vault(new_key_file.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError, KeyEncryptionKeyMalformed) as error:
        raise Failure(f"{new_key_file} can't be used: {in_words(error).rstrip('.')}.") from None
    if not yes and not typer.confirm("Put all personal data and what signs in under the new key?"):
        raise Failure("Nothing was changed.")
    with installation(database) as at:
        url, old = at.settings.database, vault_for(at.settings)
        done = put_under(at.log, url, open_generations(url), old=old, new=new, progress=said)
        note = NoteRewrap(
            former=old.id.hex(),
            present=new.id.hex(),
            keys=done.keys,
            digests=done.telephones,
            factors=done.factors,
            passwords=done.passwords,
            recovery_codes=done.recovery_codes,
        )
        asyncio.run(at.handler_under(new).handle(by_shell(note)))
        wiped = _wiped(at)
    if as_json:
        print_json(msgspec.to_builtins(done) | {"wiped": wiped})
        return
    say(
        f"Put {counted(done.keys, 'key')}, {counted(done.passwords, 'password')} "
        f"and {counted(done.factors, 'second factor')} "
        f"under the key in {new_key_file}."
    )
    say("Set DISPATCH_KEY_ENCRYPTION_KEY_FILE to it before you start the service.")
    if not wiped:
        say("The database was busy: `dispatch personal wipe` has the old bytes leave its files.")
