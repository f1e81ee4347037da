"""Which processes a supervisor started, kept on disk so that they can be found when it did not end them itself.

A pid alone proves nothing, since it may belong to another process by now: the registry keeps each process's start too.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

import msgspec
import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Started(msgspec.Struct, frozen=True):
    """A process and the moment that it began, as `start_of` tells it."""

    name: str
    pid: int
    start: str


class Registry:
    """A file of `Started`, one JSON line each."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, name: str, pid: int) -> None:
        """Write the process down; to be called as soon as it is spawned. One that is gone already is left out."""
        start = start_of(pid)
        if start:
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(Started(name, pid, start)) + b"\n")

    def alive(self) -> list[Started]:
        """Those that still run, and are the very processes that were started."""
        return [started for started in self._read() if start_of(started.pid) == started.start]

    def _read(self) -> Iterable[Started]:
        with contextlib.suppress(FileNotFoundError):
            for line in self.path.read_bytes().splitlines():
                with contextlib.suppress(msgspec.DecodeError):
                    yield msgspec.json.decode(line, type=Started)


def start_of(pid: int) -> str:
    """A text that no other process of this pid ever has; '' when there is none, or only a zombie.

    On Linux the boot and the clock ticks since it: setting the clock does not change it.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # A process whose first thread has ended is called a zombie while others of its threads still hold its ports.
        ended = fields[0] == "X" or fields[0] == "Z" and int(fields[17]) <= 1
        return "" if ended else f"{BOOT_ID.read_text().strip()}:{fields[19]}"
    except ProcessLookupError:
        return ""
    except OSError:
        if BOOT_ID.exists():
            return ""
    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else f"at:{process.create_time()}"
    except psutil.Error:
        return ""


def end(processes: Iterable[Started], number: signal.Signals = signal.SIGKILL) -> list[Started]:
    """Signal those that are still the processes that were started; the ones that were signalled."""
    ended = []
    for started in processes:
        if start_of(started.pid) == started.start:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(started.pid, number)
                ended.append(started)
    return ended
