"""A running demo, as a person starts it."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
from kazoo.client import KazooClient

from tests.integration.commands import Command
from tests.integration.ensemble import SCALE
from zkbridge.lab import description


class Demo:
    """``manage.py demo`` with its run directory under ``home``."""

    def __init__(self, home: Path, nodes: int) -> None:
        self.home, self.nodes = home, nodes
        self.operator = self.viewer = ""

    def start(self) -> None:
        """Start it, and wait for the links that it prints."""
        self._command = Command(self.home, "demo", PORT="8600", NODES=str(self.nodes))
        self._command.wait_until_ready()
        self.operator, self.viewer = self._command.link("Operator"), self._command.link("Viewers")

    def stop(self) -> None:
        """As Ctrl-C does. Whatever comes of it, nothing is left."""
        try:
            self._command.finish(signal.SIGINT, 15)
        finally:
            self._command.destroy()

    @property
    def base(self) -> str:
        return self.operator.partition("/enter/")[0]

    @property
    def lab(self) -> description.LabDescription:
        return description.read(self._command.path)

    @contextlib.contextmanager
    def zookeeper(self) -> Iterator[KazooClient]:
        client = KazooClient(self.lab.hosts, timeout=10)
        client.start(15 * SCALE)
        try:
            yield client
        finally:
            client.stop()
            client.close()

    def process(self, name: str) -> psutil.Process:
        """A process that it started: 'bridge', 'web', 'node-1', 'server-1' …"""
        return psutil.Process(self._command.running()[name])
