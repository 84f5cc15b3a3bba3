"""Every route, who may use it and a body that it takes: what is not declared here fails the tests."""

from itertools import count
from typing import Any, NamedTuple

from tests.e2e.http.town import DIGEST, Town

OPERATOR, WORKER, SUPERVISOR = "operator", "worker", "supervisor"
AUDITOR, ADMINISTRATOR = "auditor", "administrator"
EVERYONE = frozenset({OPERATOR, WORKER, SUPERVISOR, AUDITOR, ADMINISTRATOR})
CENTRE = frozenset({OPERATOR})
GRID = frozenset({WORKER})
BOTH = CENTRE | GRID
LEADER = frozenset({SUPERVISOR})
OVERSEERS = EVERYONE - {WORKER}
WATCHERS = EVERYONE - {ADMINISTRATOR}
"""Who sees tasks, cases and figures: an administrator dispatches nothing."""
ADMINISTRATION = frozenset({ADMINISTRATOR})
AUDIT = frozenset({AUDITOR, SUPERVISOR})

WHY = {"reason": "不属于本网格"}
WORK = {"note": "已清理完毕", "evidence": [DIGEST]}
HOURS = {"kind": "working_hours", "amount": 4}
LATER = "2024-06-01T10:00:00+08:00"


class Route(NamedTuple):
    """One route: the roles that it is for (None: anybody, without a token) and what to send.

    In the path and in the body, `{task}`, `{case}`, `{dispute}`, `{permit}`, `{campaign}`, `{town}`,
    `{grid}`, `{account}` and `{token}` stand for a thing of that kind.
    """

    method: str
    path: str
    roles: frozenset[str] | None
    body: dict[str, Any] | None = None
    at: str = ""
    """The path with things in it, where that is not `path` itself."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def _steps(
    prefix: str, thing: str, steps: dict[str, tuple[frozenset[str], dict[str, Any] | None]]
) -> list[Route]:
    return [
        Route("POST", f"{prefix}/{{id}}/{step}", roles, body, f"{prefix}/{{{thing}}}/{step}")
        for step, (roles, body) in steps.items()
    ]


TASKS = _steps(
    "/tasks",
    "task",
    {
        "accept": (GRID, None),
        "decline": (GRID, WHY),
        "transfer": (CENTRE, {**WHY, "grid": "{other_grid}", "assignee": None}),
        "handle": (GRID, None),
        "submit": (GRID, {**WORK, "not_met": []}),
        "verify": (CENTRE, {"passed": False, "note": "照片不清"}),
        "request-extension": (GRID, WHY),
        "decide-extension": (CENTRE, {"granted": True, "note": ""}),
        "suspend": (CENTRE, {**WHY, "until": LATER}),
        "resume": (CENTRE, None),
        "cancel": (CENTRE, WHY),
        "instruct": (LEADER, {"note": "请今日内办结"}),
        "answer-escalation": (LEADER | GRID, {"promised_at": LATER, "note": ""}),
    },
)
CASES = _steps(
    "/cases",
    "case",
    {
        "accept": (CENTRE, None),
        "refuse": (CENTRE, WHY),
        "verify": (BOTH, {"genuine": True, "note": ""}),
        "register": (CENTRE, None),
        "do-not-register": (CENTRE, WHY),
        "dispatch": (CENTRE, {"department": "emergency", "note": ""}),
        "hand-down": (CENTRE, {"grid": "{grid}", "assignee": "wang", "note": ""}),
        "hand-up": (CENTRE, {**WHY, "to": "district"}),
        "transfer": (CENTRE, {**WHY, "grid": "{other_grid}"}),
        "decline": (BOTH, WHY),
        "handle": (BOTH, None),
        "finish": (BOTH, WORK),
        "start-check": (CENTRE, {"checker": "li"}),
        "check": (BOTH, {"passed": True, "note": ""}),
        "close": (CENTRE, {"note": ""}),
        "follow-up": (CENTRE, {"satisfied": True, "note": ""}),
        "reopen": (CENTRE, WHY),
        "self-handle": (GRID, WORK),
        "merge": (CENTRE, {**WHY, "into": "{other_case}"}),
        "unmerge": (CENTRE, WHY),
        "void": (CENTRE, WHY),
        "appeal": (BOTH, WHY),
        "decide-appeal": (CENTRE, {**WHY, "upheld": True}),
        "suspend": (CENTRE, {**WHY, "until": LATER}),
        "resume": (CENTRE, None),
        "request-extension": (BOTH, WHY),
        "decide-extension": (CENTRE, {"granted": True, "note": ""}),
        "instruct": (LEADER, {"note": "请今日内办结"}),
        "answer-escalation": (LEADER | GRID, {"promised_at": LATER, "note": ""}),
    },
)
DISPUTES = _steps(
    "/disputes",
    "dispute",
    {
        "register": (CENTRE, None),
        "classify": (CENTRE, {"kind": "neighbours", "major": False}),
        "assign": (CENTRE, {"mediator": "wang"}),
        "mediate": (BOTH, {"level": "courtyard"}),
        "agree": (BOTH, {"terms": "各让一步", "jointly_with": ["village"], "evidence": [DIGEST]}),
        "fail": (BOTH, WHY),
        "perform": (BOTH, WORK),
        "follow-up": (BOTH, {"settled": True, "note": ""}),
        "strike-off": (CENTRE, WORK),
        "return-to-ledger": (CENTRE, WHY),
    },
)
PERMITS = _steps(
    "/permits",
    "permit",
    {
        "report": (CENTRE, {"evidence": [DIGEST]}),
        "judge": (CENTRE, {"compliant": True, "note": ""}),
        "correct": (CENTRE, WORK),
    },
)
MAKING = [
    Route(
        "POST",
        "/tasks",
        CENTRE,
        {
            "grids": ["{grid}"],
            "title": "汛期地质灾害点巡查",
            "category": "patrol",
            "instructions": "",
            "assignee": "wang",
            "limit": {"kind": "working_days", "amount": 3},
            "households": ["{household}"],
        },
    ),
    Route(
        "POST",
        "/cases",
        BOTH,
        {
            "grid": "{grid}",
            "category": "environment",
            "title": "村道旁垃圾堆放",
            "description": "路边",
            "reporter": {"name": "张三", "telephone": "13800000000", "address": "一组", "note": ""},
            "longitude": 107.1,
            "latitude": 29.8,
            "evidence": [DIGEST],
            "note": "",
        },
    ),
    Route(
        "POST",
        "/permits",
        CENTRE,
        {
            "grid": "{town}",
            "number": "万顺许准字〔2023〕12号",
            "title": "占道许可",
            "holder": "张三",
            "decided_at": None,
        },
    ),
]
TOWNS = [
    Route("PUT", "/towns/{town}", ADMINISTRATION, {"name": "万顺镇"}),
    Route("PATCH", "/towns/{town}", ADMINISTRATION, {"name": "万顺镇"}),
    Route(
        "POST",
        "/towns/{town}/grids",
        ADMINISTRATION,
        {
            "grids": [
                {
                    "code": "{new_grid}",
                    "name": "第九网格",
                    "village": "万顺村",
                    "boundary": {
                        "type": "Polygon",
                        "coordinates": [[[107.1, 29.8], [107.2, 29.8], [107.2, 29.9], [107.1, 29.8]]],
                    },
                }
            ]
        },
    ),
    Route(
        "PATCH",
        "/towns/{town}/grids/{grid}",
        ADMINISTRATION,
        {"name": "第一网格", "village": None, "boundary": None},
    ),
    Route(
        "POST",
        "/towns/{town}/grids/{grid}/close",
        ADMINISTRATION,
        WHY,
        "/towns/{town}/grids/{last_grid}/close",
    ),
    Route("POST", "/towns/{town}/members", ADMINISTRATION, {"members": [{"member": "chen", "name": "陈静"}]}),
    Route(
        "PATCH",
        "/towns/{town}/members/{member}",
        ADMINISTRATION,
        {"name": "李强"},
        "/towns/{town}/members/li",
    ),
    Route(
        "POST", "/towns/{town}/members/{member}/leave", ADMINISTRATION, WHY, "/towns/{town}/members/li/leave"
    ),
    Route(
        "POST",
        "/towns/{town}/members/{member}/posts",
        ADMINISTRATION,
        {"place": "{last_grid}", "post": "auxiliary", "duty": "patrol"},
        "/towns/{town}/members/wang/posts",
    ),
    Route(
        "POST",
        "/towns/{town}/members/{member}/posts/end",
        ADMINISTRATION,
        {"place": "{last_grid}", "post": "auxiliary", "duty": "patrol"},
        "/towns/{town}/members/wang/posts/end",
    ),
    Route(
        "POST",
        "/towns/{town}/departments",
        ADMINISTRATION,
        {"department": "forestry", "name": "林业站"},
    ),
    Route(
        "PATCH",
        "/towns/{town}/departments/{department}",
        ADMINISTRATION,
        {"name": "林业服务站"},
        "/towns/{town}/departments/emergency",
    ),
    Route(
        "POST",
        "/towns/{town}/departments/{department}/close",
        ADMINISTRATION,
        WHY,
        "/towns/{town}/departments/emergency/close",
    ),
]
ACCOUNTS = [
    Route(
        "POST",
        "/accounts",
        ADMINISTRATION,
        {"account": "new-{town}", "name": "新账号", "role": "auditor", "scope": "{town}", "member": None},
    ),
    Route("POST", "/accounts/{account}/tokens", ADMINISTRATION, {"expires_at": None}),
    Route("POST", "/accounts/{account}/tokens/{token}/revoke", ADMINISTRATION),
    Route("POST", "/accounts/{account}/password", ADMINISTRATION),
    Route("POST", "/accounts/{account}/sessions/end", ADMINISTRATION),
    Route("POST", "/accounts/{account}/identity/unlink", ADMINISTRATION),
    Route("POST", "/accounts/{account}/second-factor/reset", ADMINISTRATION),
    Route("POST", "/accounts/{account}/revoke", ADMINISTRATION, WHY),
]
TERMS = {
    "scope": "{town}",
    "title": "高风险住户每周走访",
    "category": "visit",
    "schedule": {"times": ["08:00"], "weekdays": [1], "days": [], "months": [], "on": "every"},
    "targets": {"grids": [], "classes": ["high_risk"], "households_in_task": 20, "routes": []},
    "instructions": "",
    "limit": None,
    "assign_to": "chief",
    "starts": None,
    "ends": None,
    "pauses_in_emergency": True,
}
REGISTRY = frozenset({OPERATOR, ADMINISTRATOR})
VISITS = [
    Route("POST", "/plans", CENTRE, TERMS),
    Route("PUT", "/plans/{id}", CENTRE, TERMS, "/plans/{plan}"),
    *_steps("/plans", "plan", {"pause": (CENTRE, WHY), "resume": (CENTRE, None), "end": (CENTRE, WHY)}),
    Route(
        "POST",
        "/households",
        REGISTRY,
        {
            "households": [
                {"grid": "{grid}", "household_class": "key", "name": "张三户", "address": "一组12号"}
            ]
        },
    ),
    Route(
        "PATCH",
        "/households/{id}",
        REGISTRY,
        {"grid": "{grid}", "household_class": "general", "name": None, "address": None},
        "/households/{household}",
    ),
    *_steps("/households", "household", {"leave": (REGISTRY, WHY)}),
]
POLICIES = [
    Route(
        "PUT",
        "/policies/{scope}",
        ADMINISTRATION,
        {
            "task_limits": {"*": {"acceptance": HOURS, "handling": HOURS}},
            "case_limits": {"*": {"acceptance": HOURS, "handling": HOURS}},
        },
        "/policies/{town}",
    ),
]
MODES = [
    Route(
        "POST",
        "/mode/enter",
        CENTRE,
        {
            "scope": "{last_grid}",
            "further": [],
            "grade": "II",
            "reason": "暴雨橙色预警",
            "pauses": ["visit"],
            "recalculates": ["patrol"],
        },
    ),
    Route("POST", "/mode/leave", CENTRE, {"scope": "{last_grid}", "further": [], "reason": "预警解除"}),
]
READS = [
    Route("GET", "/policies/{scope}", EVERYONE, at="/policies/{town}"),
    Route("GET", "/tasks", WATCHERS),
    Route("GET", "/tasks/{id}", WATCHERS, at="/tasks/{task}"),
    Route("GET", "/tasks/{id}/deadline", WATCHERS, at="/tasks/{task}/deadline"),
    Route("GET", "/tasks/{id}/timeline", WATCHERS, at="/tasks/{task}/timeline"),
    Route("GET", "/tasks/{id}/photos", WATCHERS, at="/tasks/{task}/photos"),
    Route("GET", "/tasks/{id}/photos/{digest}", WATCHERS, at=f"/tasks/{{task}}/photos/{DIGEST}"),
    Route("GET", "/campaigns/{id}", WATCHERS - GRID, at="/campaigns/{campaign}"),
    Route("GET", "/cases", WATCHERS),
    Route("GET", "/cases/{id}", WATCHERS, at="/cases/{case}"),
    Route("GET", "/cases/{id}/deadline", WATCHERS, at="/cases/{case}/deadline"),
    Route("GET", "/cases/{id}/timeline", WATCHERS, at="/cases/{case}/timeline"),
    Route("GET", "/cases/{id}/photos", WATCHERS, at="/cases/{case}/photos"),
    Route("GET", "/cases/{id}/photos/{digest}", WATCHERS, at=f"/cases/{{case}}/photos/{DIGEST}"),
    Route("GET", "/plans", OVERSEERS, at="/plans?scope={grid}"),
    Route("GET", "/plans/{id}", OVERSEERS, at="/plans/{plan}"),
    Route("GET", "/plans/{id}/occurrences", OVERSEERS, at="/plans/{plan}/occurrences"),
    Route("GET", "/plans/{id}/timeline", OVERSEERS, at="/plans/{plan}/timeline"),
    Route("GET", "/households", EVERYONE, at="/households?scope={grid}"),
    Route("GET", "/households/{id}", EVERYONE, at="/households/{household}"),
    Route("GET", "/households/{id}/timeline", EVERYONE, at="/households/{household}/timeline"),
    Route("GET", "/mode", EVERYONE, at="/mode?scope={grid}"),
    Route("GET", "/figures", WATCHERS, at="/figures?scope={grid}"),
    Route("GET", "/figures/{figure}/ids", WATCHERS, at="/figures/closure_rate/ids?scope={grid}"),
    Route("GET", "/figures/{figure}/items", WATCHERS, at="/figures/closure_rate/items?scope={grid}"),
    Route("GET", "/figures/{figure}/trend", WATCHERS, at="/figures/closure_rate/trend?scope={grid}"),
    Route("GET", "/overview", WATCHERS - GRID, at="/overview?scope={grid}"),
    Route("GET", "/figures/published", WATCHERS - GRID, at="/figures/published?scope={grid}"),
    Route("GET", "/staffing", EVERYONE, at="/staffing?scope={grid}"),
    Route("GET", "/grids", EVERYONE, at="/grids?scope={grid}"),
    Route("GET", "/towns", EVERYONE, at="/towns?scope={grid}"),
    Route("GET", "/members", ADMINISTRATION, at="/members?scope={grid}"),
    Route("GET", "/accounts", ADMINISTRATION, at="/accounts?scope={grid}"),
    Route("GET", "/departments", OVERSEERS, at="/departments?scope={grid}"),
    Route("GET", "/inbox", EVERYONE),
    Route("GET", "/inbox/channels", EVERYONE),
    Route("GET", "/channels/{inbox}", ADMINISTRATION, at="/channels/centre:{town}"),
    Route("GET", "/stream", EVERYONE),
    Route("GET", "/me", EVERYONE),
    Route("GET", "/sessions", EVERYONE),
    Route("GET", "/clock", EVERYONE),
    Route("GET", "/audit/checkpoint", AUDIT | CENTRE),
    Route("GET", "/audit/checkpoints", AUDIT),
    Route("GET", "/audit/proof/inclusion", AUDIT, at="/audit/proof/inclusion?position=1&size=2"),
    Route("GET", "/personal/{subject}", WATCHERS, at="/personal/case:{case}"),
    Route("GET", "/audit/proof/consistency", AUDIT, at="/audit/proof/consistency?from=1&to=2"),
    Route("GET", "/audit/events", frozenset({AUDITOR}), at="/audit/events?scope={town}&limit=5"),
    Route("GET", "/audit/events/{position}", frozenset({AUDITOR})),
    Route("GET", "/audit/events/{position}/effects", frozenset({AUDITOR})),
    Route("GET", "/audit/replay", frozenset({AUDITOR}), at="/audit/replay?table=grids&scope={town}"),
    Route("GET", "/audit/restate", frozenset({AUDITOR}), at="/audit/restate?publication={publication}"),
    Route("GET", "/audit/key", AUDIT),
    Route("GET", "/audit/bundle", frozenset({AUDITOR}), at="/audit/bundle?until=5"),
]
PERSONAL = [
    Route("POST", "/personal/disclose", BOTH, {"subject": "case:{case}", "purpose": "handling"}),
    Route("POST", "/personal/search", CENTRE, {"telephone": "13800000000", "purpose": "contact"}),
    Route("POST", "/personal/erase", LEADER, {"subjects": ["household:{household}"], "ground": "request"}),
]
PUBLISHING = Route(
    "POST",
    "/figures/publish",
    CENTRE | LEADER,
    {
        "scope": "{town}",
        "title": "5月工作通报",
        "from": "2023-01-01",
        "until": None,
        "category": None,
        "source": None,
        "as_of": None,
        "figures": ["closure_rate"],
    },
)
READERS = EVERYONE - {AUDITOR}
REACHED = {
    "channels": [{"channel": "mail", "address": "wang@town.example"}],
    "quiet": {"start": "22:00", "until": "07:00"},
}
INBOXES = [
    Route("POST", "/inbox/read", READERS, {"through": 1, "ids": ["1-0"]}),
    Route("PUT", "/inbox/channels", EVERYONE, REACHED),
    Route("PUT", "/channels/{inbox}", ADMINISTRATION, REACHED, "/channels/centre:{town}"),
]
OUTBOX = [
    Route("GET", "/outbox", ADMINISTRATION),
    Route("POST", "/outbox/{delivery}/retry", ADMINISTRATION, at="/outbox/1-0~mail/retry"),
    Route("POST", "/outbox/{delivery}/discard", ADMINISTRATION, at="/outbox/1-0~mail/discard"),
]
PHOTO = Route("POST", "/photos", BOTH)
CLOCK = Route("PUT", "/clock", ADMINISTRATION, {"now": "2023-01-01T08:00:00+08:00"})
OWN = [
    Route("DELETE", "/session", EVERYONE),
    Route("DELETE", "/sessions", EVERYONE),
    Route("DELETE", "/sessions/{session}", EVERYONE, at="/sessions/0123456789abcdef"),
    Route("PUT", "/session/password", EVERYONE, {"old": "x", "new": "correct horse battery"}),
    Route("POST", "/session/tokens", EVERYONE, {"password": "x"}),
    Route("DELETE", "/session/tokens/{token}", EVERYONE, at="/session/tokens/0123456789abcdef"),
    Route("POST", "/session/second-factor", EVERYONE, {"password": "x"}),
    Route("PUT", "/session/second-factor", EVERYONE, {"code": "123456"}),
    Route("POST", "/session/second-factor/remove", EVERYONE, {"password": "x", "code": "123456"}),
]
"""What concerns the own session only; who bears a token has none."""
SIGN_IN = Route("POST", "/session", None, {"account": "nobody", "password": "x"})
OIDC = [Route("GET", "/session/oidc", None), Route("GET", "/session/oidc/callback", None)]
"""What a browser is sent to and comes back from, to sign in at a provider."""
PROVIDER = Route("GET", "/session/oidc/provider", None)
"""What the page asks before anybody has signed in."""
OPEN = [
    Route("GET", "/healthz", None),
    Route("GET", "/readyz", None),
    Route("GET", "/api/v1/openapi.json", None),
]
WRITES = [
    PUBLISHING,
    *PERSONAL,
    *MAKING,
    *TASKS,
    *CASES,
    *DISPUTES,
    *PERMITS,
    *TOWNS,
    *VISITS,
    *MODES,
    *POLICIES,
    *INBOXES,
    *ACCOUNTS,
]
PAGES = [
    Route("GET", "/", None),
    Route("GET", "/ui", None),
    Route("GET", "/ui/{path:path}", None, at="/ui/console"),
    Route("GET", "/m", None),
    Route("GET", "/m/{path:path}", None, at="/m/"),
]
"""What anybody may load: the pages show nothing before they know who it is."""
ROUTES = [*WRITES, *READS, *OUTBOX, PHOTO, CLOCK, *OWN]


_numbers = count(100)


class Things:
    """One thing of each kind in a town, for the places in paths and bodies."""

    def __init__(self, town: Town) -> None:
        number = next(_numbers)
        victim = town.add(f"victim-{number}", "auditor")
        campaign = town.do(
            "operator",
            "/tasks",
            {"grids": town.grids[:2], "title": "汛期巡查", "category": "patrol"},
        )
        household = {
            "households": [
                {"grid": town.grids[0], "household_class": "key", "name": "李四户", "address": "二组3号"}
            ]
        }
        plan = {**TERMS, "scope": town.code}
        publication = {"scope": town.code, "title": "工作通报", "figures": ["closure_rate"]}
        published = town.do("supervisor", "/figures/publish", publication)
        permit = {"grid": town.code, "number": f"万顺许准字〔2023〕{number}号", "title": "占道许可"}
        self.names = {
            "town": town.code,
            "grid": town.grids[0],
            "other_grid": town.grids[1],
            "last_grid": town.grids[2],
            "new_grid": f"{town.code}009001",
            "task": town.issue(),
            "case": town.report(),
            "other_case": town.report(),
            "dispute": town.report(category="dispute"),
            "permit": town.do("operator", "/permits", permit).item("case"),
            "campaign": campaign.item("campaign"),
            "household": town.do("operator", "/households", household).item("household"),
            "plan": town.do("operator", "/plans", plan).item("plan"),
            "account": victim.name,
            "token": victim.token,
            "publication": published.item("publication"),
            "position": str(published.position),
            "head": str(town.root.head()),
        }
        # Whoever asks for one of them next finds it.
        town.read("operator", f"/tasks?after={self.names['head']}")

    def path(self, route: Route) -> str:
        return f"/api/v1{self._text(route.at or route.path)}"

    def body(self, route: Route) -> Any:
        return self._filled(route.body)

    def _text(self, text: str) -> str:
        for name, thing in self.names.items():
            text = text.replace(f"{{{name}}}", thing)
        return text

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, dict):
            return {name: self._filled(one) for name, one in value.items()}
        return value
