"""A case (事件) that a grid reports: its events, its state and how the one makes the other.

`reported → accepted → registered → dispatched → handling → handled → checking → closed`, with refused,
not_registered, merged, handed_up, suspended, voided, self_handled and reopened. Disputes and permits to
publish are cases with steps of their own. Verify (核实: is it true?) comes before registering,
check (核查: is it fixed?) after handling.
"""

from dispatch.domain.cases.case import Case
from dispatch.domain.cases.evolve import evolve
from dispatch.domain.cases.history import CaseEvent
from dispatch.domain.cases.kinds import ENDED, Channel, Severity, Source, Status

__all__ = ["ENDED", "Case", "CaseEvent", "Channel", "Severity", "Source", "Status", "evolve"]
