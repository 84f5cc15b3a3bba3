"""Texts: what can be seen of them, what is taken off around them, and what they may not hold."""

import sys
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.text import CONTROL, CONTROL_IN_LINE, says_something, trimmed, written_out

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\xad"
DIRECTION = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
FILLERS = ("\u3164", "\u115f\u1160", "\uffa0", "\u2800")
MARKS = ("\u0301", "\ufe0f", "\u034f")
SAID = ("垃圾", "a", "7", "……", "—", "⚠️", "👨‍👩‍👧", "می‌خواهم", "é", "𠮷")


@pytest.mark.parametrize(
    "text", ["", " ", "\t\n", "\u3000", "\x01", *ZERO_WIDTH, *DIRECTION, *FILLERS, *MARKS]
)
def test_what_can_not_be_seen_says_nothing(text: str) -> None:
    assert not says_something(text)
    assert not says_something(f"\u200b{text} \u202e")


@pytest.mark.parametrize("text", SAID)
def test_what_can_be_seen_says_something_and_stays_as_it_is(text: str) -> None:
    assert says_something(text)
    assert trimmed(text) == text
    assert trimmed(f"\ufeff \u202d{text}\u202c\u3000\u200b\n") == text
    assert CONTROL_IN_LINE.search(text) is None


def test_a_text_holds_no_control_character_and_a_line_no_end_of_one() -> None:
    controls = [chr(code) for code in range(sys.maxunicode + 1) if category(chr(code)) in {"Cc", "Cs"}]
    assert {one for one in controls if CONTROL.search(one)} == {*controls} - {*"\t\n\r"}
    assert all(CONTROL_IN_LINE.search(one) for one in (*controls, "\u2028", "\u2029", *DIRECTION))
    assert {one for one in DIRECTION if not CONTROL.search(one)} == {*"\u200e\u200f\u061c"}


def test_a_line_holds_nothing_of_no_width_but_what_joins() -> None:
    assert {one for one in ZERO_WIDTH if not CONTROL_IN_LINE.search(one)} == {*"\u200c\u200d"}
    assert not any(CONTROL.search(one) for one in ZERO_WIDTH)


@given(st.text())
def test_nothing_that_can_be_seen_is_taken_off_and_nothing_twice(text: str) -> None:
    once = trimmed(text)
    assert trimmed(once) == once
    assert says_something(once) == says_something(text)
    assert once in text


def test_what_can_not_be_seen_is_written_out_on_one_line() -> None:
    assert written_out("路灯\n第9号\u202e\x9b31m") == r"路灯\n第9号\u202e\x9b31m"
    assert written_out("汛期\u3000巡查 a") == "汛期\u3000巡查 a"


@given(st.text())
def test_a_text_written_out_is_one_line_of_what_can_be_seen(text: str) -> None:
    once = written_out(text)
    assert len(once.splitlines()) <= 1
    assert all(one.isprintable() or category(one) == "Zs" for one in once)
    assert written_out(once) == once
