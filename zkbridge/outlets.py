"""What leaves the scene by other ways than the stream: plots to the disk, alerts to a webhook."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from zkbridge.history import Keeper, folder_of
from zkbridge.protocol.base import Ms
from zkbridge.protocol.rules import DEFAULTS, Rule
from zkbridge.sights import Sight, Sights
from zkbridge.views.alerts import Event
from zkbridge.webhook import Webhook


class Monitoring(msgspec.Struct, frozen=True):
    """What configuration says of plots and alerts. ``history`` is a folder; '' keeps nothing on disk. ``webhook`` is a
    secret; '' posts nothing."""

    cluster: str = ""
    """Its name, as addresses have it."""
    rules: Mapping[str, Rule] = msgspec.field(default_factory=lambda: DEFAULTS)
    history: str = ""
    webhook: str = ""


class Outlets:
    """`open` once, then `run` its `works`, and `step` a few times a second."""

    def __init__(self, monitoring: Monitoring, sights: Sights, run: str, clock: Callable[[], Ms]) -> None:
        self._monitoring, self._sights, self._run, self._clock = monitoring, sights, run, clock
        self._keepers = [self._keeper(sight) for sight in sights.all] if monitoring.history else []
        self._webhook: Webhook | None = None
        self._sent = 0

    def open(self) -> None:
        """Read back what an earlier life kept."""
        for keeper, sight in zip(self._keepers, self._sights.all, strict=False):
            sight.scene.vigil.plots.kept = True
            sight.scene.vigil.plots.load(keeper.read(), self._clock())

    def works(self) -> list[Coroutine[Any, Any, None]]:
        works = [keeper.run() for keeper in self._keepers]
        if self._monitoring.webhook:
            self._webhook = Webhook(self._monitoring.webhook, self._sights.delivers, self._clock)
            works.append(self._webhook.run())
        return works

    def step(self) -> None:
        """Post what happened."""
        for event in self._sights.full.scene.vigil.alerts.take():
            if self._webhook is not None:
                self._sent += 1
                self._webhook.post(message(event, self._monitoring.cluster, f"{self._run}-{self._sent}"))

    def _keeper(self, sight: Sight) -> Keeper:
        plots = sight.scene.vigil.plots
        place = folder_of(self._monitoring.history, self._monitoring.cluster, sight is not self._sights.full)
        return Keeper(place, plots.take, lambda problem: sight.scene.kept(problem))


def message(event: Event, cluster: str, ident: str) -> dict[str, Any]:
    """What is posted. ``id`` stays the same when it is posted again."""
    return {
        "id": ident, "alert": event.rule, "state": event.state, "severity": event.severity, "cluster": cluster,
        "subject": event.subject, "since": event.since, "at": event.at, "words": event.words, "value": event.value,
    }  # fmt: skip
