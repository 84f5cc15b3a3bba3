"""The demonstration leaves an account of each role that its password signs in, at once and for everything."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

from dispatch.demo import screen
from dispatch.demo.client import Client
from dispatch.demo.founding import BEGINNING, Founder, found, make_administrator
from dispatch.demo.morning import begin_morning
from dispatch.demo.process import Service
from dispatch.demo.sign_ins import SignIn, sign_ins
from dispatch.demo.town import ADMINISTRATOR
from tests.e2e.http.browser import Browser
from tests.e2e.http.client import Client as Caller
from tests.e2e.http.town import ROLES


async def founded(service: Service, founder: Founder) -> list[SignIn]:
    client = Client(service.address, {ADMINISTRATOR.account: founder.token}, service.require_alive)
    try:
        tokens = (await found(client)).tokens
        await begin_morning(client, BEGINNING + timedelta(minutes=5))
        return await sign_ins(
            client, service.address, founder, {**tokens, ADMINISTRATOR.account: founder.token}
        )
    finally:
        await client.close()


def test_each_role_signs_in_with_its_password_and_needs_nothing_else(tmp_path: Path) -> None:
    service = Service(tmp_path)
    founder = make_administrator(service.database)
    with service:
        made = asyncio.run(founded(service, founder))
        assert sorted(str(one.role) for one in made) == sorted(ROLES)
        assert len({one.password for one in made}) == len(made)
        for one in made:
            browser = Browser(Caller(service.address))
            me = browser.sign_in(one.account, one.password).json
            assert (me["account"], me["role"]) == (one.account, one.role)
            assert (me["must_change_password"], me["must_set_second_factor"]) == (False, False)
            assert browser.send("GET", "/inbox").status == 200
            assert Caller(service.address, one.token).get("/api/v1/me").json["role"] == one.role
        worker = Caller(service.address, next(one.token for one in made if one.role == "worker"))
        tasks = worker.get("/api/v1/tasks").json["items"]
        assert Counter(one["status"] for one in tasks) == {"issued": 2, "in_progress": 1, "submitted": 1}
        [case] = worker.get("/api/v1/cases").json["items"]
        assert (case["status"], case["assignee"]) == ("dispatched", "chief-1")
        with screen.stderr.capture() as captured:
            screen.stderr.print(screen.addresses(service.address, made), width=80)
            screen.say(screen.tokens(service.address, made))
        shown = captured.get()
        for one in made:
            assert all(told in shown for told in (one.account, one.password, one.page, one.token))
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path in kept:
        held = path.read_bytes()
        assert not [one for one in made if one.password.encode() in held]
