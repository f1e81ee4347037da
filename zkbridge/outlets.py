"""What leaves the scene by other ways than the stream: plots to the disk, alerts to a webhook."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from zkbridge.alertbook import AlertBook, Book
from zkbridge.history import Keeper, folder_of
from zkbridge.protocol.base import Ms
from zkbridge.protocol.rules import DEFAULTS, Rule
from zkbridge.sights import Sight, Sights
from zkbridge.views.alerts import Event
from zkbridge.webhook import Webhook

Done = TypeVar("Done")

logger = logging.getLogger(__name__)

PERIOD = 0.5
"""Seconds between two looks for what is to be told."""


class Monitoring(msgspec.Struct, frozen=True):
    """What configuration says of plots and alerts. ``history`` is a folder; '' keeps no plots on disk. ``book`` is
    where alerts are remembered then; '' nowhere. ``webhook`` is a secret; '' posts nothing."""

    cluster: str = ""
    """Its name, as addresses have it."""
    rules: Mapping[str, Rule] = msgspec.field(default_factory=lambda: DEFAULTS)
    history: str = ""
    book: str = ""
    webhook: str = ""


class Outlets:
    """`open` once, then `run` its `works`."""

    def __init__(self, monitoring: Monitoring, sights: Sights, run: str, clock: Callable[[], Ms]) -> None:
        self._cluster, self._sights, self._run, self._clock = monitoring.cluster, sights, run, clock
        self._keepers: list[Keeper] = []
        self._book: AlertBook | None = None
        self._webhook: Webhook | None = None
        self._sent = 0
        # Of its own: names of servers are looked up in the usual threads, where each may hang for many seconds.
        self._thread = ThreadPoolExecutor(1, "alerts")
        if monitoring.history:
            self._keepers = [self._keeper(sight, monitoring.history) for sight in sights.all]
            self._book = AlertBook(folder_of(monitoring.history, monitoring.cluster))
        elif monitoring.book:
            self._book = AlertBook(Path(monitoring.book))
        if monitoring.webhook:
            self._webhook = Webhook(monitoring.webhook, sights.delivers, clock)

    def open(self) -> None:
        """Read back what an earlier life kept."""
        for keeper, sight in zip(self._keepers, self._sights.all, strict=False):
            sight.scene.vigil.plots.kept = True
            keeper.read()
        if self._book is not None:
            self._go_on(self._book.open())

    def close(self) -> None:
        """Write down what was told, and what was not, and let go of what is held on disk."""
        self._thread.shutdown(cancel_futures=True)
        for keeper in self._keepers:
            keeper.close()
        if self._book is not None:
            self._book.write(self._book_of(self._messages()))
            self._book.close()

    def _go_on(self, book: Book | None) -> None:
        """Where an earlier life was when it wrote ``book``."""
        if book is None:
            return
        for sight in self._sights.all:
            sight.scene.restore(book.firing, self._clock())
        if self._webhook is not None:
            for waiting in book.waiting:
                self._webhook.post(waiting)

    def works(self) -> list[Coroutine[Any, Any, None]]:
        """Each to be run until cancelled."""
        works = [keeper.run() for keeper in self._keepers]
        if self._webhook is not None:
            works.append(self._webhook.run())
        return [*works, self._telling()]

    async def step(self) -> None:
        """Tell what happened: written down first, where there is a place for it, so that no end of this process loses
        a message."""
        if self._book is not None and not self._book.held:
            # An earlier life of the bridge may still be about to end.
            self._go_on(await self._apart(self._book.open))
        messages = self._messages()
        if self._book is not None:
            await self._apart(self._book.write, self._book_of(messages))
        for one in messages:
            assert self._webhook is not None
            self._webhook.post(one)

    def _messages(self) -> list[dict[str, Any]]:
        """Of what happened since the last time."""
        if self._webhook is None:
            return []
        return [self._message(event) for event in self._sights.full.scene.vigil.alerts.take()]

    def _book_of(self, messages: list[dict[str, Any]]) -> Book:
        """As it is with ``messages`` waiting too."""
        waiting = self._webhook.waiting if self._webhook is not None else []
        return Book(self._sights.full.scene.vigil.alerts.firing(), [*waiting, *messages])

    def _apart(self, work: Callable[..., Done], *arguments: Any) -> asyncio.Future[Done]:
        """Have it done in a thread."""
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def _telling(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            try:
                await self.step()
            except Exception:
                logger.exception("alerts could not be told")

    def _keeper(self, sight: Sight, history: str) -> Keeper:
        place = folder_of(history, self._cluster, sight is not self._sights.full)
        plots = sight.scene.vigil.plots
        return Keeper(place, plots.take, sight.scene.kept, lambda rows: plots.load(rows, self._clock()))

    def _message(self, event: Event) -> dict[str, Any]:
        self._sent += 1
        return message(event, self._cluster, f"{self._run}-{self._sent}")


def message(event: Event, cluster: str, ident: str) -> dict[str, Any]:
    """What is posted. ``id`` stays the same when it is posted again."""
    return {
        "id": ident, "alert": event.rule, "state": event.state, "severity": event.severity, "cluster": cluster,
        "subject": event.subject, "since": event.since, "at": event.at, "words": event.words, "value": event.value,
    }  # fmt: skip
