"""Runs `dispatch` as a person does, in this process."""

import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from dispatch.cli import main


class Ran(NamedTuple):
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON of the last line on stdout, which is all that a program may read."""
        return json.loads(self.out.strip().splitlines()[-1])


Dispatch = Callable[..., Ran]


@pytest.fixture
def dispatch(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> Dispatch:
    """Run one command on this test's database, in a directory of its own."""
    monkeypatch.setenv("DISPATCH_DATABASE", database)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["dispatch", *map(str, arguments)])
        try:
            main()
            status: object = 0
        except SystemExit as ended:
            status = ended.code or 0
        said = capsys.readouterr()
        assert isinstance(status, int)
        return Ran(status, said.out, said.err)

    return run
