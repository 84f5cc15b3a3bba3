"""The values that requests may hold: what is refused here never reaches a command."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from dispatch.domain import text
from dispatch.domain.categories import CATEGORY
from dispatch.domain.working_time import Limit, LimitKind


def _trimmed(value: Any) -> Any:
    return text.trimmed(value) if isinstance(value, str) else value


def _plain(value: str) -> str:
    if text.CONTROL.search(value):
        msg = "must not hold control characters, marks that turn its direction or half a surrogate pair"
        raise ValueError(msg)
    return value


def _in_line(value: str) -> str:
    if text.CONTROL_IN_LINE.search(value):
        msg = (
            "must be one line, without control characters, marks of direction, what has no width "
            "or half a surrogate pair"
        )
        raise ValueError(msg)
    return value


def _said(value: str) -> str:
    if not text.says_something(value):
        msg = "must hold something that can be read"
        raise ValueError(msg)
    return value


def _written_out(value: Any) -> Any:
    # pydantic takes "17" for 17 seconds after 1970; nobody who says that means a time.
    if isinstance(value, datetime) or (isinstance(value, str) and value[4:5] == "-"):
        return value
    msg = "must be a time with its zone, such as 2023-07-04T09:30:00+08:00"
    raise ValueError(msg)


def _in_range(at: datetime) -> datetime:
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        msg = "lies outside the years 1900 to 2199"
        raise ValueError(msg) from None
    if not 1900 <= at.year <= 2199:  # noqa: PLR2004 - what any town's records can mean
        msg = "lies outside the years 1900 to 2199"
        raise ValueError(msg)
    return at


Title = Annotated[
    str,
    BeforeValidator(_trimmed),
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_in_line),
    AfterValidator(_said),
    Field(examples=["汛期地质灾害点巡查"]),
]
"""One line that names something: 1 to 200 characters."""
Note = Annotated[str, BeforeValidator(_trimmed), StringConstraints(max_length=4000), AfterValidator(_plain)]
"""A text of up to 4,000 characters, or none."""
Reason = Annotated[
    str,
    BeforeValidator(_trimmed),
    StringConstraints(min_length=1, max_length=1000),
    AfterValidator(_plain),
    AfterValidator(_said),
    Field(examples=["不属于本网格"]),
]
"""Why: 1 to 1,000 characters."""
Slug = Annotated[str, StringConstraints(pattern=rf"^{CATEGORY}$"), Field(examples=["patrol"])]
"""A category: small letters, digits and _."""
MemberKey = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$"), Field(examples=["wang-fang"])
]
"""The id of a member or a department: small letters, digits and -."""
AccountKey = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$"), Field(examples=["operator-1"])
]
"""The id of an account."""
TownCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$"), Field(examples=["500115101"])]
GridCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{15}$"), Field(examples=["500115101001001"])]
PlaceCode = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{9}|[0-9]{15})$"), Field(examples=["500115101001001"])
]
Scope = Annotated[
    str,
    StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$"),
    Field(examples=["500115101"]),
]
"""A prefix of a code: 2 digits province, 4 city, 6 county, 9 town, 12 village, 15 grid."""
Digest = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]),
]
"""A SHA-256 in 64 hex digits."""
Id = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{32}$"), Field(examples=["0185c2f0a7b07e3c9d1f2a4b6c8e0d12"])
]
"""The id of a task or a case: 32 hex digits."""
ItemKey = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The item's id: 32 hex digits")]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    AfterValidator(_in_range),
    Field(examples=["2023-07-04T09:30:00+08:00"]),
]
"""A time with its zone, between 1900 and 2199."""


class Body(BaseModel):
    """A request body: what it doesn't know, it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def fields(self) -> dict[str, Any]:
        """Return the values as a command takes them."""
        return {name: _value(value) for name, value in self}


class LimitBody(Body):
    """How long something may take, in one of the four kinds of time."""

    kind: LimitKind
    amount: Annotated[float, Field(strict=True, gt=0, le=366 * 24, allow_inf_nan=False)]

    def value(self) -> Limit:
        """Return the domain's limit; refused if it is not usable."""
        return Limit(kind=self.kind, amount=self.amount)


def _value(value: Any) -> Any:
    if isinstance(value, LimitBody):
        return value.value()
    if isinstance(value, list | tuple):
        return tuple(_value(item) for item in value)
    return value
