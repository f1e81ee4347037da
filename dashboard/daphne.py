"""The application for daphne: ``python -m daphne … dashboard.daphne:application``.

daphne's own WebSockets hand each frame to the event loop, which registers its socket for writing, waits, writes and
registers it no more. For a frame that goes to many pages that is most of its cost. Here what a socket takes at once is
written at once, and a text that goes to many pages is framed once.
"""

from __future__ import annotations

import struct

from daphne import http_protocol
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet.tcp import Connection
from twisted.web.http import HTTPChannel

from dashboard import asgi, errors
from dashboard.pacing import SteadyRequest, paced

application = paced(asgi.application)

__all__ = ["PromptSocket", "application"]


class PromptSocket(WebSocketProtocol):  # type: ignore[misc]
    """A page's socket that writes at once, unless something waits to be written before."""

    framed: tuple[str, bytes] = ("", b"")
    """The last text that any page was sent, and its frame: the hub sends the same one to each of its pages."""

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:  # noqa: N802 - daphne's name
        if isinstance(content, bytes) or self.state != self.STATE_OPEN:
            super().serverSend(content, binary)
            return
        text, raw = PromptSocket.framed
        if text is not content:
            raw = frame(content.encode())
            PromptSocket.framed = (content, raw)
        self.sendData(raw)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802 - autobahn's
        if self.state == self.STATE_OPEN and not (sync or chopsize or self.send_queue) and idle(self.transport):
            written = self.transport.writeSomeData(data)
            if written == len(data):
                return
            if isinstance(written, int):
                data = data[written:]  # an exception else: Twisted meets it again, and ends the connection
        super().sendData(data, sync, chopsize)


def frame(payload: bytes) -> bytes:
    """A whole text message from a server (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + payload
    return struct.pack("!BBQ", 0x81, 127, size) + payload


def idle(transport: object) -> bool:
    """Whether this is a plain TCP connection with nothing left to write."""
    return (
        isinstance(transport, Connection)
        and not transport.TLS
        and bool(transport.connected)
        and not transport.disconnecting
        and not transport._tempDataLen
        and len(transport.dataBuffer) == transport.offset
    )


def too_long(channel: HTTPChannel, line: bytes) -> None:
    """An address or a header is longer than is taken. Twisted itself would end the connection without a word."""
    words = f"The address, or a header, is longer than {channel.MAX_LENGTH:,} bytes."
    body = errors.as_json(errors.problem("too-long", words, "Send less at a time.")).content
    head = f"HTTP/1.1 414 URI Too Long\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    channel.transport.write(f"{head}Connection: close\r\n\r\n".encode() + body)
    channel.loseConnection()


HTTPChannel.lineLengthExceeded = too_long
WebSocketFactory.protocol = PromptSocket
http_protocol.WebRequest = SteadyRequest
