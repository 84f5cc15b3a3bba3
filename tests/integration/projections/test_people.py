"""Who stands behind an account is called by the name of then, as far as it was known."""

from datetime import timedelta

from dispatch.domain.accounts import AccountAdded, Role
from dispatch.domain.towns import MemberJoined, MemberRenamed, TownFounded
from dispatch.eventlog import open_log
from dispatch.eventlog.mapper import decode_whole
from projections.audit.people import People
from tests import histories
from tests.histories import START, TOWN


def test_a_later_name_is_not_shown_in_the_past(database: str) -> None:
    town, married = f"town:{TOWN}", START + timedelta(days=30)
    added = AccountAdded(at=START, account="wang", name="窗口", role=Role.WORKER, scope=TOWN, member="m1")
    happened: list[histories.Happened] = [
        (town, TownFounded(at=START, code=TOWN, name="万顺镇")),
        ("account:wang", added),
        (town, MemberJoined(at=START, member="m1", name="王芳")),
        (town, MemberJoined(at=START, member="m2", name="李强")),
        (town, MemberRenamed(at=married, member="m1", name="王方")),
    ]
    with open_log(database, clock=lambda: married) as log:
        head = histories.record(log, happened)
        people = People(log, decode_whole)
        assert people.name("wang", position=head) == "王方"
        assert people.name("wang", position=head, as_of=married) == "王方"
        assert people.name("wang", position=head, as_of=married - timedelta(microseconds=1)) == "王芳"
        assert people.name("wang", position=head - 1, as_of=married) == "王芳"
        assert people.name("wang", position=2) == "窗口"
        assert people.name("nobody", position=head) == "nobody"
