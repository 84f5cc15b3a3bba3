"""The inbox over the live stream, and whom an escalation reaches there."""

from datetime import datetime, timedelta
from typing import Any

from tests.e2e.http.listening import Frame, Listener
from tests.e2e.http.town import Town


def unread(number: int) -> Any:
    return lambda frame: frame.name == "inbox" and frame.data["unread"] == number


def inbox(frames: list[Frame]) -> list[Frame]:
    return [frame for frame in frames if frame.name == "inbox"]


def test_a_new_notification_and_the_unread_count_arrive_at_once(town: Town) -> None:
    with Listener(town.by("worker"), inbox=True) as listener:
        first = inbox(listener.events(unread(0)))[-1]
        assert first.data["items"] == []
        issued = town.do(
            "operator",
            "/tasks",
            {"grids": town.grids[:1], "title": "汛期巡查", "category": "patrol", "assignee": "wang"},
        )
        told = inbox(listener.events(unread(1)))[-1]
        assert [one["item"] for one in told.data["items"]] == [issued.item("task")]
        assert told.data["items"][0]["zh"].startswith("新任务：汛期巡查")
        assert told.id is None
        town.do("worker", "/inbox/read", {"through": issued.position})
        assert inbox(listener.events(unread(0)))[-1].data["items"] == []


def test_what_somebody_has_read_and_where_he_is_reached_concerns_nobody_else(town: Town) -> None:
    issued = town.do(
        "operator",
        "/tasks",
        {"grids": town.grids[:1], "title": "巡查", "category": "patrol", "assignee": "wang"},
    )
    read = town.do("worker", "/inbox/read", {"through": issued.position})
    channels = {"channels": [{"channel": "mail", "address": "wang@town.example"}]}
    town.by("worker").send("PUT", "/api/v1/inbox/channels", channels)
    last = town.issue()
    head = town.root.head()
    assert last
    for who in ("operator", "supervisor", "li", "zhao"):
        with Listener(town.by(who), last=issued.position, inbox=True) as listener:
            events = listener.up_to(head)
        assert not {"inbox.read", "recipient.channels_set"} & {event.name for event in events}
        told = [one["owner"] for event in inbox(events) for one in event.data["items"]]
        assert f"member:{town.code}:wang" not in told
    with Listener(town.by("worker"), last=issued.position) as listener:
        assert [event.id for event in listener.up_to(read.position)] == [read.position]
    with Listener(town.by("administrator"), last=read.position) as listener:
        (event,) = [one for one in listener.up_to(head) if one.name == "recipient.channels_set"]
    assert "addresses" not in event.data["data"]


def test_an_escalation_reaches_whom_it_is_addressed_to_and_the_supervisor_at_once(town: Town) -> None:
    root, code = town.root, town.code
    members = {"members": [{"member": "leader", "name": "周正"}]}
    assert root.post(f"/api/v1/towns/{code}/members", members).status == 201
    post = {"place": code, "post": "leader"}
    assert root.post(f"/api/v1/towns/{code}/members/leader/posts", post).status == 201
    town.add("leader", "worker", member="leader")
    limit = {"kind": "clock_hours", "amount": 1}
    task = town.issue(assignee="wang", limit=limit)
    begin = root.head()
    now = datetime.fromisoformat(town.read("operator", "/clock")["now"])
    red_card = now + timedelta(hours=2)
    listeners = {
        who: Listener(town.by(who), last=begin, inbox=True)
        for who in ("worker", "li", "zhao", "leader", "supervisor")
    }
    assert root.send("PUT", "/api/v1/clock", {"now": red_card.isoformat()}).status == 200
    head = root.head()
    levels: dict[str, list[str]] = {}
    for who, listener in listeners.items():
        with listener:
            events = listener.up_to(head)
        mine = [event for event in events if event.name == "task.escalated" and event.data["id"] == task]
        levels[who] = [event.data["data"]["level"] for event in mine]
    ladder = ["notice", "reminder", "yellow_card", "red_card"]
    assert levels["supervisor"] == levels["worker"] == levels["li"] == ladder
    assert levels["leader"] == ["red_card"]
    assert levels["zhao"] == []
    found = town.read("leader", f"/inbox?after={head}")["items"]
    assert [(one["item"], one["level"]) for one in found] == [(task, "red_card")]
    assert found[0]["zh"].startswith("红牌督办：")
