"""What administrators see of the town that they keep: its members, its accounts and its name."""

from typing import Any

from tests.e2e.http.test_life import known
from tests.e2e.http.town import Town


def test_the_members_are_listed_with_their_posts_or_without_any(town: Town) -> None:
    path = f"/towns/{town.code}/members"
    town.do("administrator", path, {"members": [{"member": "neu", "name": "钱文"}]})
    found = {one["member"]: one for one in town.read("administrator", f"/members?{known(town)}")}
    assert found["neu"] == {"town": town.code, "member": "neu", "name": "钱文", "posts": []}
    wang = [(held["place"], held["post"]) for held in found["wang"]["posts"]]
    assert wang == [(town.grids[0], "full_time"), (town.grids[1], "part_time")]
    village = town.read("administrator", f"/members?scope={town.grids[2][:12]}")
    assert "neu" not in {one["member"] for one in village}
    assert town.read("worker", "/towns") == [{"code": town.code, "name": "万顺镇"}]


def test_the_accounts_are_listed_as_they_stand_and_without_any_secret(town: Town) -> None:
    def listed() -> dict[str, dict[str, Any]]:
        answer = town.by("administrator").get(f"/api/v1/accounts?{known(town)}")
        assert answer.status == 200
        for secret in (account.secret.partition(".")[2] for account in town.accounts.values()):
            assert secret.encode() not in answer.content
        return {one["account"]: one for one in answer.json}

    worker = town.accounts["worker"]
    found = listed()[worker.name]
    assert (found["role"], found["password"], found["revoked"]) == ("worker", "none", False)
    assert [one["token"] for one in found["tokens"]] == [worker.token]
    town.do("administrator", f"/accounts/{worker.name}/password")
    assert listed()[worker.name]["password"] == "first"
    town.do("administrator", f"/accounts/{worker.name}/revoke", {"reason": "调走"})
    gone = listed()[worker.name]
    assert (gone["revoked"], gone["password"], gone["tokens"]) == (True, "none", [])
    # An administrator of everything is above the town's, and is none of his.
    assert "root" not in listed()
    outside = town.by("administrator").get("/api/v1/accounts?scope=500115999")
    assert (outside.status, outside.code) == (403, "out-of-scope")
