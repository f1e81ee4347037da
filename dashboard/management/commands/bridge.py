"""``manage.py bridge``: the process that mirrors a cluster and streams it to web processes."""

import asyncio
import logging
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from zkbridge.bridge import Bridge
from zkbridge.lab import description, options
from zkbridge.reader import PREVIEW, PREVIEWS
from zkbridge.server import SocketTaken
from zkbridge.zookeeper import hosts


class Command(BaseCommand):
    help = "Mirrors a ZooKeeper cluster (3.6 or newer) and streams it over a Unix socket. Ends on SIGTERM and SIGINT."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--zookeeper", required=True, help="host:port,host:port[/chroot]")
        parser.add_argument("--socket", required=True, type=Path, help="where to listen, in a directory of mode 0700")
        parser.add_argument("--lab", type=Path, help="run directory of the lab that started the cluster")
        parser.add_argument("--name", default="", help="what pages call the cluster; its first host when not given")
        parser.add_argument("--preview", default="", help=f"bytes of each znode's data that are kept ({PREVIEW:,})")

    def handle(self, *, zookeeper: str, socket: Path, lab: Path | None, name: str, preview: str, **_: Any) -> None:
        logging.getLogger("websockets").setLevel(logging.WARNING)
        try:
            where = hosts.parse(zookeeper)
            kept = options.number({"--preview": preview}, "--preview", PREVIEW, PREVIEWS)
            path = socket.absolute()
            described = description.read(lab) if lab is not None else None
            name = (name or hosts.spell(*where.servers[0]))[:60]

            async def main() -> None:
                await Bridge(where, path, name, described, kept).run()

            asyncio.run(main())
        except (hosts.BadHosts, options.BadOption, description.NoLab, SocketTaken) as error:
            raise CommandError(str(error)) from None
