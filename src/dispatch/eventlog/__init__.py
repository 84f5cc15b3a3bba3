"""The append-only log of events, on SQLite or PostgreSQL."""

from dispatch.eventlog.database_log import DatabaseLog
from dispatch.eventlog.factory import Factory
from dispatch.eventlog.log import (
    Append,
    Appended,
    CommandIdReused,
    EventLog,
    LogFull,
    LogUnavailable,
    NewEvent,
    StaleRead,
    Stored,
    answered_as,
    micros,
    moment,
)
from dispatch.eventlog.opening import open_log

__all__ = [
    "Append",
    "Appended",
    "CommandIdReused",
    "DatabaseLog",
    "EventLog",
    "Factory",
    "LogFull",
    "LogUnavailable",
    "NewEvent",
    "StaleRead",
    "Stored",
    "answered_as",
    "micros",
    "moment",
    "open_log",
]
