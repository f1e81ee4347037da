"""``manage.py serve``: watch clusters that exist."""

from typing import Any

from django.core.management.base import CommandParser

from dashboard.management import watching
from dashboard.management.starting import Maker, SiteCommand
from zkbridge.lab.serve import Serve


class Command(SiteCommand):
    help = (
        "Starts bridges and the web process for ZooKeeper clusters that exist (3.6 or newer): those of a file, or one. "
        "From the environment: HOST (127.0.0.1), PORT (8000), ZOOSCOPE_HOME (.run), ZOOSCOPE_CONFIG; see "
        "docs/clusters.md. People, tokens and the audit log are kept for the next run at the same port."
    )
    kind = "serve"
    keeps = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--config", default="", help="file that describes the clusters, in TOML")
        watching.add_arguments(parser)
        parser.add_argument(
            "--allow-changes", action="store_true",
            help="let people change the tree, each as far as they are permitted; without it nobody can",
        )  # fmt: skip

    def prepare(self, **asked: Any) -> Maker:
        clusters = watching.chosen(**asked)
        return lambda run, address, manage, terminal: Serve(run, address, manage, clusters, terminal)
