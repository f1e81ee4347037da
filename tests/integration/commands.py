"""The commands `demo` and `serve` as a person runs them, for tests."""

from __future__ import annotations

import codecs
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from itertools import count
from pathlib import Path

from tests.integration.ensemble import SCALE, wait_for
from zkbridge.lab import ports, rundir
from zkbridge.lab.registry import Registry, Started, end

MANAGE = Path(__file__).parents[2] / "manage.py"

MOST = 100
"""Ports that a command may take at the most: of seven servers, with some that join."""

_slices = count()


def own_ports() -> str:
    """Ports for one more command, as its environment says it: other ones than of the commands that run beside it, each
    of which believes that a port on which nobody listens at the moment is nobody's. They are those after this
    process' own; '' where it has no part of them."""
    if not os.environ.get(ports.SETTING):
        return ""
    mine = ports.allowed(os.environ)
    first = mine[-1] + 1 + next(_slices) % (len(mine) // MOST) * MOST
    return f"{first}-{first + MOST - 1}"


ON_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Command:
    """``manage.py`` with ``arguments``, its run directories under ``home``; keeps what it says.

    With ``terminal`` it has one of its own, which `hang_up` closes."""

    def __init__(self, home: Path, *arguments: str, terminal: bool = False, **environment: str) -> None:
        self.home = home
        self._ours, theirs = pty.openpty() if terminal else os.pipe()
        on_terminal = [sys.executable, "-c", ON_TERMINAL] if terminal else []
        own = {key: value for key, value in os.environ.items() if not key.startswith("ZOOSCOPE_")}
        own |= {ports.SETTING: own_ports(), "ZOOSCOPE_HOME": str(home), "PORT": "18600"}
        self.process = subprocess.Popen(
            [*on_terminal, sys.executable, str(MANAGE), *arguments], stdin=theirs if terminal else subprocess.DEVNULL,
            stdout=theirs, stderr=theirs, start_new_session=True,
            env=own | environment,
        )  # fmt: skip
        os.close(theirs)
        self.said = ""
        self._hung_up = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Until it ends, or is to be hung up: while somebody reads, closing does nothing."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while not self._hung_up.is_set():
            if select.select([self._ours], [], [], 0.02)[0]:
                try:
                    said = os.read(self._ours, 65_536)
                except OSError:  # a terminal whose last process has ended
                    break
                if not said:
                    break
                self.said += decoder.decode(said)
        os.close(self._ours)

    def hang_up(self) -> None:
        """Close its terminal."""
        self._hung_up.set()
        self._reader.join()

    def wait_for_words(self, words: str, timeout: float = 60.0) -> None:
        wait_for(f"it says {words!r}", lambda: words in self.said or self.process.poll() is not None, timeout)
        assert words in self.said, self.said

    def wait_until_ready(self) -> None:
        self.wait_for_words("Ctrl-C ends everything")

    @property
    def path(self) -> Path:
        """Its run directory, known once it said something."""
        (lock,) = (lock for lock in self.home.glob("*/lock") if lock.read_text() == f"{self.process.pid}\n")
        return lock.parent

    def running(self) -> dict[str, int]:
        """The pid of each process that it started and that runs, by name."""
        return {started.name: started.pid for started in self.alive()}

    def alive(self) -> list[Started]:
        return Registry(self.path / "processes").alive()

    def link(self, whose: str) -> str:
        return next(line.split()[-1] for line in self.said.splitlines() if line.strip().startswith(whose))

    def ask(self, path: str = "/") -> int:
        """The HTTP status of a page; 0 when nobody answers."""
        base = self.link("Operator").partition("/enter/")[0]
        try:
            with urllib.request.urlopen(base + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def finish(self, number: signal.Signals, within: float = 5.0) -> int:
        """Signal the command and wait for its end: the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(within * SCALE)
        self._reader.join()
        return code

    def kill(self) -> None:
        """kill -9 of the command alone."""
        self.process.kill()
        self.process.wait()

    def destroy(self) -> None:
        """End it and all that it started, whatever its state."""
        self.kill()
        for path in self.home.glob("*/processes"):
            end(Registry(path).alive())
        rundir.sweep(self.home)
