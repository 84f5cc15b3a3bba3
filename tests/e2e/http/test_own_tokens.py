"""Who gets in with an account makes its tokens; what others do to it is told to him and to the auditors."""

from tests.e2e.http.browser import OWN, Browser, Place, first_password, signed_in
from tests.e2e.http.test_audit import lines_of


def test_an_administrator_makes_no_token_for_an_account_that_somebody_signs_in_with(place: Place) -> None:
    town = place.town
    operator, worker = town.accounts["operator"], town.accounts["worker"]
    assert town.root.post(f"/api/v1/accounts/{operator.name}/tokens", {}).code == "own-token-only"
    # A grid worker's device gets one whenever it needs one.
    assert town.root.post(f"/api/v1/accounts/{worker.name}/tokens", {}).status == 201
    assert town.by("operator").post("/api/v1/session/tokens", {"password": OWN}).code == "no-session"
    browser = signed_in(place)
    assert browser.send("POST", "/session/tokens", {"password": "x"}).code == "password-wrong"
    made = browser.send("POST", "/session/tokens", {"password": OWN})
    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    assert town.root.bearing(made.json["secret"]).get("/api/v1/me").json["account"] == operator.name
    events = lines_of(town.by("auditor").get(f"/api/v1/audit/events?item={operator.name}"))
    issued = [one for one in events if one["name"] == "account.token_issued"]
    assert [(one["actor"], one["data"]["by"]) for one in issued] == [("root", "root"), (operator.name, None)]


def test_who_has_tokens_sees_and_revokes_them_and_a_reset_password_does_so_too(place: Place) -> None:
    town = place.town
    account = town.accounts["operator"].name
    browser = signed_in(place)
    made = [browser.send("POST", "/session/tokens", {"password": OWN}).json for _ in range(2)]
    listed = browser.send("GET", "/sessions").json["tokens"]
    assert {one["token"] for one in listed if one["own"]} == {one["token"] for one in made}
    [handed] = [one for one in listed if not one["own"]]
    notices = town.read("operator", f"/inbox?after={town.root.head()}")["items"]
    assert [one["name"] for one in notices][:2] == ["account.token_issued"] * 2
    assert browser.send("DELETE", "/session/tokens/0123456789abcdef").code == "token-unknown"
    assert browser.send("DELETE", f"/session/tokens/{made[0]['token']}").status == 200
    first, second = (town.root.bearing(one["secret"]) for one in made)
    assert (first.get("/api/v1/me").status, second.get("/api/v1/me").status) == (401, 200)
    # Whoever knew the password before may have made the second one.
    first_password(town, account)
    assert second.get("/api/v1/me").code == "unauthenticated"
    assert town.by("operator").get("/api/v1/me").status == 200
    assert [one["token"] for one in town.by("operator").get("/api/v1/sessions").json["tokens"]] == [
        handed["token"]
    ]


def test_an_administrators_token_takes_his_own_account_over_by_nothing(place: Place) -> None:
    town = place.town
    own = f"/api/v1/accounts/{town.accounts['administrator'].name}"
    for path in ("password", "second-factor/reset", "identity/unlink"):
        assert town.by("administrator").post(f"{own}/{path}").code == "other-accounts-only"
    # Another one may, and that is told.
    assert town.root.post(f"{own}/second-factor/reset").status == 200


def test_a_first_password_makes_no_token(place: Place) -> None:
    account = place.town.accounts["operator"].name
    first = first_password(place.town, account)
    browser = Browser(place.town.root)
    assert browser.sign_in(account, first).status == 200
    answer = browser.send("POST", "/session/tokens", {"password": first})
    assert answer.code == "password-must-be-changed"


def test_the_owner_and_the_auditor_hear_of_a_password_that_was_reset(place: Place) -> None:
    town = place.town
    account = town.accounts["operator"].name
    begins = town.root.head()
    signed_in(place)
    own = town.root.head()
    first_password(town, account)
    head = town.root.head()
    for who in ("operator", "auditor"):
        notices = town.read(who, f"/inbox?after={head}")["items"]
        # With what an account begins is told to nobody.
        assert not [one for one in notices if begins < one["position"] <= own]
        [reset] = [one for one in notices if one["name"] == "account.password_set"]
        assert (reset["title"], reset["by"], reset["kind"]) == (account, "root", "account")
        assert reset["zh"] == f"账号的密码被他人设置：{account}（办理人 root）"
        assert reset["en"] == f"Somebody else set the password of an account: {account} (by root)"
