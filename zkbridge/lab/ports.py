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


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
        return True


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


def next_free(host: str, wanted: int, tries: int = 50) -> int:
    """``wanted``, or the first port after it that is free."""
    for port in range(wanted, min(wanted + tries, 65_536)):
        if is_free(host, port):
            return port
    raise NoFreePort(f"Ports {wanted} to {wanted + tries - 1} on {host} are all busy. Set PORT to a free one.")


def _candidates(dice: random.Random) -> Iterator[int]:
    ports = list(range(LOW, HIGH))
    dice.shuffle(ports)
    yield from ports
