"""Emergency mode over HTTP: the switch, what is shown of it now and later, and who hears of it at once."""

import json
from typing import Any

import pytest

from tests.e2e.http.conftest import Shared
from tests.e2e.http.listening import Listener
from tests.e2e.http.test_life import known, let_pass, refusal, step, url_time
from tests.e2e.http.town import COUNTY, Town

FLOOD = {"grade": "II", "reason": "暴雨橙色预警"}
OVER = {"reason": "预警解除"}


def modes(town: Town, who: str, scope: str, more: str = "") -> list[tuple[str, str]]:
    found = town.read(who, f"/mode?scope={scope}&{known(town)}{more}")
    return [(one["scope"], one["mode"]) for one in found["modes"]]


def test_a_town_goes_into_emergency_and_out_of_it_and_the_past_stays(town: Town) -> None:
    assert modes(town, "worker", town.code) == [(town.code, "routine")]
    assert step(town, "operator", "/mode/enter", {"scope": town.code, **FLOOD, "pauses": ["visit"]}) == (
        "emergency"
    )
    known_at = town.root.head()
    begun = let_pass(town, minutes=1)
    shown = town.read("worker", f"/mode?{known(town)}")
    (one,) = shown["modes"]
    assert (one["scope"], one["mode"], one["grade"]) == (town.code, "emergency", "II")
    assert (one["reason"], one["by"]) == (FLOOD["reason"], town.accounts["operator"].name)
    assert (one["pauses"], one["since"] < shown["as_of"]) == (["visit"], True)
    assert modes(town, "zhao", town.grids[0]) == [(town.code, "emergency")]

    task = town.issue()
    item = town.read("worker", f"/tasks/{task}?{known(town)}")
    assert (item["limit_kind"], item["rule"].endswith("/emergency")) == ("clock_hours", True)

    let_pass(town, hours=2)
    assert step(town, "operator", "/mode/leave", {"scope": town.code, **OVER}) == "routine"
    left = let_pass(town, minutes=1)
    (one,) = town.read("auditor", f"/mode?{known(town)}")["modes"]
    assert (one["mode"], one["grade"], one["since"] is not None) == ("routine", None, True)
    assert town.read("worker", f"/tasks/{task}?{known(town)}")["handling_due"] == item["handling_due"]
    assert modes(town, "auditor", town.code, f"&as_of={url_time(begun)}") == [(town.code, "emergency")]
    assert modes(town, "auditor", town.code, f"&as_of={url_time(left)}&known_at={known_at}") == [
        (town.code, "emergency")
    ]
    assert refusal(town, "operator", "/mode/leave", {"scope": town.code, **OVER}) == "no-emergency"


def test_what_is_open_and_listed_is_due_sooner_and_says_why(town: Town) -> None:
    patrol, other = town.issue(), town.issue(category="inspection")
    before = town.read("worker", f"/tasks/{other}?{known(town)}")["handling_due"]
    step(town, "operator", "/mode/enter", {"scope": town.code, **FLOOD, "recalculates": ["patrol"]})
    let_pass(town, minutes=1)
    last = town.read("worker", f"/tasks/{patrol}/timeline?{known(town)}")["entries"][-1]
    assert (last["name"], last["zh"]) == ("task.deadline_recalculated", "应急重新计算期限")
    assert last["changed"]["emergency"]
    explained = town.read("worker", f"/tasks/{patrol}/deadline?{known(town)}")
    assert (explained["limit"], explained["minutes"]) == ({"kind": "clock_hours", "amount": 2.0}, 120)
    assert sum(one["counted_minutes"] for one in explained["segments"]) == 120
    assert explained["segments"][0]["from"] == explained["started"]
    assert explained["segments"][-1]["until"] == explained["due"]
    assert town.read("worker", f"/tasks/{other}?{known(town)}")["handling_due"] == before
    (one,) = town.read("worker", f"/mode?{known(town)}")["modes"]
    assert (one["recalculates"], one["recalculated_at"] is not None) == (["patrol"], True)
    told = town.read("worker", f"/inbox?{known(town)}")["items"]
    assert "task.deadline_recalculated" in [notice["name"] for notice in told if notice["urgent"]]
    step(town, "operator", "/mode/leave", {"scope": town.code, **OVER})


def test_a_part_of_a_town_may_be_in_emergency_alone(town: Town) -> None:
    village, grid = town.grids[0][:12], town.grids[2]
    before = town.root.head()
    town.do("operator", "/mode/enter", {"scope": town.grids[1], **FLOOD})
    both = {"scope": grid, "further": [village], **FLOOD}
    assert refusal(town, "operator", "/mode/enter", both) == "emergency-overlaps"
    assert modes(town, "supervisor", grid) == [(grid, "routine")]  # neither was entered
    town.do("operator", "/mode/leave", {"scope": town.grids[1], **OVER})
    step(town, "operator", "/mode/enter", both)
    # Who may see one of the places only hears of that one.
    entered = [json.loads(line) for line in town.written_by("operator", before)][-2:]
    assert [one["scope"] for one in entered] == [grid, village]
    assert modes(town, "supervisor", town.code) == [
        (town.code, "routine"),
        (village, "emergency"),
        (grid, "emergency"),
    ]
    assert modes(town, "supervisor", town.grids[1]) == [(village, "emergency")]
    for scope in (town.code, village, town.grids[0], grid):
        assert refusal(town, "operator", "/mode/enter", {"scope": scope, **FLOOD}) == "emergency-overlaps"
    assert refusal(town, "operator", "/mode/leave", {"scope": town.grids[0], **OVER}) == "no-emergency"
    step(town, "operator", "/mode/leave", {"scope": grid, **OVER})
    assert (grid, "emergency") not in modes(town, "supervisor", town.code)
    assert town.by("operator").get(f"/api/v1/mode?scope={COUNTY}").code == "out-of-scope"


def test_everybody_hears_of_a_switch_at_once_also_of_the_county_around_the_town(service: Shared) -> None:
    county = "500116"
    town = Town(service.root, code=f"{county}101").found()
    town.add("county", "operator", scope=county)
    town.add("elsewhere", "operator", scope="330106001")
    begin = town.root.head()
    step(town, "operator", "/mode/enter", {"scope": town.grids[2], **FLOOD})
    step(town, "operator", "/mode/leave", {"scope": town.grids[2], **OVER})
    step(town, "county", "/mode/enter", {"scope": county, **FLOOD})
    assert modes(town, "worker", town.grids[0]) == [(county, "emergency")]
    step(town, "county", "/mode/leave", {"scope": county, **OVER})
    head = town.root.head()

    def heard(who: str) -> list[tuple[str, str]]:
        with Listener(town.by(who), last=begin) as listener:
            return [(one.name, one.data["scope"]) for one in listener.up_to(head)]

    names = ("mode.emergency_entered", "mode.emergency_left")
    expected = [(name, scope) for scope in (town.grids[2], county) for name in names]
    for who in ("worker", "zhao", "operator", "supervisor", "auditor", "administrator", "county"):
        assert heard(who) == expected, who
    assert heard("elsewhere") == []

    def told(who: str) -> list[tuple[str, str]]:
        items = town.read(who, f"/inbox?{known(town)}")["items"]
        return [(one["name"], one["place"]) for one in reversed(items) if one["kind"] == "mode"]

    for who in ("supervisor", "operator", "county"):
        assert told(who) == expected, who
    for who in ("worker", "zhao"):
        assert told(who) == expected[2:], who
    assert told("elsewhere") == []


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("request-malformed", {"scope": "{town}"}),
        ("request-malformed", {"scope": "{town}", "grade": "V", "reason": "暴雨"}),
        ("request-malformed", {"scope": "{town}", "grade": "II", "reason": " "}),
        ("request-malformed", {"scope": "{town}", **FLOOD, "pauses": ["Visit"]}),
        ("request-malformed", {"scope": "{town}", **FLOOD, "recalculates": ["Visit"]}),
        ("request-malformed", {"scope": "{town}", **FLOOD, "until": "2023-07-04T09:30:00+08:00"}),
        ("code-malformed", {"scope": "5001", **FLOOD}),
        ("village-unknown", {"scope": "{town}009", **FLOOD}),
        ("grid-unknown", {"scope": "{town}001009", **FLOOD}),
    ],
)
def test_what_can_not_be_meant_is_refused_with_its_reason(
    town: Town, code: str, body: dict[str, Any]
) -> None:
    body = {**body, "scope": body["scope"].replace("{town}", town.code)}
    assert refusal(town, "operator", "/mode/enter", body) == code
