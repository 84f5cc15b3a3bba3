"""A case's row says to look at it again when the case's own state does, whatever people did."""

from hypothesis import settings

from dispatch.domain.cases import running
from projections.cases.row import CASES, CaseRow
from projections.catalogue import ITEMS
from projections.engine.rows import Rows
from tests.unit.commands.stages import state
from tests.unit.commands.test_case_machine import Cases


class LookedAt(Cases):
    """After whatever people did with cases."""

    def teardown(self) -> None:
        rows = Rows([table for projection in ITEMS for table in projection.tables])
        for recorded in self.scenario.log:
            for projection in ITEMS:
                if CASES in projection.tables:
                    projection.apply(rows, recorded)
        for case in self.cases:
            row = rows.need(CASES, case)
            assert isinstance(row, CaseRow)
            assert row.next_step_at == running.due_at(state(self.scenario, case))


TestLookedAt = LookedAt.TestCase
TestLookedAt.settings = settings(stateful_step_count=30, max_examples=40)
