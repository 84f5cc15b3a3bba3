"""Policies: the limits, the ladder and the days off that a town or county sets, and the version in force."""

from datetime import date, time, timedelta
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from commands.policies.set import SetPolicy
from dispatch.domain import codes
from dispatch.domain.cases import Severity
from dispatch.domain.households import HouseholdClass
from dispatch.domain.ladder import DEFAULT_LADDER, Addressee, LadderStep, Level
from dispatch.domain.policies import Policies
from dispatch.domain.policy import AT_ONCE, DEFAULT, Limits, Policy
from dispatch.domain.refusal import OutOfScope
from dispatch.domain.rhythm import Rhythm
from dispatch.service.http.answers import WRITES, Done, described
from dispatch.service.http.desk import AtDesk
from dispatch.service.http.json_bodies import JsonRoute
from dispatch.service.http.reader import AtReader
from dispatch.service.http.routes import API
from dispatch.service.http.text import Body, LimitBody
from dispatch.service.runtime import Runtime

router = APIRouter(prefix=f"{API}/policies", tags=["towns"], responses=WRITES, route_class=JsonRoute)

PolicyScope = Annotated[
    str, Path(pattern=r"^([0-9]{6}|[0-9]{9})$", description="A town's code (9 digits) or a county's (6)")
]
AHEAD: Final = 30
"""Days from today on of which it is said whether they are worked."""
Share = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False, examples=[0.8])]
Name = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]


Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$", examples=["08:00"])]


class LimitsBody(Body):
    """How long acceptance and handling may take."""

    acceptance: LimitBody
    handling: LimitBody

    def value(self) -> Limits:
        """Return the domain's limits."""
        return Limits(acceptance=self.acceptance.value(), handling=self.handling.value())


ByKey = dict[Annotated[str, Field(max_length=60)], LimitsBody]
TaskTable = Annotated[ByKey, Field(max_length=500, description="By `category`, and `*` for the others")]
CaseTable = Annotated[
    ByKey,
    Field(max_length=500, description="By `category`, `category/grade` or `*/grade`, and `*` for the others"),
]


class StepBody(Body):
    """A step of the ladder: when `share` of the limit is used, `to` hear of it."""

    name: Name
    share: Share
    level: Level
    to: Annotated[tuple[Addressee, ...], Field(min_length=1, max_length=8)]

    def value(self) -> LadderStep:
        """Return the domain's step."""
        return LadderStep(name=self.name, share=self.share, level=self.level, to=self.to)


LADDER = tuple(StepBody(name=s.name, share=s.share, level=s.level, to=s.to) for s in DEFAULT_LADDER)
LIMIT = LimitBody(kind=DEFAULT.report_limit.kind, amount=DEFAULT.report_limit.amount)


class PolicyBody(Body):
    """A whole policy; what is left out is as it is where nothing was set."""

    task_limits: TaskTable
    case_limits: CaseTable
    emergency_task_limits: TaskTable = Field(default_factory=dict)
    emergency_case_limits: CaseTable = Field(default_factory=dict)
    extensions: Annotated[int, Field(ge=0, le=10)] = DEFAULT.extensions
    suspensions: Annotated[int, Field(ge=0, le=10)] = DEFAULT.suspensions
    ladder: Annotated[tuple[StepBody, ...], Field(min_length=1, max_length=20)] = LADDER
    at_once: tuple[Severity, ...] = tuple(Severity(one) for one in AT_ONCE)
    mediation_levels: Annotated[tuple[Name, ...], Field(min_length=1, max_length=10)] = (
        DEFAULT.mediation_levels
    )
    report_limit: LimitBody = LIMIT
    visits: dict[HouseholdClass, Rhythm] = Field(default_factory=DEFAULT.visits.copy)
    days_off: Annotated[tuple[date, ...], Field(max_length=400)] = ()
    workdays: Annotated[tuple[date, ...], Field(max_length=400)] = ()
    working_time: Annotated[
        tuple[tuple[Clock, Clock], ...],
        Field(min_length=1, max_length=6, description="From when until when is worked, in order"),
    ] = tuple((f"{begin:%H:%M}", f"{until:%H:%M}") for begin, until in DEFAULT.working_time)

    def policy(self) -> Policy:
        """Return the domain's policy, without a version yet."""
        return Policy(
            version="",
            task_limits=_table(self.task_limits),
            case_limits=_table(self.case_limits),
            emergency_task_limits=_table(self.emergency_task_limits),
            emergency_case_limits=_table(self.emergency_case_limits),
            extensions=self.extensions,
            suspensions=self.suspensions,
            ladder=tuple(step.value() for step in self.ladder),
            at_once=tuple(str(severity) for severity in self.at_once),
            mediation_levels=self.mediation_levels,
            report_limit=self.report_limit.value(),
            visits=self.visits,
            days_off=tuple(sorted(set(self.days_off))),
            workdays=tuple(sorted(set(self.workdays))),
            working_time=tuple(
                (time.fromisoformat(begin), time.fromisoformat(until)) for begin, until in self.working_time
            ),
        )


def _table(table: dict[str, LimitsBody]) -> dict[str, Limits]:
    return {key: limits.value() for key, limits in table.items()}


class PolicyInForce(msgspec.Struct, frozen=True, kw_only=True):
    """The policy in force in a scope; `set_by` is the scope that set it, None where it is the default.

    `working_days` are those of the 30 days from today on, by the national calendar and the policy's own days.
    """

    scope: str
    set_by: str | None
    versions: int
    policy: Policy
    working_days: tuple[date, ...] = ()


@router.get("/{scope}", summary="The policy in force", responses=described(PolicyInForce))
async def policy(scope: PolicyScope, reader: AtReader) -> Response:
    """The town's own, else its county's, else the default."""
    own = reader.account.scope
    if not codes.covers(own, scope) and not codes.covers(scope, own):
        raise OutOfScope(scope=scope)
    found = PolicyInForce(scope=scope, set_by=None, versions=0, policy=DEFAULT)
    for place in dict.fromkeys((scope, scope[: codes.COUNTY])):
        policies = await reader.runtime.handler.state(f"policy:{place}")
        if isinstance(policies, Policies):
            number = len(policies.versions)
            found = PolicyInForce(scope=scope, set_by=place, versions=number, policy=policies.present)
            break
    answer = msgspec.structs.replace(found, working_days=_working_days(found.policy, reader.runtime))
    return Response(msgspec.json.encode(answer), 200, None, "application/json")


def _working_days(policy: Policy, runtime: Runtime) -> tuple[date, ...]:
    calendar = policy.calendar(runtime.calendar)
    today = runtime.clock().astimezone(calendar.zone_info).date()
    days = (today + timedelta(days=ahead) for ahead in range(AHEAD))
    return tuple(day for day in days if calendar.is_working_day(day))


@router.put("/{scope}", response_model=Done, summary="Set the policy (制定政策)")
async def set_policy(scope: PolicyScope, body: PolicyBody, desk: AtDesk) -> Response:
    """For clocks that start from now on; what is open stays bound to the version it began under."""
    return await desk.carry_out(SetPolicy(scope=scope, policy=body.policy()))
