"""Who may call the interface at all: people who have joined, from a page of this dashboard, and their scripts."""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from ninja.utils import check_csrf

from dashboard import clusters, errors, permissions
from dashboard.api import bearer
from dashboard.errors import Refused

__all__ = ["Refused", "joined"]

SAFE = ("GET", "HEAD", "OPTIONS")


async def joined(request: HttpRequest) -> AbstractBaseUser:
    """The user whose token or session this is. Without a token, whatever does more than read must carry the page's
    CSRF token."""
    token = bearer.token_of(request)
    if token is not None:
        user = await bearer.user_of(request, token)
    else:
        user = await request.auser()
        if not user.is_authenticated:
            raise Refused(errors.problem("not-joined"))
        permissions.here(user, clusters.of(request))
    if request.method not in SAFE:
        kind = "application/x-ndjson" if request.path_info in settings.UPLOADS else "application/json"
        if request.headers.get("Content-Length", "0") not in ("", "0") and request.content_type != kind:
            what = "an export" if kind == "application/x-ndjson" else "JSON"
            raise Refused(errors.problem("bad-request", f"The body is not {what}.", f"Send it as {kind}."))
        if token is None and check_csrf(request):
            raise Refused(errors.OTHER_ORIGIN)
    await permissions.lift(user)
    return user
