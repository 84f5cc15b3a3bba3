"""Who may send what."""

import importlib
import pkgutil

import pytest

import commands
from commands.cases.report import ReportCase
from commands.command import Command
from commands.recipients.set_own_channels import SetOwnChannels
from commands.rights import ACCOUNTS, CASES, CATALOGUE, DISPUTES, PERMITS, POLICIES, SIGN_IN, TASKS, TOWNS
from commands.tasks.issue import IssueTasks
from commands.towns.found import FoundTown
from dispatch.domain.accounts import Role
from dispatch.domain.refusal import OutOfScope, Refusal, RoleNotAllowed
from tests.unit.commands.scenario import ELSEWHERE, GRID, GRID_ELSEWHERE, OTHER_GRID, Scenario


def every_command() -> set[type[Command]]:
    for module in pkgutil.walk_packages(commands.__path__, "commands."):
        importlib.import_module(module.name)

    def below(kind: type[Command]) -> set[type[Command]]:
        return {kind}.union(*(below(sub) for sub in kind.__subclasses__()))

    return {kind for kind in below(Command) if kind.__struct_config__.tag != kind.__name__}


def test_every_command_is_in_the_catalogue() -> None:
    assert every_command() == set(CATALOGUE)


def test_every_command_has_a_name_of_its_own_that_says_what_it_concerns() -> None:
    names = [str(kind.__struct_config__.tag) for kind in CATALOGUE]
    assert len(set(names)) == len(names)
    assert all(name.partition(".")[2].replace("_", "").isalpha() for name in names)


def test_an_entry_decides_its_own_command() -> None:
    for kind, entry in CATALOGUE.items():
        assert entry.decide.__module__ == kind.__module__


def test_the_service_may_send_everything_and_the_auditor_nothing_but_for_himself() -> None:
    own = {*SIGN_IN, SetOwnChannels}
    for kind, entry in CATALOGUE.items():
        assert Role.SYSTEM in entry.roles
        assert Role.AUDITOR not in entry.roles or kind in own


def test_the_administrator_keeps_towns_and_accounts_and_dispatches_nothing() -> None:
    for kind, entry in (TOWNS | ACCOUNTS | POLICIES).items():
        assert entry.roles == {Role.ADMINISTRATOR, Role.SYSTEM}, kind
    for kind, entry in (TASKS | CASES | DISPUTES | PERMITS).items():
        assert Role.ADMINISTRATOR not in entry.roles or kind.__name__ == "ImportCase"


def test_every_refusal_has_a_sentence_and_a_code_of_its_own() -> None:
    every_command()

    def below(kind: type[Refusal]) -> list[type[Refusal]]:
        return [kind, *(further for sub in kind.__subclasses__() for further in below(sub))]

    refusals = {kind for kind in below(Refusal) if kind.__module__.startswith("commands.")}
    codes = [kind.code for kind in refusals]
    assert len(set(codes)) == len(codes)
    for kind in refusals:
        assert (kind.__doc__ or "").strip().splitlines()[0].endswith((".", "?", "!")), kind


@pytest.mark.parametrize("who", ["li", "supervisor", "auditor", "administrator"])
def test_only_the_centre_issues_tasks(who: str) -> None:
    Scenario().refused(RoleNotAllowed, IssueTasks(grids=(GRID,), title="巡查", category="patrol"), who)


@pytest.mark.parametrize("who", ["supervisor", "auditor", "administrator"])
def test_who_only_watches_reports_nothing(who: str) -> None:
    Scenario().refused(RoleNotAllowed, ReportCase(grid=GRID, category="safety", title="路灯不亮"), who)


def test_an_operator_acts_in_the_own_town_only() -> None:
    Scenario().refused(
        OutOfScope, ReportCase(grid=GRID_ELSEWHERE, category="safety", title="路灯不亮"), "operator"
    )


def test_a_worker_acts_in_the_own_grids_only() -> None:
    Scenario().refused(OutOfScope, ReportCase(grid=OTHER_GRID, category="safety", title="路灯不亮"), "li")


def test_an_administrator_acts_in_the_own_town_only() -> None:
    Scenario().refused(OutOfScope, FoundTown(town=ELSEWHERE, name="别处镇"), "administrator")
