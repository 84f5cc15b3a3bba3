"""`dispatch accounts`: who may use the service; there is no account unless it was made here."""

import asyncio
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer
from msgspec.structs import replace
from rich.table import Table
from rich.text import Text

from commands.accounts.add import AddAccount
from commands.accounts.command import AccountCommand
from commands.accounts.issue_token import IssueToken
from commands.accounts.revoke import RevokeAccount
from commands.accounts.revoke_token import RevokeToken
from commands.context import SYSTEM
from dispatch.cli.sign_in import (
    Key,
    app,
    first_password,
    require_own_key,
    send,
    send_and_settle,
    show_password,
)
from dispatch.cli.terminal import AsJson, Database, Failure, cell, print_json, say, stdout
from dispatch.domain.accounts import Account, Role
from dispatch.domain.inboxes import of_account
from dispatch.domain.rhythm import SHANGHAI
from dispatch.domain.streams import evolve
from dispatch.eventlog import EventLog
from dispatch.eventlog.mapper import decode
from dispatch.service.installation import Installation, installation
from dispatch.service.recipients import called, recipient_of
from dispatch.service.tokens import new_token

PAGE: Final = 20_000
EVERYWHERE: Final = "all"
ROLES: Final = tuple(role.value for role in Role if role is not Role.SYSTEM)
"""Those of people; the system is the service itself, and no account is made for it."""

Expires = Annotated[
    int | None,
    typer.Option("--expires-days", min=1, max=3650, help="The token ends after so many days; else never."),
]


def _role(text: str) -> Role:
    if text not in ROLES:
        raise typer.BadParameter(f"{text!r} is no role; there are {', '.join(ROLES)}")
    return Role(text)


def _account_id(name: str, role: Role) -> str:
    """Return an id made of the name where its letters allow it, else of the role and chance."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64].strip("-")
    return slug if len(slug) > 1 and slug != SYSTEM.account else f"{role}-{secrets.token_hex(3)}"


async def _issue(at: Installation, account: str, expires_days: int | None) -> dict[str, Any]:
    made = new_token(account)
    expires = None if expires_days is None else datetime.now(UTC) + timedelta(days=expires_days)
    outcome = await send(
        at, IssueToken(account=account, token=made.token, digest=made.digest, expires_at=expires)
    )
    return {
        "account": account,
        "token_id": made.token,
        "token": made.secret,
        "expires_at": expires,
        "position": outcome.position,
    }


def _show_token(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    say(
        f"Account {answer['account']}. Its token, shown this once (send it as `Authorization: Bearer TOKEN`):"
    )
    typer.echo(answer["token"])


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The person's or the desk's name.")],
    *,
    role: Annotated[
        Role, typer.Option(parser=_role, metavar="ROLE", help=f"What the account may do: {', '.join(ROLES)}.")
    ],
    scope: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help="Where: 2, 4, 6, 9 (town), 12 (village) or 15 (grid) digits; `all` is everywhere.",
        ),
    ],
    member: Annotated[
        str | None, typer.Option(metavar="ID", help="The member behind it; a worker's account needs one.")
    ] = None,
    account: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="The account's id; else made of the name.")
    ] = None,
    expires_days: Expires = None,
    password: Annotated[
        bool,
        typer.Option("--password", help="Make a first password, for a person who signs in, and no token."),
    ] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make an account and its first bearer token, or its first password; either is shown once.

    A program sends the token with each request. For a person, `--password` makes a first password to sign in
    with, and no token: it would let in whoever has it, without a second factor.

    For example:

        dispatch accounts add "Duty desk" --role operator --scope 500115101
        dispatch accounts add "陈芳" --role worker --scope 500115101 --member chen-fang --id chen-fang
        dispatch accounts add "管理员" --role administrator --scope 500115101 --password
        dispatch accounts add Audit --role auditor --scope all --expires-days 90 --json
    """
    if password and expires_days is not None:
        raise typer.BadParameter("--expires-days is of a token, and with --password none is made")
    key = account or _account_id(name, role)
    command = AddAccount(
        account=key, name=name, role=role, scope="" if scope == EVERYWHERE else scope, member=member
    )

    async def make(at: Installation) -> dict[str, Any]:
        if not (await send(at, command)).written:
            raise Failure(f"Account {key} is there already; `dispatch accounts token {key}` makes a token.")
        return await (first_password(at, key) if password else _issue(at, key, expires_days))

    with installation(database, make=True) as at:
        if password:
            require_own_key(at)
        (show_password if password else _show_token)(asyncio.run(make(at)), as_json)


@app.command()
def token(
    account: Key, *, expires_days: Expires = None, database: Database = None, as_json: AsJson = False
) -> None:
    """Make one more bearer token for an account; the tokens before stay good until they are revoked.

    To replace a token, make the new one first, then end the old one with `dispatch accounts revoke`.

    For example:

        dispatch accounts token duty-desk --expires-days 30
    """
    with installation(database) as at:
        _show_token(asyncio.run(_issue(at, account, expires_days)), as_json)


@app.command()
def revoke(
    account: Key,
    *,
    token: Annotated[
        str | None, typer.Option(metavar="TOKEN_ID", help="Revoke this one token only, by its id.")
    ] = None,
    reason: Annotated[
        str, typer.Option(help="Why; it stays in the log in clear: nothing private in it.")
    ] = "revoked from the command line",
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Revoke an account with all its tokens, or one token; what it did stays in the log.

    It holds from the next request on, in every process. Nobody is ever deleted.

    For example:

        dispatch accounts revoke duty-desk --reason "left the centre"
        dispatch accounts revoke duty-desk --token 9f2c41d07a6be583
    """
    command: AccountCommand = (
        RevokeAccount(account=account, reason=reason)
        if token is None
        else RevokeToken(account=account, token=token)
    )
    with installation(database) as at:
        outcome = asyncio.run(send_and_settle(at, command))
        kept = token is None and asyncio.run(recipient_of(at.handler, of_account(account)))
    if as_json:
        print_json({"account": account, "token_id": token, "position": outcome.position})
    else:
        what = "Account" if token is None else f"Token {token} of account"
        say(f"{what} {account} is revoked." if outcome.written else f"{what} {account} was revoked before.")
        if kept and any(kept.addresses):
            subject = f"recipient:{of_account(account)}"
            say(f"Its addresses are kept until: dispatch personal erase {subject} --ground purpose_fulfilled")


def _accounts(log: EventLog) -> list[tuple[Account, datetime]]:
    """Return every account with the time it was made, folded from the log."""
    found: dict[str, tuple[Account, datetime]] = {}
    after = 0
    while page := log.read(after=after, limit=PAGE):
        after = page[-1].position
        for stored in page:
            if stored.stream.startswith("account:"):
                event = decode(stored).event
                before, made = found.get(stored.stream, (None, event.at))
                found[stored.stream] = (evolve(stored.stream, before, event), made)
    return list(found.values())


async def _called(at: Installation, found: list[tuple[Account, datetime]]) -> list[tuple[Account, datetime]]:
    """Return the accounts under the names of the members behind them, as these are called now."""
    return [(replace(account, name=await called(at.handler, account)), made) for account, made in found]


@app.command("list")
def list_accounts(database: Database = None, as_json: AsJson = False) -> None:
    """List the accounts: id, name, role, scope, member, status and the ids of the tokens that are good.

    Tokens themselves are kept nowhere; by its id one is revoked.

    For example:

        dispatch accounts list --json
    """
    with installation(database, as_it_is=True) as at:
        found = asyncio.run(_called(at, _accounts(at.log)))
        now = at.clock()
    if as_json:
        print_json({"accounts": [_as_json(account, made, now) for account, made in found]})
    elif not found:
        say("There is no account yet; `dispatch accounts add NAME --role ROLE --scope CODE` makes one.")
    else:
        table = Table("id", "name", "role", "scope", "member", "status", "made", "tokens")
        for account, made in found:
            table.add_row(
                account.account,
                cell(account.name),
                account.role,
                account.scope or EVERYWHERE,
                account.member or "",
                account.status,
                made.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
                "\n".join(_good_tokens(account, now)) or "none",
            )
        stdout.print(table)


@app.command()
def show(account: Key, *, database: Database = None, as_json: AsJson = False) -> None:
    """Show one account: what it may do, how it signs in, and where it is signed in now.

    For example:

        dispatch accounts show duty-desk
    """
    with installation(database, as_it_is=True) as at:
        state, now = asyncio.run(at.handler.state(f"account:{account}")), at.clock()
        first = at.log.read_stream(f"account:{account}")[:1]
        if not isinstance(state, Account):
            raise Failure(
                f"There is no account {account}; `dispatch accounts list` shows those that there are."
            )
        [(found, made)] = asyncio.run(_called(at, [(state, decode(first[0]).event.at)]))
    shown = _as_json(found, made, now) | _signing_in(found, now)
    if as_json:
        print_json(shown)
        return
    table = Table(show_header=False)
    for name, value in shown.items():
        several = value if isinstance(value, dict | list) else () if value is None else (value,)
        table.add_row(name, Text("\n").join(cell(str(one)) for one in several))
    stdout.print(table)


def _signing_in(account: Account, now: datetime) -> dict[str, Any]:
    password = "first, to be changed" if account.must_change_password else "set"
    return {
        "password": "none" if account.credential is None else password,
        "second_factor": account.factor is not None,
        "identity_linked": account.identity is not None,
        "sessions": [
            {"id": key, "since": one.since, "expires_at": one.expires_at, "method": one.method}
            for key, one in account.sessions.items()
            if now < one.expires_at
        ],
    }


def _good_tokens(account: Account, now: datetime) -> dict[str, datetime | None]:
    """Return the ids of the tokens that still sign in, with when each ends."""
    ends = {key: token.expires_at for key, token in account.tokens.items()}
    return {key: end for key, end in ends.items() if end is None or now < end}


def _as_json(account: Account, made: datetime, now: datetime) -> dict[str, Any]:
    return {
        "id": account.account,
        "name": account.name,
        "role": account.role,
        "scope": account.scope,
        "member": account.member,
        "status": account.status,
        "made_at": made,
        "tokens": _good_tokens(account, now),
    }
