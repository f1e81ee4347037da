"""A node's part in the workload: it leads it, works for it, or has none.

On a thread of its own, which sleeps while there is no workload: the election and the registry never wait for a task.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException

from zkbridge.lab.master import Deposed, Master
from zkbridge.lab.worker import Journal, Worker

AGAIN = 0.3
"""Seconds until the next try, while the ensemble does not answer."""

log = logging.getLogger("tasks")


class FileJournal:
    """A file that each of several workers appends a line to: its node, its entry, what became of which tasks."""

    def __init__(self, path: Path | str, node: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._node = node

    def note(self, what: str, entry: str, tasks: list[str]) -> None:
        line = {"at": time.time() * 1000, "node": self._node, "entry": entry, "what": what, "tasks": tasks}
        os.write(self._file, json.dumps(line).encode() + b"\n")


class Taskforce:
    """`forget`, `work` and `lead` say what the node is now; they return at once. ``say`` writes a record.

    There is one workload, so one election and one registry are for it: nodes that meet elsewhere are ``idle``.
    """

    def __init__(
        self, client: KazooClient, node: str, say: Callable[..., None], journal: Journal | None = None, *,
        idle: bool = False,
    ) -> None:  # fmt: skip
        self._client, self._node, self._say, self._journal, self._idle = client, node, say, journal, idle
        self._role: Master | Worker | None = None
        self._woken = threading.Event()
        self._problem = ""
        """What was logged last: once, however often it is tried again."""
        self._thread: threading.Thread | None = None

    def forget(self) -> None:
        """The session is lost, or ends: the node is nothing to anybody."""
        self._take(None)

    def work(self, entry: str) -> None:
        """The node is a worker, and ``entry`` stands for it in the registry."""
        role = Worker(self._client, self._node, entry, self._wake, lambda: self._role is role, self._journal)
        self._take(role)

    def lead(self, candidate: str, workers: list[str]) -> None:
        """The node leads, by its ``candidate``; ``workers`` are the registry's entries, as they are now."""
        if not isinstance(self._role, Master) or self._role.candidate != candidate:
            self._take(Master(self._client, candidate, self._wake, self._tell))
        if isinstance(self._role, Master):
            self._role.workers = list(workers)
            self._wake()

    def _take(self, role: Master | Worker | None) -> None:
        if self._idle:
            return
        self._role = role
        if role is not None and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="tasks", daemon=True)
            self._thread.start()
        self._wake()

    def _wake(self, *_: object) -> None:
        """Runs on any thread; as a watch on kazoo's."""
        self._woken.set()

    def _run(self) -> None:
        while True:
            self._woken.clear()
            self._woken.wait(self.step())

    def step(self) -> float | None:
        """Do what the node's role has to do now; seconds until the next time, None: when it is woken."""
        role = self._role
        if role is None:
            return None
        try:
            return role.step()
        except Deposed:
            # The node will hear of it itself, and say what it is then.
            if self._role is role:
                self._role = None
            return None
        except Exception as error:
            # Most often the connection was lost half-way. Nothing is remembered that the tree does not tell anew.
            if repr(error) != self._problem:
                known = isinstance(error, (KazooException, self._client.handler.timeout_exception))
                log.warning("%s: %r", type(role).__name__, error, exc_info=not known)
            self._problem = repr(error)
            return AGAIN

    def _tell(self, kind: Any, path: str, count: int) -> None:
        if count:
            self._say(kind, path=path, count=count)
