"""Requests generated from the OpenAPI document, well and badly formed, by each role: no fault, true to it."""

from time import monotonic
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.http.conftest import Shared
from tests.e2e.http.table import ROUTES, Things
from tests.e2e.http.town import ROLES, Town

EXAMPLES = 5
"""Requests for each operation in a run of the tests; the proof of hostile input sends many more."""
SLOWEST = 10.0
"""Seconds that an answer may take on a machine with much else to do."""
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
OTHERWISE = {"/stream", "/clock"}
"""One has no end, the other changes the time for everybody."""


@pytest.fixture(scope="module")
def office(on_postgresql: Shared) -> Town:
    return Town(on_postgresql.root).found()


@pytest.fixture(scope="module")
def things(office: Town) -> Things:
    return Things(office)


@pytest.fixture(scope="module")
def document(office: Town) -> Any:
    found = schemathesis.openapi.from_dict(office.root.get("/api/v1/openapi.json").json)
    found.config.update(base_url=office.root.address)
    return found


@pytest.mark.parametrize(
    "name", [route.name for route in ROUTES if route.path not in OTHERWISE], ids=lambda name: name
)
def test_generated_requests_find_no_fault(office: Town, things: Things, document: Any, name: str) -> None:
    method, _, path = name.partition(" ")
    operation = document[f"/api/v1{path}"][method]
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, role=st.sampled_from(ROLES))
    def send(case: Any, role: str) -> None:
        headers = {"Authorization": f"Bearer {office.accounts[role].secret}"}
        began = monotonic()
        response = case.call(headers=headers)
        assert monotonic() - began < SLOWEST
        case.validate_response(response, checks=CHECKS)

    send()
