"""What people write stands in fields that are known: none is left out where a record is frozen."""

from datetime import UTC, datetime

from dispatch.domain.cases import disputes, events, permits
from dispatch.domain.event import Event
from dispatch.eventlog.registry import domain_events
from dispatch.eventlog.vault.sealing import has_words

CODES = {
    *("at", "by", "grid", "category", "reference", "department", "assignee", "checker", "into", "case"),
    *("to", "survivor", "step", "emergency", "mediator", "level", "number", "task", "ledger"),
}
"""Fields of text that hold a code, an id or a name of the service's own."""
KINDS = ("case.", "dispute.", "permit.", "household.")


def test_each_text_of_an_item_is_what_somebody_writes_or_a_code() -> None:
    unknown = {
        f"{name}.{field}"
        for name, event in domain_events().items()
        if name.startswith(KINDS)
        for field, kind in event.__annotations__.items()
        if str(kind) in {"<class 'str'>", "str | None", "str"}
        and field not in CODES
        and field not in event.said
        and field not in event.personal
    }
    assert unknown == set()


def test_an_event_without_words_has_none() -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    silent: list[Event] = [
        events.CaseVerified(at=at, by="op", genuine=True),
        disputes.DisputeFollowedUp(at=at, by="op", settled=True),
        permits.PermitReported(at=at, by="op", evidence=()),
    ]
    assert not any(map(has_words, silent))
    assert has_words(events.CaseVerified(at=at, by="op", genuine=True, note="在家"))
    assert has_words(disputes.DisputeFollowedUp(at=at, by="op", settled=True, note="满意"))
