"""The whole year as one plan."""

from dispatch.demo.year.case_year import plan_cases
from dispatch.demo.year.disputes import plan_disputes
from dispatch.demo.year.flood import plan_flood
from dispatch.demo.year.hours import hours
from dispatch.demo.year.permits import plan_permits
from dispatch.demo.year.plan import Plan
from dispatch.demo.year.requests import plan_requests
from dispatch.demo.year.tasks import plan_tasks
from dispatch.domain.working_time import Calendar

SEED = 2023


def plan_year(seed: int, calendar: Calendar) -> Plan:
    """Return the plan of the year; the same seed gives the same one."""
    plan = Plan(seed, hours(seed, calendar))
    plan_tasks(plan, calendar)
    plan_cases(plan)
    plan_disputes(plan)
    plan_requests(plan)
    plan_permits(plan)
    plan_flood(plan)
    return plan
