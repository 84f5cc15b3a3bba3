"""Extension (延期) of a task or case: only while it is not overdue, and as often as the policy allows."""

from datetime import datetime

from commands.context import Context
from dispatch.domain.refusal import NotAllowed, NotNow
from dispatch.domain.working_time import Deadline


class ItemIsOverdue(NotNow):
    """An extension can be asked for only while the item is not overdue."""


class ExtensionsUsedUp(NotNow):
    """The item has had all the extensions that the policy allows."""


class ExtensionAlreadyRequested(NotNow):
    """An extension was asked for already and is not decided yet."""


class NoExtensionRequested(NotNow):
    """Nobody has asked for an extension of this item."""


class OwnExtension(NotAllowed):
    """Who asked for an extension does not decide on it."""


def require_extension(
    handling: Deadline | None, extensions: int, requested_at: datetime | None, at: datetime, context: Context
) -> None:
    """Refuse unless an extension may be asked for `at` this time; equal to the deadline is still in time."""
    if requested_at is not None:
        raise ExtensionAlreadyRequested
    if handling is not None and extensions >= context.policy_of(handling).extensions:
        raise ExtensionsUsedUp(granted=extensions)
    if handling is not None and not handling.met(at):
        raise ItemIsOverdue(due=handling.due.isoformat())
