"""The processes of a battery: bridge and web process as `tests.integration.stack` starts them, and the writers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from tests.battery.bridge import Dump
from tests.battery.record import Summary
from tests.integration.ensemble import SCALE, wait_for
from tests.integration.stack import ROOT, Stack
from zkbridge.znode import Znode


class WatchedStack(Stack):
    """A stack whose bridge is `tests.battery.bridge`, started with ``options``."""

    def __init__(self, hosts: str, *options: str) -> None:
        super().__init__(hosts)
        self._options = options

    def launch_bridge(self) -> subprocess.Popen[bytes]:
        return self._launch(
            "bridge", sys.executable, "-m", "tests.battery.bridge", self.hosts, self.environment["ZOOSCOPE_BRIDGE"],
            str(self.folder / "dump"), *self._options,
        )  # fmt: skip

    def dump(self) -> Dump:
        """What the bridge knows now."""
        path = self.folder / "dump"
        path.unlink(missing_ok=True)
        self.process("bridge").send_signal(signal.SIGUSR1)
        wait_for("the bridge says what it knows", path.exists, 20)
        return msgspec.msgpack.decode(path.read_bytes(), type=Dump)

    def keep_logs(self, folder: Path) -> None:
        for log in self.folder.glob("*.log"):
            shutil.copy(log, folder)

    def descriptors(self) -> int:
        """Open files of the web process."""
        return len(os.listdir(f"/proc/{self.process('web').pid}/fd"))

    def resident(self, name: str) -> float:
        """Memory of a process, MB."""
        pages = Path(f"/proc/{self.process(name).pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE") / 1e6


def znodes(dump: Dump) -> dict[str, Znode]:
    return {path: Znode(*fields) for path, fields in dump.znodes.items()}


class Writers:
    """``finish`` ends the writing, ``release`` the writers' sessions."""

    def __init__(self, hosts: str, folder: Path, seed: int, rate: float) -> None:
        self.folder = folder
        with (folder / "writers.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.battery.writers", hosts, str(folder), str(seed), str(rate)],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log,
            )  # fmt: skip

    def wait_until_writing(self) -> None:
        wait_for("the writers write", lambda: self._there("ready"), 60)

    def finish(self) -> Summary:
        self._process.send_signal(signal.SIGTERM)
        wait_for("the writers have finished", lambda: self._there("summary"), 60)
        return msgspec.json.decode((self.folder / "summary").read_bytes(), type=Summary)

    def release(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def _there(self, name: str) -> bool:
        assert self._process.poll() is None, (self.folder / "writers.log").read_text()
        return (self.folder / name).exists()


def since(begun: float) -> float:
    """Seconds, as they would be on a machine of scale 1."""
    return (time.monotonic() - begun) / SCALE
