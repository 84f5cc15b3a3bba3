"""`dispatch outbox`: what could not be delivered, to try it again or to give it up."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import msgspec
import typer

from dispatch.cli.terminal import AsJson, Database, group, one_of, print_json, say, tell
from dispatch.service.clock import system_clock
from dispatch.service.installation import installation
from dispatch.service.outbox.store import Store
from dispatch.service.outbox.tables import State

app = group("Notifications on their way out, and those that were given up.")

Key = Annotated[str, typer.Argument(metavar="ID", help="The delivery's id, such as 4711-0~mail.")]
ADMINISTRATOR = "command-line"
TEXTS = {"zh", "en"}


@contextmanager
def _store(database: str | None) -> Iterator[Store]:
    with installation(database) as at:
        store = Store(at.settings.database)
        store.open(at.log.head)
        try:
            yield store
        finally:
            store.close()


@app.command("list")
def show(
    state: Annotated[State, one_of(State, help="Which deliveries.")] = State.DEAD,
    *,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """List deliveries in a state, the dead ones by default; texts and addresses are left out.

    A delivery is dead when each of its attempts has failed: mend the channel, then have it tried again with
    `dispatch outbox retry`, or give it up with `dispatch outbox discard`.

    For example:

        dispatch outbox list
        dispatch outbox list --state waiting --json
    """
    with installation(database, as_it_is=True) as at, closing(Store(at.settings.database)) as store:
        found = [msgspec.to_builtins(one) for one in store.deliveries(state)]
    shown = [{name: value for name, value in one.items() if name not in TEXTS} for one in found]
    if as_json:
        print_json({"state": state.value, "items": shown})
        return
    if not shown:
        say(f"No delivery is {state}.")
    for one in shown:
        tell(one["id"], one["inbox"], one["name"], one["attempts"], one["error"] or "")


@app.command()
def retry(delivery: Key, *, database: Database = None) -> None:
    """Have a dead delivery tried again, from its first attempt."""
    with _store(database) as store:
        store.retry(delivery, system_clock(), by=ADMINISTRATOR)


@app.command()
def discard(delivery: Key, *, database: Database = None) -> None:
    """Give a dead delivery up for good; what it was to say is forgotten."""
    with _store(database) as store:
        store.discard(delivery, system_clock(), by=ADMINISTRATOR)
