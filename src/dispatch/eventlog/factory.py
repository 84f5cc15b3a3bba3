"""What the library asks for when an application's `PERSISTENCE_MODULE` is `dispatch.eventlog`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NoReturn

from eventsourcing import persistence
from eventsourcing.utils import Environment, EnvType
from typing_extensions import override

from dispatch.eventlog.log import EventLog, micros
from dispatch.eventlog.mapper import Mapper
from dispatch.eventlog.opening import open_log
from dispatch.eventlog.recorder import Recorder

DATABASE = "DISPATCH_DATABASE"


def system_clock() -> datetime:
    """Return the machine's time: an application of the library has no other clock to give."""
    return datetime.now(UTC)


class Factory(persistence.InfrastructureFactory[persistence.TrackingRecorder]):
    """Opens the log at `DISPATCH_DATABASE` for an application of the library.

    The log keeps events only: snapshots and tracking, which a projection of ours doesn't need, are
    refused with the library's `NotSupportedError`.
    """

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self._log: EventLog | None = None

    @override
    def mapper(
        self,
        transcoder: persistence.Transcoder | None = None,
        mapper_class: type[persistence.Mapper[Any]] | None = None,
    ) -> persistence.Mapper[Any]:
        """Return our mapper, unless the application names another one in `MAPPER_TOPIC`."""
        if mapper_class is None and not self.env.get(self.MAPPER_TOPIC):
            mapper_class = Mapper
        return super().mapper(transcoder, mapper_class)

    @override
    def application_recorder(self) -> Recorder:
        """Return a recorder on the log, opening it first if need be."""
        if self._log is None:
            url = self.env.get(DATABASE)
            if not url:
                raise persistence.InfrastructureFactoryError(f"{DATABASE} says where the log is kept")
            self._log = open_log(url, clock=system_clock)
        return Recorder(self._log, now=lambda: micros(system_clock()))

    @override
    def aggregate_recorder(self, purpose: str = "events") -> Recorder:
        """Return the recorder of events; there is none for another purpose."""
        if purpose != "events":
            _refuse(purpose)
        return self.application_recorder()

    @override
    def tracking_recorder(self, tracking_recorder_class: Any = None) -> NoReturn:
        """Refuse."""
        _refuse("tracking")

    @override
    def process_recorder(self) -> NoReturn:
        """Refuse."""
        _refuse("processing")

    @override
    def close(self) -> None:
        """Close the log."""
        if self._log is not None:
            self._log.close()


def _refuse(purpose: str) -> NoReturn:
    raise persistence.NotSupportedError(f"the log has no recorder for {purpose}")
