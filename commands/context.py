"""What a decision may look at: the states it asks for, the time, the actor, policies and calendars.

A `Context` keeps note of each stream that was read and at which version. The handler has them checked when
the events are appended, so a decision never rests on something that has changed meanwhile.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from commands.command import Request
from dispatch.domain import codes
from dispatch.domain.accounts import Account, Role
from dispatch.domain.campaigns import Campaign
from dispatch.domain.cases import Case
from dispatch.domain.checkpoints import STREAM as CHECKPOINTS
from dispatch.domain.checkpoints import Signing
from dispatch.domain.digests import Digest
from dispatch.domain.households import Household
from dispatch.domain.inboxes import Inbox
from dispatch.domain.ledgers import Ledger
from dispatch.domain.modes import Emergency, Modes, county_of
from dispatch.domain.personal import Personal, stream_of
from dispatch.domain.plans import Plan
from dispatch.domain.policies import Policies
from dispatch.domain.policy import DEFAULT, Mode, Policy, version_of
from dispatch.domain.powers import Powers
from dispatch.domain.recipients import Recipient
from dispatch.domain.refusal import NotNow, OutOfScope, Refusal, StaleVersion, Unknown
from dispatch.domain.tasks import Task
from dispatch.domain.towns import Grid, Town
from dispatch.domain.working_time import Calendar, Deadline, Limit, compute, extended, resumed
from dispatch.eventlog.vault.sealing import Sealed

S = TypeVar("S")


class CommandUnauthenticated(Refusal):
    """The account, token or session behind this request was revoked or is none, or its person has left."""


class TownUnknown(Unknown):
    """There is no town of that code."""


class GridUnknown(Unknown):
    """There is no grid of that code."""


class GridIsClosed(NotNow):
    """That grid was given up; nothing new goes to it."""


class TaskUnknown(Unknown):
    """There is no task of that id."""


class CaseUnknown(Unknown):
    """There is no case of that id."""


class CampaignUnknown(Unknown):
    """There is no campaign of that id."""


class HouseholdUnknown(Unknown):
    """There is no household of that id."""


class PlanUnknown(Unknown):
    """There is no plan of that id."""


class AccountUnknown(Unknown):
    """There is no account of that id."""


class PersonalDataErased(NotNow):
    """Personal data was erased here: nobody writes on it any more; go on without a note, or an address."""


class NotLoaded(Exception):
    """A decision asked for a stream that is not loaded yet; the handler loads it and decides again."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.stream = stream


class Loaded(NamedTuple):
    """A stream's state and its version; None and 0 for a stream without events."""

    version: int
    state: Any


SYSTEM = Account(account="system", name="system", role=Role.SYSTEM, scope="", member=None)
"""Who acts when the service itself does: timers, plans, import from the command line."""


class Context:
    """The circumstances of one decision."""

    def __init__(
        self,
        request: Request,
        loaded: Mapping[str, Loaded],
        *,
        now: datetime,
        command_id: str,
        calendar: Calendar,
        opened: Callable[[str, Sealed], str] = lambda _, sealed: sealed.text,
    ) -> None:
        self.request = request
        self.now = now
        self.calendar = calendar
        self.reads: dict[str, int] = {}
        self._loaded = loaded
        self.command_id = command_id
        self._opened = opened
        self.new_ids: set[str] = set()
        self.actor_reads: dict[str, int] = {}
        """What was read to tell whether the actor may act at all."""

    def _read(self, stream: str, kind: type[S]) -> S | None:
        try:
            version, state = self._loaded[stream]
        except KeyError:
            raise NotLoaded(stream) from None
        self.reads[stream] = version
        if state is None:
            return None
        assert isinstance(state, kind)
        return state

    def place_of(self, stream: str) -> str:
        """Return the code of the place that an item lies in; that of who asks for one that isn't known."""
        known = self._loaded.get(stream)
        return self.actor.scope if known is None or known.state is None else known.state.place

    @cached_property
    def actor(self) -> Account:
        """Who acts; `CommandUnauthenticated` for whoever may do nothing."""
        if self.request.account == SYSTEM.account:
            return SYSTEM
        account = self._read(f"account:{self.request.account}", Account)
        token = self.request.token
        if account is None or account.revoked:
            raise CommandUnauthenticated
        if token is not None and token not in account.tokens and token not in account.sessions:
            raise CommandUnauthenticated
        if account.member is not None:
            town = self._read(f"town:{codes.town_of(account.scope)}", Town)
            if town is None or account.member not in town.members:
                raise CommandUnauthenticated
        self.actor_reads = dict(self.reads)
        return account

    @property
    def person(self) -> str:
        """Who acts: a member's id, or the account's where no member is behind it."""
        return self.actor.person

    def at(self, not_before: datetime | None = None) -> datetime:
        """Return when the act happened, in UTC.

        The device's time is believed for what a device did offline, but never later than now and never before
        `not_before`, what the act followed from.
        """
        at = min(self.request.device_at or self.now, self.now)
        return max(at, not_before) if not_before else at

    def new_id(self) -> str:
        """Return the id of a new item: 32 hex digits, ordered by time, the same for the same command."""
        digest = hashlib.blake2b(f"{self.command_id}#{len(self.new_ids)}".encode(), digest_size=10).digest()
        milliseconds = int(self.now.timestamp() * 1000).to_bytes(6, "big")
        octets = bytearray(milliseconds + digest)
        octets[6] = 0x70 | octets[6] & 0x0F
        octets[8] = 0x80 | octets[8] & 0x3F
        key = octets.hex()
        self.new_ids.add(key)
        return key

    def reach(self, place: str, assignee: str | None = None) -> None:
        """Refuse with `OutOfScope` unless the actor may act on an item at `place`.

        A grid worker reaches the grids of his posts and what is assigned to him; everyone else reaches his
        account's scope. Source: DOMAIN.md, People and rights.
        """
        actor = self.actor
        if codes.covers(actor.scope, place):
            if actor.role is not Role.WORKER:
                return
            if assignee is not None and assignee == actor.member:
                return
            town = self._read(f"town:{codes.town_of(place)}", Town)
            if town is not None and actor.member and place in town.grids_of(actor.member):
                return
        raise OutOfScope(place=place)

    def require_version(self, stream: str) -> None:
        """Refuse with `StaleVersion` when the sender says that he had read another version of `stream`."""
        expected = self.request.version
        if expected is not None and self.reads[stream] != expected:
            raise StaleVersion(expected=expected, found=self.reads[stream])

    def task(self, key: str) -> Task:
        """Return a task within the actor's reach."""
        task = self._read(f"task:{key}", Task)
        if task is None:
            raise TaskUnknown(task=key)
        self.reach(task.grid, task.assignee)
        return task

    def case(self, key: str) -> Case:
        """Return a case within the actor's reach."""
        case = self._read(f"case:{key}", Case)
        if case is None:
            raise CaseUnknown(case=key)
        self.reach(case.grid, case.assignee)
        return case

    def find_case(self, key: str) -> Case | None:
        """Return a case or None if there is none; for commands that make one under a given id."""
        return self._read(f"case:{key}", Case)

    def find_town(self, code: str) -> Town | None:
        """Return a town or None, without asking whether the actor may act there."""
        return self._read(f"town:{code}", Town)

    def town(self, code: str) -> Town:
        """Return the town that the place `code` lies in."""
        town = self.find_town(codes.town_of(code))
        if town is None:
            raise TownUnknown(town=codes.town_of(code))
        return town

    def grid(self, code: str) -> Grid:
        """Return an open grid within the actor's reach."""
        codes.require(code, codes.GRID)
        town = self.find_town(codes.town_of(code))
        grid = town.grids.get(code) if town else None
        if grid is None:
            raise GridUnknown(grid=code)
        self.reach(code)
        if grid.closed:
            raise GridIsClosed(grid=code)
        return grid

    def campaign(self, key: str) -> Campaign:
        """Return a campaign within the actor's reach."""
        campaign = self._read(f"campaign:{key}", Campaign)
        if campaign is None:
            raise CampaignUnknown(campaign=key)
        self.reach(campaign.town)
        return campaign

    def plan(self, key: str) -> Plan:
        """Return a recurring plan within the actor's reach."""
        plan = self._read(f"plan:{key}", Plan)
        if plan is None:
            raise PlanUnknown(plan=key)
        self.reach(plan.place)
        return plan

    def find_household(self, key: str) -> Household | None:
        """Return a household or None, without asking whether the actor may act there."""
        return self._read(f"household:{key}", Household)

    def household(self, key: str) -> Household:
        """Return a household within the actor's reach."""
        household = self.find_household(key)
        if household is None:
            raise HouseholdUnknown(household=key)
        self.reach(household.grid)
        return household

    def ledger(self, town: str) -> Ledger:
        """Return a town's ledger of disputes, empty if none was registered yet."""
        return self._read(f"ledger:{town}", Ledger) or Ledger(town=town)

    def powers(self, town: str) -> Powers:
        """Return who holds one of the three powers in a town."""
        return self._read(f"powers:{town}", Powers) or Powers(town=town)

    def inbox(self, account: str) -> Inbox | None:
        """Return what an account has read of its notifications, or None for nothing yet."""
        return self._read(f"inbox:{account}", Inbox)

    def recipient(self, inbox: str) -> Recipient | None:
        """Return by which channels an inbox's notifications are sent, or None where nobody has said."""
        return self._read(f"recipient:{inbox}", Recipient)

    def opened(self, stream: str, texts: tuple[Sealed, ...]) -> tuple[str, ...]:
        """Return what personal texts in the state of a stream say, "" for what nobody can read any more."""
        return tuple(self._opened(stream, text) for text in texts)

    def personal(self, subject: str) -> Personal | None:
        """Return what happened to the personal data of a subject, or None for nothing yet."""
        return self._read(stream_of(subject), Personal)

    def erased(self, subject: str) -> bool:
        """Tell whether the personal data of a subject was erased: nothing is written on its record then."""
        personal = self.personal(subject)
        return personal is not None and personal.erased_at is not None

    def digest(self, day: date) -> Digest | None:
        """Return a day's digest, or None while there is none."""
        return self._read(f"digest:{day.isoformat()}", Digest)

    def signing(self) -> Signing | None:
        """Return whether the log is signed, or None where it never was refused."""
        return self._read(CHECKPOINTS, Signing)

    def find_account(self, key: str) -> Account | None:
        """Return an account or None."""
        return self._read(f"account:{key}", Account)

    def account(self, key: str) -> Account:
        """Return an account within the actor's scope."""
        account = self.find_account(key)
        if account is None:
            raise AccountUnknown(account=key)
        if not codes.covers(self.actor.scope, account.scope):
            raise OutOfScope(account=key)
        return account

    def policies(self, scope: str) -> Policies | None:
        """Return what a town or county has set, or None."""
        return self._read(f"policy:{scope}", Policies)

    def policy_for(self, place: str) -> Policy:
        """Return the policy in force at a place: its town's, else its county's, else the default."""
        for length in (codes.TOWN, codes.COUNTY):
            if len(place) >= length and (policies := self.policies(place[:length])):
                return policies.present
        return DEFAULT

    def policy_of(self, deadline: Deadline) -> Policy:
        """Return the policy that an item is bound to: the one that was in force when its clock started."""
        version = version_of(deadline.rule)
        if version == DEFAULT.version:
            return DEFAULT
        policies = self.policies(version.partition("@")[0])
        # A rule that no policy has made, as in a log from elsewhere, is taken for the default's.
        return policies.version(version) if policies else DEFAULT

    def modes(self, place: str) -> Modes | None:
        """Return the emergencies of a place's county, or None if there never was one."""
        return self._read(f"mode:{county_of(place)}", Modes)

    def emergency_for(self, place: str, at: datetime | None = None) -> Emergency | None:
        """Return the emergency in force at a place, now or `at` a time, or None in routine mode."""
        modes = self.modes(place)
        return modes.at(place, at or self.now) if modes else None

    def mode_for(self, place: str, at: datetime | None = None) -> Mode:
        """Return the mode that a place works in, now or `at` a time."""
        return Mode.EMERGENCY if self.emergency_for(place, at) else Mode.ROUTINE

    def calendar_under(self, policy: Policy) -> Calendar:
        """Return the calendar with the days and the working time that a policy sets."""
        return policy.calendar(self.calendar)

    def deadline(self, policy: Policy, rule: str, limit: Limit, started: datetime) -> Deadline:
        """Return the deadline of a clock that starts, with the rule and calendar that make it."""
        return compute(self.calendar_under(policy), rule, limit, started)

    def resumed(self, deadline: Deadline, paused_at: datetime, resumed_at: datetime) -> Deadline:
        """Return a deadline after a pause, counted as the policy says that it is bound to."""
        return resumed(self.calendar_under(self.policy_of(deadline)), deadline, paused_at, resumed_at)

    def extended(self, deadline: Deadline) -> Deadline:
        """Return a deadline with the original limit added once more."""
        return extended(self.calendar_under(self.policy_of(deadline)), deadline, deadline.limit)
