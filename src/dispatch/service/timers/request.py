"""What timers ask for: requests of the service itself, which lead back to what was due."""

from commands.command import Command, Request
from commands.context import SYSTEM


def by_timer(command: Command, stream: str, cause: str | None = None) -> Request:
    """Return the request of a timer about a stream; `cause` is its planned occasion, if it has one."""
    return Request(
        command=command,
        account=SYSTEM.account,
        source="timer",
        correlation_id=stream,
        causation_id=cause or stream,
    )
