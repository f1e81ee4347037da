"""``manage.py bridge``: the process that mirrors a cluster and streams it to web processes."""

import asyncio
import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.management import watching
from zkbridge.bridge import Bridge
from zkbridge.lab import description, options
from zkbridge.protocol.clusters import Cluster
from zkbridge.protocol.configuration import BadConfig
from zkbridge.server import SocketTaken
from zkbridge.veil import Veil
from zkbridge.zookeeper import hosts
from zkbridge.zookeeper.identity import Identity
from zkbridge.zookeeper.secrets import BadSetting
from zkbridge.zookeeper.tls import Armour


class Command(BaseCommand):
    help = "Mirrors a ZooKeeper cluster (3.6 or newer) and streams it over a Unix socket. Ends on SIGTERM and SIGINT."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cluster", default="", help="its name in the file of ZOOSCOPE_CONFIG")
        watching.add_arguments(parser)
        parser.add_argument("--socket", type=Path, help="where to listen, in a directory of mode 0700")
        parser.add_argument("--alerts", default="", help="folder in which it is remembered which alerts fire")
        parser.add_argument("--allow-changes", action="store_true", help="carry out changes; without it none, ever")
        parser.add_argument("--lab", type=Path, help="run directory of the lab that started the cluster")

    def handle(self, *, cluster: str, socket: Path | None, alerts: str, lab: Path | None, **asked: Any) -> None:
        logging.getLogger("websockets").setLevel(logging.WARNING)
        try:
            found = self._named(cluster) if cluster else watching.one(**asked)
            where = hosts.parse(found.zookeeper)
            if not cluster and socket is None:
                raise CommandError("--socket is needed with --zookeeper: where the bridge is to listen.")
            path = Path(socket or found.socket).absolute()
            described = description.read(lab) if lab is not None else None
            tls = Armour(found.tls) if found.tls is not None else None
            watching.attempt(found)

            async def main() -> None:
                veil = Veil(found.hidden, found.redacted)
                identity, seen = Identity(found), watching.monitoring(found, alerts)
                await Bridge(
                    where, path, found.title, described, found.preview, tls, identity, veil, found.admin_port, seen,
                    found.allow_changes,
                ).run()  # fmt: skip

            asyncio.run(main())
        except (hosts.BadHosts, options.BadOption, BadConfig, BadSetting, description.NoLab, SocketTaken) as error:
            raise CommandError(str(error)) from None

    def _named(self, name: str) -> Cluster:
        known = {cluster.name: cluster for cluster in settings.CLUSTERS}
        if name not in known:
            raise CommandError(f"There is no cluster {name[:60]!r}; there are {', '.join(known)}.")
        return known[name]
