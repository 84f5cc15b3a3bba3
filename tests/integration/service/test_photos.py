"""Photos beside the log: kept once, found by the events that name them, forgotten if none does."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from commands.cases.report import ReportCase
from commands.command import Command, Request
from commands.handler import Handler
from commands.personal.erase import ErasePersonal
from commands.towns.draw_grids import DrawGrids, GridPlan
from commands.towns.found import FoundTown
from dispatch.domain.personal import Ground
from dispatch.eventlog import EventLog, open_log
from dispatch.eventlog.mapper import decode_whole
from dispatch.eventlog.tree.checking import Fault
from dispatch.service.beside import Beside
from dispatch.service.calendars import china
from dispatch.service.clock import SimulatedClock
from dispatch.service.photos.album import MOST_UNNAMED, Album, TooManyPhotos, open_album
from dispatch.service.photos.checking import PhotoCheck
from dispatch.service.photos.pictures import PhotoTooLarge, PhotoUnusable, picture
from dispatch.service.photos.store import UNNAMED, PhotoDamaged, PhotoUnknown, Store
from projections.timeline import Entry, timeline
from tests.pictures import HERE, exif, jpeg, png
from tests.vaults import VAULT

TOWN = "500115101"
GRID = f"{TOWN}001001"
START = datetime(2023, 3, 1, 2, tzinfo=UTC)
LIMIT = 100_000


class Office:
    """A town's log with its album, and a clock moved by hand."""

    def __init__(self, database: str, log: EventLog, clock: SimulatedClock) -> None:
        self.database, self.log, self.clock = database, log, clock
        self.handler = Handler(log, calendar=china(), clock=clock, vault=VAULT)
        self.album = self.another()
        self.cases: list[str] = []
        """The streams of the cases that were reported."""

    def another(self) -> Album:
        return open_album(self.database, self.log, self.clock, limit=LIMIT, leading=lambda: True)

    def send(self, *commands: Command) -> str:
        async def within() -> str:
            for command in commands:
                photos = self.album.sent("system", getattr(command, "evidence", ()))
                request = Request(command=command, account="system", photos=photos)
                outcome = await self.handler.handle(request)
            return outcome.written[0].stream

        return asyncio.run(within())

    def report(self, *digests: str) -> list[Entry]:
        """Report a case with photos, and return its timeline."""
        stream = self.send(ReportCase(grid=GRID, category="environment", title="垃圾", evidence=digests))
        self.cases.append(stream)
        found = timeline(self.log, decode_whole, stream, as_of=self.clock(), position=self.log.head())
        assert found is not None
        return found.entries

    def wait(self, **time: float) -> None:
        self.clock.set(self.clock() + timedelta(**time))


@contextmanager
def office_on(database: str) -> Iterator[Office]:
    clock = SimulatedClock(START)
    with open_log(database, clock=clock) as log:
        office = Office(database, log, clock)
        try:
            office.send(
                FoundTown(town=TOWN, name="万顺镇"),
                DrawGrids(town=TOWN, grids=(GridPlan(code=GRID, name="网格", village="村"),)),
            )
            yield office
        finally:
            office.album.close()


@pytest.fixture
def office(database: str) -> Iterator[Office]:
    with office_on(database) as found:
        yield found


def test_a_photo_is_kept_once_under_the_digest_of_what_is_kept(office: Office) -> None:
    first = office.album.keep(jpeg(beside=exif()), "system")
    again = office.album.keep(jpeg(), "system")
    assert first == again
    assert first.digest == sha256(jpeg()).hexdigest()
    kept, content = office.album.show(first.digest, office.report(first.digest))
    assert kept == first
    assert content == jpeg()
    assert HERE not in content


def test_an_items_photos_are_those_that_its_reporter_sent(office: Office) -> None:
    mine, also = office.album.keep(jpeg(), "system"), office.album.keep(png(), "system")
    theirs = office.album.keep(jpeg(shade=2), "somebody-else")
    paper = "ab" * 32
    entries = office.report(also.digest, paper, mine.digest, theirs.digest, mine.digest)
    assert office.album.of(entries) == [also, mine]
    for digest in (theirs.digest, paper):
        with pytest.raises(PhotoUnknown):
            office.album.show(digest, entries)
    unnamed = office.report()
    assert office.album.of(unnamed) == []
    with pytest.raises(PhotoUnknown):
        office.album.show(mine.digest, unnamed)


def test_what_nothing_names_within_a_day_is_forgotten_and_what_something_names_is_not(office: Office) -> None:
    album = office.album
    named, unnamed = album.keep(jpeg(), "system"), album.keep(png(), "system")
    of_both = album.keep(jpeg(shade=3), "system")
    album.keep(jpeg(shade=3), "somebody-else")
    entries = office.report(named.digest, of_both.digest)
    office.clock.set(office.clock() + UNNAMED)
    assert album.tidy() == 0
    office.wait(microseconds=1)
    assert album.tidy() == 1
    assert album.of(entries) == [named, of_both]
    with pytest.raises(PhotoUnknown):
        album.show(unnamed.digest, office.report(unnamed.digest))
    office.wait(days=400)
    assert album.tidy() == 0
    assert album.show(named.digest, entries)[1] == jpeg()


def test_a_photo_that_is_sent_again_is_kept_from_then_on(office: Office) -> None:
    office.album.keep(jpeg(), "system")
    office.wait(hours=23)
    kept = office.album.keep(jpeg(), "system")
    office.wait(hours=23)
    assert office.album.tidy() == 0
    assert office.album.of(office.report(kept.digest)) == [kept]


def test_with_a_cases_personal_data_its_photos_are_erased(office: Office) -> None:
    album = office.album
    kept, other = album.keep(jpeg(), "system"), album.keep(png(), "system")
    entries, others = office.report(kept.digest), office.report(other.digest)
    album.tidy()
    office.send(ErasePersonal(subjects=(office.cases[0],), ground=Ground.REQUEST))
    album.tidy()
    assert album.of(entries) == []
    with pytest.raises(PhotoUnknown):
        album.show(kept.digest, entries)
    assert album.of(others) == [other]


def test_a_photo_that_two_cases_name_is_erased_with_the_last_of_them(office: Office) -> None:
    album = office.album
    both, one = album.keep(jpeg(), "system"), album.keep(png(), "system")
    office.report(both.digest, one.digest)
    album.tidy()
    # The other one is reported when photos were last looked for, and before the first is erased.
    entries = office.report(both.digest)
    office.send(ErasePersonal(subjects=(office.cases[0],), ground=Ground.REQUEST))
    album.tidy()
    assert album.of(entries) == [both]
    with pytest.raises(PhotoUnknown):
        album.show(one.digest, office.report(one.digest))
    office.wait(days=2)
    album.tidy()
    assert album.show(both.digest, entries)[1] == jpeg()
    office.send(ErasePersonal(subjects=(office.cases[1],), ground=Ground.REQUEST))
    album.tidy()
    assert album.of(entries) == []


def test_a_report_is_noticed_though_the_service_was_down(office: Office) -> None:
    kept = office.album.keep(jpeg(), "system")
    entries = office.report(kept.digest)
    office.wait(days=3)
    later = office.another()
    try:
        assert later.tidy() == 0
        assert later.of(entries) == [kept]
    finally:
        later.close()


def test_an_account_may_not_send_without_end(office: Office) -> None:
    sent = [
        office.album.keep(jpeg(shade=n % 250 + 1, width=n // 250 * 8 + 8), "system")
        for n in range(MOST_UNNAMED)
    ]
    assert len({one.digest for one in sent}) == MOST_UNNAMED
    with pytest.raises(TooManyPhotos):
        office.album.keep(png(), "system")
    office.album.keep(png(), "somebody-else")
    office.report(sent[0].digest)
    office.album.keep(png(), "system")


def test_what_is_too_large_or_no_photo_leaves_nothing_behind(office: Office) -> None:
    with pytest.raises(PhotoTooLarge):
        office.album.keep(jpeg(beside=exif() * 5_000), "system")
    with pytest.raises(PhotoUnusable):
        office.album.keep(b"<script>", "system")
    office.wait(days=2)
    assert office.album.tidy() == 0


def test_sending_and_forgetting_at_once_loses_nothing(office: Office) -> None:
    """However the two fall, what was sent and answered is there, or was never sent again."""
    store = Store(office.database)
    try:
        for shade in range(1, 21):
            found = picture(jpeg(shade=shade))
            store.keep(found, "system", START)
            old = START + UNNAMED + timedelta(seconds=1)
            steps: list[Callable[[], object]] = [
                partial(store.keep, found, "system", old),
                partial(store.forget, old),
            ]
            with ThreadPoolExecutor(2) as threads:
                list(threads.map(lambda step: step(), steps))
            assert store.content(found.digest) == found.content
            assert store.of([(found.digest, "system")])
    finally:
        store.close()


def test_on_sqlite_photos_are_for_their_owners_eyes_only(tmp_path: Path) -> None:
    with office_on(f"sqlite:///{tmp_path / 'dispatch.db'}") as office:
        office.album.keep(jpeg(), "system")
        for file in tmp_path.glob("dispatch.db.photos*"):
            assert file.stat().st_mode & 0o777 == 0o600, file


Change = tuple[str, str]
"""What is done to the tables, `{}` being their schema and `:digest` the photo, and what is told of it."""
CHANGES: dict[str, Change] = {
    "other bytes": ("UPDATE {}photos SET content = :other WHERE digest = :digest", "was changed"),
    "no bytes": ("DELETE FROM {}photos WHERE digest = :digest", "is missing"),
    "another kind": ("UPDATE {}photos SET media_type = 'image/gif' WHERE digest = :digest", "was changed"),
    "another size": ("UPDATE {}photos SET size = size + 1 WHERE digest = :digest", "was changed"),
    "broader": ("UPDATE {}photos SET width = width + 1 WHERE digest = :digest", "was changed"),
    "another sender": (
        "UPDATE {}sent SET account = 'nobody' WHERE digest = :digest",
        "is noted as named by nobody, and no event says so",
    ),
    "nothing of it": (
        "DELETE FROM {}photos WHERE digest = :digest; DELETE FROM {}sent WHERE digest = :digest",
        "which was there when it was named here, is missing",
    ),
    "nothing at all": (
        "DELETE FROM {}photos WHERE 0 = 0; DELETE FROM {}sent WHERE 0 = 0",
        "which was there when it was named here, is missing",
    ),
    "no sender": ("DELETE FROM {}sent WHERE digest = :digest", "was sent by nobody"),
    "to be forgotten": (
        "UPDATE {}sent SET named = '0', at = 0 WHERE digest = :digest",
        "is named here, and noted as if nothing named it",
    ),
    "as if nobody's": (
        "UPDATE {}sent SET named = '0', account = 'nobody' WHERE digest = :digest",
        "was sent by nobody whose events name it",
    ),
    "followed too far": ("UPDATE {}followed SET position = 1000", "photos are followed to 1000"),
    "followed nowhere": ("DELETE FROM {}followed", "up to where photos are followed is not kept as it was"),
    "followed elsewhere": (
        "UPDATE {}followed SET id = 2",
        "up to where photos are followed is not kept as it was",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_of_a_photo_behind_our_back_is_named(office: Office, name: str) -> None:
    album, store = office.album, Store(office.database)

    def faults() -> list[str]:
        check = PhotoCheck(store, office.log.head())
        check.look(office.log.read())
        return [fault.what for fault in check.faults()]

    kept, whole, unnamed, erased = (album.keep(jpeg(shade=shade), "system").digest for shade in range(1, 5))
    album.keep(jpeg(shade=4), "somebody-else")
    office.wait(minutes=1)
    entries = office.report(kept, whole, "ab" * 32)
    assert faults() == []  # nobody has looked yet which events there are
    office.report(kept, erased)
    office.send(ErasePersonal(subjects=(office.cases[1],), ground=Ground.REQUEST))
    album.tidy()
    assert faults() == []
    statement, told = CHANGES[name]
    engine = Beside(office.database, "photos", creation=0).engine
    schema = "" if office.database.startswith("sqlite") else "dispatch_photos."
    values = {"other": picture(jpeg(shade=9)).content, "digest": kept}
    with engine.begin() as connection:
        for one in statement.split("; "):
            used = {key: value for key, value in values.items() if f":{key}" in one}
            connection.execute(sa.text(one.format(schema)), used)
    engine.dispose()
    assert any(told in what and ("followed" in told or kept in what) for what in faults()), faults()
    lost = name == "nothing at all"
    assert [any(other in what for what in faults()) for other in (whole, unnamed)] == [lost, False]
    if told == "was changed":
        with pytest.raises(PhotoDamaged, match=kept):
            album.show(kept, entries)
    if not lost:
        assert album.show(whole, entries)[1] == jpeg(shade=2)
    store.close()


def test_what_is_right_about_photos_is_not_told_of(office: Office) -> None:
    """Sent after it was named, erased with its case, or sent and named while the events are looked at."""
    album, store = office.album, Store(office.database)
    later, erased = jpeg(shade=1), album.keep(jpeg(shade=2), "system").digest
    office.wait(minutes=1)
    office.report(picture(later).digest, erased)
    office.wait(minutes=1)
    album.tidy()
    office.send(ErasePersonal(subjects=(office.cases[0],), ground=Ground.REQUEST))
    album.tidy()
    album.keep(later, "system")
    assert erased not in store.noted().photos
    check = PhotoCheck(store, office.log.head())
    meanwhile = album.keep(jpeg(shade=3), "system").digest
    office.wait(minutes=1)
    office.report(meanwhile)
    album.tidy()
    check.look(office.log.read())
    assert list(check.faults()) == []
    store.close()


def test_a_missing_photo_is_told_of_once_where_it_was_named(office: Office) -> None:
    album, store = office.album, Store(office.database)
    digest = album.keep(jpeg(), "system").digest
    office.wait(minutes=1)
    office.report(digest)
    album.tidy()
    engine = Beside(office.database, "photos", creation=0).engine
    schema = "" if office.database.startswith("sqlite") else "dispatch_photos."
    with engine.begin() as connection:
        connection.execute(sa.text(f"DELETE FROM {schema}photos"))
    engine.dispose()
    check = PhotoCheck(store, office.log.head())
    check.look(office.log.read())
    [fault] = check.faults()
    assert fault == Fault(office.log.head(), f"the photo {digest} is missing")
    store.close()


def test_without_tables_no_photo_is_missing(database: str) -> None:
    store = Store(database)
    assert list(PhotoCheck(store, 0).faults()) == []
    store.close()
