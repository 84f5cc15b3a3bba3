"""The command handler on a real log: one effect and one answer, whatever is repeated, raced or revoked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from commands.accounts.add import AddAccount
from commands.accounts.issue_token import IssueToken
from commands.accounts.revoke import RevokeAccount
from commands.accounts.revoke_token import RevokeToken
from commands.cases.accept import AcceptCase
from commands.cases.report import ReportCase
from commands.cases.void import VoidCase
from commands.command import Command, Outcome, Request
from commands.context import CommandUnauthenticated, GridIsClosed, PersonalDataErased, TaskUnknown
from commands.handler import Handler, KeyReused
from commands.households.change import ChangeHousehold
from commands.households.record import NewHousehold, RecordHouseholds
from commands.personal.erase import ErasePersonal
from commands.recipients.command import ChannelPlan
from commands.recipients.set_channels import SetChannels
from commands.tasks.accept import AcceptTask
from commands.tasks.command import TaskStatusForbids
from commands.tasks.handle import HandleTask
from commands.tasks.issue import IssueTasks
from commands.towns.close_grid import CloseGrid
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from commands.towns.join_members import JoinMembers, MemberPlan
from commands.towns.leave_member import LeaveMember
from commands.towns.post_member import PostMember
from commands.towns.rename import RenameTown
from dispatch.domain.accounts import Role
from dispatch.domain.cases.events import Reporter
from dispatch.domain.cases.kinds import Source
from dispatch.domain.households import HouseholdClass
from dispatch.domain.personal import Ground
from dispatch.domain.refusal import OutOfScope, Refusal, RoleNotAllowed, StaleVersion
from dispatch.domain.towns import Post
from dispatch.domain.unchanged import CommandHadNoEffect, CommandRefused
from dispatch.eventlog import EventLog, LogUnavailable, open_log
from dispatch.eventlog.mapper import UnreadableEvent, decode, decode_whole
from dispatch.eventlog.vault.sealing import sealed_in
from dispatch.eventlog.vault.sealing import texts as texts_of
from dispatch.eventlog.vault.vault import Vault, new_root
from dispatch.service.calendars import china
from dispatch.service.recipients import recipient_of
from tests.faults.proofs.tampering import tamper
from tests.vaults import VAULT

TOWN = "500115101"
GRIDS = (f"{TOWN}001001", f"{TOWN}002001")
NOW = datetime(2023, 3, 1, 2, tzinfo=UTC)


class Office:
    """A town with an operator and a worker, on one log with any number of handlers."""

    def __init__(self, database: str) -> None:
        self.log: EventLog = open_log(database, clock=lambda: NOW)
        self.handler = self.another_handler()

    def another_handler(self) -> Handler:
        return Handler(self.log, calendar=china(), clock=lambda: NOW, vault=VAULT)

    async def open(self) -> None:
        await self.send("system", FoundTown(town=TOWN, name="万顺镇"))
        plans = tuple(GridPlan(code=code, name=code, village="村") for code in GRIDS)
        await self.send("system", DrawGrids(town=TOWN, grids=plans))
        await self.send("system", JoinMembers(town=TOWN, members=(MemberPlan(member="wang", name="王"),)))
        await self.send("system", PostMember(town=TOWN, member="wang", place=GRIDS[0], post=Post.FULL_TIME))
        await self.send("system", AddAccount(account="op", name="值班", role=Role.OPERATOR, scope=TOWN))
        worker = AddAccount(account="worker", name="王", role=Role.WORKER, scope=TOWN, member="wang")
        await self.send("system", worker)
        elsewhere = AddAccount(account="elsewhere", name="外", role=Role.OPERATOR, scope="500116")
        await self.send("system", elsewhere)

    async def send(
        self,
        account: str,
        command: Command,
        *,
        key: str | None = None,
        version: int | None = None,
        token: str | None = None,
        handler: Handler | None = None,
    ) -> Outcome:
        request = Request(command=command, account=account, key=key, version=version, token=token)
        return await (handler or self.handler).handle(request)

    async def issue(self, *, key: str | None = None) -> str:
        outcome = await self.send("op", IssueTasks(grids=GRIDS[:1], title="巡查", category="patrol"), key=key)
        return outcome.key_of("task")


def report(*, name: str) -> ReportCase:
    reporter = Reporter(name=name) if name else None
    return ReportCase(
        grid=GRIDS[0], category="environment", title="垃圾", source=Source.PATROL, reporter=reporter
    )


@contextmanager
def office_on(database: str) -> Iterator[Office]:
    office = Office(database)
    try:
        yield office
    finally:
        office.log.close()


def play(database: str, story: Callable[[Office], Awaitable[object]]) -> None:
    async def whole() -> None:
        with office_on(database) as office:
            await office.open()
            await story(office)

    asyncio.run(whole())


def test_a_repeat_under_the_same_key_gets_the_first_answer_and_has_no_second_effect(database: str) -> None:
    async def story(office: Office) -> None:
        first = await office.send("op", IssueTasks(grids=GRIDS, title="巡查", category="patrol"), key="k1")
        again = await office.send("op", IssueTasks(grids=GRIDS, title="巡查", category="patrol"), key="k1")
        elsewhere = await office.send(
            "op",
            IssueTasks(grids=GRIDS, title="巡查", category="patrol"),
            key="k1",
            handler=office.another_handler(),
        )
        assert again.repeated
        assert elsewhere.repeated
        assert again.written == elsewhere.written == first.written
        assert office.log.head() == first.position == again.position

    play(database, story)


def test_the_same_key_for_another_request_is_refused(database: str) -> None:
    async def story(office: Office) -> None:
        await office.issue(key="k1")
        with pytest.raises(KeyReused):
            await office.send("op", IssueTasks(grids=GRIDS, title="另一个", category="patrol"), key="k1")
        # Also one that is refused for itself gets no answer that was given to another.
        with pytest.raises(KeyReused):
            await office.send("op", AcceptTask(task="0" * 32), key="k1")

    play(database, story)


def test_what_was_done_is_answered_again_though_it_could_not_be_done_any_more(database: str) -> None:
    async def story(office: Office) -> None:
        task = await office.issue()
        first = await office.send("worker", AcceptTask(task=task), key="k1")
        await office.send("worker", HandleTask(task=task))
        head = office.log.head()
        again = await office.send("worker", AcceptTask(task=task), key="k1", handler=office.another_handler())
        assert (again.repeated, again.position, again.written) == (True, first.position, first.written)
        with pytest.raises(TaskStatusForbids):
            await office.send("worker", AcceptTask(task=task), key="k2")
        assert office.log.head() == head + 1

    play(database, story)


def test_a_key_is_of_one_moment_of_a_device_too(database: str) -> None:
    async def story(office: Office) -> None:
        task = await office.issue()
        command = AcceptTask(task=task)
        moments = [NOW - timedelta(minutes=minutes) for minutes in (5, 6)]
        first, other = (Request(command=command, account="worker", key="k1", device_at=at) for at in moments)
        assert not (await office.handler.handle(first)).repeated
        assert (await office.handler.handle(first)).repeated
        with pytest.raises(KeyReused):
            await office.handler.handle(other)

    play(database, story)


def test_a_request_that_is_wrong_in_itself_leaves_its_key_unused(database: str) -> None:
    async def story(office: Office) -> None:
        head = office.log.head()
        with pytest.raises(RoleNotAllowed):
            await office.send("worker", IssueTasks(grids=GRIDS, title="x", category="patrol"), key="k1")
        with pytest.raises(TaskUnknown):
            await office.send("worker", AcceptTask(task="0" * 32), key="k1")
        assert office.log.head() == head
        task = await office.issue()
        assert not (await office.send("worker", AcceptTask(task=task), key="k1")).repeated

    play(database, story)


def test_an_event_says_what_proved_who_sent_it_and_the_first_what_was_answered(database: str) -> None:
    async def story(office: Office) -> None:
        await office.send("system", IssueToken(account="op", token="t1", digest="0" * 64))
        command = IssueTasks(grids=GRIDS, title="巡查", category="patrol")
        for session in (None, "s1"):
            head = office.log.head()
            await office.handler.handle(Request(command=command, account="op", token="t1", session=session))
            told = [decode_whole(one).metadata for one in office.log.read(after=head)]
            assert len(told) > 1
            proofs = {(one.token, one.session) for one in told if one}
            assert proofs == {("t1", None) if session is None else (None, "s1")}
            assert [one is not None and one.answered is not None for one in told] == [
                True,
                *[False] * (len(told) - 1),
            ]

    play(database, story)


def test_a_state_is_told_as_it_was_before_a_position(database: str) -> None:
    async def story(office: Office) -> None:
        task = await office.issue()
        stream = f"task:{task}"
        position = (await office.send("worker", AcceptTask(task=task))).position
        statuses = []
        for before in (position - 1, position, position + 1):
            state = await office.handler.state(stream, before=before)
            statuses.append(None if state is None else str(state.status))
        assert statuses == [None, "issued", "accepted"]

    play(database, story)


def test_under_another_key_encryption_key_nothing_is_read_and_nothing_sealed(database: str) -> None:
    async def story(office: Office) -> None:
        case = (await office.send("op", report(name="张三"))).key_of("case")
        other = Handler(office.log, calendar=china(), clock=lambda: NOW, vault=Vault(new_root()))
        with pytest.raises(LogUnavailable):
            await other.opened(f"case:{case}", [])
        new = NewHousehold(grid=GRIDS[0], household_class=HouseholdClass.KEY, name="李四", address="一组")
        made = (await office.send("op", RecordHouseholds(households=(new,)))).key_of("household")
        head = office.log.head()
        with pytest.raises(LogUnavailable):
            await office.send("op", ChangeHousehold(household=made, address="二组"), handler=other)
        assert office.log.head() == head

    play(database, story)


def test_after_an_erasure_no_word_is_written_there_in_clear_either(database: str) -> None:
    async def story(office: Office) -> None:
        subject = (await office.send("op", report(name="张三"))).written[0].stream
        case = subject.partition(":")[2]
        await office.send("system", ErasePersonal(subjects=(subject,), ground=Ground.REQUEST))
        head = office.log.head()
        with pytest.raises(PersonalDataErased):
            await office.send("op", VoidCase(case=case, reason="张三自己处理了"))
        assert office.log.head() == head
        assert (await office.send("op", AcceptCase(case=case))).written

    play(database, story)


def test_the_same_key_of_another_account_is_another_request(database: str) -> None:
    async def story(office: Office) -> None:
        task = await office.issue(key="k1")
        outcome = await office.send("worker", AcceptTask(task=task), key="k1")
        assert not outcome.repeated

    play(database, story)


def test_a_refusal_under_a_key_is_given_again_even_when_the_state_has_changed(database: str) -> None:
    async def story(office: Office) -> None:
        task = await office.issue()
        await office.send("worker", AcceptTask(task=task))
        other = await office.issue()
        with pytest.raises(TaskStatusForbids):
            await office.send("op", IssueTasksVerify(other), key="early")
        with pytest.raises(Refusal) as again:
            await office.send("op", IssueTasksVerify(other), key="early")
        assert again.value.code == TaskStatusForbids.code
        assert again.value.message == TaskStatusForbids().message
        told = [decode_whole(one) for one in office.log.read() if one.stream == "command:op/early"]
        # Known where the task is, to whoever audits there, whatever the scope of who asked.
        assert [one.metadata and one.metadata.scope for one in told] == [GRIDS[0]]

    play(database, story)


def IssueTasksVerify(task: str) -> Command:  # noqa: N802 - reads as the command it makes
    from commands.tasks.verify import VerifyTask

    return VerifyTask(task=task, passed=True)


def test_of_many_at_once_one_accepts_and_the_repeats_learn_of_it(database: str) -> None:
    async def story(office: Office) -> None:
        task = await office.issue()
        handlers = [office.another_handler() for _ in range(4)]
        outcomes = await asyncio.gather(
            *(office.send("worker", AcceptTask(task=task), key="same", handler=h) for h in handlers * 5)
        )
        assert {outcome.position for outcome in outcomes} == {outcomes[0].position}
        assert sum(not outcome.repeated for outcome in outcomes) == 1
        assert office.log.versions([f"task:{task}"]) == {f"task:{task}": 2}

    play(database, story)


def test_a_handler_with_a_stale_state_in_memory_decides_on_the_present_one(database: str) -> None:
    async def story(office: Office) -> None:
        task, other = await office.issue(), office.another_handler()
        await office.send("worker", AcceptTask(task=task), handler=other)
        await office.send("worker", HandleTask(task=task), handler=office.handler)
        with pytest.raises(TaskStatusForbids):
            await office.send("op", IssueTasksVerify(task), handler=other)

    play(database, story)


def test_a_revoked_account_is_stopped_by_every_handler_at_its_next_command(database: str) -> None:
    async def story(office: Office) -> None:
        task, other = await office.issue(), office.another_handler()
        await office.send("worker", AcceptTask(task=task), handler=other)
        await office.send("system", RevokeAccount(account="worker", reason="离职"))
        with pytest.raises(CommandUnauthenticated):
            await office.send("worker", HandleTask(task=task), handler=other)
        assert office.log.versions([f"task:{task}"]) == {f"task:{task}": 2}

    play(database, story)


def test_who_left_the_staff_is_stopped_by_every_handler_at_the_next_command(database: str) -> None:
    async def story(office: Office) -> None:
        task, other = await office.issue(), office.another_handler()
        await office.send("worker", AcceptTask(task=task), handler=other)
        await office.send("system", LeaveMember(town=TOWN, member="wang", reason="离职"))
        with pytest.raises(CommandUnauthenticated):
            await office.send("worker", HandleTask(task=task), handler=other)
        assert office.log.versions([f"task:{task}"]) == {f"task:{task}": 2}

    play(database, story)


def test_a_revoked_token_is_stopped_though_its_account_lives_on(database: str) -> None:
    async def story(office: Office) -> None:
        task, other = await office.issue(), office.another_handler()
        await office.send("system", IssueToken(account="worker", token="t1", digest="0" * 64))
        await office.send("worker", AcceptTask(task=task), token="t1", handler=other)
        await office.send("system", RevokeToken(account="worker", token="t1"))
        with pytest.raises(CommandUnauthenticated):
            await office.send("worker", HandleTask(task=task), token="t1", handler=other)

    play(database, story)


def test_whoever_was_revoked_gets_no_answer_again_and_none_about_what_has_no_effect(database: str) -> None:
    async def story(office: Office) -> None:
        task, begun = await office.issue(), await office.issue()
        issue = IssueTasks(grids=GRIDS[:1], title="巡查", category="patrol")
        await office.send("system", IssueToken(account="worker", token="t1", digest="0" * 64))
        await office.send("worker", AcceptTask(task=begun, begin=True))
        with pytest.raises(TaskStatusForbids):
            await office.send("worker", AcceptTask(task=begun), key="refused", token="t1")
        await office.send("worker", AcceptTask(task=task), key="accepted", token="t1")
        await office.send("op", issue, key="issued")
        sent: list[tuple[str, Command, str | None, str | None]] = [
            ("worker", AcceptTask(task=begun), "refused", "t1"),
            ("worker", AcceptTask(task=task), "accepted", "t1"),
            ("worker", AcceptTask(task=task), None, "t1"),
            ("op", issue, "issued", None),
            ("worker", issue, "accepted", "t1"),
            ("worker", AcceptTask(task=task, begin=True), "accepted", "t1"),
        ]
        others = [office.another_handler() for _ in sent]
        for other in others:
            await other.fetch(
                ["account:worker", "account:op", f"town:{TOWN}", f"task:{task}", f"task:{begun}"]
            )
        await office.send("system", RevokeToken(account="worker", token="t1"))
        await office.send("system", RevokeAccount(account="op", reason="离职"))
        head = office.log.head()
        for other, (account, command, key, token) in zip(others, sent, strict=True):
            with pytest.raises(CommandUnauthenticated):
                await office.send(account, command, key=key, token=token, handler=other)
        assert office.log.head() == head

    play(database, story)


def test_what_has_no_effect_on_a_stale_state_is_decided_on_the_present_one(database: str) -> None:
    async def story(office: Office) -> None:
        other = office.another_handler()
        await office.send("system", RenameTown(town=TOWN, name="甲"), handler=other)
        await office.send("system", RenameTown(town=TOWN, name="乙"))
        again = await office.send("system", RenameTown(town=TOWN, name="甲"), handler=other)
        assert again.written
        assert (await office.handler.state(f"town:{TOWN}")).name == "甲"

    play(database, story)


def test_role_scope_and_version_are_checked(database: str) -> None:
    async def story(office: Office) -> None:
        task = await office.issue()
        with pytest.raises(RoleNotAllowed):
            await office.send("worker", IssueTasks(grids=GRIDS, title="x", category="patrol"))
        with pytest.raises(OutOfScope):
            await office.send("elsewhere", IssueTasks(grids=GRIDS, title="x", category="patrol"))
        with pytest.raises(StaleVersion):
            await office.send("worker", AcceptTask(task=task), version=7)
        with pytest.raises(TaskUnknown):
            await office.send("worker", AcceptTask(task="0" * 32))
        assert (await office.send("worker", AcceptTask(task=task), version=1)).written[0].version == 2

    play(database, story)


def test_a_no_op_records_nothing_but_that_it_was_answered_under_a_key(database: str) -> None:
    async def story(office: Office) -> None:
        task = await office.issue()
        await office.send("worker", AcceptTask(task=task))
        head = office.log.head()
        outcome = await office.send("worker", AcceptTask(task=task))
        assert (outcome.position, outcome.written) == (head, ())
        keyed = await office.send("worker", AcceptTask(task=task), key="again")
        assert (keyed.position, keyed.written) == (head + 1, ())
        [kept] = office.log.read(after=head)
        assert (kept.stream, kept.version) == ("command:worker/again", 1)
        said = decode(kept).event
        assert isinstance(said, CommandHadNoEffect)
        assert (said.command, said.item) == ("task.accept", f"task:{task}")

    play(database, story)


def test_what_is_about_no_stream_of_its_own_is_answered_under_a_key_too(database: str) -> None:
    async def story(office: Office) -> None:
        reported = await office.send("worker", report(name="张三"))
        subject = reported.written[0].stream
        for key in ("first", "second"):
            await office.send("system", ErasePersonal(subjects=(subject,), ground=Ground.REQUEST), key=key)
        closed = IssueTasks(grids=(GRIDS[1],), title="巡查", category="patrol")
        await office.send("system", CloseGrid(town=TOWN, grid=GRIDS[1], reason="并入"))
        with pytest.raises(GridIsClosed):
            await office.send("op", closed, key="third")
        kept = [decode(one).event for one in office.log.read() if one.stream.startswith("command:")]
        told = [(one.item, type(one)) for one in kept if isinstance(one, CommandHadNoEffect | CommandRefused)]
        assert told == [(subject, CommandHadNoEffect), ("", CommandRefused)]

    play(database, story)


def test_what_is_personal_is_sealed_before_any_state_is_made_of_it(database: str) -> None:
    async def story(office: Office) -> None:
        channels = SetChannels(
            inbox="account:op", channels=(ChannelPlan(channel="mail", address="op@example.org"),)
        )
        await office.send("system", channels)
        [stored] = office.log.read_stream("recipient:account:op")
        assert b"op@example.org" not in stored.state
        kept = await office.handler.state("recipient:account:op")
        assert kept == await office.another_handler().state("recipient:account:op")
        found = await recipient_of(office.handler, "account:op")
        assert found is not None
        assert found.addresses == ("op@example.org",)
        # The same address again is nothing new, though it would be sealed to another text.
        await office.send("system", channels, handler=office.another_handler())
        assert len(office.log.read_stream("recipient:account:op")) == 1

    play(database, story)


def test_a_subject_keeps_its_key(database: str) -> None:
    async def story(office: Office) -> None:
        case = (await office.send("op", report(name="张三"))).key_of("case")
        key = office.log.key(f"case:{case}")
        await office.send("op", AcceptCase(case=case))
        assert key == office.log.key(f"case:{case}") is not None
        empty = (await office.send("op", report(name=""))).key_of("case")
        assert office.log.key(f"case:{empty}") is None

    play(database, story)


def test_of_a_note_and_an_erasure_at_once_the_note_is_erased_or_refused(database: str) -> None:
    async def story(office: Office) -> None:
        new = NewHousehold(grid=GRIDS[0], household_class=HouseholdClass.KEY, name="李四", address="一组")
        for _ in range(8):
            made = await office.send("op", RecordHouseholds(households=(new,)))
            subject = f"household:{made.key_of('household')}"
            other = office.another_handler()
            change = ChangeHousehold(household=made.key_of("household"), address="二组")
            erase = ErasePersonal(subjects=(subject,), ground=Ground.REQUEST)
            await asyncio.gather(
                office.send("op", change),
                office.send("system", erase, handler=other),
                return_exceptions=True,
            )
            assert office.log.key(subject) is None
            texts = [
                sealed
                for one in office.log.read_stream(subject)
                for sealed in sealed_in(one.name, one.version, texts_of(decode(one).event))
            ]
            assert await other.opened(subject, texts) == [None] * len(texts)
            with pytest.raises(PersonalDataErased):
                await office.send("op", change)

    play(database, story)


def test_nothing_is_decided_on_a_stream_of_which_an_event_is_missing(database: str) -> None:
    async def story(office: Office) -> None:
        tamper(database, "DELETE FROM events WHERE stream = ? AND version = 2", f"town:{TOWN}")
        grids = DrawGrids(town=TOWN, grids=(GridPlan(code=GRIDS[0], name="网格", village="村"),))
        with pytest.raises(UnreadableEvent, match="what happened before it is missing"):
            await office.send("system", grids, handler=office.another_handler())

    play(database, story)
