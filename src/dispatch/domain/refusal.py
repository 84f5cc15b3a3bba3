"""How a request is refused: one class per reason, its docstring is the sentence that people read."""

import re
from typing import ClassVar


class Refusal(Exception):
    """The request was refused.

    The first line of a subclass's docstring is its message and its name gives the stable `code`
    (`TaskNotInProgress` -> `task-not-in-progress`). `details` say which thing, in JSON values.
    """

    code: ClassVar[str] = "refusal"

    def __init_subclass__(cls) -> None:
        """Give the class its code."""
        cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, **details: object) -> None:
        super().__init__(self.message)
        self.details = details

    @property
    def message(self) -> str:
        """The sentence for people."""
        return _sentence(type(self))


def sentence(code: str) -> str:
    """Return the sentence of a refusal's code; the code itself where nothing that is loaded has it."""
    kinds = [Refusal]
    for kind in kinds:
        if kind.code == code:
            return _sentence(kind)
        kinds += kind.__subclasses__()
    return code


def _sentence(kind: type[Refusal]) -> str:
    return (kind.__doc__ or kind.code).strip().splitlines()[0]


class Unknown(Refusal):
    """There is no such thing."""


class NotAllowed(Refusal):
    """This account may not do that."""


class NotNow(Refusal):
    """The item's present state does not allow that."""


class Unacceptable(Refusal):
    """The request itself can't be meant."""


class RoleNotAllowed(NotAllowed):
    """This account's role may not do that."""


class OutOfScope(NotAllowed):
    """That lies outside the places and items that this account may act on."""


class StaleVersion(NotNow):
    """The item has changed since you read it: read it again and decide anew."""


class TooBusy(Refusal):
    """Others kept changing the same item; nothing was recorded, try again."""
