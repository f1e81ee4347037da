"""A running demo, as a person starts it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil
from kazoo.client import KazooClient

from zkbridge.lab import description

ROOT = Path(__file__).parents[2]
SCALE = float(os.environ.get("ZOOSCOPE_TIMEOUT_SCALE", "1"))
T = TypeVar("T")
LINK = re.compile(r"^\s*(Operator|Viewers)[^:]*:\s+(http\S+)$", re.MULTILINE)


def wait_for(what: str, question: Callable[[], T], timeout: float = 20.0) -> T:
    """Ask until the answer is true, and return it; fail, naming ``what``, after ``timeout`` scaled seconds."""
    deadline = time.monotonic() + timeout * SCALE
    while True:
        if answer := question():
            return answer
        assert time.monotonic() < deadline, f"{what}: not so within {timeout * SCALE:g} s"
        time.sleep(0.02)


class Demo:
    """``manage.py demo`` with its run directory under ``home``."""

    def __init__(self, home: Path, nodes: int) -> None:
        self.home, self.nodes = home, nodes
        self.log = home / "demo.log"
        self.operator = self.viewer = ""

    def start(self) -> None:
        """Start it, and wait for the links that it prints."""
        environment = os.environ | {"ZOOSCOPE_HOME": str(self.home), "PORT": "8600", "NODES": str(self.nodes)}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        links = wait_for("the demo prints its links", self._links, 60)
        self.operator, self.viewer = links["Operator"], links["Viewers"]

    def stop(self) -> None:
        """As Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15 * SCALE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def _links(self) -> dict[str, str]:
        text = self.log.read_text(errors="replace")
        assert self.process.poll() is None, f"the demo ended:\n{text}"
        links = dict(LINK.findall(text))
        return links if len(links) == 2 else {}

    @property
    def base(self) -> str:
        return self.operator.partition("/enter/")[0]

    @property
    def lab(self) -> description.LabDescription:
        return description.read(next(self.home.glob("demo-*")))

    @contextlib.contextmanager
    def zookeeper(self) -> Iterator[KazooClient]:
        client = KazooClient(self.lab.hosts, timeout=10)
        client.start(15 * SCALE)
        try:
            yield client
        finally:
            client.stop()
            client.close()

    def process_of(self, command: str) -> psutil.Process:
        """The helper whose arguments hold ``command``: 'bridge' or 'daphne'."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if command in child.cmdline():
                    return child
        raise LookupError(f"the demo runs no {command}")

