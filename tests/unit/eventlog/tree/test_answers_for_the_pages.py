"""What the pages' own code for proofs is held against is what this program computes."""

from tests.unit.eventlog.tree import answers_for_the_pages


def test_the_answers_for_the_pages_are_these() -> None:
    assert answers_for_the_pages.FILE.read_text() == answers_for_the_pages.text()
