"""The clusters that a site watches, as its processes read them: ``clusters.json`` in its run directory.

It is written once, from what was checked at the start: a file of configuration that somebody changes meanwhile neither
breaks a process that is started again, nor makes it see other clusters than the rest do.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from zkbridge.protocol.clusters import Cluster

NAME = "clusters.json"


class Watched(msgspec.Struct, frozen=True):
    """A cluster, and what the program of its bridge is called."""

    cluster: Cluster
    program: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """Variables of the environment that nobody but its bridge needs."""
        sasl, webhook = self.cluster.sasl, self.cluster.webhook
        password = sasl.password_env if sasl is not None else ""
        return tuple(filter(None, (self.cluster.digest_env, password, webhook.url_env if webhook is not None else "")))


def watched(clusters: Sequence[Cluster], sockets: Path) -> tuple[Watched, ...]:
    """``clusters``, each with its bridge's socket in ``sockets``."""
    if len(clusters) == 1:
        return (Watched(msgspec.structs.replace(clusters[0], socket=f"{sockets}/bridge.sock"), "bridge"),)
    return tuple(
        Watched(msgspec.structs.replace(cluster, socket=f"{sockets}/bridge-{number}.sock"), f"bridge-{cluster.name}")
        for number, cluster in enumerate(clusters, 1)
    )


def write(folder: Path, clusters: Sequence[Watched]) -> Path:
    """Put the file there, for its owner alone, and whole."""
    tables = {one.cluster.name: msgspec.to_builtins(one.cluster) for one in clusters}
    for table in tables.values():
        del table["name"]
    draft, path = folder / f"{NAME}.new", folder / NAME
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(msgspec.json.encode({"clusters": tables}))
    os.replace(draft, path)
    return path
