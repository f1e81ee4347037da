"""An application whose answers break off. For a daphne of its own (tests/live/test_daphne.py)."""

from __future__ import annotations

from typing import Any

from dashboard.daphne import paced

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}


async def breaks(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """``/early`` before anything was said, any other address in the middle of it."""
    if scope["type"] != "http":
        return
    if scope["path"] != "/early":
        await send(START)
        await send({"type": "http.response.body", "body": b"as far as this", "more_body": True})
    raise RuntimeError("it broke")


application = paced(breaks)
