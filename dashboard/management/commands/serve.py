"""``manage.py serve``: watch a cluster that exists."""

from typing import Any

from django.core.management.base import CommandParser

from dashboard.management.starting import Maker, SiteCommand
from zkbridge.lab import options
from zkbridge.lab.serve import Serve
from zkbridge.reader import PREVIEW, PREVIEWS
from zkbridge.zookeeper import hosts


class Command(SiteCommand):
    help = (
        "Starts the bridge and the web process for a ZooKeeper cluster that exists (3.6 or newer). From the "
        "environment: HOST (127.0.0.1), PORT (8000), ZOOSCOPE_HOME (.run)."
    )
    kind = "serve"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--zookeeper", required=True, help="host:port,host:port[/chroot]")
        parser.add_argument("--name", default="", help="what pages call the cluster; its first host when not given")
        parser.add_argument(
            "--allow-changes", action="store_true",
            help="let people change the tree, each as far as they are permitted; without it nobody can",
        )  # fmt: skip
        parser.add_argument("--preview", default="", help=f"bytes of each znode's data that are kept ({PREVIEW:,})")

    def prepare(self, *, zookeeper: str, name: str, allow_changes: bool, preview: str, **_: Any) -> Maker:
        cluster = (name or hosts.spell(*hosts.parse(zookeeper).servers[0]))[:60]
        kept = options.number({"--preview": preview}, "--preview", PREVIEW, PREVIEWS)
        return lambda run, address, manage, terminal: Serve(
            run, address, manage, zookeeper, cluster, kept, allow_changes, terminal
        )
