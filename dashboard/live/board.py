"""How each of several clusters is doing, for the pages of all of them."""

from __future__ import annotations

from typing import Protocol

from zkbridge.protocol.clusters import Cluster
from zkbridge.protocol.frames import Sight, Standing


class Watching(Protocol):
    """What the board asks of a cluster's hub."""

    def start(self) -> None: ...
    def standing(self) -> Standing: ...


class Board:
    """One in each web process. Where there is but one cluster it says nothing."""

    def __init__(self) -> None:
        self._hubs: dict[str, Watching] = {}
        self._sights: list[Sight] = []

    def add(self, cluster: Cluster, hub: Watching) -> None:
        self._hubs[cluster.name] = hub
        self._sights.append(Sight(cluster.name, cluster.title, cluster.label))

    @property
    def several(self) -> bool:
        return len(self._hubs) > 1

    @property
    def sights(self) -> list[Sight]:
        return self._sights if self.several else []

    def states(self) -> dict[str, Standing]:
        """Of every cluster, whether or not a page of it is open."""
        if not self.several:
            return {}
        for hub in self._hubs.values():
            hub.start()
        return {name: hub.standing() for name, hub in self._hubs.items()}
