"""One figure week by week or month by month: the windows of Asia/Shanghai's calendar, and a pair for each."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal

from dispatch.domain.refusal import Unacceptable
from dispatch.domain.rhythm import SHANGHAI
from projections.figures.counting import pairs
from projections.figures.coverage import coverage
from projections.figures.definitions import FIGURES, VISIT_COVERAGE, FigureUnknown
from projections.questions.answers import Trend, TrendPoint, rate
from projections.questions.asked import Asked
from projections.questions.view import View
from projections.spans import DECEMBER, Window, local_day

Step = Literal["week", "month"]
MOST_POINTS: Final = 120
WEEK: Final = timedelta(days=7)


class TrendTooLong(Unacceptable):
    """A trend has at most 120 weeks or months: ask for a shorter window, or for months."""


def trend(view: View, name: str, asked: Asked, window: Window, step: Step) -> Trend:
    """Return the trend of a figure; an open window reaches from the beginning of that year until now.

    Each point is the figure of its own window as of the same moment, so that its numbers are as long as the
    lists behind them. Raises `FigureUnknown` and `TrendTooLong`.
    """
    figure = FIGURES.get(name)
    if figure is None and name != VISIT_COVERAGE:
        raise FigureUnknown(figure=name[:60])
    windows = list(_windows(window, step, view.as_of))
    if figure is None:
        found = [_covered(view, asked, one) for one in windows]
    else:
        found = pairs(view, figure, asked, windows)
    return Trend(
        figure=name,
        step=step,
        points=[_point(one, *pair) for one, pair in zip(windows, found, strict=True)],
        as_of=view.as_of,
        position=view.position,
    )


def _covered(view: View, asked: Asked, window: Window) -> tuple[int, int]:
    parts = coverage(view, asked, window)
    return sum(part.visited for part in parts), sum(part.due for part in parts)


def _point(window: Window, numerator: int, denominator: int) -> TrendPoint:
    assert window.start is not None
    assert window.until is not None
    share = rate(numerator, denominator).rate
    return TrendPoint(window.start, window.until, numerator, denominator, share)


def _windows(window: Window, step: Step, as_of: datetime) -> Iterator[Window]:
    until = window.until or _midnight(local_day(as_of) + timedelta(days=1))
    start = window.start or _midnight(date(local_day(until - timedelta(microseconds=1)).year, 1, 1))
    day, points = local_day(start), 0
    begin = day - timedelta(days=day.weekday()) if step == "week" else day.replace(day=1)
    while (at := _midnight(begin)) < until:
        points += 1
        if points > MOST_POINTS:
            raise TrendTooLong(points=points)
        begin = _following(begin, step)
        yield Window(max(at, start), min(_midnight(begin), until))


def _following(day: date, step: Step) -> date:
    if step == "week":
        return day + WEEK
    return date(day.year + 1, 1, 1) if day.month == DECEMBER else date(day.year, day.month + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)
