"""Free TCP ports on loopback."""

from __future__ import annotations

import functools
import os
import random
import re
import socket
import threading
from collections.abc import Mapping

from zkbridge.lab.options import BadOption

PORTS = range(20_000, 32_000)
"""Below the range from which the kernel takes ports of outgoing connections (32768 on Linux), so that a
server which is killed and started again finds its ports still free."""

BLOCK = 60
"""Ports that a lab takes at a time: enough for one of seven servers, and for some that are added."""

SETTING = "ZOOSCOPE_LAB_PORTS"
"""Environment variable with other ones, as 'first-last': nobody else sees that ports of a killed server are taken."""


class NoFreePort(Exception):
    """Raised when no port can be had; the text says where was looked."""


def listen(host: str, port: int) -> socket.socket | None:
    """A socket that listens there; None when the port is taken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        return None
    return listener


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    listener = listen(host, port)
    if listener is not None:
        listener.close()
    return listener is not None


def allowed(environ: Mapping[str, str]) -> range:
    """The ports that servers may have. Raises `BadOption`."""
    text = environ.get(SETTING, "").strip()
    if not text:
        return PORTS
    found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", text)
    ports = range(int(found[1]), int(found[2]) + 1) if found else range(0)
    if not ports or ports[0] < 1024 or ports[-1] > 65_535:
        raise BadOption(f"{SETTING} is {text[:40]!r}; it must be two ports from 1024 to 65535, as 20000-31999.")
    return ports


def free_ports(count: int) -> list[int]:
    """``count`` different ports that are free on loopback, and that nobody else is given while this process lives: not
    between now and when somebody listens there, nor while a server that does is dead. `NoFreePort`."""
    return _pool(allowed(os.environ)).take(count)


class Pool:
    """Ports of ``ports`` in blocks. A block is this process's for as long as it holds the first port of it, which
    nobody else can bind then; blocks are taken at random, and one after the other as they are used up."""

    def __init__(self, ports: range) -> None:
        self._ports = ports
        self._claims: dict[int, socket.socket] = {}
        """What is held, by the first port of each block."""
        self._unused: list[int] = []
        self._turn = threading.Lock()

    def take(self, count: int) -> list[int]:
        with self._turn:
            before, found = set(self._claims), list[int]()
            if count < len(self._ports):
                while len(found) < count and (self._unused or self._claim() or self._reuse(found)):
                    port = self._unused.pop()
                    if is_free("127.0.0.1", port):
                        found.append(port)
            if len(found) == count:
                return found
            for first in self._claims.keys() - before:
                self._claims.pop(first).close()
            self._unused.clear()
            ports = self._ports
            raise NoFreePort(f"Fewer than {count} ports are free on 127.0.0.1 between {ports[0]} and {ports[-1]}.")

    def _claim(self) -> bool:
        for first in random.sample(self._ports[::BLOCK], len(self._ports[::BLOCK])):
            if first in self._claims:
                continue
            claim = socket.socket(socket.AF_INET)
            try:
                # Without SO_REUSEADDR: nobody else can bind it, whether or not anybody listens.
                claim.bind(("127.0.0.1", first))
            except OSError:
                claim.close()
                continue
            self._claims[first] = claim
            self._unused = self._inside(first)
            return True
        return False

    def _reuse(self, found: list[int]) -> bool:
        """No block is left: what was given before, and nobody listens on, is given again."""
        self._unused = [
            port for first in self._claims for port in self._inside(first)
            if port not in found and is_free("127.0.0.1", port)
        ]  # fmt: skip
        return bool(self._unused)

    def _inside(self, first: int) -> list[int]:
        last = min(first + BLOCK, self._ports.stop)
        return random.sample(range(first + 1, last), last - first - 1)


@functools.cache
def _pool(ports: range) -> Pool:
    return Pool(ports)


def listen_from(host: str, wanted: int, tries: int = 50) -> socket.socket:
    """Listen on ``wanted``, or on the first port after it that is free."""
    for port in range(wanted, min(wanted + tries, 65_536)):
        listener = listen(host, port)
        if listener is not None:
            return listener
    raise NoFreePort(f"Ports {wanted} to {wanted + tries - 1} on {host} are all busy. Set PORT to a free one.")
