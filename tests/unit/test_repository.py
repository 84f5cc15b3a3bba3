"""Nothing is tracked that ties the project to one machine, one registry or one build."""

import json
import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
LARGEST = 400_000
# Put together here, so that this file doesn't hold what it forbids.
FORBIDDEN = {
    "a path of one machine": "|".join(("/work" + "/", "/home" + "/", "/Users" + "/", "/root" + "/")),
    "a registry's address": "|".join(("files.python" + "hosted", "pypi" + r"\.org", "registry" + r"\.npmjs")),
    "a path of this machine's packages": "file:" + "///",
}


def tracked() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git repository")
    return [PROJECT / name for name in listed.split("\0") if name and (PROJECT / name).is_file()]


def test_no_lock_file_holds_addresses() -> None:
    names = {path.name for path in tracked()}
    assert not names & {"uv.lock", "poetry.lock", "yarn.lock"}
    for lock in (path for path in tracked() if path.name == "package-lock.json"):
        assert '"resolved"' not in lock.read_text(encoding="utf-8"), lock


def test_the_pages_can_be_built_on_every_platform_from_one_lock_file() -> None:
    packages = json.loads((PROJECT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    platforms = ("linux-x64-gnu", "linux-arm64-gnu", "darwin-arm64", "darwin-x64", "win32-x64-msvc")
    for platform in platforms:
        assert any("binding" in name and name.endswith(platform) for name in packages), platform
    assert all(entry.get("integrity") for name, entry in packages.items() if name)


def test_no_file_names_a_place_on_one_machine_or_a_registry() -> None:
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [
            f"{path.relative_to(PROJECT)}: {what}" for what, how in FORBIDDEN.items() if re.search(how, text)
        ]
    assert found == []


def test_no_file_is_large() -> None:
    assert [path for path in tracked() if path.stat().st_size > LARGEST] == []


def test_what_starts_with_an_interpreter_line_can_be_started() -> None:
    scripts = [path for path in tracked() if path.parent.name in {"scripts", ".ci"}]
    started = [path for path in scripts if path.read_bytes().startswith(b"#!")]
    assert {path.name for path in started} >= {
        "setup",
        "test",
        "check",
        "demo",
        "serve",
        "prove",
        "bench",
        "run",
    }
    assert [path for path in started if not path.stat().st_mode & 0o111] == []
    assert [path for path in scripts if not path.suffix and path not in started] == []


def test_each_decision_stands_in_the_index_under_its_own_title() -> None:
    decisions = PROJECT / "docs/decisions"
    lines = set((decisions / "README.md").read_text(encoding="utf-8").splitlines())
    for page in decisions.glob("0*.md"):
        title = page.read_text(encoding="utf-8").splitlines()[0].split(". ", 1)[1]
        assert f"- [{page.name[:4]}]({page.name}) {title}" in lines, page.name
