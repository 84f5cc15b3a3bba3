"""The OpenAPI document is valid and worth reading: what each operation is for, takes, answers and refuses."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis

from tests.e2e.http.conftest import Shared
from tests.e2e.http.table import OIDC, PROVIDER, ROUTES, SIGN_IN

METHODS = {"get", "put", "post", "patch", "delete"}


@pytest.fixture(scope="module")
def document(on_sqlite: Shared) -> Any:
    return on_sqlite.anybody.get("/api/v1/openapi.json").json


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    if isinstance(node, list):
        for value in node:
            yield from references(value)


def shown(node: Any) -> bool:
    """Tell whether a reader sees what a value looks like: an example, a default, or all that it may be."""
    if not isinstance(node, dict):
        return False
    if (
        node.keys() & {"examples", "example", "default", "enum", "const", "$ref"}
        or node.get("type") == "boolean"
    ):
        return True
    within = [
        *node.get("anyOf", ()),
        *node.get("allOf", ()),
        node.get("items"),
        node.get("additionalProperties"),
    ]
    return any(shown(one) for one in within)


def test_the_document_is_valid_and_whole(document: Any) -> None:
    schemathesis.openapi.from_dict(document).validate()
    schemas = document["components"]["schemas"]
    missing = {one for one in references(document) if one.rpartition("/")[2] not in schemas}
    assert not missing
    assert not [name for name in schemas if not name.isidentifier() or "__" in name], "a module's path"


def test_the_document_names_every_route(document: Any) -> None:
    assert {name.replace("/api/v1", "") for name, _ in operations(document)} == {
        *(route.name for route in (*ROUTES, *OIDC, PROVIDER, SIGN_IN)),
        "GET /healthz",
        "GET /readyz",
    }


def test_each_operation_says_what_it_is_for_and_how_it_refuses(document: Any) -> None:
    openly = {route.name.replace(" ", " /api/v1") for route in (*OIDC, PROVIDER, SIGN_IN)}
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        if "/api/" not in name:
            continue
        proofs: list[dict[str, list[str]]] = [] if name in openly else [{"token": []}, {"session": []}]
        assert operation["security"] == proofs, name
        refusals = {"401", "403", "422", "503"} | (
            {"409", "412", "413"} if name.startswith("POST") else set()
        )
        assert refusals <= operation["responses"].keys(), name
        if name.startswith("GET "):
            assert not {"409", "412", "413"} & operation["responses"].keys(), name
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (name, status)
            assert answer["description"], (name, status)


def test_each_parameter_is_described_and_each_field_is_shown(document: Any) -> None:
    schemas = document["components"]["schemas"]
    for name, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (name, parameter["name"])
        if "requestBody" in operation:
            (reference, *_) = references(operation["requestBody"])
            fields = schemas[reference.rpartition("/")[2]].get("properties", {})
            assert not [field for field, schema in fields.items() if not shown(schema)], name


def test_what_is_answered_has_a_shape(document: Any) -> None:
    sent_on = {route.name.replace(" ", " /api/v1") for route in OIDC}
    for name, operation in operations(document):
        success = next(answer for status, answer in operation["responses"].items() if status < "400")
        if "/api/" in name and "stream" not in name and name not in sent_on:
            assert all(content["schema"] for content in success["content"].values()), name
    statuses = {
        kind: set(resolved(document, document["components"]["schemas"][kind]["properties"]["status"])["enum"])
        for kind in ("TaskItem", "CaseItem")
    }
    assert {"issued", "in_progress"} <= statuses["TaskItem"]
    assert {"reported", "registered"} <= statuses["CaseItem"]


def resolved(document: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
