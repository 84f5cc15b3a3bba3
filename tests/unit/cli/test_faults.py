"""What a PostgreSQL server says to who connects is told apart from one that isn't there."""

import pytest

from dispatch.cli.faults import unavailable

TO = 'connection to server at "127.0.0.1", port 5432 failed'


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            f'PostgreSQL: connection failed: {TO}: FATAL:  password authentication failed for user "desk"\n',
            'PostgreSQL lets nobody in so: password authentication failed for user "desk". Name a role',
        ),
        (
            f"PostgreSQL: connection failed: {TO}: fe_sendauth: no password supplied\n",
            "PostgreSQL lets nobody in so: no password supplied. Name a role",
        ),
        (
            f'PostgreSQL: connection failed: {TO}: 致命错误:  角色 "nobody" 不存在\n',
            'PostgreSQL lets nobody in so: 角色 "nobody" 不存在. Name a role',
        ),
        (
            f"PostgreSQL: connection failed: {TO}: FATAL:  no pg_hba.conf entry\n{TO}: FATAL:  no TLS\n",
            "PostgreSQL lets nobody in so: no pg_hba.conf entry; no TLS. Name a role",
        ),
        (
            f"PostgreSQL: connection failed: {TO}: FATAL:  sorry, too many clients already\n",
            "PostgreSQL takes no further connection: sorry, too many clients already. Raise",
        ),
        (
            f"PostgreSQL: connection failed: {TO}: FATAL:  the database system is starting up\n",
            "The database is away: PostgreSQL: connection failed: ",
        ),
        (
            f"PostgreSQL: connection failed: {TO}: Connection refused\n\tIs the server running?\n",
            f"The database is away: PostgreSQL: connection failed: {TO}: Connection refused; Is the server",
        ),
    ],
)
def test_a_server_that_answers_is_not_away(said: str, told: str) -> None:
    assert unavailable(said).startswith(told)
