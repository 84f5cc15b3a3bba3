"""Whatever the fields, a command is carried out or refused; nothing else comes of it."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.command import Command
from commands.rights import CATALOGUE
from dispatch.domain.refusal import Refusal
from tests.unit.commands.commands_at_random import structs
from tests.unit.commands.scenario import SERVICE, Scenario
from tests.unit.commands.stages import (
    agreed,
    checked,
    closed,
    dispatched,
    handling,
    mediating,
    numbered,
    reported,
)
from tests.unit.commands.test_households import on_record
from tests.unit.commands.test_permits import due
from tests.unit.commands.test_plans import started
from tests.unit.commands.test_tasks import in_progress, submitted

STAGES = [
    reported,
    dispatched,
    handling,
    checked,
    closed,
    numbered,
    mediating,
    agreed,
    due,
    in_progress,
    submitted,
    started,
    on_record,
]


@pytest.mark.parametrize("kind", list(CATALOGUE), ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(data=st.data())
def test_a_command_is_carried_out_or_refused(kind: type[Command], data: st.DataObject) -> None:
    scenario: Scenario
    scenario, item = data.draw(st.sampled_from(STAGES))()
    command = data.draw(structs(kind, {name: [item] for name in ("case", "task", "plan", "household")}))
    who = data.draw(st.sampled_from([SERVICE, "operator-2", "li", "administrator"]))
    with contextlib.suppress(Refusal):
        scenario.when(command, who)
