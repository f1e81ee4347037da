"""/api/subtree: what lies at and below a znode, counted."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema

from dashboard import errors
from dashboard.api import acting, reading, shapes
from dashboard.api.access import Refused
from dashboard.live.bridge import CallFailed
from zkbridge.protocol.editing import Counted

router = Router(tags=["subtrees"])


class Subtree(Schema):
    path: str
    exists: bool
    znodes: int
    bytes: int
    """Of data."""
    ephemerals: int
    sessions: dict[str, int]
    """Ephemerals by the session that owns them."""
    locked: int
    """Znodes that the bridge's session may not read."""
    deepest: int
    """Levels below it."""
    zxid: str


@router.get("", response=Subtree, summary="Count what lies at and below a znode")
async def count(request: HttpRequest, path: shapes.ZnodePath) -> HttpResponse:
    reading.sound(path)
    value = await told(request, "subtree.count", {"path": path})
    return JsonResponse(msgspec.structs.asdict(msgspec.convert(value, Counted)))


async def told(request: HttpRequest, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """What the bridge tells of its tree; raise `Refused`."""
    try:
        value: dict[str, Any] = await acting.hub(request).call(method, parameters, request.auth.get_username())
    except CallFailed as failed:
        raise Refused(_UNTOLD if failed.problem.code == "unknown" else failed.problem) from None
    return value


_UNTOLD = errors.problem("bridge-gone", "The bridge does not answer, so nothing is told.", "Try again soon.")
