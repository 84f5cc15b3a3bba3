"""An audited event in the form of CloudEvents 1.0, structured in JSON, for collectors that know it."""

from typing import Any, Final

import msgspec

from projections.audit.events import Audited

MEDIA_TYPE: Final = "application/cloudevents+json"
EXTENSIONS: Final[dict[str, str]] = {
    "actor": "actor",
    "role": "actorrole",
    "scope": "scope",
    "command_id": "commandid",
    "correlation_id": "correlationid",
    "causation_id": "causationid",
    "source": "channel",
    "device_at": "devicetime",
    "address": "address",
    "request_id": "requestid",
    "session": "session",
    "token": "token",
    "token_issuer": "tokenissuer",
    "version": "streamversion",
}
"""Our fields and the attributes that carry them: names of CloudEvents are small letters and digits."""


def cloud_event(event: Audited, origin: str) -> dict[str, Any]:
    """Return the CloudEvent of an event of a log: `id` is its position, `subject` its stream.

    Source: CloudEvents 1.0.2, its attributes and its extensions Recorded Time, Sequence and Correlation. An
    attribute without a value is left out.
    """
    fields = msgspec.to_builtins(event)
    extensions = {name: fields[ours] for ours, name in EXTENSIONS.items() if fields[ours] not in (None, "")}
    return {
        "specversion": "1.0",
        "id": str(event.position),
        "source": f"//{origin}",
        "type": event.name,
        "subject": event.stream,
        "time": fields["at"],
        "recordedtime": fields["recorded_at"],
        "sequence": f"{event.position:020}",
        **extensions,
        "datacontenttype": "application/json",
        "data": event.data,
    }
