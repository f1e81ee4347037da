"""What the lab's processes take of this machine: their memory and their share of a core."""

from __future__ import annotations

import time

import psutil

from zkbridge.facts import Usage
from zkbridge.records import Record

GRAIN = 1 << 17
"""Bytes to which memory is rounded: a change of less is none."""


class Gauge:
    """Knows the processes from the records; `read` looks at each of them. One that has just ended is left out."""

    def __init__(self) -> None:
        self._processes: dict[str, psutil.Process] = {}
        self._pids: dict[str, int] = {}
        self._spent: dict[str, tuple[float, float]] = {}

    def note(self, record: Record) -> None:
        if record.kind == "spawned" and record.pid is not None:
            self._pids[record.who] = record.pid
        elif record.kind == "exited" and self._pids.get(record.who) == record.pid:
            del self._pids[record.who]

    def read(self) -> Usage:
        """Takes some 0.1 ms for each process."""
        found: dict[str, tuple[int, float]] = {}
        for name in self._spent.keys() - self._pids.keys():
            del self._spent[name]
            self._processes.pop(name, None)
        for name, pid in self._pids.items():
            try:
                process = self._processes.get(name)
                if process is None or process.pid != pid:
                    process = self._processes[name] = psutil.Process(pid)
                    self._spent.pop(name, None)
                with process.oneshot():
                    memory, times = process.memory_info().rss // GRAIN * GRAIN, process.cpu_times()
            except psutil.Error:
                continue
            now, spent = time.monotonic(), times.user + times.system
            at, before = self._spent.get(name, (now, spent))
            self._spent[name] = (now, spent)
            found[name] = (memory, (spent - before) / (now - at) if now > at else 0.0)
        memory_now = psutil.virtual_memory()
        return Usage(found, memory_now.total, memory_now.available, psutil.cpu_count() or 1)
