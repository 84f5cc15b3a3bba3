"""The calendars that deadlines are counted in: what the policy behind each rule makes of the national one."""

from collections.abc import Callable, Iterable

from dispatch.domain.event import Recorded
from dispatch.domain.policies import Policies, PolicySet, evolve
from dispatch.domain.policy import DEFAULT, Policy, version_of
from dispatch.domain.working_time import Calendar, Deadline

Recall = Callable[[str], Iterable[Recorded]]
"""Gives the events of a stream, in order."""


def policy_of(recall: Recall, version: str) -> Policy:
    """Return the policy of a version, from its scope's stream; the default where that has set none."""
    policies: Policies | None = None
    if version != DEFAULT.version:
        for recorded in recall(f"policy:{version.partition('@')[0]}"):
            assert isinstance(recorded.event, PolicySet)
            policies = evolve(policies, recorded.event)
    return policies.version(version) if policies is not None else DEFAULT


class Calendars:
    """Finds the calendar of a deadline; a version never changes, so each is looked up once."""

    def __init__(self, national: Calendar, recall: Recall) -> None:
        self.national, self._recall = national, recall
        self._found: dict[str, Calendar] = {}

    def of(self, deadline: Deadline | None) -> Calendar:
        """Return the calendar that a deadline was made by; the national one of none."""
        if deadline is None:
            return self.national
        version = version_of(deadline.rule)
        found = self._found.get(version)
        if found is None:
            try:
                policy = policy_of(self._recall, version)
            except (LookupError, ValueError):
                policy = DEFAULT  # a row that names none was altered behind the service: `verify` tells of it
            found = self._found[version] = policy.calendar(self.national)
        return found
