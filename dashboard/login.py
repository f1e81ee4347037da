"""Logging in with a name and a password, and where to go from there."""

import logging
import math

from asgiref.sync import sync_to_async
from django.contrib.auth import login as sign_in
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from dashboard import errors, guard, passwords
from dashboard.joining import BACKEND
from dashboard.live import sockets

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
async def page(request: HttpRequest) -> HttpResponse:
    """The form, and what it sends. Wrong names and wrong passwords are answered alike."""
    if request.method != "POST":
        return await form(request, onward(request.GET.get("next", "")))
    name, leads = request.POST.get("name", "").strip(), onward(request.POST.get("next", ""))
    address = request.META.get("REMOTE_ADDR") or ""
    wait = await guard.take(guard.of_password(name, address))
    if wait:
        logger.warning("Too many wrong passwords from %s", address)
        response = await form(request, leads, "slow", wait=math.ceil(wait), status=429)
        response["Retry-After"] = str(math.ceil(wait))
        return response
    try:
        user = await passwords.whose(name, request.POST.get("password", ""))
    except passwords.Busy:
        return await form(request, leads, "busy", status=503)
    if user is None:
        logger.warning("A wrong name or password from %s", address)
        return await form(request, leads, "wrong", status=401)
    await guard.forgive(name, address)
    before = request.session.session_key
    await _let_in(request, user)
    sockets.ended(request, before)
    return HttpResponseRedirect(leads, status=303)


@sync_to_async
def _let_in(request: HttpRequest, user: AbstractUser) -> None:
    sign_in(request, user, backend=BACKEND)
    logger.info("%s logged in from %s", user.get_username(), request.META.get("REMOTE_ADDR"))


async def form(request: HttpRequest, leads: str, why: str = "", *, status: int = 200, wait: int = 0) -> HttpResponse:
    """The page that asks for name and password, and then ``leads`` on; ``why`` it asks again."""
    user = await request.auser()
    known = user.get_username() if user.is_authenticated else ""
    shown = {"onward": leads, "why": why, "wait": wait, "known": known}
    return errors.door(request, "login.html", shown, status=status)


def onward(wanted: str) -> str:
    """Where to go then: an address of this dashboard, else its first page."""
    if len(wanted) <= 2_000 and wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return "/"
