"""`dispatch serve` as a process: it says its address, works beside other commands, and stops gracefully."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAM = (sys.executable, "-c", "from dispatch.cli import main; main()")
PATIENCE = 60


def dispatch(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DISPATCH_DATABASE": database}
    return subprocess.run(
        [*PROGRAM, *arguments], env=environment, text=True, capture_output=True, timeout=PATIENCE, check=False
    )


@contextmanager
def serving(database: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve on a free port for the length of a block; gives the process and its address."""
    command = [*PROGRAM, "serve", "--port", "0", *options]
    environment = os.environ | {"DISPATCH_DATABASE": database}
    with subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            said = ""
            while "Serving http://" not in said:
                said = process.stderr.readline()
                assert said, "the service ended before it served"
            yield process, said.split()[1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)


def get(address: str, token: str | None = None) -> Any:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def test_it_says_its_address_and_lets_in_an_account_made_meanwhile(database: str, tmp_path: Path) -> None:
    with serving(database) as (process, address):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            get(f"{address}/me")
        made = dispatch(
            database, "accounts", "add", "Desk", "--role", "operator", "--scope", "500115101", "--json"
        )
        token = json.loads(made.stdout)["token"]
        assert get(f"{address}/me", token)["account"] == "desk"
        (tmp_path / "one.csv").write_text("id,grid,reported\nA1,G1,2023-01-01\n")
        taken = dispatch(
            database,
            "import",
            "cases",
            str(tmp_path / "one.csv"),
            "--town",
            "500115101",
            "--create-grids",
            "--json",
        )
        assert json.loads(taken.stdout)["imported"] == 1, taken.stderr
        figures = dispatch(database, "figures", "--scope", "500115101", "--json")
        assert json.loads(figures.stdout)["figures"]["closure_rate"]["denominator"] == 1
    assert process.returncode == 0


def test_a_second_process_on_sqlite_is_refused_and_told_why(sqlite_url: str) -> None:
    with serving(sqlite_url):
        for command in (("serve", "--port", "0"), ("rebuild",)):
            second = dispatch(sqlite_url, *command)
            assert second.returncode == 1
            assert "SQLite serves one process at a time" in second.stderr
            assert "Traceback" not in second.stderr
    assert dispatch(sqlite_url, "rebuild").returncode == 0


def test_several_processes_serve_one_postgresql(postgres_url: str) -> None:
    with serving(postgres_url, "--workers", "2") as (process, address):
        made = dispatch(
            postgres_url, "accounts", "add", "Desk", "--role", "operator", "--scope", "all", "--json"
        )
        token = json.loads(made.stdout)["token"]
        assert all(get(f"{address}/me", token)["account"] == "desk" for _ in range(10))
        assert dispatch(postgres_url, "rebuild", "--json").returncode == 0
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--workers", "2"), 2, "SQLite serves one process"),
        (("--port", "70000"), 2, "less than or equal to 65535"),
        (("--host", "203.0.113.7"), 1, "can't listen at that address"),
        (("--database", "mysql://somewhere"), 2, "sqlite:///PATH or postgresql://"),
    ],
)
def test_what_can_not_be_served_is_said_in_one_sentence(
    sqlite_url: str, options: tuple[str, ...], status: int, said: str
) -> None:
    ran = dispatch(sqlite_url, "serve", "--port", "0", *options)
    assert ran.returncode == status
    assert said in " ".join(ran.stderr.replace("│", " ").split())
    assert "Traceback" not in ran.stderr
