"""``manage.py demo``: a whole cluster on this machine, live in the browser."""

import asyncio
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from zkbridge.lab import java, options, rundir, site
from zkbridge.lab.demo import MOST_NODES, SIZES, Demo
from zkbridge.lab.terminal import Terminal


class Command(BaseCommand):
    help = (
        "Starts a ZooKeeper ensemble, nodes, the bridge and the web process on this machine. From the environment: "
        "HOST (127.0.0.1), PORT (8000), SERVERS (3; 1, 3, 5 or 7), NODES (5), ZOOSCOPE_HOME (.run)."
    )
    requires_system_checks: list[str] = []

    def handle(self, **_: Any) -> None:
        terminal = Terminal()
        try:
            servers = options.number(os.environ, "SERVERS", 3, SIZES)
            nodes = options.number(os.environ, "NODES", 5, range(MOST_NODES + 1))
            port = options.number(os.environ, "PORT", 8000, range(1, 65_536))
            runtime = java.find()
            address = site.listen(options.host(os.environ), port, terminal)
            home = Path(os.environ.get("ZOOSCOPE_HOME") or settings.BASE_DIR / ".run")
            run, ended = rundir.create(home, "demo")
        except (rundir.BadHome, options.BadOption, java.JavaMissing, site.Failed) as error:
            self.stderr.write(str(error))
            raise SystemExit(2) from None
        if ended:
            terminal.say(f"  Ended {len(ended)} processes that an earlier run had left.")

        async def main() -> int:
            return await Demo(run, address, settings.BASE_DIR / "manage.py", runtime, servers, nodes, terminal).run()

        raise SystemExit(asyncio.run(main()))
