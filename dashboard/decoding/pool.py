"""The workers of a web process: few, asked one thing at a time each, and ended where they do not answer in time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import TypeVar

from dashboard.decoding import messages

WORKERS = 2
WAITING = 32
"""Questions that may wait for a worker; more are refused."""

BEGIN = 15.0
"""Seconds that a worker may take to begin."""

IDLE = 60.0
"""Seconds after which a worker that nobody asked is ended."""

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

Answer = TypeVar("Answer", messages.Done, messages.Listed)


class Busy(Exception):
    """More is asked for than may wait."""


class Ended(Exception):
    """The worker did not answer in time and was ended, or (``died``) ended by itself.

    ``at``: the plug-in that it ran, or ''.
    """

    def __init__(self, at: str, died: bool) -> None:
        super().__init__(at)
        self.at = at
        self.died = died


class Pool:
    """Begins a worker when one is needed; ``seconds``: what an answer may take. `stop` ends them all."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._free = asyncio.Semaphore(WORKERS)
        self._waiting = 0
        self._resting: dict[Process, asyncio.TimerHandle] = {}

    async def ask(self, question: messages.Question, answer: type[Answer]) -> Answer:
        """Have a worker answer; raise `Busy` where too many ask, `Ended` where none answers."""
        if self._waiting >= WAITING:
            raise Busy
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            process = await self._worker()
            try:
                found = await self._answered(process, question, answer)
            except BaseException:
                # Also where whoever asked has gone away: what it says later must not be taken for another answer.
                await _end(process)
                raise
            later = asyncio.get_running_loop().call_later(IDLE, self._retire, process)
            self._resting[process] = later
            return found
        finally:
            self._free.release()

    async def stop(self) -> None:
        for process, later in self._resting.items():
            later.cancel()
            await _end(process)
        self._resting = {}

    async def _answered(self, process: Process, question: messages.Question, answer: type[Answer]) -> Answer:
        at = ""
        try:
            async with asyncio.timeout(self._seconds):
                assert process.stdin is not None
                process.stdin.write(messages.packed(question))
                await process.stdin.drain()
                while not isinstance(word := await _heard(process), answer):
                    at = word.name if isinstance(word, messages.Trying) else at
                return word
        except TimeoutError:
            raise Ended(at, died=False) from None
        except (asyncio.IncompleteReadError, OSError, ValueError):
            raise Ended(at, died=True) from None

    async def _worker(self) -> Process:
        while self._resting:
            process, later = self._resting.popitem()
            later.cancel()
            if process.returncode is None:
                return process
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "dashboard.decoding.worker",
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(BEGIN):
                word = await _heard(process)
            assert isinstance(word, messages.Ready)
        except (TimeoutError, asyncio.IncompleteReadError):
            await _end(process)
            raise Ended("", died=True) from None
        except BaseException:
            await _end(process)
            raise
        return process

    def _retire(self, process: Process) -> None:
        if self._resting.pop(process, None) is not None:
            assert process.stdin is not None
            process.stdin.close()


async def _heard(process: Process) -> messages.Word:
    assert process.stdout is not None
    length = int.from_bytes(await process.stdout.readexactly(messages.LENGTH), "big")
    if length > messages.MAX_MESSAGE:
        raise ValueError("a worker wants to say too much")
    return messages.words.decode(await process.stdout.readexactly(length))


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
