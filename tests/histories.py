"""Made-up histories of a town's tasks, cases, disputes and permits, as real in shape as the rules allow."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

import msgspec
from msgspec.structs import replace

from dispatch.domain import households, plans, tasks
from dispatch.domain.campaigns import CampaignIssued
from dispatch.domain.cases import Channel, Severity, Source, disputes, events, permits
from dispatch.domain.event import Event, Metadata, name_of
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.policy import VISITS
from dispatch.domain.schedule import Schedule
from dispatch.domain.towns import Duty, GridDrawn, MemberJoined, MemberPosted, Post, TownFounded
from dispatch.domain.working_time import Deadline
from dispatch.eventlog import Append, EventLog, NewEvent, Stored, answered_as, micros
from dispatch.eventlog.mapper import encode

Happened = tuple[str, Event]
"""A stream and what happened to it."""

START = datetime(2023, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
TOWN = "500115101"
MEMBERS = [f"m{number}" for number in range(12)]
TASK_CATEGORIES = ("patrol", "visit", "inspection", "notice")
CASE_CATEGORIES = ("environment", "safety", "assistance", "advice")


def grids_of(town: str, number: int = 9) -> list[str]:
    return [f"{town}{village:03d}001" for village in range(1, number + 1)]


class Making:
    """One item's history: each step a while after the one before."""

    def __init__(self, chance: random.Random, stream: str, at: datetime) -> None:
        self.chance, self.stream, self.at = chance, stream, at
        self.events: list[Event] = []

    def later(self, hours: float = 24) -> datetime:
        """A while later; now and then at the very same time."""
        if self.chance.random() > 0.05:
            self.at += timedelta(minutes=int(self.chance.expovariate(1 / (hours * 60))))
        return self.at

    def happen(self, event: Event) -> None:
        self.events.append(event)

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def deadline(self, hours: float, started: datetime | None = None) -> Deadline:
        begin = started or self.at
        return Deadline(
            started=begin,
            due=begin + timedelta(hours=hours),
            limit=Limit(LimitKind.CLOCK_HOURS, hours),
            rule="test@1",
            calendar="test@1",
        )

    def moved(self, deadline: Deadline, hours: float) -> Deadline:
        return msgspec.structs.replace(deadline, due=deadline.due + timedelta(hours=hours))

    def cut(self, share: float) -> None:
        """Leave some histories unfinished."""
        if self.maybe(share):
            del self.events[self.chance.randrange(1, len(self.events) + 1) :]


def task(chance: random.Random, key: str, grids: Sequence[str], at: datetime) -> Making:
    made = Making(chance, f"task:{key}", at)
    worker = chance.choice(MEMBERS)
    handling = made.deadline(chance.choice((24, 72, 120)))
    made.happen(
        tasks.TaskIssued(
            at=at,
            grid=chance.choice(grids),
            title=f"巡查 {key}",
            category=chance.choice(TASK_CATEGORIES),
            instructions="",
            by="operator",
            acceptance=made.deadline(8),
            handling=handling,
        )
    )
    if made.maybe(0.02):
        made.happen(tasks.TaskCancelled(at=made.later(), by="operator", reason="重复"))
        return made
    if made.maybe(0.05):
        made.happen(tasks.TaskDeclined(at=made.later(4), by=worker, reason="不属于本网格"))
        handling = made.moved(handling, 6)
        made.happen(
            tasks.TaskTransferred(
                at=made.later(6),
                by="operator",
                grid=chance.choice(grids),
                assignee=worker,
                reason="转",
                acceptance=made.deadline(8),
                handling=handling,
            )
        )
    made.happen(tasks.TaskAccepted(at=made.later(3), by=worker))
    made.happen(tasks.TaskHandlingStarted(at=made.later(8), by=worker))
    handling = _turns_of_task(made, worker, handling)
    made.happen(tasks.TaskSubmitted(at=made.later(20), by=worker, note=""))
    while made.maybe(0.06):
        handling = made.moved(handling, 10)
        made.happen(tasks.TaskReturned(at=made.later(10), by="operator", reason="不合格", handling=handling))
        made.happen(tasks.TaskSubmitted(at=made.later(20), by=worker, note=""))
    made.happen(tasks.TaskClosed(at=made.later(8), by="operator", note=""))
    made.cut(0.06)
    return made


def _turns_of_task(made: Making, worker: str, handling: Deadline) -> Deadline:
    if made.maybe(0.05):
        made.happen(tasks.TaskExtensionRequested(at=made.later(2), by=worker, reason="难"))
        if made.maybe(0.7):
            handling = made.moved(handling, 24)
            made.happen(tasks.TaskExtensionGranted(at=made.later(2), by="operator", handling=handling))
        else:
            made.happen(tasks.TaskExtensionRefused(at=made.later(2), by="operator", reason="不"))
    if made.maybe(0.04):
        at = made.later(2)
        handling = made.moved(handling, 240)
        until = at + timedelta(hours=240)
        made.happen(tasks.TaskSuspended(at=at, by="operator", reason="等", until=until, handling=handling))
        if made.maybe(0.6):
            made.at = until
            made.happen(tasks.TaskResumed(at=until, by=None, handling=handling))
    if made.maybe(0.02):
        made.happen(tasks.TaskInstructed(at=made.later(1), by="leader", note="抓紧"))
    return handling


def _reported(made: Making, grids: Sequence[str], category: str) -> None:
    chance = made.chance
    made.happen(
        events.CaseReported(
            at=made.at,
            grid=chance.choice(grids),
            category=category,
            title=f"{category} {made.stream[-6:]}",
            source=chance.choice(list(Source)),
            channel=chance.choice(list(Channel)),
            severity=chance.choice(list(Severity)),
            by=chance.choice(MEMBERS),
            acceptance=made.deadline(4),
            description="secret words",
            reporter=events.Reporter(name="张三", telephone="13800000000"),
        )
    )


def case(chance: random.Random, key: str, grids: Sequence[str], at: datetime, other: str) -> Making:
    made = Making(chance, f"case:{key}", at)
    _reported(made, grids, chance.choice(CASE_CATEGORIES))
    way = chance.random()
    if way < 0.1:
        made.happen(events.CaseSelfHandled(at=made.later(0.2), by=MEMBERS[0], note=""))
    elif way < 0.13:
        made.happen(events.CaseRefused(at=made.later(2), by="operator", reason="不归"))
        if made.maybe(0.5):
            made.happen(events.CaseAppealed(at=made.later(9), by="zhang", reason="归"))
            upheld = made.maybe(0.5)
            acceptance = made.deadline(4) if upheld else None
            made.happen(
                events.CaseAppealDecided(
                    at=made.later(9), by="operator", upheld=upheld, reason="", acceptance=acceptance
                )
            )
    else:
        made.happen(events.CaseAccepted(at=made.later(2), by="operator"))
        if made.maybe(0.03):
            made.happen(events.CaseNotRegistered(at=made.later(2), by="operator", reason="无"))
        else:
            _on_the_books(made, other)
    made.cut(0.1)
    return made


def _on_the_books(made: Making, other: str) -> None:
    handling = made.deadline(made.chance.choice((24, 48, 120)))
    made.happen(events.CaseRegistered(at=made.at, by="operator", handling=handling))
    if made.maybe(0.05):
        made.happen(events.CaseMerged(at=made.later(2), by="operator", into=other, reason="同"))
        if made.maybe(0.5):
            return
        unmerged = made.moved(handling, 5)
        made.happen(
            events.CaseUnmerged(
                at=made.later(2), by="operator", reason="异", acceptance=made.deadline(4), handling=unmerged
            )
        )
        handling = unmerged
    if made.maybe(0.04):
        made.happen(events.CaseVoided(at=made.later(2), by="operator", reason="误"))
        return
    grid = made.events[0].grid  # type: ignore[attr-defined] # the first event is the report
    if made.maybe(0.04):
        made.happen(events.CaseHandedUp(at=made.later(2), by="operator", to="district", reason="重"))
        handling = made.moved(handling, 30)
    made.happen(
        events.CaseDispatched(at=made.later(3), by="operator", grid=grid, handling=handling, assignee="m1")
    )
    made.happen(events.CaseHandlingStarted(at=made.later(3), by="m1"))
    _handled_and_closed(made, handling)
    if made.maybe(0.06):
        at = made.later(20)
        made.happen(events.CaseFollowedUp(at=at, by="operator", satisfied=False))
        again = made.deadline(48)
        made.happen(
            events.CaseReopened(at=at, by="operator", reason="dissatisfied at follow-up", handling=again)
        )
        made.happen(
            events.CaseDispatched(at=made.later(3), by="operator", grid=grid, handling=again, assignee="m2")
        )
        made.happen(events.CaseHandlingStarted(at=made.later(3), by="m2"))
        _handled_and_closed(made, again)


def _handled_and_closed(made: Making, handling: Deadline) -> None:
    made.happen(events.CaseHandled(at=made.later(30), by="m1", note=""))
    made.happen(events.CaseCheckStarted(at=made.later(4), by="operator"))
    if made.maybe(0.1):
        later = made.moved(handling, 20)
        made.happen(events.CaseCheckFailed(at=made.later(4), by="operator", reason="没好", handling=later))
        made.happen(events.CaseHandled(at=made.later(20), by="m1", note=""))
        made.happen(events.CaseCheckStarted(at=made.later(4), by="operator"))
    made.happen(events.CaseCheckPassed(at=made.later(4), by="checker"))
    made.happen(events.CaseClosed(at=made.later(4), by="operator"))


def dispute(chance: random.Random, key: str, grids: Sequence[str], at: datetime, number: int) -> Making:
    made = Making(chance, f"case:{key}", at)
    _reported(made, grids, "dispute")
    made.happen(events.CaseAccepted(at=made.later(2), by="operator"))
    handling = made.deadline(480)
    made.happen(
        disputes.DisputeRegistered(
            at=made.later(2), by="operator", number=f"2023-{number:04d}", handling=handling
        )
    )
    kind = chance.choice(list(disputes.DisputeKind))
    major = made.maybe(0.1)
    made.happen(disputes.DisputeClassified(at=made.later(2), by="operator", kind=kind, major=major))
    made.happen(disputes.DisputeAssigned(at=made.later(2), by="operator", mediator="m3"))
    level = "courtyard"
    for higher in ("village", "town"):
        made.happen(disputes.DisputeMediationStarted(at=made.later(20), by="m3", level=level))
        if made.maybe(0.8):
            break
        made.happen(disputes.DisputeFailed(at=made.later(20), by="m3", level=level, reason="不成"))
        level = higher
    jointly = ("town",) if major else ()
    made.happen(disputes.DisputeAgreed(at=made.later(30), by="m3", level=level, jointly_with=jointly))
    made.happen(disputes.DisputePerformed(at=made.later(50), by="m3"))
    made.happen(disputes.DisputeFollowedUp(at=made.later(50), by="operator", settled=True))
    made.happen(disputes.DisputeStruckOff(at=made.later(9), by="operator", note="", evidence=("ab",)))
    if made.maybe(0.05):
        again = made.deadline(480)
        made.happen(disputes.DisputeFlaredUp(at=made.later(99), by="operator", reason="", handling=again))
    made.cut(0.2)
    return made


def permit(chance: random.Random, key: str, grids: Sequence[str], at: datetime) -> Making:
    made = Making(chance, f"case:{key}", at)
    made.happen(
        permits.PermitDue(
            at=at,
            grid=chance.choice(grids),
            number=key,
            title="许可",
            by="operator",
            reporting=made.deadline(168),
            holder="secret words",
        )
    )
    made.happen(permits.PermitReported(at=made.later(80), by="operator"))
    if made.maybe(0.2):
        made.happen(permits.PermitJudged(at=made.later(20), by="judge", compliant=False))
        made.happen(permits.PermitCorrected(at=made.later(20), by="operator", note=""))
    else:
        made.happen(permits.PermitJudged(at=made.later(20), by="judge", compliant=True))
    made.cut(0.2)
    return made


def town(code: str = TOWN, grids: int = 9) -> Iterator[Happened]:
    """A town with its grids and a staff that works in them."""
    stream, codes = f"town:{code}", grids_of(code, grids)
    yield stream, TownFounded(at=START, code=code, name="万顺镇")
    for number, grid in enumerate(codes):
        yield stream, GridDrawn(at=START, code=grid, name=f"{number + 1}号网格", village=f"{number + 1}村")
    for member in MEMBERS:
        yield stream, MemberJoined(at=START, member=member, name=f"名{member}")
    for number, grid in enumerate(codes):
        yield stream, MemberPosted(at=START, member="m0", place=grid, post=Post.FULL_TIME)
        mine = MEMBERS[1 + number % 9]
        yield stream, MemberPosted(at=START, member=mine, place=grid, post=Post.CHIEF)
        if number % 2:
            duty = Duty.PATROL
            yield stream, MemberPosted(at=START, member="m11", place=grid, post=Post.AUXILIARY, duty=duty)


def campaign(chance: random.Random, code: str = TOWN) -> Iterator[Making]:
    """One campaign to two grids, with its tasks."""
    at, grids = START + timedelta(days=3), grids_of(code, 2)
    issued = {grid: f"k{number}" for number, grid in enumerate(grids)}
    made = Making(chance, "campaign:c1", at)
    made.happen(
        CampaignIssued(at=at, town=code, title="汛期巡查", category="patrol", by="operator", tasks=issued)
    )
    yield made
    for grid, key in issued.items():
        of_campaign = task(chance, key, [grid], at)
        first = of_campaign.events[0]
        assert isinstance(first, tasks.TaskIssued)
        of_campaign.events = [msgspec.structs.replace(first, campaign="c1"), *of_campaign.events[1:]]
        yield of_campaign


def items(
    seed: int,
    *,
    task_count: int,
    case_count: int = 0,
    dispute_count: int = 0,
    permit_count: int = 0,
    household_count: int = 0,
    plan_count: int = 0,
    code: str = TOWN,
    grids: int = 9,
    start: datetime = START,
    span: timedelta = YEAR,
) -> Iterator[Making]:
    """The histories of many items, each begun somewhere in the span."""
    chance = random.Random(seed)
    places = grids_of(code, grids)
    counts = {"t": task_count, "c": case_count, "d": dispute_count, "p": permit_count}
    counts |= {"h": household_count, "r": plan_count}
    for kind, number in counts.items():
        for one in range(number):
            key = f"{kind}{seed}x{code[-3:]}x{one:07d}"
            at = start + timedelta(minutes=chance.randrange(int(span / timedelta(minutes=1))))
            if kind == "t":
                yield task(chance, key, places, at)
            elif kind == "c":
                yield case(chance, key, [*places, code], at, key)
            elif kind == "d":
                yield dispute(chance, key, places, at, one)
            elif kind == "p":
                yield permit(chance, key, places, at)
            elif kind == "h":
                yield household(chance, key, places, at)
            else:
                yield plan(chance, key, code, at)


def household(chance: random.Random, key: str, grids: Sequence[str], at: datetime) -> Making:
    """On record, visited now and then, changed, moved and perhaps gone."""
    made = Making(chance, f"household:{key}", at)
    grid, kind = chance.choice(grids), chance.choice(list(households.HouseholdClass))
    made.happen(
        households.HouseholdRecorded(
            at=at,
            grid=grid,
            household_class=kind,
            every=VISITS[kind],
            by="operator",
            name="张三户",
            address="一组",
        )
    )
    for visit in range(chance.randrange(6)):
        if made.maybe(0.2):
            grid, kind = chance.choice(grids), chance.choice(list(households.HouseholdClass))
            made.happen(
                households.HouseholdChanged(
                    at=made.later(200), grid=grid, household_class=kind, every=VISITS[kind], by="operator"
                )
            )
        made.happen(
            households.HouseholdVisited(at=made.later(200), task=f"{key}v{visit}", by=chance.choice(MEMBERS))
        )
    if made.maybe(0.2):
        made.happen(households.HouseholdLeft(at=made.later(100), by="operator", reason="迁出"))
    return made


def plan(chance: random.Random, key: str, scope: str, at: datetime) -> Making:
    """Started, come round some days, paused or ended."""
    made, day = Making(chance, f"plan:{key}", at), timedelta(days=1)
    terms = plans.PlanTerms(
        scope=scope, title="日常巡逻", category="patrol", schedule=Schedule(times=(time(8),))
    )
    planned = at + day
    made.happen(plans.PlanStarted(at=at, terms=terms, by="operator", next_at=planned))
    for number in range(chance.randrange(5)):
        made.at = planned
        if made.maybe(0.2):
            made.happen(plans.PlanPaused(at=made.later(1), by="operator", reason="春节"))
            made.happen(plans.PlanChanged(at=made.later(1), terms=terms, by="operator", next_at=planned))
            planned = made.later(24) + day
            made.happen(plans.PlanResumed(at=made.at, by="operator", next_at=planned))
        elif made.maybe(0.3):
            why = chance.choice(list(plans.PassedOver))
            made.happen(plans.PlanPassedOver(at=planned, planned_at=planned, why=why, next_at=planned + day))
            planned += day
        else:
            ids = (f"{key}t{number}",)
            made.happen(plans.PlanCameRound(at=planned, planned_at=planned, tasks=ids, next_at=planned + day))
            planned += day
    if made.maybe(0.3):
        made.happen(plans.PlanEnded(at=made.later(1), by="operator", reason="不再需要"))
    return made


def in_order(chance: random.Random, made: Iterable[Making], late: float = 0.05) -> list[Happened]:
    """All events in the order in which the log takes them: most at once, some of them hours late."""
    found: list[tuple[datetime, str, int, Event]] = []
    for one in made:
        recorded = START - YEAR
        for number, event in enumerate(one.events):
            delay = timedelta(hours=chance.randrange(1, 40)) if chance.random() < late else timedelta()
            recorded = max(recorded, event.at + delay)
            found.append((recorded, one.stream, number, event))
    found.sort(key=lambda entry: entry[:3])
    return [(stream, event) for _, stream, _, event in found]


def history(seed: int = 1, *, span: timedelta = YEAR, **counts: int) -> list[Happened]:
    """A whole town's history in the order of the log."""
    chance = random.Random(seed)
    made = [*items(seed, span=span, **counts)]  # type: ignore[arg-type] # numbers only
    return [*town(), *in_order(chance, [*made, *campaign(chance)])]


METADATA = Metadata(actor="operator", role="operator", scope=TOWN, command_id="c", correlation_id="c")


def stored(happened: Iterable[Happened], *, after: int = 0, recorded: int | None = None) -> list[Stored]:
    """The events as a log holds them, recorded when they happened or as late as the one before."""
    versions: dict[str, int] = {}
    found, latest = [], recorded or 0
    for position, (stream, event) in enumerate(happened, start=after + 1):
        versions[stream] = versions.get(stream, 0) + 1
        at = micros(event.at)
        latest = max(latest, at)
        state = encode(event, METADATA)
        found.append(Stored(position, stream, versions[stream], name_of(event), at, latest, state))
    return found


def record(
    log: EventLog,
    happened: Sequence[Happened],
    *,
    chunk: int = 5_000,
    versions: dict[str, int] | None = None,
    answered: bool = True,
) -> int:
    """Append events, many a command, and return the last position.

    `versions` are those of the streams that are in the log already; they are kept up to date.
    Unless `answered`, no event tells of an answer, as it was before they did.
    """
    versions = {} if versions is None else versions
    last = 0
    for begin in range(0, len(happened), chunk):
        reads: dict[str, int] = {}
        first = happened[begin][0]
        command = f"{first}-{begin}-{versions.get(first, 0)}"
        placed = []
        for stream, event in happened[begin : begin + chunk]:
            reads.setdefault(stream, versions.get(stream, 0))
            versions[stream] = versions.get(stream, 0) + 1
            placed.append((stream, versions[stream], event))
        written = [{"stream": one, "version": versions[one], "status": ""} for one in reads]
        outcome = msgspec.json.encode({"written": written})
        metadata = replace(METADATA, command_id=command)
        told = replace(metadata, answered=answered_as(b"", outcome) if answered else None)
        new: list[NewEvent] = []
        for stream, version, event in placed:
            state = encode(event, metadata if new else told)
            new.append(NewEvent(stream, version, name_of(event), micros(event.at), state))
        last = log.append(Append(command, b"", tuple(new), reads, outcome)).last
    return last
