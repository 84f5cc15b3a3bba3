"""An application of the `eventsourcing` library on our log."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import (
    InfrastructureFactoryError,
    IntegrityError,
    NotSupportedError,
    StoredEvent,
)

from dispatch.domain.event import Event, Metadata, Recorded
from dispatch.eventlog.factory import Factory
from dispatch.eventlog.mapper import Codec, Mapper
from dispatch.eventlog.recorder import Recorder
from dispatch.eventlog.registry import by_name

AT = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
METADATA = Metadata(actor="m:1", role="member", scope="500", command_id="c", correlation_id="d")


class DogNamed(Event, frozen=True, kw_only=True, tag="dog.named"):
    name: str


class TrickLearned(Event, frozen=True, kw_only=True, tag="dog.trick_learned"):
    trick: str


class KennelMapper(Mapper):
    codec = Codec(lambda: by_name([DogNamed, TrickLearned]))


class Kennel(Application[str]):
    env: ClassVar[dict[str, str]] = {"PERSISTENCE_MODULE": "dispatch.eventlog"}

    def construct_mapper(self) -> Any:
        return KennelMapper()


def recorded(stream: str, version: int, event: Event) -> Any:
    return Recorded(
        originator_id=stream,
        originator_version=version,
        position=0,
        recorded_at=AT,
        event=event,
        metadata=METADATA,
    )


def fold(dog: Any, events: Iterable[Any]) -> Any:
    for each in events:
        match each.event:
            case DogNamed(name=name):
                dog = (name, [])
            case TrickLearned(trick=trick):
                dog[1].append(trick)
    return dog


@pytest.fixture
def kennel(database: str) -> Iterator[Kennel]:
    with Kennel(env={"DISPATCH_DATABASE": database}) as kennel:
        yield kennel


def test_an_application_saves_events_and_gets_aggregates_by_a_fold(kennel: Kennel) -> None:
    [recording] = kennel.save(recorded("dog:1", 1, DogNamed(at=AT, name="Rex")))
    assert recording.notification.id == 1
    kennel.save(
        recorded("dog:1", 2, TrickLearned(at=AT, trick="sit")),
        recorded("dog:1", 3, TrickLearned(at=AT, trick="roll")),
    )
    assert kennel.repository.get("dog:1", projector_func=fold) == ("Rex", ["sit", "roll"])
    assert kennel.repository.get("dog:1", version=2, projector_func=fold) == ("Rex", ["sit"])
    with pytest.raises(AggregateNotFoundError):
        kennel.repository.get("dog:2", projector_func=fold)


def test_what_an_application_reads_has_the_logs_position_and_the_metadata(kennel: Kennel) -> None:
    kennel.save(recorded("dog:1", 1, DogNamed(at=AT, name="Rex")))
    kennel.save(recorded("dog:2", 1, DogNamed(at=AT, name="Tom")))
    [tom] = kennel.events.get("dog:2")
    assert isinstance(tom, Recorded)
    assert (tom.position, tom.metadata) == (2, METADATA)
    assert tom.recorded_at > AT


def test_a_version_that_is_taken_is_the_librarys_integrity_error(kennel: Kennel) -> None:
    kennel.save(recorded("dog:1", 1, DogNamed(at=AT, name="Rex")))
    with pytest.raises(IntegrityError):
        kennel.save(recorded("dog:1", 1, DogNamed(at=AT, name="Max")))


def test_a_command_id_makes_a_save_repeatable(kennel: Kennel) -> None:
    rex = recorded("dog:1", 1, DogNamed(at=AT, name="Rex"))
    assert kennel.save(rex, command_id="1") == kennel.save(rex, command_id="1")


def test_notifications_are_selected_by_position_and_by_name(kennel: Kennel) -> None:
    for n in range(1, 8):
        kennel.save(recorded(f"dog:{n}", 1, DogNamed(at=AT, name=str(n))))
    kennel.save(recorded("dog:1", 2, TrickLearned(at=AT, trick="sit")))
    select = kennel.recorder.select_notifications
    assert kennel.recorder.max_notification_id() == 8
    assert [n.id for n in select(3, 2)] == [3, 4]
    assert [n.id for n in select(3, 2, inclusive_of_start=False)] == [4, 5]
    assert [n.id for n in select(None, 10, stop=2)] == [1, 2]
    assert [n.id for n in select(1, 10, topics=["dog.trick_learned"])] == [8]
    assert [n.id for n in kennel.notification_log.select(start=7, limit=10)] == [7, 8]


def test_events_of_a_stream_are_selected_by_version(kennel: Kennel) -> None:
    kennel.save(recorded("dog:1", 1, DogNamed(at=AT, name="Rex")))
    for version in range(2, 6):
        kennel.save(recorded("dog:1", version, TrickLearned(at=AT, trick=str(version))))
    chosen = kennel.recorder.select_events("dog:1", gt=1, lte=4, desc=True, limit=2)
    assert [e.originator_version for e in chosen] == [4, 3]


def test_a_subscription_gives_what_is_there_and_what_comes(kennel: Kennel) -> None:
    kennel.save(recorded("dog:1", 1, DogNamed(at=AT, name="Rex")))
    with kennel.recorder.subscribe() as subscription, ThreadPoolExecutor(1) as pool:
        assert next(subscription).id == 1
        coming = pool.submit(next, subscription)
        kennel.save(recorded("dog:2", 1, DogNamed(at=AT, name="Tom")))
        assert coming.result(30).originator_id == "dog:2"


def test_events_of_another_mapper_are_kept_as_they_are(kennel: Kennel) -> None:
    recorder = kennel.recorder
    assert isinstance(recorder, Recorder)
    assert list(recorder.insert_events([StoredEvent("x", 1, "some.topic", b"{}")])) == [1]
    assert recorder.insert_events([]) == ()
    [event] = recorder.select_events("x")
    assert (event.topic, event.state) == ("some.topic", b"{}")


def test_the_factory_gives_our_mapper_and_refuses_what_the_log_does_not_keep(database: str) -> None:
    with pytest.raises(InfrastructureFactoryError, match="DISPATCH_DATABASE"):
        Factory({}).application_recorder()
    factory = Factory({"DISPATCH_DATABASE": database})
    assert type(factory.mapper()) is Mapper
    refusals: list[Callable[[], object]] = [
        lambda: factory.aggregate_recorder("snapshots"),
        factory.tracking_recorder,
        factory.process_recorder,
    ]
    for refused in refusals:
        with pytest.raises(NotSupportedError):
            refused()
    assert factory.aggregate_recorder().max_notification_id() is None
    factory.close()


def test_metadata_is_not_optional_and_json_stays_readable() -> None:
    bare = Recorded(
        originator_id="a", originator_version=1, position=0, recorded_at=AT, event=DogNamed(at=AT, name="")
    )
    with pytest.raises(ValueError, match="together with its metadata"):
        KennelMapper().to_stored_event(bare)
    with pytest.raises(ValueError, match="readable JSON"):
        KennelMapper(cipher=object())  # type: ignore[arg-type] # any cipher will do
