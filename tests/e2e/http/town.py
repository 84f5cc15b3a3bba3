"""A town of a test's own in a running service: grids, people, and an account for each role."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.e2e.http.client import Answer, Client

COUNTY = "500115"
ROLES = ("operator", "worker", "supervisor", "auditor", "administrator")
DIGEST = "ab" * 32
_numbers = count(101)


def new_code() -> str:
    """Return a town's code that no other test of this process has."""
    return f"{COUNTY}{next(_numbers)}"


@dataclass(frozen=True)
class Account:
    """An account with its live token."""

    name: str
    role: str
    scope: str
    token: str
    secret: str


@dataclass
class Town:
    """A town with three grids in two villages; wang and li work in the first, zhao in the second."""

    root: Client
    code: str = field(default_factory=new_code)
    accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def grids(self) -> list[str]:
        return [f"{self.code}001001", f"{self.code}001002", f"{self.code}002001"]

    def found(self) -> "Town":
        """Make it, over HTTP like everything."""
        self.found_place()
        people = [{"member": m, "name": n} for m, n in (("wang", "王芳"), ("li", "李强"), ("zhao", "赵敏"))]
        self._done("POST", f"/towns/{self.code}/members", {"members": people})
        posts = (
            ("wang", 0, "full_time"),
            ("wang", 1, "part_time"),
            ("li", 0, "chief"),
            ("zhao", 1, "chief"),
        )
        for member, grid, post in posts:
            path = f"/towns/{self.code}/members/{member}/posts"
            self._done("POST", path, {"place": self.grids[grid], "post": post})
        department = {"department": "emergency", "name": "应急办"}
        self._done("POST", f"/towns/{self.code}/departments", department)
        for role in ROLES:
            self.add(role, role, member="wang" if role == "worker" else None)
        self.add("zhao", "worker", member="zhao")
        self.add("li", "worker", member="li")
        return self

    def found_place(self) -> None:
        """Make the town and its grids, with nobody in them."""
        self._done("PUT", f"/towns/{self.code}", {"name": "万顺镇"})
        self.draw(*((g, f"第{g[-6:]}网格") for g in self.grids))

    def draw(self, *grids: tuple[str, str]) -> None:
        """Draw grids of those codes and names."""
        drawn = [{"code": code, "name": name, "village": f"村{code[9:12]}"} for code, name in grids]
        self._done("POST", f"/towns/{self.code}/grids", {"grids": drawn})

    def add(
        self,
        name: str,
        role: str,
        *,
        scope: str | None = None,
        member: str | None = None,
        expires_at: str | None = None,
    ) -> Account:
        """Add an account and a token for it."""
        place = self.code if scope is None else scope
        key = f"{name}-{self.code}"
        body = {"account": key, "name": name, "role": role, "scope": place, "member": member}
        self._done("POST", "/accounts", body)
        made = self._done("POST", f"/accounts/{key}/tokens", {"expires_at": expires_at}).json
        self.accounts[name] = Account(key, role, place, made["token"], made["secret"])
        return self.accounts[name]

    def by(self, name: str) -> Client:
        """Return a client that bears the token of the account of that name."""
        return self.root.bearing(self.accounts[name].secret)

    def issue(self, *grids: str, **more: Any) -> str:
        """Issue a task to the first grid, or a campaign to several; returns the first task's id."""
        body = {"grids": grids or self.grids[:1], "title": "汛期巡查", "category": "patrol", **more}
        return self.by("operator").post("/api/v1/tasks", body).item("task")

    def report(self, **more: Any) -> str:
        """Report a case in the first grid; returns its id."""
        body = {"grid": self.grids[0], "category": "environment", "title": "垃圾堆放", **more}
        return self.by("worker").post("/api/v1/cases", body).item("case")

    def do(self, who: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a command that must succeed."""
        answer = self.by(who).post(f"/api/v1{path}", body, **headers)
        assert answer.status in {200, 201}, (path, answer)
        return answer

    def read(self, who: str, path: str) -> Any:
        """Ask what must be answered."""
        answer = self.by(who).get(f"/api/v1{path}")
        assert answer.status == 200, (path, answer)
        return answer.json

    def written_by(self, who: str, after: int) -> list[str]:
        """The events that an account has written after a position, as the auditor is told them."""
        key = self.accounts[who].name
        answer = self.by("auditor").get(f"/api/v1/audit/events?actor={key}&after={after}")
        assert answer.status == 200, answer
        return answer.content.decode().splitlines()

    def _done(self, method: str, path: str, body: Any) -> Answer:
        answer = self.root.send(method, f"/api/v1{path}", body)
        assert answer.status in {200, 201}, (path, answer)
        return answer
