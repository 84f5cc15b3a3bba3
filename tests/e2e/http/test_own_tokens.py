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
