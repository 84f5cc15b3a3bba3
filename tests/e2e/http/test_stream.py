"""The live stream: in order, without a gap, only what one may see and only for as long as one may."""

from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

from tests.e2e.http.conftest import Shared
from tests.e2e.http.listening import Listener
from tests.e2e.http.running import Running, first_administrator
from tests.e2e.http.town import Town


def test_events_come_in_the_order_of_the_log(town: Town) -> None:
    begin = town.root.head()
    with Listener(town.by("supervisor"), after=begin) as listener:
        tasks = [town.issue() for _ in range(5)]
        town.do("worker", f"/tasks/{tasks[0]}/accept")
        head = town.root.head()
        events = listener.up_to(head)
    assert [event.id for event in events] == list(range(begin + 1, head + 1))
    assert [event.name for event in events] == ["task.issued"] * 5 + ["task.accepted"]
    assert [event.data["id"] for event in events] == [*tasks, tasks[0]]
    assert events[-1].data["version"] == 2
    assert events[0].data["scope"] == town.grids[0]
    assert events[0].data["data"]["title"] == "汛期巡查"


def test_a_listener_goes_on_where_he_was_cut_off_without_gap_or_repeat(town: Town) -> None:
    begin = town.root.head()
    client, seen, last = town.by("operator"), [], begin
    writer = Thread(target=lambda: [town.issue() for _ in range(40)])
    writer.start()
    while last < begin + 40:
        with Listener(client, last=last) as listener:
            wanted = last + 3
            for frame in listener.frames():
                if frame.name:
                    seen.append(frame.id)
                if frame.id is not None and frame.id >= min(wanted, begin + 40):
                    break
            assert listener.last is not None
            last = listener.last
    writer.join()
    assert seen == list(range(begin + 1, begin + 41))


def test_a_listener_far_behind_gets_all_that_he_missed(service: Shared) -> None:
    town = Town(service.root)
    begin = town.root.head()
    town.found()
    head = town.root.head()
    with Listener(service.root, last=begin) as listener:
        events = listener.up_to(head)
    assert [event.id for event in events] == list(range(begin + 1, head + 1))
    assert events[0].name == "town.founded"


def test_a_listener_who_knows_more_than_the_log_holds_hears_what_comes_next(town: Town) -> None:
    # As after a backup was restored: what he saw last isn't there any more.
    with Listener(town.by("operator"), last=town.root.head() + 1_000) as listener:
        frames = listener.frames()
        next(frames)
        town.issue(title="恢复之后")
        told = next(frame for frame in frames if frame.name == "task.issued")
    assert told.data["data"]["title"] == "恢复之后"
    assert told.id == town.root.head()


def test_each_sees_the_own_scope_only(service: Shared) -> None:
    town, other = Town(service.root).found(), Town(service.root).found()
    town.add("county", "supervisor", scope=town.code[:6])
    town.add("elsewhere", "supervisor", scope="330106001")
    begin = town.root.head()
    task = town.issue()
    case = other.report()
    far = town.issue(town.grids[2])
    department = {"department": "forestry", "name": "林业站"}
    town.root.post(f"/api/v1/towns/{town.code}/departments", department)
    other.root.post(f"/api/v1/towns/{other.code}/departments", department)
    town.add("newcomer", "auditor")
    head = town.root.head()

    def seen(of: Town, who: str) -> list[str]:
        with Listener(of.by(who), last=begin) as listener:
            return [f"{event.name} {event.data['id']}" for event in listener.up_to(head)]

    mine = [f"task.issued {task}", f"task.issued {far}", f"department.opened {town.code}"]
    theirs = [f"case.reported {case}", f"department.opened {other.code}"]
    account = f"newcomer-{town.code}"
    assert seen(town, "supervisor") == seen(town, "operator") == mine
    assert seen(town, "auditor") == [*mine, f"account.added {account}", f"account.token_issued {account}"]
    assert seen(town, "worker") == [mine[0], mine[2]]
    assert seen(town, "zhao") == [mine[2]]
    assert seen(other, "operator") == theirs
    assert seen(town, "elsewhere") == []
    assert sorted(seen(town, "county")) == sorted([*mine, *theirs])


def test_no_event_shows_personal_data_or_a_token(town: Town) -> None:
    begin = town.root.head()
    canaries = {
        "name": "张某某甲",
        "telephone": "13912345678",
        "address": "幸福路八十八号",
        "note": "夜里很吵",
    }
    town.report(reporter=canaries, description="邻居李某某施工", category="dispute")
    permit = {"grid": town.code, "number": "9", "title": "占道许可", "holder": "持证人王某某"}
    town.do("operator", "/permits", permit)
    account = town.add("canary", "auditor")
    head = town.root.head()
    for client in (town.root, town.by("operator"), town.by("auditor")):
        with Listener(client, last=begin) as listener:
            lines = [line for event in listener.up_to(head) for line in event.raw]
        text = "\n".join(lines)
        for canary in (*canaries.values(), "邻居李某某施工", "持证人王某某", account.secret, "digest"):
            assert canary not in text, canary


def test_a_revoked_token_ends_the_stream_though_others_are_busy(town: Town) -> None:
    account = town.add("leaving", "supervisor")
    client = town.by("leaving")
    busy = True

    def work() -> None:
        while busy:
            town.issue()

    with Listener(client, after=town.root.head()) as listener:
        town.issue()
        assert next(frame for frame in listener.frames() if frame.name).name == "task.issued"
        worker = Thread(target=work)
        worker.start()
        try:
            town.root.post(f"/api/v1/accounts/{account.name}/tokens/{account.token}/revoke")
            revoked = town.root.head()
            seen = [frame.id for frame in listener.frames() if frame.name]
        finally:
            busy = False
            worker.join()
        assert listener.ended
        assert all(position is not None and position <= revoked for position in seen)


def test_a_token_that_ends_ends_the_stream(town: Town) -> None:
    ends = datetime.fromisoformat(town.read("operator", "/clock")["now"]) + timedelta(hours=1)
    town.add("guest", "supervisor", expires_at=ends.isoformat())
    with Listener(town.by("guest")) as listener:
        assert town.root.send("PUT", "/api/v1/clock", {"now": ends.isoformat()}).status == 200
        assert list(listener.frames()) is not None
        assert listener.ended


def test_who_only_listens_hears_that_the_line_is_alive(town: Town) -> None:
    with Listener(town.by("supervisor")) as listener:
        frames = listener.frames()
        assert next(frames).raw[0].startswith("retry: ")
        assert any(frame.raw == [":"] for frame in frames)


def test_a_worker_who_loses_a_post_hears_no_more_of_that_grid(town: Town) -> None:
    with Listener(town.by("worker"), after=town.root.head()) as listener:
        town.issue(town.grids[1])
        post = {"place": town.grids[1], "post": "part_time"}
        town.root.post(f"/api/v1/towns/{town.code}/members/wang/posts/end", post)
        town.issue(town.grids[1])
        kept = town.issue(town.grids[0])
        names = [
            event.data["id"] for event in listener.up_to(town.root.head()) if event.name == "task.issued"
        ]
    assert names[-1] == kept
    assert len(names) <= 2


def test_a_service_that_stops_lets_its_listeners_go(database: str, tmp_path: Path) -> None:
    root = first_administrator(database)
    workers = "1" if database.startswith("sqlite") else "2"
    with Running(database, tmp_path, workers=workers) as running:
        with Listener(running.client.bearing(root), after=0) as listener:
            listener.events(lambda frame: frame.name == "account.added")
            running.stop()
        said = running.said()
    assert "graceful shutdown exceeded" not in said
    assert "Exception" not in said
