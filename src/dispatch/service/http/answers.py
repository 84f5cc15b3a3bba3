"""What the API answers, as its document describes it."""

from typing import Any, Final, Literal

from pydantic import BaseModel, Field


class Item(BaseModel):
    """One thing that a command wrote to."""

    kind: str = Field(examples=["task"])
    id: str = Field(examples=["0185c2f0a7b07e3c9d1f2a4b6c8e0d12"])
    version: int = Field(
        description="To be sent as If-Match, so as not to act on something changed", examples=[1]
    )
    status: str = Field(examples=["issued"])


class Done(BaseModel):
    """A command was carried out."""

    position: int = Field(description="The log position: give it to a read as ?after=", examples=[4711])
    repeated: bool = Field(description="Whether this is the first answer to the same Idempotency-Key, again")
    items: list[Item]


class Problem(BaseModel):
    """An RFC 9457 problem; `code` is stable, `title` is for people."""

    type: str = Field(examples=["/problems/task-status-forbids"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["task-status-forbids"])
    title: str = Field(examples=["The task's present status does not allow that."])
    details: dict[str, Any] | None = Field(None, examples=[{"status": "closed"}])
    errors: list[dict[str, str]] | None = Field(
        None,
        description="Of a request that is not well formed: what is wrong where",
        examples=[[{"at": "body/title", "wrong": "Field required"}]],
    )


class Account(BaseModel):
    """Who is signed in."""

    account: str = Field(examples=["operator-1"])
    name: str = Field(description="The member's as it is now, else the account's own", examples=["张敏"])
    role: str = Field(examples=["operator"])
    scope: str = Field(description="A code prefix", examples=["500115101"])
    member: str | None = Field(description="The person behind a grid worker's account")
    grids: list[str] = Field(description="The grids of a worker's posts")
    must_change_password: bool = Field(description="Whether nothing else may be done until it is changed")
    second_factor: bool = Field(description="Whether a code is asked for beside the password")
    must_set_second_factor: bool = Field(description="Whether nothing else may be done until there is one")
    expires_at: str | None = Field(
        description="When the session or token ends at the latest", examples=["2023-07-04T18:00:00+00:00"]
    )


class TokenOfAccount(BaseModel):
    """A bearer token that is good now."""

    token: str = Field(description="Its id, to revoke it by", examples=["9f2c41d07a6be583"])
    expires_at: str | None = Field(description="When it ends, if ever")


class AccountInList(BaseModel):
    """An account as its administrators see it."""

    account: str = Field(examples=["operator-1"])
    name: str = Field(description="The member's as it is now, else the account's own", examples=["张敏"])
    role: str = Field(examples=["operator"])
    scope: str = Field(description="A code prefix", examples=["500115101"])
    member: str | None = Field(description="The person in whose name it acts")
    added_at: str = Field(examples=["2023-01-01T00:00:00+00:00"])
    revoked: bool
    password: Literal["none", "first", "own"] = Field(description="first: it must be changed")
    second_factor: bool
    identity: bool = Field(description="Whether a provider's identity is linked to it")
    sessions: int = Field(description="How many have begun and haven't ended")
    tokens: list[TokenOfAccount]


class SessionOfMine(BaseModel):
    """A session that is good now."""

    session: str = Field(description="Its id, to end it by", examples=["9f2c41d07a6be583"])
    since: str = Field(examples=["2023-07-04T01:30:00+00:00"])
    last_seen_at: str | None = Field(description="When something was last done with it, to half a minute")
    expires_at: str = Field(description="When it ends at the latest")
    method: str = Field(description="What proved who it is", examples=["password+totp"])
    address: str | None = Field(description="Where it was begun from", examples=["10.20.30.40"])
    current: bool = Field(description="Whether this request comes from it")


class TokenOfMine(BaseModel):
    """A bearer token that is good now."""

    token: str = Field(description="Its id, to revoke it by", examples=["9f2c41d07a6be583"])
    since: str = Field(examples=["2023-07-04T01:30:00+00:00"])
    expires_at: str | None = Field(description="When it ends, if ever")
    own: bool = Field(description="Whether the account's owner made it")


class Sessions(BaseModel):
    """The sessions and the bearer tokens of an account, the newest first."""

    items: list[SessionOfMine]
    tokens: list[TokenOfMine]


class FirstPassword(BaseModel):
    """A password just made, which only serves to set one's own."""

    password: str = Field(description="The password itself: shown once", examples=["k7mq-3vzx-pw9a-e4tb"])
    position: int


class Enrolment(BaseModel):
    """A generator of codes that waits for its first one."""

    secret: str = Field(
        description="To be typed into the generator: shown once",
        examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"],
    )
    uri: str = Field(
        description="The same as a link, or to be shown as a QR code",
        examples=[
            "otpauth://totp/Dispatch:operator-1?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Dispatch"
        ],
    )


class RecoveryCodes(BaseModel):
    """What signs in instead of a code of the generator, each once."""

    recovery_codes: list[str] = Field(description="Shown once", examples=[["k7mq-3vzx-pw9a-e4tb-x2cn-8rdf"]])
    position: int


class KeptPhoto(BaseModel):
    """A photo that is kept: its digest is what `evidence` names it by."""

    digest: str = Field(
        description="SHA-256 of what is kept, which is not what was sent if that said where it was taken",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    media_type: str = Field(examples=["image/jpeg"])
    size: int = Field(description="In bytes", examples=[312_400])
    width: int = Field(description="In pixels", examples=[1600])
    height: int = Field(description="In pixels", examples=[1200])


class PhotosOfItem(BaseModel):
    """The photos that an item's events name, in their order."""

    photos: list[KeptPhoto]


class PhotoForm(BaseModel):
    """A photo to be sent, as a form with one file."""

    photo: str = Field(
        description="JPEG, PNG or WebP",
        examples=["(the file's bytes)"],
        json_schema_extra={"format": "binary"},
    )


class NewToken(BaseModel):
    """A bearer token just made."""

    token: str = Field(description="Its id, to revoke it by")
    secret: str = Field(description="The token itself: shown once")
    position: int


class Clock(BaseModel):
    """What time it is for the service."""

    now: str = Field(examples=["2023-07-04T09:30:00+00:00"])
    simulated: bool
    position: int = Field(description="The log's last position", examples=[4711])


class ChannelOfInbox(BaseModel):
    """A channel, and where it reaches the recipient."""

    channel: str = Field(examples=["mail"])
    address: str = Field(examples=["wan***le"])


class QuietHours(BaseModel):
    """Hours in Shanghai in which only what is urgent is sent."""

    start: str = Field(examples=["22:00"])
    until: str = Field(examples=["07:00"])


class ChannelsOfInbox(BaseModel):
    """By which channels the notifications of an inbox are sent; `configured` are those that there are.

    `addressed` are those of them that send nothing without an address. With `erased` the inbox's addresses
    were erased for ever, and only channels without one can be set.
    """

    inbox: str = Field(examples=["member:500115101:wang"])
    channels: list[ChannelOfInbox]
    quiet: QuietHours | None
    erased: bool
    configured: list[str] = Field(examples=[["mail", "robot"]])
    addressed: list[str] = Field(examples=[["mail"]])


class OutgoingDelivery(BaseModel):
    """A notification on its way by one channel."""

    id: str = Field(examples=["4711-0~mail"])
    notification: str = Field(examples=["4711-0"])
    inbox: str = Field(examples=["member:500115101:wang"])
    channel: str = Field(examples=["mail"])
    place: str = Field(examples=["500115101001001"])
    name: str = Field(description="The event that it tells of", examples=["task.issued"])
    item: str = Field(examples=["task:0185c2f0a7b07e3c9d1f2a4b6c8e0d12"])
    urgent: bool
    state: str = Field(examples=["dead"])
    attempts: int
    taken_at: str = Field(examples=["2023-07-04T01:30:00Z"])
    error: str | None = Field(description="Why the last attempt failed", examples=["not-taken"])
    decided_by: str | None = Field(description="Who had it tried again or gave it up")


class Deliveries(BaseModel):
    """Deliveries, the oldest first, up to 500."""

    items: list[OutgoingDelivery]


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def described(answer: Any) -> dict[int | str, dict[str, Any]]:
    """Return how the API's document describes an answer that is a struct of the projections."""
    ANSWERS.append(answer)
    schema = {PLACE: len(ANSWERS) - 1}
    return {200: {"description": "Found", "content": {"application/json": {"schema": schema}}}}


ANSWERS: Final[list[Any]] = []
"""The projections' answers, which FastAPI can't describe by itself; the document does it for all at once."""
PLACE: Final = "x-answer"
"""Where a schema is still to come: its number in `ANSWERS`."""

READS: Final[dict[int | str, dict[str, Any]]] = {
    400: _problem("The address can't be meant"),
    401: _problem("No token, or one that is worth nothing"),
    403: _problem("Not in this role, or outside this account's scope"),
    404: _problem("There is no such thing"),
    422: _problem("Not well formed, or it can't be meant"),
    503: _problem("The database is away or its disk full, or the read model is behind: see Retry-After"),
}
WRITES: Final[dict[int | str, dict[str, Any]]] = READS | {
    409: _problem("The item's present state does not allow it"),
    412: _problem("If-Match names another version than the present one"),
    413: _problem("The body is too large"),
}
GUESSED: Final[dict[int | str, dict[str, Any]]] = WRITES | {
    429: _problem("Too many attempts have failed: see Retry-After"),
}
