"""What a supervisor runs, and how circus runs it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
import psutil
from circus.process import Process
from circus.watcher import Watcher


class Program(msgspec.Struct, frozen=True):
    """One process. ``command`` is an argument list and never goes through a shell."""

    name: str
    kind: Literal["server", "node", "helper", "network"]
    command: list[str]
    log: Path
    env: dict[str, str] = {}
    """Added to the supervisor's own environment."""
    without: tuple[str, ...] = ()
    """Variables of the supervisor's environment that it does not get: secrets of others."""
    folder: Path | None = None
    respawn: bool = False
    listener: int | None = None
    """Descriptor of a listening socket that it inherits."""
    grace: float = 2.2
    """Seconds from SIGTERM to SIGKILL."""
    group: str = ""
    """Of a node: the path of its election, where that is not the usual one."""


class ProgramProcess(Process):  # type: ignore[misc]
    """circus's process, started in a plainer way: its own takes a command apart as a shell would and fills in
    ``$(…)``, so that a folder with a space or a dollar sign in its name breaks it. Output goes straight into the log
    file, so that it is never lost or blocked with the supervisor."""

    def spawn(self) -> None:
        program: Program = self.watcher.program
        self.started = time.time()
        inherited = {name: value for name, value in os.environ.items() if name not in program.without}
        with program.log.open("ab") as log:
            self._worker = psutil.Popen(
                program.command, env=inherited | program.env, cwd=program.folder, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=() if program.listener is None else (program.listener,),
            )  # fmt: skip


class ProgramWatcher(Watcher):  # type: ignore[misc]
    """Runs one `Program`. ``spawned(program, pid)`` is called at once, ``reaped(pid, code)`` when circus itself noticed
    the end (``code`` is minus the signal's number where a signal ended it)."""

    def __init__(
        self, program: Program, spawned: Callable[[Program, int], None], reaped: Callable[[int, int], None]
    ) -> None:
        self.program = program

        def after_spawn(pid: int, **_: Any) -> bool:
            spawned(program, pid)
            return True

        def after_reap(process_pid: int, exit_code: int, **_: Any) -> bool:
            reaped(process_pid, exit_code)
            return True

        super().__init__(
            program.name, program.name, respawn=program.respawn, graceful_timeout=program.grace,
            hooks={"after_spawn": (after_spawn, False), "after_reap": (after_reap, True)},
        )  # fmt: skip

    @property
    def _process_class(self) -> type[Process]:
        return ProgramProcess
