"""Which pages may open the WebSocket: those of our own origins, compared in full."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import OriginValidator, WebsocketDenier


class FullOrigins(OriginValidator):  # type: ignore[misc]
    """Scheme, host and port must be those of an allowed origin; one origin, and one that can be read."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        origins = [value for name, value in scope.get("headers", []) if name == b"origin"]
        if len(origins) == 1 and is_origin(origins[0].decode("latin1")):
            await super().__call__(scope, receive, send)
        else:
            await WebsocketDenier()(scope, receive, send)


def is_origin(text: str) -> bool:
    """Whether a header's text is spelled as browsers spell an origin: scheme, host and perhaps a port."""
    try:
        parts = urlsplit(text)
        return parts.port != 0 and text == f"{parts.scheme}://{parts.netloc}" and not set(parts.netloc) & set("@*")
    except ValueError:
        return False
