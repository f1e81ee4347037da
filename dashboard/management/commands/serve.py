"""``manage.py serve``: watch a cluster that exists."""

import asyncio
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from zkbridge.lab import options, rundir, site
from zkbridge.lab.serve import Serve
from zkbridge.lab.terminal import Terminal
from zkbridge.zookeeper import hosts


class Command(BaseCommand):
    help = (
        "Starts the bridge and the web process for a ZooKeeper cluster that exists (3.6 or newer). From the "
        "environment: HOST (127.0.0.1), PORT (8000), ZOOSCOPE_HOME (.run)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--zookeeper", required=True, help="host:port,host:port[/chroot]")
        parser.add_argument("--name", default="", help="what pages call the cluster; its first host when not given")

    def handle(self, *, zookeeper: str, name: str, **_: Any) -> None:
        terminal = Terminal()
        try:
            first = hosts.spell(*hosts.parse(zookeeper).servers[0])
            port = options.number(os.environ, "PORT", 8000, range(1, 65_536))
            address = site.listen(options.host(os.environ), port, terminal)
            home = Path(os.environ.get("ZOOSCOPE_HOME") or settings.BASE_DIR / ".run")
            run, ended = rundir.create(home, "serve")
        except (rundir.BadHome, hosts.BadHosts, options.BadOption, site.Failed) as error:
            self.stderr.write(str(error))
            raise SystemExit(2) from None
        if ended:
            terminal.say(f"  Ended {len(ended)} processes that an earlier run had left.")
        cluster = (name or first)[:60]

        async def main() -> int:
            return await Serve(run, address, settings.BASE_DIR / "manage.py", zookeeper, cluster, terminal).run()

        raise SystemExit(asyncio.run(main()))
