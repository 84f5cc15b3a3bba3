"""Channels: the gateways of an installation, by name, and how a message goes out by one of them.

Their URLs hold secrets, so they stand in a file of the installation and nowhere else: the log knows names.
The form is that of the library `apprise`, which speaks DingTalk, WeCom, Feishu, e-mail, gateways of short
messages and plain webhooks; `{address}` in it is where the recipient is reached.
"""

import logging
import re
import tomllib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from dispatch.domain.refusal import Unacceptable

PLACE: Final = "{address}"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
WITH_HEADERS: Final = ("json", "jsons", "form", "forms", "xml", "xmls", "mailto", "mailtos")
"""The schemas whose messages take a header of our own."""
MAIL: Final = ("mailto", "mailtos")
HEADER: Final = "Dispatch-Notification"

# The library logs addresses and what gateways answer, which is personal or secret; what went wrong is said
# by the outbox. A client's debug lines hold whole URLs.
for name in ("apprise", "urllib3", "requests", "requests_oauthlib"):
    logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class ChannelsUnusable(Unacceptable):
    """The file of channels, DISPATCH_CHANNELS_FILE, can't be used: each line of it is name = "URL" (TOML)."""


class AddressUnsuitable(Unacceptable):
    """The channel can make nothing of this address: see whether something in it is mistyped."""


class NotSent(Exception):
    """A message was not taken; `code` says why without saying where to."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NobodyThere(NotSent):
    """The message has nowhere to go, and never will have."""


class OutgoingMessage(msgspec.Struct, frozen=True):
    """What is said: one line, the rest, and the id by which a recipient knows a repeat."""

    title: str
    body: str
    id: str


class Channels:
    """The gateways of an installation by name."""

    def __init__(self, urls: Mapping[str, str], *, seconds: float) -> None:
        self._urls, self._seconds = dict(urls), seconds

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, sorted."""
        return tuple(sorted(self._urls))

    @property
    def addressed(self) -> tuple[str, ...]:
        """The names of those that must be told where they reach somebody, sorted; a robot knows it."""
        return tuple(name for name in self.names if PLACE in self._urls[name])

    def check(self, channel: str, address: str) -> None:
        """Raise `AddressUnsuitable` for an address of which the channel's gateway can make nothing.

        What can't be told is no fault: a channel that there isn't, one that needs no address, a webhook.
        """
        url = self._urls.get(channel, "")
        if PLACE in url and address and self._service(url, address, "0-0") is None:
            raise AddressUnsuitable(channel=channel)

    def send(self, channel: str, address: str, message: OutgoingMessage) -> None:
        """Hand a message to a gateway and return when it has taken it; `NotSent` if it has not."""
        url = self._urls.get(channel)
        if url is None:
            raise NotSent("channel-unknown")
        if PLACE in url and not address:
            raise NobodyThere("address-missing")
        service = self._service(url, address, message.id)
        if service is None:
            raise NotSent("address-refused")
        try:
            taken = service.notify(title=message.title, body=message.body, body_format="text")
        except Exception as error:  # noqa: BLE001 - whatever a plugin makes of a gateway's answer
            # Its text may hold the address.
            raise NotSent(type(error).__name__) from None
        if not taken:
            raise NotSent("not-taken")

    def _service(self, url: str, address: str, key: str) -> Any:
        """Return the library's service for an address; None if it understands the URL or the address not."""
        completed = self._completed(url, quote(address, safe=""), key)
        apprise = _library()
        asset = apprise.AppriseAsset(async_mode=False, app_id="Dispatch", app_desc="Grid dispatch")
        service = apprise.Apprise.instantiate(completed, asset=asset, suppress_exceptions=True)
        # A plugin leaves out of its targets what is none, and says so in its log alone.
        return None if PLACE in url and getattr(service, "targets", None) == [] else service

    def _completed(self, url: str, address: str, key: str) -> str:
        scheme = url.partition(":")[0].lower()
        more = f"cto={self._seconds}&rto={self._seconds}"
        if scheme in WITH_HEADERS:
            more += f"&+{HEADER}={key}"
        if scheme in MAIL:
            more += "&format=text"
        return url.replace(PLACE, address) + ("&" if "?" in url else "?") + more


def _library() -> Any:
    """Return the library, which is loaded at the first call: an installation without channels has none."""
    with warnings.catch_warnings():
        # It takes a module that Python is to drop, and has a substitute for it ready.
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise  # noqa: PLC0415 - a tenth of a second and 40 MB

        apprise.Apprise.instantiate("json://localhost")
        return apprise


def _without_its_text(error: tomllib.TOMLDecodeError) -> str:
    """Return what is wrong and in which line; what stands there, in quotes, may be of a secret."""
    return re.sub(r"'.*'", "…", str(error))


def open_channels(file: Path | None, *, seconds: float) -> Channels:
    """Read the channels of an installation, none without a file. Raises `ChannelsUnusable`.

    `seconds` is how long a gateway may take to answer.
    """
    if file is None:
        return Channels({}, seconds=seconds)
    try:
        urls = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ChannelsUnusable(file=str(file), error=error.strerror or str(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise ChannelsUnusable(file=str(file), error=_without_its_text(error)) from None
    except UnicodeDecodeError:
        raise ChannelsUnusable(file=str(file), error="not in UTF-8") from None
    for channel, url in urls.items():
        scheme = str(url).partition("://")[0].lower()
        if NAME.fullmatch(channel) is None or scheme not in _library().manager_plugins.NotificationManager():
            raise ChannelsUnusable(file=str(file), channel=channel[:40])
    return Channels(urls, seconds=seconds)
