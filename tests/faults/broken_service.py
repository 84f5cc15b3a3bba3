"""The service as a program, with one deliberate break; run with `python -P` and the name of the break.

Worker processes run this file anew with the same arguments, and so have the break too.
"""

import re
import sys
from pathlib import Path
from typing import Any, Final

import psycopg
from typing_extensions import override

from dispatch.domain import codes, text
from dispatch.eventlog import postgres, postgres_connection, sqlite
from dispatch.eventlog.group_commit import GroupCommit, Job
from dispatch.eventlog.log import Appended, LogUnavailable
from dispatch.eventlog.postgres_connection import PatientConnection
from dispatch.eventlog.postgres_statements import BEGIN
from dispatch.eventlog.vault import sealing
from dispatch.service.server import serve
from dispatch.service.settings import Settings

HELD_BACK: Final = 10
NOW: Final = Path("broken")
"""The file in the working directory that begins the break; before it is there, a town can be founded."""


class HastyConnection(PatientConnection):
    """Commits every tenth transaction only, so that nine are answered before they are committed."""

    commits = 0

    @override
    def execute(self, query: Any, *arguments: Any, **options: Any) -> psycopg.Cursor[Any]:
        if not NOW.exists():
            return super().execute(query, *arguments, **options)
        if query == BEGIN and self.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            query = "SELECT"
        if query == "COMMIT":
            self.commits += 1
            query = "COMMIT" if self.commits % HELD_BACK == 0 else "SELECT"
        return super().execute(query, *arguments, **options)


def answer_before_the_commit() -> None:
    """Answer what has been written, and commit it later."""

    def connect(url: str) -> PatientConnection:
        connection = postgres_connection.connect(url)
        connection.__class__ = HastyConnection
        return connection

    postgres.connect = connect  # type: ignore[attr-defined] # the break


def commit_asynchronously() -> None:
    """Let PostgreSQL answer before what it has committed is on disk: the unsafe option of many."""
    postgres_connection.SETTINGS += "; SET synchronous_commit = off"


def take_failure_for_success() -> None:
    """Answer a commit that failed for want of room as if it had been done."""
    settle = GroupCommit._settle

    def settled(group: GroupCommit, jobs: list[Job]) -> None:
        settle(group, jobs)
        for job in jobs:
            if isinstance(job.answer, LogUnavailable) and job.attempt is not None:
                _, _, first, last, recorded_at, outcome = job.attempt
                job.answer = Appended(first, last, recorded_at, outcome, repeated=False)

    GroupCommit._settle = settled  # type: ignore[method-assign, assignment] # the break


def know_no_places() -> None:
    """Take every place for one within an account's scope."""
    codes.covers = lambda _scope, _code: True  # type: ignore[assignment] # the break


def seal_nothing() -> None:
    """Record what is personal as it stands."""
    sealing.has_texts = lambda _: False  # type: ignore[assignment] # the break


def keep_the_keys() -> None:
    """Say that personal data is erased, and destroy no key."""
    sqlite.DESTROY = ()  # type: ignore[assignment] # the break
    postgres.DESTROY = "SELECT %b::text[], %b::text[]"  # type: ignore[attr-defined] # the break


def take_anything_for_text() -> None:
    """Let control characters and halves of surrogate pairs into what people write."""
    text.CONTROL = text.CONTROL_IN_LINE = re.compile("(?!)")  # type: ignore[misc] # the break


BREAKS: Final = {
    "hasty": answer_before_the_commit,
    "asynchronous": commit_asynchronously,
    "optimistic": take_failure_for_success,
    "boundless": know_no_places,
    "credulous": take_anything_for_text,
    "open": seal_nothing,
    "keeping": keep_the_keys,
}
BREAKS[sys.argv[1]]()

if __name__ == "__main__":
    sys.exit(0 if serve(Settings(), lambda address: print(address, flush=True)) else 1)  # noqa: T201 - is read
