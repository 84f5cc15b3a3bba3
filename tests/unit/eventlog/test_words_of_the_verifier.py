"""The bundle's own program says everything in both languages."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.eventlog.bundle import verify_bundle


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    verify_bundle.speak("en")


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_each_sentence_has_its_chinese_with_the_same_places() -> None:
    tree = ast.parse(Path(verify_bundle.__file__).read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    said = {
        argument.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "say"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
    assert said - verify_bundle.CHINESE.keys() == set()
    for english, chinese in verify_bundle.CHINESE.items():
        assert texts.count(english) > 1, f"nobody says: {english}"
        assert places(english) == places(chinese), english
        assert not chinese.isascii(), english


def test_it_speaks_the_language_that_it_is_told() -> None:
    verify_bundle.speak("zh")
    assert verify_bundle.say("missing: {source} knows {events}", source="a", events="b") == "缺失：a 所知有 b"
    assert verify_bundle.counted(2_001, "event") == "2,001 条记录"


@pytest.mark.parametrize(
    ("lang", "spoken"), [("zh_CN.UTF-8", "zh"), ("en_GB.UTF-8", "en"), ("C.UTF-8", "en")]
)
def test_it_begins_in_the_language_of_the_machine(
    lang: str, spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", lang)
    assert verify_bundle.usual_language() == spoken
