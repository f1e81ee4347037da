"""For commands that start everything and stay: a run directory, an address, and a site until a signal ends it."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard import rundir as runs
from zkbridge.lab import java, options, rundir, site
from zkbridge.lab.terminal import Terminal
from zkbridge.protocol.configuration import BadConfig
from zkbridge.zookeeper import hosts

Maker = Callable[[rundir.RunDirectory, site.Address, Path, Terminal], site.Site]


class SiteCommand(BaseCommand):
    """Runs the site that `prepare` describes; ends with code 2 and one line where it cannot begin."""

    kind = ""
    """What names of its run directories begin with."""
    keeps = False
    """Whether what the web process knows, people and the audit log, outlives the run."""
    requires_system_checks: list[str] = []

    def prepare(self, **_: Any) -> Maker:
        """Look at all that was asked for, before anything is made or ended."""
        raise NotImplementedError

    def handle(self, **asked: Any) -> None:
        terminal = Terminal()
        try:
            make = self.prepare(**asked)
            host, port = options.host(os.environ), options.number(os.environ, "PORT", 8000, range(1, 65_536))
            run, ended = rundir.create(runs.home(settings.BASE_DIR), self.kind)
            try:
                # Only now: the processes that an earlier run left hold the port that people have the links of.
                address = site.listen(host, port, terminal)
                if self.keeps:
                    run.keep_web(address.port)
            except (site.Failed, rundir.BadHome):
                run.remove()
                raise
        except (BadConfig, rundir.BadHome, hosts.BadHosts, options.BadOption, java.JavaMissing, site.Failed) as error:
            self.stderr.write(str(error))
            raise SystemExit(2) from None
        if ended:
            terminal.say(f"  Ended {len(ended)} processes that an earlier run had left.")

        async def main() -> int:
            return await make(run, address, settings.BASE_DIR / "manage.py", terminal).run()

        raise SystemExit(asyncio.run(main()))
