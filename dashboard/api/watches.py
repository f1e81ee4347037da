"""/api/watches: who watches what. The servers are asked each time, so it takes a permission."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from dashboard import permissions
from dashboard.api import acting, reading, sessions
from dashboard.api.access import Refused
from dashboard.live.bridge import CallFailed

router = Router(tags=["sessions"])


@router.get("", summary="Who watches what, asked of all servers")
async def read(request: HttpRequest, path: str = "", session: str = "") -> HttpResponse:
    await permissions.check(request.auth, "watches.read", "/")
    if path:
        reading.sound(path)
    if session and not sessions.ID.fullmatch(session):
        raise Refused(sessions.NO_ID)
    try:
        asked = {"path": path, "session": session}
        value = await acting.hub(request).call("watches.read", asked, request.auth.get_username())
    except CallFailed as failed:
        raise Refused(failed.problem) from None
    return JsonResponse(value)
