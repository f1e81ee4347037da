"""Free TCP ports on loopback."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

LOW, HIGH = 20_000, 32_000
"""Below the range from which the kernel takes ports of outgoing connections (32768 on Linux), so that a
server which is killed and started again finds its ports still free."""


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


def free_ports(count: int, dice: random.Random | None = None) -> list[int]:
    """``count`` different ports that are free on loopback. Taken at random: two labs seldom want the same."""
    dice = dice or random.Random()
    found: list[int] = []
    for port in _candidates(dice):
        if is_free("127.0.0.1", port):
            found.append(port)
            if len(found) == count:
                return found
    raise NoFreePort(f"Fewer than {count} ports are free on 127.0.0.1 between {LOW} and {HIGH}.")


def listen_from(host: str, wanted: int, tries: int = 50) -> socket.socket:
    """Listen on ``wanted``, or on the first port after it that is free."""
    for port in range(wanted, min(wanted + tries, 65_536)):
        listener = listen(host, port)
        if listener is not None:
            return listener
    raise NoFreePort(f"Ports {wanted} to {wanted + tries - 1} on {host} are all busy. Set PORT to a free one.")


def _candidates(dice: random.Random) -> Iterator[int]:
    ports = list(range(LOW, HIGH))
    dice.shuffle(ports)
    yield from ports
