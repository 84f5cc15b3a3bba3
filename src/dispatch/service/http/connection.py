"""A client's line below the application: heads have a size, silences an end, rubbish is told by a problem."""

from asyncio import TimerHandle, Transport
from enum import Enum
from http import HTTPStatus
from typing import Any, Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from dispatch.service.http.headers import DATA, SECURE
from dispatch.service.http.problems import problem
from dispatch.service.http.request_ids import HEADER, new_id

LONGEST_HEAD: Final = 32_768
"""Bytes of a request's address and headers."""


class Awaited(Enum):
    """What the client is to send next."""

    REQUEST = "request"
    HEAD = "head"
    BODY = "body"
    NOTHING = "nothing"


class HeadTooLargeError(Exception):
    """The address and headers grew beyond their limit while they were being received."""


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, that can't be held open or filled by a client that never ends its request.

    A head of over `LONGEST_HEAD` bytes is refused by 431, one that isn't there in time by 408, and what isn't
    HTTP by 400, each as a problem. A line without a request, or whose body stands still, is closed.
    """

    HEAD_WITHIN = 20.0
    """Seconds from a request's first byte to the end of its headers."""
    BODY_WITHIN = 60.0
    """Seconds in which some of a body must come; a phone in the field may lose its network for a while."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._awaited = Awaited.REQUEST
        self._head = self._unfinished = 0
        self._patience: TimerHandle | None = None

    @override
    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(transport)
        self._wait()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        before = self._awaited
        super().data_received(data)
        if self._awaited is Awaited.HEAD and before is not Awaited.BODY:
            # A header that hasn't ended yet has been told to nobody.
            self._unfinished += len(data)
            if self._unfinished > LONGEST_HEAD:
                self._refuse_head()
        if self._awaited is Awaited.NOTHING and before is Awaited.NOTHING and self._is_free():
            self._awaited = Awaited.REQUEST  # empty lines are no request, but they have ended uvicorn's wait
        if self.transport.is_closing() or self._awaited is Awaited.NOTHING:
            self._wait_no_more()
        elif self._awaited is Awaited.BODY or self._patience is None:
            self._wait()

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait_no_more()
        self._awaited = Awaited.HEAD
        self._head = self._unfinished = 0

    @override
    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    @override
    def on_headers_complete(self) -> None:
        self._awaited = Awaited.BODY
        super().on_headers_complete()

    @override
    def on_message_complete(self) -> None:
        self._awaited = Awaited.NOTHING
        super().on_message_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        """Answer what the parser gave up: here the parser's own reason is of no use to anybody."""
        if self._head > LONGEST_HEAD:
            self._refuse_head()
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, "not-http", "That is no HTTP request.")

    def _count(self, more: int) -> None:
        self._head += more
        if self._head > LONGEST_HEAD:
            raise HeadTooLargeError

    def _is_free(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait(self) -> None:
        self._wait_no_more()
        within = self.BODY_WITHIN if self._awaited is Awaited.BODY else self.HEAD_WITHIN
        self._patience = self.loop.call_later(within, self._has_not_come)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _has_not_come(self) -> None:
        if self.flow.read_paused:  # it may have come: the application is slower than its sender
            self._wait()
        elif self._awaited is Awaited.HEAD:
            self._refuse(
                HTTPStatus.REQUEST_TIMEOUT, "request-too-slow", "The request's headers did not end in time."
            )
        else:
            self.transport.close()

    def _refuse_head(self) -> None:
        self._refuse(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers-too-large",
            "The request's address and headers are too large.",
            limit=LONGEST_HEAD,
        )

    def _refuse(self, status: HTTPStatus, code: str, title: str, **members: Any) -> None:
        """Say why and hang up; where the answer to a whole request is on its way, hang up after that."""
        cycle = self.cycle
        free = self._is_free()
        if not free and not cycle.more_body:
            cycle.keep_alive = False
            return
        if free or not (cycle.response_started or self.pipeline):
            answer = problem(status, code, title, headers={"Connection": "close"}, **members)
            added = [*(SECURE if self.scheme == "https" else DATA), (HEADER, new_id())]
            head = [b"%s: %s\r\n" % header for header in (*answer.raw_headers, *added)]
            self.transport.write(b"".join([STATUS_LINE[status.value], *head, b"\r\n", answer.body]))
        self.transport.close()
