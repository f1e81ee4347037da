"""Many pages in one process, as cheap as can be: plain sockets and epoll, so that a figure shows the server's cost.

Each page keeps to the protocol: it acknowledges every 16 frames and every 500 ms. Prints 'open' with the seconds that
opening took, then a line of JSON: per kind of moment the ages of frames in ms, and what went wrong.
"""

from __future__ import annotations

import base64
import json
import select
import socket
import struct
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import urlsplit

RATE = 20
FILL = "x" * 400
"""Frames a second, and what brings them to about 500 bytes, where a crowd only looks at how late they are."""

OPENING = 25
"""Handshakes under way at a time."""

PATIENCE = 90.0
"""Seconds that opening all may take."""

ACK_FRAMES, ACK_EVERY = 16, 0.5
ALLOWANCE = 2.0
"""Seconds after the opening of the last page before frames count."""


def sent(payload: bytes) -> tuple[str, float] | None:
    """Age of a frame that says when it was sent, on the machine's monotonic clock."""
    at = payload.rfind(b'"sent":"')
    return None if at < 0 else ("sent", time.monotonic() - float(payload[at + 8 : payload.index(b'"', at + 8)]))


def change(payload: bytes) -> tuple[str, float] | None:
    """Age of a frame's newest change since the bridge was told of it, or of the moment that a probe's data holds."""
    if b'"topic":"changes' in payload[:60]:
        at = payload.rfind(b'"at":')
        if at < 0:  # a snapshot of no changes
            return None
        end = min(found for mark in b",}" if (found := payload.find(mark, at)) > 0)
        return "received", time.time() - float(payload[at + 5 : end]) / 1000
    at = probed(payload)
    return ("written", time.monotonic() - float(at)) if at else None


def probed(payload: bytes) -> str:
    """The moment that the probe's data hold in this frame; '' for a frame of something else."""
    at = payload.find(b'"data":"')
    if at < 0 or b'"delta"' not in payload[:20]:
        return ""
    return base64.b64decode(payload[at + 8 : payload.index(b'"', at + 8)]).decode()


class Page:
    """One socket. `read` takes in what came. ``buffer``: bytes that the kernel keeps for a page that does not read."""

    def __init__(self, origin: str, cookie: str, buffer: int = 0) -> None:
        where = urlsplit(origin)
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect((where.hostname, where.port))
        self.open = self.ended = False
        self.taken = self.acked = 0
        self.acked_at = 0.0
        self._rest = b""
        self.socket.sendall(
            f"GET /live HTTP/1.1\r\nHost: {where.netloc}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        self.socket.setblocking(False)

    def say(self, text: bytes) -> None:
        """A text frame, masked with zeros, which leaves it as it is."""
        self.socket.send(struct.pack("!BBI", 0x81, 0x80 | len(text), 0) + text)

    def read(self, topics: list[str]) -> list[bytes]:
        """The text frames that came."""
        data = self._rest + self.socket.recv(1 << 18)
        if not self.open:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return []
            assert head.startswith(b"HTTP/1.1 101"), head
            self.open = True
            for topic in topics:
                self.say(json.dumps({"op": "subscribe", "topic": topic}).encode())
        frames, at = [], 0
        while len(data) - at >= 2:
            opcode, size, start = data[at] & 15, data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if start > len(data) or start + size > len(data):
                break
            at = start + size
            if opcode == 1:
                frames.append(data[start:at])
            elif opcode == 8:
                self.ended = True
            elif opcode == 9:
                self.socket.send(struct.pack("!BBI", 0x8A, 0x80 | size, 0) + data[start:at])
        self._rest = data[at:]
        self.taken += len(frames)
        return frames

    def acknowledge(self, now: float) -> None:
        """Where one is due."""
        if self.taken - self.acked >= ACK_FRAMES or (now - self.acked_at >= ACK_EVERY and self.taken > self.acked):
            self.acked, self.acked_at = self.taken, now
            self.say(b'{"op":"ack","n":%d}' % self.taken)


class Crowd:
    """``count`` pages that follow ``topics``; ``age`` finds the age of a frame."""

    def __init__(self, age: Callable[[bytes], tuple[str, float] | None], topics: list[str]) -> None:
        self.ages: dict[str, list[float]] = defaultdict(list)
        self.came: dict[str, list[float]] = defaultdict(list)
        """When each value of the probe came, by the machine's monotonic clock."""
        self._age = age
        self._topics = topics
        self._poll = select.epoll()
        self._pages: dict[int, Page] = {}

    def open(self, origin: str, cookies: list[str], count: int) -> float:
        """Open all pages, `OPENING` at a time; how many seconds that took."""
        began, opened = time.monotonic(), 0
        while sum(page.taken > 0 for page in self._pages.values()) < count:
            waiting = sum(page.taken == 0 for page in self._pages.values())
            for _ in range(min(OPENING - waiting, count - len(self._pages))):
                page = Page(origin, cookies[opened * len(cookies) // count])
                opened += 1
                self._pages[page.socket.fileno()] = page
                self._poll.register(page.socket, select.EPOLLIN)
            self.read(0.02)
            assert time.monotonic() - began < PATIENCE, f"{opened} pages opened within {PATIENCE:g} s"
        return time.monotonic() - began

    def read(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            for handle, _ in self._poll.poll(min(0.1, until - now)):
                page = self._pages[handle]
                for payload in page.read(self._topics):
                    found = self._age(payload)
                    if found is not None:
                        self.ages[found[0]].append(round(found[1] * 1000, 2))
                    if found is not None and found[0] == "written":
                        self.came[probed(payload)].append(round(time.monotonic(), 5))
                page.acknowledge(now)

    def lost(self) -> int:
        return sum(page.ended for page in self._pages.values())


def main(origin: str, count: int, seconds: float, kind: str, topics: list[str], cookies: list[str]) -> None:
    crowd = Crowd({"sent": sent, "change": change}[kind], topics)
    print("open", crowd.open(origin, cookies, count), flush=True)
    crowd.read(ALLOWANCE)
    crowd.ages.clear()
    crowd.came.clear()
    print("counting", flush=True)
    began = time.process_time()
    crowd.read(seconds)
    used = time.process_time() - began
    print(json.dumps({"ages": crowd.ages, "lost": crowd.lost(), "used": used, "came": crowd.came}), flush=True)


if __name__ == "__main__":
    main(
        sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], json.loads(sys.argv[5]), json.loads(sys.argv[6])
    )
