"""Coming in by a link, and leaving.

The links hold a secret, so their answers redirect at once to an address without it, send no Referer and are not kept.
"""

import logging

from asgiref.sync import sync_to_async
from django.contrib.auth import alogout, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from dashboard import errors, tokens
from dashboard.live import sockets
from dashboard.tokens import Refused, Role

logger = logging.getLogger(__name__)

BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_safe
async def enter(request: HttpRequest, token: str) -> HttpResponse:
    """An operator's link, which this uses up."""
    return await _by_link(request, token, Role.OPERATOR)


@require_safe
async def join(request: HttpRequest, token: str) -> HttpResponse:
    """The viewers' link."""
    return await _by_link(request, token, Role.VIEWER)


@require_POST
async def paste(request: HttpRequest) -> HttpResponse:
    """The form of the page that says how to join: a link or its last part, pasted."""
    token = tokens.parse(request.POST.get("link", ""))
    if token is None:
        return errors.door(request, "join.html", {"why": "no-link"}, status=400)
    return await _let_in(request, token, None)


@require_POST
async def leave(request: HttpRequest) -> HttpResponse:
    """Sign out: this browser's session ends, and with it its sockets."""
    before = request.session.session_key
    await alogout(request)
    sockets.ended(request, before)
    return HttpResponseRedirect("/", status=303)


async def _by_link(request: HttpRequest, token: str, role: Role) -> HttpResponse:
    if request.method == "HEAD":
        response = HttpResponse()
    elif _is_ahead_of_time(request):
        response = HttpResponse(status=503)  # not shown: the browser asks again when the link is really opened
    else:
        response = await _let_in(request, token, role)
    response["Referrer-Policy"] = "no-referrer"
    return response


async def _let_in(request: HttpRequest, token: str, role: Role | None) -> HttpResponse:
    if role is not Role.OPERATOR and (await request.auser()).is_authenticated:
        return HttpResponseRedirect("/", status=303)
    try:
        before = request.session.session_key
        await _sign_in(request, token, role)
        sockets.ended(request, before)
    except Refused as refused:
        logger.info("Refused a link to join by, %s, from %s", refused.why, request.META.get("REMOTE_ADDR"))
        status = {"no-such-link": 404, "full": 503}.get(refused.why, 410)
        joined = (await request.auser()).is_authenticated
        return errors.door(request, "link.html", {"why": refused.why, "role": role, "joined": joined}, status=status)
    return HttpResponseRedirect("/", status=303)


@sync_to_async
def _sign_in(request: HttpRequest, token: str, role: Role | None) -> None:
    user = tokens.spend(token, role)
    login(request, user, backend=BACKEND)
    logger.info("%s joined from %s", user.get_username(), request.META.get("REMOTE_ADDR"))


def _is_ahead_of_time(request: HttpRequest) -> bool:
    """Whether a browser only fetches what a person may open next."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return any("prefetch" in purpose or "preview" in purpose or "prerender" in purpose for purpose in purposes)
