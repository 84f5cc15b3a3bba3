"""What happened to one item, in words: who did it, in which role, when and from where."""

from collections.abc import Callable
from typing import Final

import msgspec

from dispatch.domain import codes
from dispatch.domain.event import Recorded
from dispatch.domain.personal import stream_of
from dispatch.domain.streams import EVOLVE
from dispatch.domain.text import written_out
from dispatch.eventlog.log import EventLog, Stored
from projections.audit.events import Audited, Issuers, audited, tried_with
from projections.audit.people import DEPARTMENT, GRID, MEMBER, People
from projections.audit.said import local, said
from projections.questions.words import WORDS

ROLES: Final[dict[str, tuple[str, str]]] = {
    "operator": ("值班员", "operator"),
    "worker": ("网格员", "grid worker"),
    "supervisor": ("领导", "supervisor"),
    "auditor": ("审计", "auditor"),
    "administrator": ("管理员", "administrator"),
    "system": ("系统", "the service"),
}
SOURCES: Final[dict[str, tuple[str, str]]] = {
    "http": ("网页或程序接口", "a page or the API"),
    "timer": ("定时", "a timer"),
    "cli": ("命令行", "the command line"),
    "import": ("导入", "an import"),
    "service": ("服务", "the service"),
}
PAGE: Final = ("网页", "a page")
PROGRAM: Final = ("程序接口", "the API")

REFUSALS: Final = "refusals"
"""The kind of the stream `refusals:ACCOUNT`, of what an account was not allowed."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the item and its sentence, in Chinese and in English."""

    event: Audited
    zh: str
    en: str


def streams_of(event_log: EventLog, item: str) -> list[str]:
    """Return the streams that an item's name means: itself, or those of any kind with that id."""
    # What an account was refused is told with the account.
    named = [item] if ":" in item else [f"{kind}:{item}" for kind in EVOLVE if kind != REFUSALS]
    # Who was shown its personal data is part of what happened to it.
    named += [stream_of(stream) for stream in named]
    versions = event_log.versions(named)
    return [stream for stream in named if versions.get(stream)]


def trail(event_log: EventLog, decode_whole: Callable[[Stored], Recorded], stream: str) -> list[Step]:
    """Return every event of a stream in words, who did it by the name of then; without personal data.

    What was tried with the item in vain, or refused for rights, is among them, where it was noted; so is, of
    an account, what it was refused.
    """
    people, issuers = People(event_log, decode_whole), Issuers(event_log, decode_whole)
    kind, _, key = stream.partition(":")
    streams = [stream, f"{REFUSALS}:{key}"] if kind == "account" else [stream]
    done = (one for own in streams for one in map(decode_whole, event_log.read_stream(own)))
    tried = (
        one
        for kind in ("command", REFUSALS)
        for one in map(decode_whole, event_log.read_kind(kind))
        if stream in tried_with(one.event)
    )
    found = (audited(one, issuers) for one in sorted([*done, *tried], key=lambda one: one.position))
    return [told(event, people) for event in found]


NAMED: Final = {
    "assignee": MEMBER,
    "mediator": MEMBER,
    "member": MEMBER,
    "department": DEPARTMENT,
    "grid": GRID,
}
"""By which events it was named what stands in these fields."""


def _details(event: Audited, people: People) -> tuple[list[str], list[str]]:
    """Return what an event says beside its verb; of an account's, first which account it is."""
    kind, _, account = event.stream.partition(":")
    which = (f"账号 {account}", f"account {account}") if kind == "account" else ("", "")
    town = codes.town_of(event.scope)

    def name_of(field: str, key: str) -> str | None:
        # By the name that it had before: what names it says the new one by itself.
        naming = NAMED.get(field)
        return people.called(naming, key, town, position=event.position - 1) if naming else None

    zh, en = ([*filter(None, both)] for both in zip(which, said(event.data, name_of), strict=True))
    return zh, en


def _way(event: Audited) -> tuple[str, str]:
    """Return by which way something came; over HTTP, people have a session and programs a token."""
    if event.source == "http" and event.session:
        return PAGE
    if event.source == "http" and event.token:
        return PROGRAM
    return SOURCES.get(event.source, (event.source, event.source))


def told(event: Audited, people: People) -> Step:
    """Return an event with its sentence, in which everything has its name of then."""
    person = people.name(event.actor, position=event.position)
    zh, en = WORDS.get(event.name, (event.name, event.name))
    role_zh, role_en = ROLES.get(event.role, (event.role, event.role))
    via_zh, via_en = _way(event)
    known = event.actor if person == event.actor else f"{person} {event.actor}"
    at, recorded = local(event.at), local(event.recorded_at)
    late = recorded != at
    token_zh = event.token and f"凭{event.token_issuer}签发的令牌{event.token}"
    token_en = event.token and f"by token {event.token} issued by {event.token_issuer}"
    request_zh, request_en = (
        event.request_id and f"{word}{event.request_id}" for word in ("请求", "request ")
    )
    from_zh = "，".join(filter(None, (via_zh, event.address, request_zh, token_zh)))
    from_en = ", ".join(filter(None, (via_en, event.address, request_en, token_en)))
    detail_zh, detail_en = (
        f"{mark}{joint.join(words)}" if words else ""
        for mark, joint, words in zip(("：", ": "), ("，", ", "), _details(event, people), strict=True)
    )
    return Step(
        event=event,
        zh=written_out(
            f"{at} {known}（{role_zh}）{zh}{detail_zh}"
            + (f"，{recorded} 记录" if late else "")
            + f"，来自{from_zh}（第{event.position:,}号）"
        ),
        en=written_out(
            f"{at} {known} ({role_en}): {en}{detail_en}"
            + (f"; recorded {recorded}" if late else "")
            + f"; from {from_en} (position {event.position:,})"
        ),
    )
