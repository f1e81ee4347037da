"""Nodes of the lab as real processes, for tests."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.integration.ensemble import wait_for
from zkbridge.lab.records import Tail
from zkbridge.records import Record


class Nodes:
    """Starts nodes on an ensemble and keeps all that they say."""

    def __init__(self, hosts: str, folder: Path) -> None:
        self.hosts = hosts
        self.records = folder / "records.jsonl"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._tail = Tail(self.records)
        self._said: list[Record] = []

    def start(self, name: str) -> None:
        command = [sys.executable, "-m", "zkbridge.lab.node", "--zookeeper", self.hosts, "--name", name]
        self.processes[name] = subprocess.Popen(command + ["--records", str(self.records)])

    def start_in_turn(self, count: int) -> None:
        """node-1 to node-``count``, each settled before the next: node-1 leads, and so on."""
        for number in range(1, count + 1):
            name = f"node-{number}"
            self.start(name)
            self.wait(name, "acknowledged")

    def signal(self, name: str, number: signal.Signals) -> None:
        self.processes[name].send_signal(number)

    def said(self, name: str, kind: str) -> list[Record]:
        """All records of this kind that ``name`` wrote so far, oldest first."""
        self._said += self._tail.read_new()
        return [record for record in self._said if record.who == name and record.kind == kind]

    def wait(self, name: str, kind: str, count: int = 1, timeout: float = 15.0) -> Record:
        """Wait until ``name`` has said ``kind`` ``count`` times; the last of them."""
        wait_for(f"{name} says {kind} {count} times", lambda: len(self.said(name, kind)) >= count, timeout)
        return self.said(name, kind)[-1]

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
