"""Publishing figures: who may, of which places and moments, and what a repeat is."""

from datetime import timedelta

from msgspec.structs import replace

from commands.figures.publish import (
    NothingPublished,
    PublishFigures,
    WindowReversed,
)
from commands.moments import MomentUnacceptable
from dispatch.domain.codes import CodeMalformed
from dispatch.domain.publications import FiguresPublished
from dispatch.domain.refusal import OutOfScope, RoleNotAllowed
from tests.unit.commands.scenario import ELSEWHERE, MONDAY, TOWN, Scenario, the

MARCH = PublishFigures(
    scope=TOWN,
    title="2月工作通报",
    since=MONDAY - timedelta(days=30),
    until=MONDAY - timedelta(days=2),
    as_of=MONDAY - timedelta(days=1),
    known_at=17,
    figures={"closure_rate": (3, 4)},
    numbers={"cases.reported": 5},
)


def test_the_centre_and_its_leaders_publish_and_nobody_else() -> None:
    scenario = Scenario()
    event = the(scenario.when(MARCH, "operator"), FiguresPublished)
    assert (event.by, event.figures, event.numbers) == (
        "operator",
        {"closure_rate": (3, 4)},
        {"cases.reported": 5},
    )
    assert (event.scope, event.as_of, event.known_at) == (TOWN, MARCH.as_of, 17)
    the(scenario.when(MARCH, "supervisor"), FiguresPublished)
    for account in ("auditor", "administrator", "wang"):
        scenario.refused(RoleNotAllowed, MARCH, account)


def test_what_can_not_be_meant_is_refused() -> None:
    scenario = Scenario()
    for command, refusal in (
        (replace(MARCH, scope=ELSEWHERE), OutOfScope),
        (replace(MARCH, scope="50011"), CodeMalformed),
        (replace(MARCH, title=""), NothingPublished),
        (replace(MARCH, title="x" * 201), NothingPublished),
        (replace(MARCH, figures={}, numbers={}), NothingPublished),
        (replace(MARCH, since=MARCH.until), WindowReversed),
        (replace(MARCH, as_of=scenario.now + timedelta(seconds=1)), MomentUnacceptable),
    ):
        scenario.refused(refusal, command, "operator")


def test_a_repeat_may_have_other_numbers_and_nothing_else() -> None:
    later = replace(MARCH, as_of=MONDAY, known_at=18, figures={"closure_rate": (4, 4)}, numbers={})
    assert later.asked() == MARCH.asked()
    for other in (replace(MARCH, title="x"), replace(MARCH, scope="500115"), replace(MARCH, since=None)):
        assert other.asked() != MARCH.asked()
