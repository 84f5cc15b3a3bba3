"""A number and what it counts, as the terminal says it."""

import pytest

from dispatch.cli.terminal import counted
from dispatch.eventlog.bundle import verify_bundle


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 events"), (1, "1 event"), (2, "2 events"), (2_001, "2,001 events")]
)
def test_one_is_not_many(number: int, said: str) -> None:
    assert counted(number, "event") == verify_bundle.counted(number, "event") == said


def test_words_of_many_may_be_others() -> None:
    assert [counted(n, "is", "are") for n in (1, 2)] == ["1 is", "2 are"]
