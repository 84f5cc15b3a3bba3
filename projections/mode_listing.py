"""The mode that a place works in (平急), and that of the places within it."""

from datetime import datetime

import msgspec
import sqlalchemy as sa

from dispatch.domain import codes
from dispatch.domain.modes import Grade
from dispatch.domain.policy import Mode
from projections.engine.columns import from_microseconds
from projections.modes import EMERGENCIES, EmergencyRow
from projections.questions.view import Condition, View, within


class PlaceMode(msgspec.Struct, frozen=True, kw_only=True):
    """The mode of one scope.

    In an emergency, `scope` is that for which it was entered, `since` when, `by` whom, `reason` why. In
    routine mode, `since` is when the last emergency there was left, None if there never was one.
    `recalculated_at` is when the last of the open items that it `recalculates` had been looked at.
    """

    scope: str
    mode: Mode
    since: datetime | None
    grade: Grade | None = None
    reason: str | None = None
    by: str | None = None
    emergency: str | None = None
    pauses: tuple[str, ...] = ()
    recalculates: tuple[str, ...] = ()
    recalculated_at: datetime | None = None


class PlaceModes(msgspec.Struct, frozen=True, kw_only=True):
    """First the mode of the scope itself, then the emergencies that last in parts of it, by their scopes."""

    modes: list[PlaceMode]
    as_of: datetime
    position: int


def modes(view: View, scope: str) -> PlaceModes:
    """Return the mode of a scope and of what lies in it."""
    c = EMERGENCIES.c
    around = c.scope.in_([scope[:length] for length in codes.SCOPE_LENGTHS if length <= len(scope)])
    inside = sa.and_(*within(c.scope, scope)) if scope else sa.true()
    present = view.rows(EMERGENCIES, c.left_at.is_(None), sa.or_(around, inside), order=c.scope)
    found = [_emergency(row) for row in present]
    # None overlaps another, so that one around the scope, or for it, is the only one.
    if not (found and codes.covers(found[0].scope, scope)):
        routine = PlaceMode(scope=scope, mode=Mode.ROUTINE, since=_last_left(view, around))
        found.insert(0, routine)
    return PlaceModes(modes=found, as_of=view.as_of, position=view.position)


def _emergency(row: EmergencyRow) -> PlaceMode:
    return PlaceMode(
        scope=row.scope,
        mode=Mode.EMERGENCY,
        since=row.since,
        grade=row.grade,
        reason=row.reason,
        by=row.by,
        emergency=row.emergency,
        pauses=row.pauses,
        recalculates=row.recalculates,
        recalculated_at=row.recalculated_at,
    )


def _last_left(view: View, around: Condition) -> datetime | None:
    left_at = sa.type_coerce(EMERGENCIES.c.left_at, sa.BigInteger())
    c = EMERGENCIES.c
    # What a wrong clock has entered was left as it began, and says nothing of when a mode changed.
    last = view.execute(sa.select(sa.func.max(left_at)).where(around, c.left_at > c.since))[0][0]
    return None if last is None else from_microseconds(last)
