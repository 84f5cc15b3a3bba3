"""The outbox on a real database, with a real webhook and a real mail server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from commands.command import Command, Outcome, Request
from commands.handler import Handler
from commands.modes.enter import EnterEmergency
from commands.personal.erase import ErasePersonal
from commands.recipients.command import ChannelPlan
from commands.recipients.set_channels import SetChannels
from commands.tasks.cancel import CancelTask
from commands.tasks.escalate import EscalateTask
from commands.tasks.issue import IssueTasks
from commands.tasks.recalculate import RecalculateTask
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from commands.towns.post_member import PostMember
from dispatch.domain.inboxes import of_member
from dispatch.domain.limits import Limit, LimitKind
from dispatch.domain.modes import Grade
from dispatch.domain.personal import Ground
from dispatch.domain.recipients import Quiet
from dispatch.domain.towns import Post
from dispatch.eventlog import EventLog, open_log
from dispatch.eventlog.mapper import decode
from dispatch.service.calendars import china
from dispatch.service.clock import SimulatedClock
from dispatch.service.outbox.channels import Channels
from dispatch.service.outbox.checking import changed_deliveries
from dispatch.service.outbox.outbox import Outbox, Tuning
from dispatch.service.outbox.store import Delivery, DeliveryNotDead, DeliveryUnknown, Store
from dispatch.service.outbox.tables import State
from projections.catalogue import PROJECTIONS
from projections.engine.supervisor import Supervisor
from tests.gateways import HEADER, Mailbox, Webhook, mailbox, webhook
from tests.integration.projections.setting import open_generations
from tests.vaults import VAULT

TOWN = "500115101"
GRID = f"{TOWN}001001"
START = datetime(2023, 3, 1, 2, tzinfo=UTC)
"""Wednesday, 10:00 in Shanghai."""
CHIEF = of_member(TOWN, "chief")
NIGHT = Quiet("22:00", "07:00")
PHONE = "13800001234"


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as found:
        yield found


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


class Office:
    """A town with a chief, its log and read models, and a clock moved by hand."""

    def __init__(self, database: str, log: EventLog, read_models: Supervisor, clock: SimulatedClock) -> None:
        self.database, self.log, self.read_models, self.clock = database, log, read_models, clock
        self.handler = Handler(log, calendar=china(), clock=clock, vault=VAULT)
        self.stores: list[Store] = []

    async def send(self, command: Command) -> Outcome:
        return await self.handler.handle(Request(command=command, account="system"))

    async def issue(self, title: str = "巡查") -> str:
        command = IssueTasks(grids=(GRID,), title=title, category="patrol", assignee="chief")
        return (await self.send(command)).key_of("task")

    async def reach_by(self, *channels: str, quiet: Quiet | None = None) -> None:
        plans = tuple(ChannelPlan(channel=channel, address=PHONE) for channel in channels)
        await self.send(SetChannels(inbox=CHIEF, channels=plans, quiet=quiet))

    async def caught_up(self) -> None:
        assert await self.read_models.wait_until(self.log.head(), 20)

    def outbox(self, *, seconds: float = 10, attempts: int = 3, **urls: str) -> Outbox:
        """An outbox of this installation, with these channels; a new one begins at the log's head."""
        store = Store(self.database)
        self.stores.append(store)
        store.open(self.log.head)
        channels = Channels(urls, seconds=seconds)
        tuning = Tuning(seconds, 60, attempts)
        return Outbox(
            store, channels, self.handler, self.read_models, clock=self.clock, tuning=tuning, chance=lambda: 0
        )

    async def worked(self, outbox: Outbox) -> None:
        """Let the outbox know everything and work until nothing more is due now."""
        await self.caught_up()
        before: list[Delivery] | None = None
        while before != (before := waiting(outbox)) or before:
            await outbox.look()
            await outbox.settled()
            assert outbox.error is None
            if all(one.due_at > self.clock() for one in waiting(outbox)):
                return

    def wait(self, **time: float) -> None:
        self.clock.set(self.clock() + timedelta(**time))


def waiting(outbox: Outbox) -> list[Delivery]:
    return [one for state in (State.WAITING, State.SENDING) for one in outbox.store.deliveries(state)]


@asynccontextmanager
async def office_on(database: str) -> AsyncIterator[Office]:
    clock = SimulatedClock(START)
    with open_log(database, clock=clock) as log:
        read_models = Supervisor(log, open_generations(database), PROJECTIONS, decode=decode)
        read_models.start()
        office = Office(database, log, read_models, clock)
        try:
            await office.send(FoundTown(town=TOWN, name="万顺镇"))
            await office.send(DrawGrids(town=TOWN, grids=(GridPlan(code=GRID, name="网格", village="村"),)))
            await office.send(JoinMembers(town=TOWN, members=(MemberPlan(member="chief", name="王"),)))
            await office.send(PostMember(town=TOWN, member="chief", place=GRID, post=Post.CHIEF))
            await office.caught_up()
            yield office
        finally:
            for store in office.stores:
                store.close()
            read_models.stop()


Scenario = Callable[[Office], Awaitable[None]]


def run(database: str, scenario: Scenario) -> None:
    async def within() -> None:
        async with office_on(database) as office:
            await scenario(office)

    asyncio.run(within())


def test_what_is_told_goes_out_by_each_channel_with_its_key(
    database: str, hook: Webhook, mail: Mailbox
) -> None:
    async def scenario(office: Office) -> None:
        outbox = office.outbox(hook=hook.url, mail=mail.url)
        await office.send(
            SetChannels(
                inbox=CHIEF,
                channels=(
                    ChannelPlan(channel="hook", address=PHONE),
                    ChannelPlan(channel="mail", address="chief@town.example"),
                ),
            )
        )
        await office.issue("汛期巡查")
        await office.worked(outbox)
        (key, body) = hook.got[0]
        assert key == f"{office.log.head()}-0"
        assert "新任务：汛期巡查" in body["title"] + body["message"]
        ((to, message),) = mail.messages
        assert (to, message[HEADER]) == (["chief@town.example"], key)
        assert f"Notification {key}" in str(message.get_content())
        assert len(hook.got) == 1
        assert {one.zh for one in outbox.store.deliveries(State.SENT)} == {""}

    run(database, scenario)


def test_whose_channels_another_changes_is_told_by_the_former_ones(
    database: str, hook: Webhook, mail: Mailbox
) -> None:
    def reach(*plans: ChannelPlan) -> SetChannels:
        return SetChannels(inbox=CHIEF, channels=plans)

    async def scenario(office: Office) -> None:
        outbox = office.outbox(hook=hook.url, mail=mail.url)
        await office.send(reach(ChannelPlan(channel="mail", address="chief@town.example")))
        await office.send(reach(ChannelPlan(channel="mail", address="other@town.example")))
        await office.send(reach())
        await office.worked(outbox)
        await office.send(reach(ChannelPlan(channel="hook", address=PHONE)))
        await office.worked(outbox)
        assert sorted(to for to, _ in mail.messages) == [["chief@town.example"], ["other@town.example"]]
        assert not hook.got
        assert "通知渠道被他人更改：chief（办理人 system）" in str(mail.messages[0][1].get_content())

    run(database, scenario)


def test_nothing_from_before_the_outbox_goes_out_nor_after_a_rebuild_or_a_restart(
    database: str, hook: Webhook
) -> None:
    async def scenario(office: Office) -> None:
        await office.reach_by("hook")
        await office.issue("从前")
        await office.caught_up()
        outbox = office.outbox(hook=hook.url)
        await office.worked(outbox)
        assert hook.got == []
        await office.issue("现在")
        await office.worked(outbox)
        assert len(hook.got) == 1
        await asyncio.to_thread(office.read_models.rebuild)
        await office.worked(outbox)
        await office.worked(office.outbox(hook=hook.url))
        assert len(hook.got) == 1

    run(database, scenario)


def test_two_that_race_send_each_notification_once(database: str, hook: Webhook) -> None:
    async def scenario(office: Office) -> None:
        racers = [office.outbox(hook=hook.url) for _ in range(2)]
        await office.reach_by("hook")
        for number in range(30):
            await office.issue(f"巡查{number}")
        await office.caught_up()
        while len(racers[0].store.deliveries(State.SENT)) < 30:
            await asyncio.gather(*(racer.look() for racer in racers))
            await asyncio.gather(*(racer.settled() for racer in racers))
        assert len(hook.keys) == len(set(hook.keys)) == 30

    run(database, scenario)


def test_a_gateway_that_fails_is_asked_again_later_and_in_the_end_no_more(
    database: str, hook: Webhook
) -> None:
    async def scenario(office: Office) -> None:
        hook.status = 500
        outbox = office.outbox(hook=hook.url)
        await office.reach_by("hook")
        task = await office.issue()
        for attempts, minutes in ((1, 1), (2, 2)):
            await office.worked(outbox)
            (one,) = waiting(outbox)
            assert (one.attempts, one.error, len(hook.got)) == (attempts, "not-taken", attempts)
            assert one.due_at == office.clock() + timedelta(minutes=minutes)
            office.wait(minutes=minutes)
        await office.worked(outbox)
        (dead,) = outbox.store.deliveries(State.DEAD)
        assert (dead.attempts, len(set(hook.keys)), len(hook.keys)) == (3, 1, 3)
        assert (await outbox.standing())["dead"] == 1
        with pytest.raises(DeliveryUnknown):
            outbox.store.retry(dead.id, office.clock(), by="root", scope="330106")
        hook.status = 200
        outbox.store.retry(dead.id, office.clock(), by="root", scope=TOWN)
        await office.worked(outbox)
        assert [one.id for one in outbox.store.deliveries(State.SENT)] == [dead.id]
        with pytest.raises(DeliveryNotDead):
            outbox.store.discard(dead.id, office.clock(), by="root")
        hook.status = 500
        await office.send(CancelTask(task=task, reason="重复"))
        for _ in range(3):
            await office.worked(outbox)
            office.wait(hours=1)
        (dead,) = outbox.store.deliveries(State.DEAD)
        outbox.store.discard(dead.id, office.clock(), by="root")
        (gone,) = outbox.store.deliveries(State.DISCARDED)
        assert (gone.decided_by, gone.zh) == ("root", "")
        outbox.store.forget(office.clock() + timedelta(days=31))
        assert outbox.store.deliveries(State.DISCARDED) == outbox.store.deliveries(State.SENT) == []

    run(database, scenario)


def test_a_gateway_that_hangs_holds_up_nobody_else(database: str, hook: Webhook, mail: Mailbox) -> None:
    async def scenario(office: Office) -> None:
        hook.hangs = True
        outbox = office.outbox(seconds=1, hook=hook.url, mail=mail.url)
        await office.reach_by("hook")
        for number in range(6):
            await office.issue(f"巡查{number}")
        await office.caught_up()
        await outbox.look()
        await office.send(
            SetChannels(inbox=CHIEF, channels=(ChannelPlan(channel="mail", address="chief@town.example"),))
        )
        await office.issue("另一")
        await office.caught_up()
        while not mail.messages:
            await outbox.look()
            await asyncio.sleep(0.01)
        hook.released.set()
        await outbox.settled()
        assert len(mail.messages) == 1

    run(database, scenario)


def test_a_message_that_ends_each_process_is_given_up(database: str, hook: Webhook) -> None:
    async def scenario(office: Office) -> None:
        outbox = office.outbox(attempts=2, hook=hook.url)
        await office.reach_by("hook", quiet=NIGHT)
        office.clock.set(datetime(2023, 3, 1, 15, tzinfo=UTC))
        await office.issue()
        await office.worked(outbox)
        office.wait(hours=12)
        for _ in range(2):
            assert len(outbox.store.claim(office.clock(), lease=timedelta(seconds=1), most=1)) == 1
            office.wait(seconds=2)
        await office.worked(outbox)
        (dead,) = outbox.store.deliveries(State.DEAD)
        assert (dead.error, dead.attempts, hook.got) == ("interrupted", 3, [])

    run(database, scenario)


def test_quiet_hours_hold_back_what_can_wait(database: str, hook: Webhook) -> None:
    async def scenario(office: Office) -> None:
        outbox = office.outbox(hook=hook.url)
        await office.reach_by("hook", quiet=NIGHT)
        office.clock.set(datetime(2023, 3, 1, 15, tzinfo=UTC))
        await office.issue()
        await office.worked(outbox)
        assert hook.got == []
        (one,) = waiting(outbox)
        assert one.due_at == datetime(2023, 3, 1, 23, tzinfo=UTC)
        with closing(open_generations(database)) as generations:
            assert list(changed_deliveries(database, generations)) == []
        office.clock.set(one.due_at)
        await office.worked(outbox)
        assert len(hook.got) == 1

    run(database, scenario)


def test_quiet_hours_hold_back_nothing_of_an_emergency(database: str, hook: Webhook) -> None:
    """What begins in it, and what it hurries, overdue or not: the watch is 24 hours."""

    async def scenario(office: Office) -> None:
        outbox = office.outbox(hook=hook.url)
        await office.reach_by("hook", quiet=NIGHT)
        overdue = await office.issue()
        five_days = Limit(LimitKind.WORKING_DAYS, 5)
        command = IssueTasks(
            grids=(GRID,), title="守堤", category="patrol", assignee="chief", limit=five_days
        )
        hurried = (await office.send(command)).key_of("task")
        await office.worked(outbox)
        office.clock.set(datetime(2023, 3, 2, 15, tzinfo=UTC))
        flood = EnterEmergency(scope=TOWN, grade=Grade.RED, reason="洪水", recalculates=("patrol",))
        await office.send(flood)
        for task in (overdue, hurried):
            await office.send(RecalculateTask(task=task, emergency=f"{TOWN[:6]}@1"))
        begun = await office.issue("转移")
        office.wait(hours=2)
        for task in (overdue, hurried, begun):
            await office.send(EscalateTask(task=task))
        await office.worked(outbox)
        assert waiting(outbox) == []
        sent = {(one.item, one.name) for one in outbox.store.deliveries(State.SENT)}
        recalculated, escalated = "task.deadline_recalculated", "task.escalated"
        for task, name in (
            (overdue, recalculated),
            (overdue, escalated),
            (hurried, recalculated),
            (hurried, escalated),
            (begun, "task.issued"),
            (begun, escalated),
        ):
            assert (f"task:{task}", name) in sent, name
        switch = (f"mode:{TOWN[:6]}", "mode.emergency_entered")
        assert [(one.item, one.name) for one in outbox.store.deliveries(State.SENT)].count(switch) == 1

    run(database, scenario)


def test_a_channel_that_is_gone_or_unknown_is_told_and_logs_hold_neither_addresses_nor_texts(
    database: str, hook: Webhook
) -> None:
    async def scenario(office: Office) -> None:
        outbox = office.outbox(attempts=1, hook=hook.url)
        await office.reach_by("hook", "pigeon")
        await office.issue("秘密的标题")
        await office.caught_up()
        hook.status = 500
        with structlog.testing.capture_logs() as logs:
            await office.worked(outbox)
        codes = {one.channel: one.error for one in outbox.store.deliveries(State.DEAD)}
        assert codes == {"hook": "not-taken", "pigeon": "channel-unknown"}
        assert logs
        assert PHONE not in str(logs)
        assert "秘密" not in str(logs)

    run(database, scenario)


def test_who_gave_a_channel_up_is_not_sent_what_still_waited(database: str, hook: Webhook) -> None:
    async def scenario(office: Office) -> None:
        outbox = office.outbox(hook=hook.url)
        await office.reach_by("hook", quiet=NIGHT)
        office.clock.set(datetime(2023, 3, 1, 15, tzinfo=UTC))
        await office.issue()
        await office.worked(outbox)
        await office.reach_by()
        office.wait(hours=12)
        await office.worked(outbox)
        ((_, told),) = hook.got
        assert told["title"].startswith("通知渠道被他人更改")  # by the channel that was given up, once
        (gone,) = outbox.store.deliveries(State.DISCARDED)
        assert (gone.error, gone.zh, gone.en) == ("recipient-gone", "", "")

    run(database, scenario)


def test_what_a_log_that_was_put_back_says_at_the_same_positions_is_sent(
    database: str, hook: Webhook
) -> None:
    async def scenario(office: Office) -> None:
        outbox = office.outbox(hook=hook.url)
        await office.reach_by("hook")
        kept = await office.issue("较早")
        await office.worked(outbox)
        before = office.log.head()
        await office.issue("较晚")
        await office.worked(outbox)
        assert len(hook.got) == 2
        # As a service opens it whose log ends there: what comes next has the place of what is gone.
        assert outbox.store.open(lambda: before) == before
        assert [one.item for one in outbox.store.deliveries(State.SENT)] == [f"task:{kept}"]
        await office.worked(outbox)
        assert len(hook.got) == 3

    run(database, scenario)


def test_to_an_address_that_was_erased_nothing_is_sent_any_more(database: str, hook: Webhook) -> None:
    async def scenario(office: Office) -> None:
        outbox = office.outbox(hook=hook.url)
        await office.reach_by("hook", quiet=NIGHT)
        office.clock.set(datetime(2023, 3, 1, 15, tzinfo=UTC))
        await office.issue()
        await office.worked(outbox)
        await office.send(ErasePersonal(subjects=(f"recipient:{CHIEF}",), ground=Ground.REQUEST))
        await office.issue()
        office.wait(hours=12)
        await office.worked(outbox)
        assert hook.got == []
        # What still waited, and the notice that the channels are gone; of later ones nothing was taken up.
        gone = [(one.name, one.error) for one in outbox.store.deliveries(State.DISCARDED)]
        assert gone == [("task.issued", "recipient-gone"), ("recipient.channels_set", "recipient-gone")]

    run(database, scenario)
