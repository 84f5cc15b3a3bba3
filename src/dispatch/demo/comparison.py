"""What the service says about the year, in the shape of what was published, and whether they are the same."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from dispatch.demo.client import Client
from dispatch.demo.facts import PUBLISHED
from dispatch.demo.town import CODE

READER: Final = "supervisor"
WINDOW: Final = {"scope": CODE, "from": PUBLISHED["period"]["from"], "until": PUBLISHED["period"]["until"]}


class Line(NamedTuple):
    """One published figure beside the measured one."""

    path: str
    published: Any
    measured: Any

    @property
    def equal(self) -> bool:
        """Whether they are the same."""
        return bool(self.published == self.measured)


def _share(rate: dict[str, Any], decimals: int) -> float | None:
    """Return a rate in percent with so many decimals, half up; None for no data."""
    if rate["denominator"] == 0:
        return None
    unit = 10**decimals
    rounded = (200 * unit * rate["numerator"] + rate["denominator"]) // (2 * rate["denominator"])
    return float(rounded / unit)


class Measured(NamedTuple):
    """What the projections say of the year.

    `published` has the shape of what was published, `held` is what else the year held: escalations of tasks
    and cases by level, what the recurring plans issued, the coverage of visits. `head` is that of the log.
    """

    published: dict[str, Any]
    held: dict[str, Any]
    head: int


async def measure(client: Client, position: int) -> Measured:
    """Return what the projections say once they know `position`."""

    async def figures(**about: str) -> dict[str, Any]:
        query = urlencode({**WINDOW, "after": position, **about})
        answer: dict[str, Any] = await client.send(READER, "GET", f"/figures?{query}")
        return answer

    everything = await figures(by="town")
    from_grids = await figures(source="grid_worker")
    assistance = await figures(
        category="assistance", **{"from": PUBLISHED["social_assistance"]["online_since"]}
    )
    suggestions = await figures(category="suggestion")
    advice = await figures(category="advice")
    staffing = await client.send(READER, "GET", f"/staffing?scope={CODE}&after={position}")
    measured = {
        "command_centres": len(everything["towns"]),
        **_staffing(staffing["totals"]),
        "tasks": {
            "issued": everything["counts"]["tasks"]["issued"],
            "completion_rate": _share(everything["figures"]["completion_rate"], 1),
        },
        "cases_reported_by_grids": {
            "reported": from_grids["counts"]["cases"]["reported"],
            "closure_rate": _share(from_grids["figures"]["closure_rate"], 1),
        },
        "disputes": _disputes(everything),
        "social_assistance": {
            "online_requests": assistance["figures"]["online_share"]["numerator"],
            "online_share": _share(assistance["figures"]["online_share"], 1),
        },
        "dual_publicity": _permits(everything),
        "congress_suggestions": {
            "received": suggestions["counts"]["cases"]["reported"],
            "handled": suggestions["counts"]["cases"]["closed"],
        },
        "legal_advice_online": advice["counts"]["cases"]["reported_online"],
    }
    plans = await client.send(READER, "GET", f"/plans?scope={CODE}&after={position}")
    return Measured(measured, _held(everything, plans["items"]), everything["position"])


ESCALATIONS: Final = ("reminders", "yellow_cards", "red_cards", "to_commander")


def _held(board: dict[str, Any], plans: list[dict[str, Any]]) -> dict[str, Any]:
    counts = board["counts"]
    coverage = board["figures"]["visit_coverage"]
    return {
        "escalated": {
            kind: {name: counts[kind][name] for name in ESCALATIONS} for kind in ("tasks", "cases")
        },
        "recurring_plans": {
            "plans": len(plans),
            "came_round": sum(plan["occurrences"] for plan in plans),
            "tasks": sum(plan["tasks"] for plan in plans),
            "missed": sum(plan["missed"] for plan in plans),
        },
        "visits": {
            "households_visited": coverage["numerator"],
            "households_due": coverage["denominator"],
            "visit_coverage": _share(coverage, 1),
        },
    }


def _staffing(totals: dict[str, Any]) -> dict[str, Any]:
    return {
        "grids": totals["grids"],
        "villages_and_communities": totals["villages"],
        "staffing": {
            "chief": totals["chiefs"],
            "full_time": totals["full_time"],
            "part_time": totals["part_time"],
            "instructor": totals["instructors"],
        },
        "legal_guides": {
            "people": totals["legal_guides"],
            "villages": totals["villages_with_legal_guides"],
            "minimum_per_village": totals["fewest_legal_guides"],
        },
        "patrol_teams": totals["patrol_teams"],
    }


def _disputes(board: dict[str, Any]) -> dict[str, Any]:
    levels = board["counts"]["dispute_levels"]
    return {
        "mediated": board["counts"]["disputes"]["mediated"],
        "resolved_by_courtyard_mediation": levels.get("courtyard", {}).get("resolved", 0),
        "resolution_rate": _share(board["figures"]["resolution_rate"], 1),
        "major_resolved_by_village_and_town": sum(level["major_joint"] for level in levels.values()),
    }


def _permits(board: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of the permits.

    The town published a correction rate of 100% beside full compliance: nothing had to be corrected, which
    is no figure, so that one is left out.
    """
    names = ["report_rate", "timeliness_rate", "compliance_rate", "correction_rate"]
    if board["figures"]["correction_rate"]["denominator"] == 0:
        names.remove("correction_rate")
    rates = {name: _share(board["figures"][name], 1) for name in names}
    return {"permits": board["counts"]["permits"]["reported"], **rates}


def lines(measured: dict[str, Any]) -> list[Line]:
    """Return each measured figure beside the published one."""
    published = dict(leaves(PUBLISHED))
    return [Line(path, published.get(path), value) for path, value in leaves(measured)]


def leaves(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Give each value of a tree with its path."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
