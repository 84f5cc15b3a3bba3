"""Which clock a service and the commands beside it go by."""

from pathlib import Path

from dispatch.eventlog import open_log
from dispatch.service.clock import SimulatedClock, system_clock
from dispatch.service.clocks import SIMULATED_START, catch_up, clock_beside, clock_of
from dispatch.service.settings import ClockKind, Environment, Settings
from tests.unit.eventlog.making import append


def settings(directory: Path, **more: object) -> Settings:
    return Settings.model_validate({"database": f"sqlite:///{directory / 'dispatch.db'}", **more})


def test_a_command_goes_by_the_clock_of_the_last_service(tmp_path: Path) -> None:
    plain, simulated = settings(tmp_path), settings(tmp_path, clock=ClockKind.SIMULATED)
    assert clock_beside(plain) is system_clock
    assert isinstance(clock_beside(simulated), SimulatedClock)
    assert isinstance(clock_of(simulated), SimulatedClock)
    assert isinstance(clock_beside(plain), SimulatedClock)
    assert clock_beside(settings(tmp_path, environment=Environment.PRODUCTION)) is system_clock
    assert clock_of(plain) is system_clock
    assert clock_beside(plain) is system_clock
    assert not list(tmp_path.iterdir())


def test_a_simulated_clock_goes_on_from_the_log_s_last_record(tmp_path: Path) -> None:
    at = settings(tmp_path)
    clock = SimulatedClock(SIMULATED_START)
    with open_log(at.database, clock=system_clock) as log:
        catch_up(clock, log)
        assert clock() == SIMULATED_START
        began = system_clock()
        log.append(append("case:1"))
        catch_up(clock, log)
    assert began <= clock() <= system_clock()


def test_a_database_in_memory_leaves_nothing_beside_it(tmp_path: Path) -> None:
    clock_of(settings(tmp_path, database="sqlite:///:memory:", clock=ClockKind.SIMULATED))
    assert not Path(":memory:.simulated-clock").exists()
