"""How the outbox of an installation is opened: its channels, and its records from the log's head on."""

from typing import Final

import structlog

from commands.handler import Handler
from dispatch.eventlog import EventLog
from dispatch.service.clock import system_clock
from dispatch.service.outbox.channels import open_channels
from dispatch.service.outbox.outbox import Outbox, Tuning
from dispatch.service.outbox.store import Store
from dispatch.service.settings import Settings
from projections.engine.supervisor import Supervisor

logger: Final = structlog.get_logger(__name__)


def open_outbox(settings: Settings, log: EventLog, handler: Handler, read_models: Supervisor) -> Outbox:
    """Open the outbox beside the log. Raises `ChannelsUnusable`."""
    channels = open_channels(settings.channels_file, seconds=settings.channel_seconds)
    store = Store(settings.database)
    taken = store.open(log.head)
    logger.info("outbox_opened", taken=taken, head=log.head(), channels=channels.names)
    tuning = Tuning(settings.channel_seconds, settings.outbox_pause, settings.outbox_attempts)
    return Outbox(store, channels, handler, read_models, clock=system_clock, tuning=tuning)
