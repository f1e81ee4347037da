"""Which pages may open the WebSocket: those of our own origins, compared in full."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import OriginValidator, WebsocketDenier

logger = logging.getLogger(__name__)


class FullOrigins(OriginValidator):  # type: ignore[misc]
    """Scheme, host and port must be those of an allowed origin; one origin, and one that can be read."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        origins = [value for name, value in scope.get("headers", []) if name == b"origin"]
        if len(origins) == 1 and is_origin(origins[0].decode("latin1")):
            await super().__call__(scope, receive, send)
        else:
            await self.deny(scope, receive, send)

    def valid_origin(self, parsed_origin: Any) -> bool:
        valid = bool(super().valid_origin(parsed_origin))
        if not valid:
            logger.warning("refused a socket from the origin %.100r", parsed_origin.geturl() if parsed_origin else None)
        return valid

    async def deny(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        logger.warning("refused a socket that names no origin, or one that cannot be read")
        await WebsocketDenier()(scope, receive, send)


def is_origin(text: str) -> bool:
    """Whether a header's text is spelled as browsers spell an origin: scheme, host and perhaps a port."""
    try:
        parts = urlsplit(text)
        return parts.port != 0 and text == f"{parts.scheme}://{parts.netloc}" and not set(parts.netloc) & set("@*")
    except ValueError:
        return False
