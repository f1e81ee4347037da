"""``manage.py demo``: a whole cluster on this machine, live in the browser."""

import os
from typing import Any

from dashboard.management.starting import Maker, SiteCommand
from zkbridge.lab import java, options
from zkbridge.lab.demo import MOST_NODES, SIZES, Demo
from zkbridge.protocol.clusters import PREVIEW, PREVIEWS


class Command(SiteCommand):
    help = (
        "Starts a ZooKeeper ensemble, nodes, the bridge and the web process on this machine. From the environment: "
        "HOST (127.0.0.1), PORT (8000), SERVERS (3; 1, 3, 5 or 7), NODES (5), PREVIEW (1024 bytes of data kept of each "
        "znode), ZOOSCOPE_HOME (.run)."
    )
    kind = "demo"

    def prepare(self, **_: Any) -> Maker:
        servers = options.number(os.environ, "SERVERS", 3, SIZES)
        nodes = options.number(os.environ, "NODES", 5, range(MOST_NODES + 1))
        preview = options.number(os.environ, "PREVIEW", PREVIEW, PREVIEWS)
        runtime = java.find()
        return lambda run, address, manage, terminal: Demo(
            run, address, manage, runtime, servers, nodes, preview, terminal
        )
