"""The bundle's own program says everything in both languages."""

import argparse
import ast
import re
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


def test_what_argparse_says_and_what_is_not_there_is_chinese_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.zip").write_text("no zip file")
    for arguments, told in (
        ([], "缺少参数：BUNDLE"),
        (["--help"], "显示本说明后退出"),
        (["x.zip", "--key"], "参数 --key：后面须有一个值"),
        (["x.zip", "--nothing"], "没有这样的参数：--nothing"),
        (["x.zip", "--processes", "two"], "参数 --processes：值 'two' 不是 int"),
        ([str(tmp_path / "x.zip")], f"没有文件 {tmp_path / 'x.zip'}"),
        ([str(tmp_path)], f"没有文件 {tmp_path / 'bundle.json'}"),
        ([str(tmp_path / "text.zip")], "不是 zip 文件"),
    ):
        monkeypatch.setattr("sys.argv", ["verify_bundle.py", *arguments, "--language", "zh"])
        status: object
        try:
            status = verify_bundle.main()
        except SystemExit as stopped:
            status = stopped.code
        written = "".join(capsys.readouterr())
        assert told in written, written
        assert status == (0 if "--help" in arguments else 2)
        beyond = written.replace(str(tmp_path), "")
        assert not re.search("usage|error|Error|argument|show|No such|options", beyond), written
    # A choice that there isn't is told in the language of the machine.
    verify_bundle.speak("zh")
    with pytest.raises(SystemExit):
        argparse.ArgumentParser().parse_args(["--nothing"])
    assert "没有这样的参数：--nothing" in capsys.readouterr().err


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
