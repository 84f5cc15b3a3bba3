"""`dispatch accounts` about signing in: first passwords, second factors and sessions."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any

import typer

from commands.accounts.command import AccountCommand
from commands.accounts.end_sessions import EndSessions
from commands.accounts.reset_second_factor import ResetSecondFactor
from commands.accounts.unlink_identity import UnlinkIdentity
from commands.command import Command, Outcome
from dispatch.cli.shell import by_shell
from dispatch.cli.terminal import AsJson, Database, group, print_json, say
from dispatch.domain.refusal import NotNow
from dispatch.service.installation import Installation, installation
from dispatch.service.sign_in.reception import Reception, open_reception
from dispatch.service.sign_in.store import SecretStore, bound_elsewhere

app = group("Make, list and revoke accounts and their bearer tokens; works while the service runs.")
Key = Annotated[
    str, typer.Argument(metavar="ID", help="The account's id, as `dispatch accounts list` shows it.")
]


async def send(at: Installation, command: Command) -> Outcome:
    """Send a command in the name of the service, as the command line does."""
    return await at.handler.handle(by_shell(command))


@contextmanager
def _reception(at: Installation) -> Iterator[Reception]:
    reception = open_reception(at.settings, at.handler, at.clock)
    try:
        yield reception
    finally:
        reception.close()


class PasswordsUnderAnotherKey(NotNow):
    """Nobody's password is kept under this key-encryption key: give the service's own, or say --key-lost."""


def require_own_key(at: Installation) -> None:
    """Raise `PasswordsUnderAnotherKey` if a password that is made here would never sign in."""
    store = SecretStore(at.settings.database)
    try:
        if bound_elsewhere(at.handler.vault, store.secrets()):
            raise PasswordsUnderAnotherKey
    finally:
        store.close()


async def first_password(at: Installation, account: str) -> dict[str, Any]:
    """Give an account a first password and return it."""
    with _reception(at) as reception:
        made = await reception.first_password(account, partial(send, at))
    return {"account": account, "password": made.password, "position": made.outcome.position}


def show_password(answer: dict[str, Any], as_json: bool) -> None:
    """Show a first password, alone on the standard output where it isn't JSON."""
    if as_json:
        print_json(answer)
        return
    account = answer["account"]
    say(f"Account {account}. Its first password, shown this once, to be changed at the first sign-in:")
    typer.echo(answer["password"])


@app.command("reset-password")
def reset_password(
    account: Key,
    *,
    key_lost: Annotated[
        bool,
        typer.Option("--key-lost", help="The key-encryption key was lost, and the service has this one now."),
    ] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Give an account a first password, shown once; it ends every session and must be changed at sign-in.

    With it the person signs in to the pages for the first time, or again when the own one is forgotten. It
    needs the service's own key-encryption key: under another one, what is shown would never sign in.

    For example:

        dispatch accounts reset-password duty-desk
    """
    with installation(database) as at:
        if not key_lost:
            require_own_key(at)
        show_password(asyncio.run(first_password(at, account)), as_json)


@app.command("end-sessions")
def end_sessions(account: Key, *, database: Database = None, as_json: AsJson = False) -> None:
    """Sign an account out everywhere, from the next request on; its bearer tokens stay good.

    For example:

        dispatch accounts end-sessions duty-desk
    """
    with installation(database) as at:
        outcome = asyncio.run(send(at, EndSessions(account=account)))
    if as_json:
        print_json({"account": account, "position": outcome.position})
    else:
        say(f"Account {account} {'is' if outcome.written else 'was'} signed out everywhere.")


@app.command("unlink-identity")
def unlink_identity(account: Key, *, database: Database = None, as_json: AsJson = False) -> None:
    """Unlink who an account belongs to at the provider (OIDC); the next one who signs in there is linked.

    For example:

        dispatch accounts unlink-identity duty-desk
    """
    with installation(database) as at:
        outcome = asyncio.run(send(at, UnlinkIdentity(account=account)))
    if as_json:
        print_json({"account": account, "position": outcome.position})
    else:
        had = (
            "belongs to nobody of the provider any more." if outcome.written else "belonged to nobody there."
        )
        say(f"Account {account} {had}")


async def send_and_settle(at: Installation, command: AccountCommand) -> Outcome:
    """Send a command that takes something out of force, and erase what was kept of it."""
    with _reception(at) as reception:
        outcome = await send(at, command)
        await reception.settled(command.account)
    return outcome


@app.command("reset-second-factor")
def reset_second_factor(account: Key, *, database: Database = None, as_json: AsJson = False) -> None:
    """Take a lost second factor away; it ends every session, and the password alone signs in meanwhile.

    For example:

        dispatch accounts reset-second-factor duty-desk
    """
    with installation(database) as at:
        outcome = asyncio.run(send_and_settle(at, ResetSecondFactor(account=account)))
    if as_json:
        print_json({"account": account, "position": outcome.position})
    else:
        had = "has no second factor any more." if outcome.written else "had no second factor."
        say(f"Account {account} {had}")
