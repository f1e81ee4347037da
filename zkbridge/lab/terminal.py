"""What the supervisor's commands say on the terminal: one line for each step."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from typing import TextIO


class Terminal:
    """Writes lines. A terminal that was closed is no reason to fail: the processes must still be ended."""

    def __init__(self, out: TextIO = sys.stdout, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._began = clock()
        self._interactive = self._is_terminal()

    def gone(self) -> bool:
        """Whether this was a terminal that somebody has closed."""
        return self._interactive and not self._is_terminal()

    def _is_terminal(self) -> bool:
        with contextlib.suppress(ValueError):
            return self._out.isatty()
        return False

    def step(self, name: str, text: str) -> None:
        """Something is ready, or changed; with the seconds since the start, where the line has room."""
        time_taken = f" {self._clock() - self._began:5.1f} s" if len(text) <= 58 else ""
        self.say(f"  {name:<8} {text:<58}{time_taken}".rstrip())

    def say(self, text: str = "") -> None:
        with contextlib.suppress(OSError, ValueError):
            print(text, file=self._out, flush=True)
