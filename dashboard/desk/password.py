"""/password: one's own new password, for who knows the present one."""

import asyncio
import logging
import math
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from dashboard import guard, passwords, people
from dashboard.desk.frame import Elsewhere, enter, root, show
from dashboard.live import sockets

logger = logging.getLogger(__name__)


@dataclass
class Refused(Exception):
    """It stays as it is. ``where``: the field that is wrong; ``wait``: seconds, where it is to be tried again later."""

    text: str
    status: int = 400
    where: str = ""
    wait: int = 0


@require_http_methods(["GET", "HEAD", "POST"])
async def page(request: HttpRequest) -> HttpResponse:
    try:
        user, rights = await enter(request)
    except Elsewhere as elsewhere:
        return elsewhere.response
    shown = {"here": "password", "changed": "changed" in request.GET}
    if request.method != "POST":
        return show(request, "password.html", user, rights, shown)
    try:
        await _change(request, user)
    except Refused as refused:
        shown |= {"changed": False, "why": refused.text, "where": refused.where}
        response = show(request, "password.html", user, rights, shown, refused.status)
        if refused.wait:
            response["Retry-After"] = str(refused.wait)
        return response
    return HttpResponseRedirect(f"{root(request)}/password?changed", status=303)


async def _change(request: HttpRequest, user: AbstractUser) -> None:
    """Raise `Refused`. Who came by a link has no password, and none that could be guessed either."""
    if not user.has_usable_password():
        raise Refused("You came by a link, and have no password.", 403)
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        raise Refused("These are two different new passwords.", where="again")
    await _know(request, user)
    if new == request.POST["present"]:
        raise Refused("This is the password that you have.", where="new")
    if len(new) > passwords.LONGEST:
        raise Refused("This password is too long.", where="new")
    try:
        await asyncio.to_thread(people.check_password, user, new)
    except people.Refused as refused:
        raise Refused(str(refused), where="new") from None
    for session in await _kept(request, user, await asyncio.to_thread(make_password, new)):
        sockets.ended(request, session)


async def _know(request: HttpRequest, user: AbstractUser) -> None:
    """Raise `Refused` unless the present password came along. To guess it here is slowed as at the log-in."""
    name, address = user.get_username(), request.META.get("REMOTE_ADDR") or ""
    wait = math.ceil(await guard.take(guard.of_password(name, address)))
    if wait:
        logger.warning("Too many wrong passwords from %s", address)
        raise Refused(f"Too many wrong passwords. Wait {wait} second{'' if wait == 1 else 's'}.", 429, "present", wait)
    try:
        known = await passwords.whose(name, request.POST.get("present", ""))
    except passwords.Busy:
        raise Refused("Too many passwords are compared at this moment. Try again in a few seconds.", 503) from None
    if known != user:
        logger.warning("A wrong present password of %s, from %s", name, address)
        raise Refused("This is not your present password.", where="present")
    await guard.forgive(name, address)


@sync_to_async
def _kept(request: HttpRequest, user: AbstractUser, encoded: str) -> list[str]:
    """The new one is theirs; this session goes on, by another key. The keys of all that ended."""
    before = request.session.session_key or ""
    ended = people.change_password(user, encoded, before, request.META.get("REMOTE_ADDR") or "")
    request.session.cycle_key()
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    request.session.save()
    logger.info("%s has a new password, by their own hand", user.get_username())
    return [before, *ended]
