"""/api/watches: who watches what. The servers are asked each time, so it takes a permission."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema

from dashboard import permissions
from dashboard.api import reading, sessions
from dashboard.api.access import Refused

router = Router(tags=["sessions"])


class Asked(Schema):
    """What one server told; '' for how it did where it told nothing."""

    server: str
    how: str = ""
    watches: int = 0
    problem: str = ""


class Watchers(Schema):
    """Of one znode: how many sessions, and the first of them."""

    count: int
    sessions: list[str]


class Watching(Schema):
    """Of one session: how many znodes, the first of them, and who it is."""

    count: int
    paths: list[str]
    name: str = ""
    node: str = ""
    server: str = ""
    own: bool = False


class Watches(Schema):
    """``at``: when the servers were asked, ms since 1970; ``took`` ms."""

    at: float
    took: float
    servers: list[Asked]
    paths: dict[str, Watchers]
    sessions: dict[str, Watching]
    znodes: int
    watchers: int
    watches: int
    notes: list[str] = []


@router.get("", response=Watches, summary="Who watches what, asked of all servers")
async def read(request: HttpRequest, path: str = "", session: str = "") -> HttpResponse:
    await permissions.check(request.auth, "watches.read", "/")
    if path:
        reading.sound(path)
    if session and not sessions.ID.fullmatch(session):
        raise Refused(sessions.NO_ID)
    return JsonResponse(await sessions.told(request, "watches.read", {"path": path, "session": session}))
