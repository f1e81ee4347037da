"""What `serve` and `bridge` are told to watch, from their options and the environment. All is looked at first."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from msgspec.structs import replace

from dashboard import clusters
from zkbridge import history as plots
from zkbridge.alertbook import book_of
from zkbridge.lab import options
from zkbridge.outlets import Monitoring
from zkbridge.protocol.clusters import PREVIEW, PREVIEWS, Cluster
from zkbridge.protocol.configuration import BadConfig, from_variables, is_web, place
from zkbridge.protocol.rules import DEFAULTS
from zkbridge.zookeeper import hosts, secrets
from zkbridge.zookeeper.identity import Identity
from zkbridge.zookeeper.secrets import BadSetting
from zkbridge.zookeeper.tls import Armour


def add_arguments(parser: CommandParser) -> None:
    """Those that describe one cluster."""
    parser.add_argument("--zookeeper", default="", help="host:port,host:port[/chroot]")
    parser.add_argument("--name", default="", help="what pages call the cluster; its first host when not given")
    parser.add_argument("--preview", default="", help=f"bytes of each znode's data that are kept ({PREVIEW:,})")
    parser.add_argument("--history", default="", help="folder in which plots are kept; without it they are in memory")


def one(
    *, zookeeper: str, name: str, preview: str, history: str = "", allow_changes: bool = False, **_: Any
) -> Cluster:
    """The one cluster that options and environment describe; raise `BadConfig`, `BadHosts` or `BadOption`."""
    where = hosts.parse(zookeeper)
    kept = options.number({"--preview": preview}, "--preview", PREVIEW, PREVIEWS) if preview else None
    title = (name or os.environ.get("ZOOSCOPE_NAME", "").strip() or hosts.spell(*where.servers[0]))[:60]
    found = replace(from_variables(os.environ, title, str(Path.cwd())), zookeeper=zookeeper)
    if kept is not None:
        found = replace(found, preview=kept)
    if history:
        found = replace(found, history=str(Path(history).absolute()))
    return replace(found, allow_changes=found.allow_changes or allow_changes)


def chosen(*, config: str, zookeeper: str, **others: Any) -> tuple[Cluster, ...]:
    """The clusters to watch: of the file that is named, else the one that options and environment describe.

    Raise `BadConfig`, `BadHosts` or `BadOption`. Whatever a cluster's settings name has been looked at.
    """
    file = config or ("" if zookeeper else os.environ.get("ZOOSCOPE_CONFIG", "").strip())
    if file:
        for key in ("zookeeper", "name", "preview", "history", "allow_changes"):
            if {"zookeeper": zookeeper, **others}.get(key):
                raise BadConfig(f"--{key.replace('_', '-')} is said in the file of --config, for each cluster.")
        found = clusters.read(Path(file))
    else:
        zookeeper = zookeeper or os.environ.get("ZOOSCOPE_ZOOKEEPER", "").strip()
        if not zookeeper:
            raise BadConfig("Say which clusters to watch: --config FILE, or --zookeeper host:port,host:port[/chroot].")
        found = (one(zookeeper=zookeeper, **others),)
    for cluster in found:
        examine(cluster, file)
    return found


def monitoring(cluster: Cluster, alerts: str = "") -> Monitoring:
    """What a bridge keeps of plots and tells of alerts, which it remembers below the folder ``alerts``.

    Raise `BadSetting` where no address can be posted to.
    """
    rules = DEFAULTS if cluster.alerts is None else cluster.alerts
    webhook = cluster.webhook
    url = webhook.url if webhook is not None else ""
    if webhook is not None and webhook.url_env:
        url = secrets.variable("webhook.url_env", webhook.url_env, os.environ)
        if not is_web(url):
            raise BadSetting("webhook.url_env", f"{webhook.url_env} holds no address https://… or http://….")
    book = str(book_of(alerts, cluster.name, cluster.zookeeper)) if alerts else ""
    return Monitoring(cluster.name, rules, cluster.history, book, url)


def attempt(cluster: Cluster) -> None:
    """Raise `BadSetting` where plots are to be kept in a folder that cannot be written."""
    try:
        if cluster.history:
            plots.attempt(cluster.history, cluster.name)
    except plots.Unusable as unusable:
        raise BadSetting("history", f"{unusable}.") from None


def examine(cluster: Cluster, file: str) -> None:
    """Raise `BadConfig` where something that a cluster's settings name cannot be used. ``file``: where they stand."""
    try:
        hosts.parse(cluster.zookeeper)
        if cluster.tls is not None:
            Armour(cluster.tls)
        Identity(cluster).check()
        monitoring(cluster)
        attempt(cluster)
    except hosts.BadHosts as bad:
        if not file:
            raise
        raise BadConfig(f"{place(file, cluster.name, 'zookeeper')}: {bad}") from None
    except BadSetting as bad:
        part, _, key = bad.key.rpartition(".")
        raise BadConfig(f"{place(file, cluster.name, key, part)}: {bad.words}") from None
