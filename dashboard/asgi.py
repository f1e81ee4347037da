"""The web process: HTTP to Django, ``/live`` to pages' consumers, one hub for both."""

from __future__ import annotations

import os
from typing import Any

from channels.routing import ProtocolTypeRouter
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
django = get_asgi_application()

from dashboard.decoding.decoders import Decoders  # noqa: E402 - needs the settings
from dashboard.live.consumer import PageConsumer  # noqa: E402
from dashboard.live.hub import Hub  # noqa: E402
from dashboard.live.origins import FullOrigins  # noqa: E402
from dashboard.live.sockets import Sockets  # noqa: E402

page = PageConsumer.as_asgi()


async def websocket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """``/live`` and nothing else."""
    if scope["path"] == "/live":
        await page(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close"})


def compose(hub: Hub, origins: list[str], decoders: Decoders) -> Any:
    """The application with its hub, its decoders and who is connected in the scope of every request and socket."""
    sockets = Sockets()
    routes = ProtocolTypeRouter({"http": django, "websocket": FullOrigins(CookieMiddleware(websocket), origins)})

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await routes({**scope, "hub": hub, "decoders": decoders, "sockets": sockets}, receive, send)

    return application


application = compose(Hub(settings.BRIDGE_SOCKET, settings.CLUSTER_NAME), settings.ORIGINS, Decoders())
