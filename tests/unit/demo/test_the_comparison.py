"""What the demonstration holds against what was published."""

from collections.abc import Iterator
from typing import Any

import pytest

from dispatch.demo.comparison import _permits, leaves, lines
from dispatch.demo.facts import PUBLISHED

RATES = ("report_rate", "timeliness_rate", "compliance_rate")


def board(**rates: tuple[int, int]) -> dict[str, Any]:
    """A board on which every permit was reported in time and compliant, except for what is said."""
    whole = dict.fromkeys(RATES, (193, 193)) | {"correction_rate": (0, 0)} | rates
    figures = {name: {"numerator": n, "denominator": d} for name, (n, d) in whole.items()}
    return {"figures": figures, "counts": {"permits": {"reported": 193}}}


def differing(measured: dict[str, Any]) -> Iterator[str]:
    return (line.path for line in lines({"dual_publicity": measured}) if not line.equal)


def test_a_correction_rate_of_nothing_is_left_out() -> None:
    measured = _permits(board())
    assert "correction_rate" not in measured
    assert list(differing(measured)) == []


@pytest.mark.parametrize("rate", RATES)
def test_any_other_rate_without_data_differs_from_what_was_published(rate: str) -> None:
    assert list(differing(_permits(board(**{rate: (0, 0)})))) == [f"dual_publicity.{rate}"]


def test_a_correction_that_is_due_is_compared() -> None:
    assert list(differing(_permits(board(correction_rate=(1, 2))))) == ["dual_publicity.correction_rate"]


def test_every_published_figure_but_the_corrections_has_a_name_and_a_place() -> None:
    from dispatch.demo.facts import NAMES

    assert {path for path, _ in leaves(PUBLISHED)} == set(NAMES)
