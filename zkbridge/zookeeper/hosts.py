"""The connect string: ``host:port,[::1]:port/chroot``. Pure."""

from __future__ import annotations

import msgspec

from zkbridge.protocol.base import Problem
from zkbridge.protocol.topics import BadTopic, check_path

DEFAULT_PORT = 2181


class BadHosts(ValueError):
    """A connect string that cannot be read; ``problem`` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.problem = Problem("bad-connect-string", text, "For example 127.0.0.1:2181,127.0.0.1:2182/chroot.")


class Hosts(msgspec.Struct, frozen=True):
    """``chroot`` is '' or a path without a slash at its end."""

    servers: tuple[tuple[str, int], ...]
    chroot: str = ""

    def absolute(self, path: str) -> str:
        """A path as the ensemble spells it."""
        if not self.chroot:
            return path
        return self.chroot if path == "/" else self.chroot + path

    def relative(self, path: str) -> str | None:
        """A path as seen from the chroot; None for one outside it."""
        if not self.chroot:
            return path
        if path == self.chroot:
            return "/"
        return path[len(self.chroot) :] if path.startswith(self.chroot + "/") else None


def parse(connect: str) -> Hosts:
    """Read a connect string; raise `BadHosts`."""
    names, slash, rest = connect.strip().partition("/")
    chroot = (slash + rest).rstrip("/")
    if chroot:
        try:
            check_path(chroot)
        except BadTopic as error:
            raise BadHosts(f"The chroot of the connect string is no path: {error.problem.text}") from None
    return Hosts(tuple(_server(part.strip()) for part in names.split(",")), chroot)


def _server(part: str) -> tuple[str, int]:
    if part.startswith("["):
        host, _, port = part[1:].partition("]")
        port = port.removeprefix(":")
    elif ";" in part:
        raise BadHosts(f"{part!r} has a ';'; servers are separated by commas, as in zk1:2181,zk2:2181.")
    elif part.count(":") > 1:
        raise BadHosts(f"{part!r} has more than one ':'; an IPv6 address stands in brackets, as in [::1]:2181.")
    else:
        host, _, port = part.partition(":")
    if not host or any(c.isspace() for c in host):
        raise BadHosts(f"The connect string names an empty host: {part!r}.")
    if not port:
        return host, DEFAULT_PORT
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise BadHosts(f"{port!r} in {part!r} is no port; ports are 1 to 65535.")
    return host, int(port)


def spell(host: str, port: int) -> str:
    """host:port, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
