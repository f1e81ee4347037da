"""The process that decodes: ``python -m dashboard.decoding.worker``. It answers questions on its standard input.

It has no secrets in its environment and a bound on its memory. It ends when its input does, and by itself where an
answer takes much longer than whoever asked would wait, so that none is ever left behind.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Iterator
from typing import BinaryIO

from dashboard.decoding import messages, plugins
from dashboard.decoding.builtin import BUILTIN
from dashboard.decoding.decoder import Decoder
from dashboard.decoding.layers import Layers
from dashboard.decoding.plugins import BadPlugin, Plugin

MEMORY = 768 * 1024 * 1024
LAST_RESORT = 10.0
"""Seconds after which a worker that nobody ended ends itself. Whoever asks waits less."""


class Worker:
    def __init__(self, asked: BinaryIO, answers: BinaryIO) -> None:
        self._asked = asked
        self._answers = answers
        self._plugins = {name: Plugin(point) for name, point in plugins.found().items()}
        self._loaded: dict[str, str] = {}
        """Plug-ins that were loaded, with what is wrong with each."""
        self._at = ""

    def run(self) -> None:
        self._say(messages.Ready())
        while (question := self._next()) is not None:
            signal.setitimer(signal.ITIMER_REAL, LAST_RESORT)
            self.step(question)
            signal.setitimer(signal.ITIMER_REAL, 0)

    def step(self, question: messages.Question) -> None:
        self._at = ""
        if isinstance(question, messages.Decode):
            decoders = [*self._usable(question.without), *BUILTIN]
            reading = Layers(decoders, question.data, question.path, trying=self._trying)
            self._say(messages.Done(reading.read(question.wanted)))
        else:
            list(self._usable(question.without))
            ours = [messages.Described(decoder.name, decoder.label) for decoder in BUILTIN]
            theirs = [
                messages.Described(name, plugin.label, True, self._loaded.get(name, ""))
                for name, plugin in self._plugins.items()
            ]
            self._say(messages.Listed([*ours, *theirs]))

    def _usable(self, without: list[str]) -> Iterator[Decoder]:
        for name, plugin in self._plugins.items():
            if name in without:
                continue
            if name not in self._loaded:
                self._trying(name)
                try:
                    plugin.load()
                    self._loaded[name] = ""
                except BadPlugin as error:
                    self._loaded[name] = str(error)
            if not self._loaded[name]:
                yield plugin

    def _trying(self, name: str) -> None:
        """Say which plug-in runs now, if any: it is to blame if nothing more is heard."""
        at = name if name in self._plugins else ""
        if at != self._at:
            self._at = at
            self._say(messages.Trying(at))

    def _next(self) -> messages.Question | None:
        length = self._asked.read(messages.LENGTH)
        if len(length) < messages.LENGTH:
            return None
        body = self._asked.read(int.from_bytes(length, "big"))
        return messages.questions.decode(body)

    def _say(self, word: messages.Word) -> None:
        self._answers.write(messages.packed(word))
        self._answers.flush()


def main() -> None:
    # What a plug-in prints must not be taken for an answer: the answers go where standard output was.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(ValueError, OSError):  # not on every system
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):
        Worker(sys.stdin.buffer, answers).run()


if __name__ == "__main__":
    main()
