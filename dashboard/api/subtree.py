"""/api/subtree: what lies at and below a znode, counted."""

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema

from dashboard import errors
from dashboard.api import acting, reading, shapes
from dashboard.api.access import Refused
from dashboard.live.bridge import CallFailed
from zkbridge.protocol.base import Problem
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


_ANSWERS = {200: Subtree, (400, 401, 503): shapes.Failure}


@router.get("", response=_ANSWERS, summary="Count what lies at and below a znode")
async def count(request: HttpRequest, path: str) -> HttpResponse:
    reading.sound(path)
    try:
        value = await acting.hub(request).call("subtree.count", {"path": path}, request.auth.get_username())
    except CallFailed as failed:
        raise Refused(_unread(failed)) from None
    return JsonResponse(msgspec.structs.asdict(msgspec.convert(value, Counted)))


def _unread(failed: CallFailed) -> Problem:
    if failed.problem.code != "unknown":
        return failed.problem
    return errors.problem("bridge-gone", "The bridge does not answer, so nothing can be counted.", "Try again soon.")
