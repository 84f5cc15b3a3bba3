"""The tables of what signs in; times are microseconds since 1970, UTC."""

from typing import Final

import sqlalchemy as sa

TABLES: Final = sa.MetaData()
PASSWORDS: Final = sa.Table(
    "passwords",
    TABLES,
    sa.Column("credential", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False, index=True),
    sa.Column("hash", sa.Text, nullable=False),
)
ACTIVITY: Final = sa.Table(
    "activity",
    TABLES,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("seen_at", sa.BigInteger, nullable=False, index=True),
)
GUESSES: Final = sa.Table(
    "guesses",
    TABLES,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False, index=True),
)
KNOWN_BROWSERS: Final = sa.Table(
    "known_browsers",
    TABLES,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, primary_key=True, index=True),
    sa.Column("seen_at", sa.BigInteger, nullable=False, index=True),
)
FACTORS: Final = sa.Table(
    "factors",
    TABLES,
    sa.Column("factor", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False, index=True),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("used_step", sa.BigInteger, nullable=False),
    sa.Column("made_at", sa.BigInteger, nullable=False),
)
JOURNEYS: Final = sa.Table(
    "journeys",
    TABLES,
    sa.Column("state", sa.Text, primary_key=True),
    sa.Column("browser", sa.Text, nullable=False),
    sa.Column("nonce", sa.Text, nullable=False),
    sa.Column("verifier", sa.Text, nullable=False),
    sa.Column("landing", sa.Text, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False, index=True),
)
RECOVERY_CODES: Final = sa.Table(
    "recovery_codes",
    TABLES,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("factor", sa.Text, nullable=False, index=True),
    sa.Column("account", sa.Text, nullable=False, index=True),
)
