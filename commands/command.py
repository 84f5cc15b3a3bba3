"""What a command is: a request in the imperative, by somebody, for one or more streams."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from dispatch.domain.event import Event


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="command"):
    """A request to change something, named in the imperative by its tag, such as `task.submit`."""

    @property
    def stream(self) -> str:
        """The stream that plain events of `decide` go to; a command on several streams yields `On`."""
        raise LookupError(type(self).__name__)

    @property
    def item(self) -> str:
        """The stream of what it is about, for whoever looks for what was tried in vain; "" for several."""
        try:
            return self.stream
        except LookupError:
            return ""

    @property
    def about(self) -> tuple[str, ...]:
        """The streams of all that it is about, as far as it names them."""
        return (self.item,) if self.item else ()

    def asked(self) -> Any:
        """Return what a repeat under the same key must have in common with it: here everything."""
        return self


class On(NamedTuple):
    """An event for a stream other than the command's own."""

    stream: str
    event: Event


Decision = Iterator[Event | On]
"""What `decide` answers: the events that follow, none for a no-op; a `Refusal` is raised instead."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A command with who sent it and how.

    `account` is the sender's account id and `token` the id of the bearer token or session that proved it,
    if one did. `key` is the client's own id of the request: the same key of the same account has one
    effect and one answer. `device_at` is when a device says that it happened, if it was offline. `session`
    is the id of the session of a page, if it came from one. `version` is the version of the command's
    stream that the sender had read, if he says so. `photos` are the digests in it of photos that he had sent.
    """

    command: Command
    account: str
    token: str | None = None
    key: str | None = None
    device_at: datetime | None = None
    version: int | None = None
    source: str = "http"
    address: str | None = None
    request_id: str | None = None
    session: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    photos: tuple[str, ...] = ()


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One stream that a command wrote to: its version and the item's status afterwards."""

    stream: str
    version: int
    status: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a command: the last position it wrote (or the head, for a no-op) and what it wrote to."""

    position: int
    written: tuple[Written, ...]
    repeated: bool = False

    def key_of(self, kind: str) -> str:
        """Return the id of the first stream of `kind` that was written, such as the new task's."""
        return next(w.stream for w in self.written if w.stream.startswith(f"{kind}:")).partition(":")[2]
