"""Free TCP ports on loopback."""

from __future__ import annotations

import os
import random
import re
import socket
from collections.abc import Mapping

from zkbridge.lab.options import BadOption

PORTS = range(20_000, 32_000)
"""Below the range from which the kernel takes ports of outgoing connections (32768 on Linux), so that a
server which is killed and started again finds its ports still free."""

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


_given: set[int] = set()
"""Ports that this process has given out. One can be free and have an owner: a server that is about to start, or was
stopped, and a follower, which listens for its peers only once it leads."""


def free_ports(count: int) -> list[int]:
    """``count`` different ports that are free on loopback. Taken at random: two labs seldom want the same. One that was
    given out before is given again only where there are no others."""
    ports = allowed(os.environ)
    found: list[int] = []
    for port in sorted(random.sample(ports, len(ports)), key=_given.__contains__):
        if is_free("127.0.0.1", port):
            found.append(port)
            if len(found) == count:
                _given.update(found)
                return found
    raise NoFreePort(f"Fewer than {count} ports are free on 127.0.0.1 between {ports[0]} and {ports[-1]}.")


def listen_from(host: str, wanted: int, tries: int = 50) -> socket.socket:
    """Listen on ``wanted``, or on the first port after it that is free."""
    for port in range(wanted, min(wanted + tries, 65_536)):
        listener = listen(host, port)
        if listener is not None:
            return listener
    raise NoFreePort(f"Ports {wanted} to {wanted + tries - 1} on {host} are all busy. Set PORT to a free one.")
