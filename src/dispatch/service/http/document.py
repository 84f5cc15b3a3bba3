"""What the OpenAPI document says about the API as a whole."""

from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response

from dispatch.service.http import compression
from dispatch.service.http.answers import ANSWERS, PLACE, PhotoForm, Problem
from dispatch.service.http.entrance import COOKIE
from dispatch.service.http.routes import API

ABOUT: Final[dict[str, Any]] = {
    "title": "Dispatch for grid governance",
    "version": "1",
    "description": """\
A township's command centre issues **tasks** to its grids; the grids report **cases**; every figure is derived
from an immutable log of **events**.

* Each request bears a token, `Authorization: Bearer TOKEN`, or the cookie of a session.
* Send an `Idempotency-Key` with each write: a repeat has no second effect and gets the first answer.
* A write answers with its log position (`Dispatch-Position`); give it to a read as `?after=` to see it.
* `If-Match: "VERSION"` acts only on the version that you have read.
* A phone that was offline says when it happened: `Dispatch-Device-Time`.
* A parameter or a field that isn't declared is refused, and never ignored.
* Each answer says the request's id in `X-Request-Id`, which stands in the events that it recorded too: your
  own if you send one of 1 to 80 visible ASCII characters, else a new one.
* What is refused is an RFC 9457 problem with a stable `code`.
""",
    "openapi_url": None,
    "docs_url": None,
    "redoc_url": None,
    "openapi_tags": [
        {"name": "tasks", "description": "任务: issued by the centre, worked on by the grids"},
        {
            "name": "cases",
            "description": "事件: reported by the grids, run through their steps by the centre",
        },
        {"name": "disputes", "description": "矛盾纠纷: cases with a number in the town's ledger"},
        {"name": "permits", "description": "双公示: permits to publish"},
        {
            "name": "visits",
            "description": "常态联系走访: households, and the plans that issue tasks by themselves",
        },
        {"name": "mode", "description": "平急: routine and emergency mode, and the switch between them"},
        {"name": "photos", "description": "Photos of what was reported and done"},
        {"name": "figures", "description": "What is known: figures, lists and staffing at any moment"},
        {"name": "inbox", "description": "What a person is told, and what of it he has read"},
        {"name": "stream", "description": "The log as it grows"},
        {
            "name": "audit",
            "description": "The log event by event, its past states, and proofs that it was only added to",
        },
        {"name": "towns", "description": "Grids, members, posts and departments"},
        {"name": "session", "description": "Signing in and out at the pages, and the own password"},
        {"name": "accounts", "description": "Who may send what, and bearer tokens"},
        {"name": "service", "description": "The service about itself"},
    ],
}

WRITE_HEADERS: Final = (
    (
        "Idempotency-Key",
        "Your own id of this request: a repeat has no second effect. Nothing personal: it stays in the log",
        "b3f1c0de-42",
    ),
    ("If-Match", "Act only on this version of the item", '"3"'),
    ("Dispatch-Device-Time", "When it happened, if the device was offline", "2023-07-04T09:30:00+08:00"),
)


NOT_COMMANDS: Final = ("/clock", "/photos")
"""What is sent to these is no command: it comes to the same however often it is sent."""
PARAMETERS: Final = {
    "digest": "The photo's SHA-256: 64 hex digits",
    "town": "The town's code: 9 digits",
    "grid": "The grid's code: 15 digits",
    "member": "The member's id",
    "account": "The account's id",
    "token": "The token's id, as it was told when the token was made: 16 hex digits",
    "figure": "A figure such as `closure_rate`, or a plain number such as `tasks.open`",
    "part": "Which of the two numbers of a rate",
    "status": "In one of these statuses",
    "inbox": "The inbox's address",
    "delivery": "The delivery's id",
    "unread": "Only what I have not read, or only what I have",
    "address": "An inbox that several people read, such as the centre's, instead of my own",
    "open": "What is left to do something about, or what is not",
    "overdue": "Past its deadline and still not handled, or not",
    "acceptance_overdue": "Past its deadline of acceptance and still not accepted, or not",
    "extension_requested": "With a request for more time that nobody has decided on, or without",
    "appealed": "With an appeal that nobody has decided on, or without",
    "unassigned": "With nobody responsible, or with somebody",
    "category": "Of one category",
    "source": "From one source",
    "severity": "Of one of these grades",
    "department": "With this department",
    "check_passed": "With a check that has passed, or without",
    "campaign": "Of this campaign",
    "plan": "Issued by this recurring plan",
    "merged_into": "Merged into this case",
    "due_from": "With a deadline at this time or later",
    "due_before": "With a deadline before this time",
    "issued_from": "Issued at this time or later",
    "issued_before": "Issued before this time",
    "reported_from": "Reported at this time or later",
    "reported_before": "Reported before this time",
    "limit": "At most so many on a page",
    "cursor": "`next` of the page before",
    "position": "A log position",
    "size": "How many events the tree had",
    "from": "How many events the earlier tree had",
    "to": "How many events the later tree had",
}
"""What a parameter is where its route does not say it."""
NAMES: Final = {
    "dispatch__domain__tasks__Status": "TaskStatus",
    "dispatch.domain.tasks.Status": "TaskStatus",
    "dispatch__domain__cases__kinds__Status": "CaseStatus",
    "dispatch.domain.cases.kinds.Status": "CaseStatus",
    "dispatch.domain.ladder.Level": "Level",
    "projections.questions.answers.Level": "MediationLevel",
    "projections.audit.restating.Difference": "FigureDifference",
    "projections.audit.replay.Difference": "ReplayDifference",
    "dispatch.service.personal.Kept": "KeptPersonal",
    "dispatch.service.http.routes.proofs.Kept": "KeptCheckpoint",
}
"""How the document calls what is named by its module there, because another module has the same name."""
ONLY_OF_WRITES: Final = frozenset({"409", "412", "413"})


def complete(app: FastAPI) -> None:
    """Give the document what FastAPI can't know: the headers, the token, problems and the answers' shapes."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            app.openapi_schema = _renamed(_described(made))
        return app.openapi_schema

    async def answer(request: Request) -> Response:
        # FastAPI's own route would send all 550 kB as they are.
        return await compression.found(request, msgspec.json.encode(document()), {}, "application/json")

    app.openapi = document  # type: ignore[method-assign] # FastAPI's documented way to extend it
    app.add_route(f"{API}/openapi.json", answer, methods=["GET"], include_in_schema=False)


def _renamed(document: dict[str, Any]) -> dict[str, Any]:
    text = msgspec.json.encode(document)
    for made, name in NAMES.items():
        text = text.replace(made.encode(), name.encode())
    renamed: dict[str, Any] = msgspec.json.decode(text)
    return renamed


def _described(document: dict[str, Any]) -> dict[str, Any]:
    components = document.setdefault("components", {})
    schemas, structs = msgspec.json.schema_components(ANSWERS, ref_template="#/components/schemas/{name}")
    ours = {model.__name__: model.model_json_schema() for model in (Problem, PhotoForm)}
    components.setdefault("schemas", {}).update(structs | ours)
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for content in operation["responses"].get("200", {}).get("content", {}).values():
                if PLACE in content.get("schema", ()):
                    content["schema"] = schemas[content["schema"][PLACE]]
            if not path.startswith("/api/"):
                continue
            if method == "get":
                _leave_out(operation["responses"], ONLY_OF_WRITES)
            operation.setdefault("security", [{"token": []}, {"session": []}])
            for parameter in operation.get("parameters", ()):
                if "description" not in parameter and parameter["name"] in PARAMETERS:
                    parameter["description"] = PARAMETERS[parameter["name"]]
            if method in ("post", "patch", "put") and not path.endswith(NOT_COMMANDS):
                operation.setdefault("parameters", []).extend(
                    {"name": n, "in": "header", "description": d, "schema": {"type": "string"}, "example": e}
                    for n, d, e in WRITE_HEADERS
                )
    return document


def _leave_out(responses: dict[str, Any], statuses: frozenset[str]) -> None:
    """Leave out of a read what a router that writes too declares for all its routes."""
    for status in responses.keys() & statuses:
        del responses[status]
