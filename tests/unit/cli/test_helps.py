"""Each command's help is one that a newcomer can act on."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from dispatch.cli.main import COMMANDS, assemble, main


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each command's words and its help as it is written."""
    yield path, command.help
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


ALL = dict(commands(typer.main.get_command(assemble(None))))


def shown(path: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(sys, "argv", ["dispatch", *path, "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_examples_stand_on_lines_of_their_own_and_flags_take_nothing(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    help_text = shown(path, capsys, monkeypatch)
    lines = [line.strip() for line in help_text.splitlines()]
    examples = [line.strip() for line in ALL[path].partition("For example:")[2].splitlines() if line.strip()]
    assert [line for line in lines if line in examples] == examples
    assert "<bool>" not in help_text


def test_every_command_is_named_in_the_help_of_the_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    help_text = shown((), capsys, monkeypatch)
    assert all(f"│ {name} " in help_text for name in COMMANDS)
