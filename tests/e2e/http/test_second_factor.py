"""People set a second factor, sign in with its codes, lose it, and can't do without where it is asked for."""

from datetime import UTC, datetime, timedelta

import pyotp

from tests.e2e.http.browser import OWN, Browser, Place, first_password, signed_in

FACTOR = "/session/second-factor"


def code_of(generator: pyotp.TOTP, *, later: int = 0) -> str:
    """A code that the generator shows now, or, being fast, a step later: none is accepted twice."""
    return generator.at(datetime.now(UTC) + later * timedelta(seconds=30))


def with_factor(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """The generator and recovery codes of a browser that has just set them up."""
    made = browser.send("POST", FACTOR, {"password": OWN})
    assert made.status == 201, made
    assert made.headers["Cache-Control"] == "no-store"
    generator = pyotp.parse_uri(made.json["uri"])
    assert isinstance(generator, pyotp.TOTP)
    assert browser.send("GET", "/me").json["second_factor"] is False
    confirmed = browser.send("PUT", FACTOR, {"code": code_of(generator)})
    assert confirmed.status == 200, confirmed
    return generator, confirmed.json["recovery_codes"]


def test_a_second_factor_is_asked_for_from_then_on(place: Place) -> None:
    account = place.town.accounts["operator"].name
    browser = signed_in(place)
    other = Browser(place.town.root)
    assert other.sign_in(account, OWN).status == 200
    generator, recovery = with_factor(browser)
    assert browser.send("GET", "/me").json["second_factor"] is True
    assert other.send("GET", "/me").code == "unauthenticated"
    assert (other.sign_in(account, OWN).status, other.sign_in(account, OWN).code) == (
        401,
        "second-factor-needed",
    )
    code = code_of(generator, later=1)
    signed = other.sign_in(account, OWN, code=code)
    assert (signed.status, signed.json["second_factor"]) == (200, True)
    assert other.sign_in(account, OWN, code=code).code == "second-factor-wrong"
    assert other.sign_in(account, OWN, code=recovery[0]).status == 200
    assert other.sign_in(account, OWN, code=recovery[0]).code == "second-factor-wrong"
    assert other.sign_in(account, "x", code=recovery[1]).code == "sign-in-refused"
    assert other.sign_in(account, OWN, code=recovery[1]).status == 200
    for path in (path for path in place.running.log.parent.rglob("*") if path.is_file()):
        held = path.read_bytes()
        assert not [one for one in recovery if one.encode() in held]
        if ".sign-in" not in path.name:
            assert generator.secret.encode() not in held


def test_wrong_codes_count_towards_the_lock(place: Place) -> None:
    account = place.town.accounts["operator"].name
    browser = signed_in(place)
    generator, recovery = with_factor(browser)
    guesser = Browser(place.town.root)
    present = {generator.at(datetime.now(UTC) + n * timedelta(seconds=30)) for n in range(-2, 40)}
    wrong = [code for n in range(60) if (code := f"{n:06}") not in present][:5]
    for code in wrong:
        assert guesser.sign_in(account, OWN).code == "second-factor-needed"
        assert guesser.sign_in(account, OWN, code=code).code == "second-factor-wrong"
    assert guesser.sign_in(account, OWN).code == "too-many-guesses"
    assert guesser.sign_in(account, OWN, code=recovery[0]).code == "too-many-guesses"
    for code in wrong:  # the own browser is counted by itself
        assert browser.send("POST", f"{FACTOR}/remove", {"password": OWN, "code": code}).code == "code-wrong"
    body = {"password": OWN, "code": recovery[0]}
    assert browser.send("POST", f"{FACTOR}/remove", body).code == "too-many-guesses"


def test_it_is_changed_and_removed_by_who_proves_it_once_more(place: Place) -> None:
    account = place.town.accounts["operator"].name
    browser = signed_in(place)
    assert browser.send("PUT", FACTOR, {"code": "123456"}).code == "nothing-to-confirm"
    assert browser.send("POST", FACTOR, {"password": "x"}).code == "password-wrong"
    generator, recovery = with_factor(browser)
    assert browser.send("POST", FACTOR, {"password": OWN}).code == "second-factor-needed"
    assert browser.send("POST", FACTOR, {"password": OWN, "code": "000000"}).code == "code-wrong"
    again = browser.send("POST", FACTOR, {"password": OWN, "code": recovery[0]})
    second = pyotp.TOTP(again.json["secret"])
    assert browser.send("PUT", FACTOR, {"code": code_of(second)}).status == 200
    lost = {"password": OWN, "code": code_of(generator, later=1)}
    assert browser.send("POST", f"{FACTOR}/remove", lost).code == "code-wrong"
    body = {"password": OWN, "code": code_of(second, later=1)}
    assert browser.send("POST", f"{FACTOR}/remove", body).status == 200
    assert browser.send("GET", "/me").json["second_factor"] is False
    assert Browser(place.town.root).sign_in(account, OWN).status == 200


def test_an_administrator_takes_a_lost_one_away(place: Place) -> None:
    account = place.town.accounts["operator"].name
    browser = signed_in(place)
    with_factor(browser)
    assert place.town.root.post(f"/api/v1/accounts/{account}/second-factor/reset").status == 200
    assert browser.send("GET", "/me").code == "unauthenticated"
    assert browser.sign_in(account, OWN).status == 200
    assert browser.send("GET", "/me").json["second_factor"] is False


def test_a_repeated_reset_has_one_answer_and_leaves_a_new_one_alone(place: Place) -> None:
    account = place.town.accounts["operator"].name
    browser = signed_in(place)
    with_factor(browser)
    reset = f"/api/v1/accounts/{account}/second-factor/reset"
    first = place.town.root.post(reset, Idempotency_Key="lost-it")
    assert browser.sign_in(account, OWN).status == 200
    generator, recovery = with_factor(browser)
    again = place.town.root.post(reset, Idempotency_Key="lost-it")
    assert (again.status, again.json) == (200, {**first.json, "repeated": True})
    other = Browser(place.town.root)
    assert other.sign_in(account, OWN, code=code_of(generator, later=1)).status == 200
    assert other.sign_in(account, OWN, code=recovery[0]).status == 200


def test_a_reset_meanwhile_does_not_break_the_setting_up_of_a_new_one(place: Place) -> None:
    account = place.town.accounts["operator"].name
    browser = signed_in(place)
    made = browser.send("POST", FACTOR, {"password": OWN})
    assert place.town.root.post(f"/api/v1/accounts/{account}/second-factor/reset").status == 200
    generator = pyotp.TOTP(made.json["secret"])
    assert browser.send("PUT", FACTOR, {"code": code_of(generator)}).status == 200
    code = code_of(generator, later=1)
    assert Browser(place.town.root).sign_in(account, OWN, code=code).status == 200


def test_a_role_that_needs_one_may_do_nothing_else_before(place: Place) -> None:
    account = place.town.accounts["auditor"].name
    browser = signed_in(place, "auditor")
    me = browser.send("GET", "/me").json
    assert (me["second_factor"], me["must_set_second_factor"]) == (False, True)
    for path in ("/tasks", "/audit/events", "/stream"):
        assert browser.send("GET", path).code == "second-factor-must-be-set"
    assert browser.send("POST", "/inbox/read", {"through": 1}).code == "second-factor-must-be-set"
    _, recovery = with_factor(browser)
    assert browser.send("GET", "/me").json["must_set_second_factor"] is False
    assert browser.send("GET", "/tasks").status == 200
    body = {"password": OWN, "code": recovery[0]}
    assert browser.send("POST", f"{FACTOR}/remove", body).code == "second-factor-required"
    first = first_password(place.town, account)
    assert browser.sign_in(account, first).code == "second-factor-needed"
    assert browser.sign_in(account, first, code=recovery[1]).json["must_change_password"] is True
    # Devices and integrations bear tokens, which no person types.
    assert place.town.by("auditor").get("/api/v1/tasks").status == 200
