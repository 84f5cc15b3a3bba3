"""Who is told of what: the fold of events into inboxes."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from dispatch.domain import tasks
from dispatch.domain.accounts import (
    AccountAdded,
    AccountRevoked,
    IdentityUnlinked,
    PasswordSet,
    Role,
    SecondFactorRemoved,
    TokenIssued,
)
from dispatch.domain.cases import Channel, Severity, Source, disputes, events
from dispatch.domain.checkpoints import STREAM, CheckpointDelivered, CheckpointUndelivered, Outside
from dispatch.domain.escalation import CaseEscalated, TaskEscalated, TaskEscalationAnswered
from dispatch.domain.event import Event
from dispatch.domain.inboxes import InboxRead
from dispatch.domain.ladder import Addressee, Level
from dispatch.domain.modes import DeadlinesRecalculated, EmergencyEntered, EmergencyLeft, Grade
from dispatch.domain.recipients import ChannelsSet
from dispatch.domain.towns import MemberJoined, MemberLeft, MemberPosted, MemberUnposted, Post, TownFounded
from dispatch.domain.working_time import Deadline, Limit, LimitKind
from projections.catalogue import INBOX
from projections.engine.rows import Rows
from projections.inbox.audience import AUDIENCES
from projections.inbox.phrases import phrase, put
from projections.inbox.row import NOTICES, READ, READERS, NoticeRow
from tests.histories import Happened
from tests.unit.projections.folding import AT, hours, recorded
from tests.unit.projections.folding import deadline as clocked

TOWN = "500115101"
GRID, OTHER = f"{TOWN}001001", f"{TOWN}001002"
CENTRE, DISTRICT = f"centre:{TOWN}", "district:500115"


def of(member: str) -> str:
    return f"member:{TOWN}:{member}"


def deadline(after: float) -> Deadline:
    """A deadline in working time: what is limited in clock hours is urgent."""
    return replace(clocked(after), limit=Limit(LimitKind.WORKING_HOURS, after))


PEOPLE = {
    "chief": (GRID, Post.CHIEF),
    "worker": (GRID, Post.FULL_TIME),
    "instructor": (GRID, Post.INSTRUCTOR),
    "other": (OTHER, Post.CHIEF),
    "leader": (TOWN, Post.LEADER),
}
STAFF: list[Happened] = [
    (f"town:{TOWN}", TownFounded(at=AT, code=TOWN, name="万顺镇")),
    *((f"town:{TOWN}", MemberJoined(at=AT, member=member, name=member)) for member in PEOPLE),
    *(
        (f"town:{TOWN}", MemberPosted(at=AT, member=member, place=place, post=post))
        for member, (place, post) in PEOPLE.items()
    ),
]


def fold(happened: Iterable[Happened]) -> Rows:
    rows = Rows(INBOX.tables)
    for one in recorded([*STAFF, *happened]):
        INBOX.apply(rows, one)
    return rows


def told(*happened: Event, item: str = "task:1") -> list[tuple[str, str]]:
    """Return who was told of which event, in order."""
    return [(row.name, row.owner) for row in notices(fold((item, event) for event in happened))]


def notices(rows: Rows) -> list[NoticeRow]:
    return sorted(rows.all(NOTICES), key=lambda row: (row.position, row.id))


def issued(assignee: str | None = None) -> tasks.TaskIssued:
    return tasks.TaskIssued(
        at=AT,
        grid=GRID,
        title="巡查",
        category="patrol",
        instructions="",
        by="operator",
        acceptance=deadline(4),
        handling=deadline(24),
        assignee=assignee,
    )


def reported(by: str = "worker", source: Source = Source.GRID_WORKER) -> events.CaseReported:
    return events.CaseReported(
        at=AT,
        grid=GRID,
        category="environment",
        title="垃圾",
        source=source,
        channel=Channel.DEVICE,
        severity=Severity.GRADE_3,
        by=by,
        acceptance=deadline(4),
    )


def test_a_task_is_told_to_its_assignee_or_to_the_hands_of_its_grid() -> None:
    assert told(issued("worker")) == [("task.issued", of("worker"))]
    assert told(issued()) == [("task.issued", of("chief")), ("task.issued", of("worker"))]


def test_who_left_a_post_hears_no_more_of_it() -> None:
    town = f"town:{TOWN}"
    unposted = MemberUnposted(at=AT, member="worker", place=GRID, post=Post.FULL_TIME)
    left = MemberLeft(at=AT, member="chief", reason="调离")
    rows = fold([(town, unposted), ("task:1", issued()), (town, left), ("task:2", issued())])
    assert [(row.item, row.owner) for row in notices(rows)] == [("task:1", of("chief"))]


def test_both_sides_hear_of_a_transfer_and_the_centre_of_what_comes_back() -> None:
    moved = tasks.TaskTransferred(
        at=hours(1),
        by="operator",
        grid=OTHER,
        assignee="other",
        reason="换人",
        acceptance=deadline(5),
        handling=deadline(24),
    )
    declined = tasks.TaskDeclined(at=hours(2), by="other", reason="不属于本网格")
    asked = tasks.TaskExtensionRequested(at=hours(2), by="worker", reason="难")
    granted = tasks.TaskExtensionGranted(at=hours(3), by="operator", handling=deadline(48))
    assert told(issued("worker"), moved, declined)[1:] == [
        ("task.transferred", of("other")),
        ("task.transferred", of("worker")),
        ("task.declined", CENTRE),
    ]
    assert told(issued("worker"), asked, granted)[1:] == [
        ("task.extension_requested", CENTRE),
        ("task.extension_granted", of("worker")),
    ]


def test_an_escalation_is_told_to_whom_it_was_addressed_and_its_answer_too() -> None:
    fired = TaskEscalated(
        at=hours(24),
        step="yellow_card",
        level=Level.YELLOW_CARD,
        planned_at=hours(24),
        roles=(Addressee.CHIEF, Addressee.INSTRUCTOR),
        persons=("chief", "instructor"),
    )
    district = TaskEscalated(
        at=hours(96),
        step="district",
        level=Level.DISTRICT,
        planned_at=hours(96),
        roles=(Addressee.DISTRICT,),
        persons=(),
    )
    answered = TaskEscalationAnswered(at=hours(97), by="chief", promised_at=hours(120), note="明日办结")
    found = notices(fold(("task:1", event) for event in (issued("worker"), fired, district, answered)))[1:]
    assert [(row.owner, row.level, row.urgent) for row in found] == [
        (of("chief"), Level.YELLOW_CARD, False),
        (of("instructor"), Level.YELLOW_CARD, False),
        (DISTRICT, Level.DISTRICT, True),
        (of("instructor"), None, False),
    ]
    assert (found[-1].until, found[-1].detail) == (hours(120), "明日办结")


def test_a_case_is_told_to_the_centre_to_a_department_and_its_outcome_to_who_reported_it() -> None:
    dispatched = events.CaseDispatched(
        at=hours(1), by="operator", grid=GRID, handling=deadline(24), department="emergency"
    )
    escalated = CaseEscalated(
        at=hours(12),
        step="notice",
        level=Level.NOTICE,
        planned_at=hours(12),
        roles=(Addressee.ASSIGNEE,),
        persons=(),
    )
    checking = events.CaseCheckStarted(at=hours(13), by="operator", checker="instructor")
    closed = events.CaseClosed(at=hours(14), by="operator")
    assert told(reported(), dispatched, escalated, checking, closed, item="case:1") == [
        ("case.reported", CENTRE),
        ("case.dispatched", f"department:{TOWN}:emergency"),
        ("case.escalated", f"department:{TOWN}:emergency"),
        ("case.check_started", of("instructor")),
        ("case.closed", of("worker")),
    ]


def test_the_reporter_of_a_duplicate_hears_the_outcome() -> None:
    merged = events.CaseMerged(at=hours(1), by="operator", into="2", reason="重复")
    outcome = events.CaseOutcomeTold(at=hours(9), by="operator", survivor="2")
    assert told(reported("chief"), merged, outcome, item="case:1")[1:] == [("case.outcome_told", of("chief"))]


def test_an_account_without_a_member_has_an_inbox_and_nobody_is_told_what_he_did_himself() -> None:
    refused = events.CaseRefused(at=hours(1), by="operator-2", reason="不实")
    assert told(reported("operator"), refused, item="case:1")[1:] == [("case.refused", "account:operator")]
    assert told(reported("operator-2"), refused, item="case:1")[1:] == []


def test_an_imported_past_is_told_to_nobody_and_a_grave_case_is_urgent() -> None:
    assert told(reported(source=Source.IMPORT), item="case:1") == []
    grave = replace(reported(), severity=Severity.RED)
    assert [row.urgent for row in notices(fold([("case:1", grave)]))] == [True]


def test_what_runs_through_the_night_is_urgent_from_then_on() -> None:
    by_the_clock = tasks.TaskReturned(at=hours(2), by="operator", reason="重做", handling=clocked(4))
    found = notices(fold([("task:1", issued("worker")), ("task:1", by_the_clock)]))
    assert [row.urgent for row in found] == [False, True]


def account(name: str, role: Role, scope: str = TOWN, member: str | None = None) -> Happened:
    event = AccountAdded(at=AT, account=name, name=name, role=role, scope=scope, member=member)
    return f"account:{name}", event


def switched(scope: str, *before: Happened, by: str = "operator") -> list[NoticeRow]:
    """Return who is told that an emergency was entered and left in a scope."""
    named: dict[str, Any] = {"emergency": "500115@1", "scope": scope}
    entered = EmergencyEntered(at=hours(1), grade=Grade.ORANGE, reason="暴雨橙色预警", by=by, **named)
    looked = DeadlinesRecalculated(at=hours(2), **named)
    left = EmergencyLeft(at=hours(3), reason="预警解除", by=by, **named)
    return notices(fold([*before, *(("mode:500115", event) for event in (entered, looked, left))]))


def test_a_switch_of_the_mode_is_told_once_to_everybody_whom_it_concerns() -> None:
    leading = [
        account("boss", Role.SUPERVISOR),
        account("posted-boss", Role.SUPERVISOR, member="leader"),
        account("city", Role.SUPERVISOR, "5001"),
        account("neighbour", Role.SUPERVISOR, "500115102"),
        account("gone", Role.SUPERVISOR),
        ("account:gone", AccountRevoked(at=AT, reason="调离")),
        account("operator", Role.OPERATOR),
        account("county", Role.SUPERVISOR, "500115"),
        account("auditor", Role.AUDITOR, ""),
    ]
    found = switched(GRID, *leading)
    of_the_grid = [of("chief"), of("worker"), of("instructor"), of("leader")]
    told_of_it = [DISTRICT, CENTRE, "account:boss", "account:city", *of_the_grid]
    for name in ("mode.emergency_entered", "mode.emergency_left"):
        assert sorted(row.owner for row in found if row.name == name) == sorted(told_of_it)
    assert len(found) == 2 * len(told_of_it)
    assert {(row.place, row.item, row.urgent) for row in found} == {(GRID, "mode:500115", True)}
    assert {put(row) for row in found} == {
        ("进入急时状态：暴雨橙色预警，Ⅱ级（橙）", "Emergency mode entered: 暴雨橙色预警, Ⅱ (orange)"),
        ("解除急时状态：预警解除", "Emergency mode left: 预警解除"),
    }
    assert of("other") in {row.owner for row in switched(TOWN)}
    assert {of("other"), CENTRE, DISTRICT} <= {row.owner for row in switched("500115")}
    assert not {row.owner for row in switched("500115102")} & {CENTRE, *of_the_grid}
    assert of("chief") not in {row.owner for row in switched(GRID, by="chief")}


def test_a_mediator_is_asked_and_what_is_personal_is_not_told() -> None:
    assigned = disputes.DisputeAssigned(at=hours(2), by="operator", mediator="instructor")
    assert told(reported(), assigned, item="case:1")[1:] == [("dispute.assigned", of("instructor"))]
    for event in AUDIENCES:
        assert not {"title", "reason"} & set(event.personal), event


def test_what_is_read_stays_read_and_nothing_is_read_before_it_is_there() -> None:
    stream = "inbox:worker"
    ahead = InboxRead(at=hours(1), account="worker", scope=TOWN, through=10_000, ids=("99-0",))
    back = InboxRead(at=hours(2), account="worker", scope=TOWN, through=3)
    rows = fold([(stream, ahead), (stream, back)])
    own_position = len(STAFF) + 1
    assert [(row.account, row.through) for row in rows.all(READERS)] == [("worker", own_position)]
    assert [row.id for row in rows.all(READ)] == ["99-0"]


def test_each_notification_can_be_put_in_both_languages() -> None:
    for event in AUDIENCES:
        name = str(event.__struct_config__.tag)
        zh, en = phrase(name, None)
        assert zh
        assert en
        assert zh != en


def test_a_member_hears_of_a_further_account_in_his_name_and_the_auditors_whose_it_is() -> None:
    def added(account: str, role: Role, member: str, by: str = "admin") -> Happened:
        event = AccountAdded(at=AT, account=account, name="李", role=role, scope=TOWN, member=member, by=by)
        return f"account:{account}", event

    rows = fold(
        [
            account("audit", Role.AUDITOR),
            # With what he begins is told to nobody, nor what is made at the shell.
            added("chief", Role.WORKER, "chief"),
            added("leader", Role.SUPERVISOR, "leader"),
            added("worker", Role.WORKER, "worker", by="system"),
            added("worker-2", Role.WORKER, "worker", by="system"),
            added("chief-2", Role.WORKER, "chief"),
            added("leader-2", Role.OPERATOR, "leader"),
        ]
    )
    assert [(row.title, row.owner) for row in notices(rows)] == [
        ("leader · leader", "account:audit"),
        ("chief-2 · chief", of("chief")),
        ("chief-2 · chief", "account:audit"),
        ("leader-2 · leader", of("leader")),
        ("leader-2 · leader", "account:audit"),
    ]


def test_whose_channels_another_changes_hears_of_it_and_so_do_the_auditors() -> None:
    def added(account: str, role: Role, scope: str = TOWN) -> Happened:
        return f"account:{account}", AccountAdded(at=AT, account=account, name="x", role=role, scope=scope)

    def changed(inbox: str, *, by_other: bool = True) -> Happened:
        return f"recipient:{inbox}", ChannelsSet(
            at=AT, inbox=inbox, scope=TOWN, by="admin", channels=(), by_other=by_other
        )

    rows = fold(
        [
            added("audit", Role.AUDITOR),
            added("audit-elsewhere", Role.AUDITOR, "500115102"),
            changed("account:admin", by_other=False),
            changed("account:audit"),
            changed(of("li")),
        ]
    )
    assert [(row.title, row.owner) for row in notices(rows)] == [
        ("audit", "account:audit"),
        ("li", of("li")),
        ("li", "account:audit"),
    ]
    assert put(notices(rows)[0]) == (
        "通知渠道被他人更改：audit（办理人 admin）",
        "Channels of notifications changed by somebody else: audit (by admin)",
    )
    assert all(row.urgent for row in notices(rows))


def test_every_auditor_hears_that_no_checkpoint_gets_outside_and_that_they_do_again() -> None:
    said = "url: it answered 503"
    rows = fold(
        [
            account("audit", Role.AUDITOR),
            account("chen", Role.OPERATOR),
            (STREAM, CheckpointUndelivered(at=hours(3), to=Outside.ENDPOINT, since=AT, error=said)),
            (STREAM, CheckpointDelivered(at=hours(4), to=Outside.ENDPOINT, size=31)),
        ]
    )
    assert [(row.owner, row.title, row.urgent) for row in notices(rows)] == [
        ("account:audit", said, True),
        ("account:audit", "endpoint · 31", True),
    ]
    assert put(notices(rows)[0]) == (
        f"检查点未能送出，外部留存中断：{said}",
        f"Checkpoints are not delivered, none is kept outside: {said}",
    )


def test_an_owner_and_his_auditors_hear_what_another_does_to_his_account() -> None:
    def added(account: str, role: Role, scope: str, by: str) -> Happened:
        event = AccountAdded(at=AT, account=account, name=account, role=role, scope=scope, by=by)
        return f"account:{account}", event

    def token(by: str | None) -> TokenIssued:
        return TokenIssued(at=AT, token="t", digest="0" * 64, by=by)

    rows = fold(
        [
            added("audit", Role.AUDITOR, TOWN, "system"),
            added("audit-district", Role.AUDITOR, "500115", "system"),
            added("audit-elsewhere", Role.AUDITOR, "500115102", "system"),
            added("li", Role.WORKER, TOWN, "admin"),
            added("chen", Role.OPERATOR, TOWN, "admin"),
            # What an account begins with is told to nobody; of a token of his own the owner hears.
            ("account:chen", token("admin")),
            ("account:chen", PasswordSet(at=AT, credential="1", temporary=True, by="admin")),
            ("account:chen", PasswordSet(at=AT, credential="2", temporary=False)),
            ("account:chen", token(None)),
            ("account:audit", token("system")),
            ("account:chen", PasswordSet(at=AT, credential="3", temporary=True, by="admin")),
            ("account:chen", SecondFactorRemoved(at=AT, factor="1", by="admin")),
            # An owner who has set no password is told so from the second day on.
            ("account:audit", IdentityUnlinked(at=hours(23), identity="0" * 64, by="system")),
            ("account:audit", IdentityUnlinked(at=hours(24), identity="0" * 64, by="system")),
        ]
    )
    both = ["account:audit", "account:audit-district"]
    assert [(row.name, row.owner) for row in notices(rows)] == [
        *(("account.added", one) for one in both),
        ("account.token_issued", "account:chen"),
        *(("account.password_set", one) for one in ["account:chen", *both]),
        *(("account.second_factor_removed", one) for one in ["account:chen", *both]),
        *(("account.identity_unlinked", one) for one in both),
    ]
    assert {(row.title, row.by, row.urgent) for row in notices(rows)} == {
        ("chen", "admin", True),
        ("chen", None, True),
        ("audit", "system", True),
    }
