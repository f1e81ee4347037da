"""The web process: HTTP to Django, ``/live`` to pages' consumers, and a hub of each cluster for both.

Everything of a cluster is below ``/c/NAME``; what belongs to the first one is at the root too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from channels.routing import ProtocolTypeRouter
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
django = get_asgi_application()

from dashboard.decoding.decoders import Decoders  # noqa: E402 - needs the settings
from dashboard.live.board import Board  # noqa: E402
from dashboard.live.consumer import PageConsumer  # noqa: E402
from dashboard.live.hub import Hub  # noqa: E402
from dashboard.live.origins import FullOrigins  # noqa: E402
from dashboard.live.sockets import Sockets  # noqa: E402
from zkbridge.protocol.clusters import Cluster  # noqa: E402

page = PageConsumer.as_asgi()

_CLUSTER = re.compile(r"/c/[^/]+(?=/)")
"""Where all addresses of one cluster begin."""


async def websocket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """``/live`` of a cluster and nothing else."""
    if scope["path"] == scope["root_path"] + "/live":
        await page(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close"})


def compose(hubs: Sequence[tuple[Cluster, Hub]], origins: list[str], decoders: Decoders) -> Any:
    """The application with, in the scope of every request and socket, a cluster, its hub, the decoders and who is
    connected."""
    routes = ProtocolTypeRouter({"http": django, "websocket": FullOrigins(CookieMiddleware(websocket), origins)})
    shared = {"decoders": decoders, "sockets": Sockets(), "hubs": tuple(hubs)}
    places = {f"/c/{cluster.name}": (cluster, hub) for cluster, hub in hubs}

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        found = _CLUSTER.match(scope["path"])
        root = found[0] if found is not None and found[0] in places else ""
        cluster, hub = places.get(root, hubs[0])
        await routes({**scope, **shared, "root_path": root, "cluster": cluster, "hub": hub}, receive, send)

    return application


def hubs() -> list[tuple[Cluster, Hub]]:
    """One for each cluster, all on one board."""
    board = Board()
    made = [(cluster, Hub(Path(cluster.socket), cluster.title, cluster.name, board)) for cluster in settings.CLUSTERS]
    for cluster, hub in made:
        board.add(cluster, hub)
    return made


application = compose(hubs(), settings.ORIGINS, Decoders())
