"""What these pages have in common: who may see them, and the bar on top."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard import clusters, errors, frontend, login, permissions
from dashboard.permissions import Rights, User


class Elsewhere(Exception):
    """The page is not shown; ``response`` is what is said instead."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


async def enter(request: HttpRequest, needs: str = "") -> tuple[User, Rights]:
    """Who asks, and what they may do; raise `Elsewhere` for who has not joined, or lacks the permission ``needs``."""
    user = await request.auser()
    if not user.is_authenticated:
        raise Elsewhere(await login.form(request, login.onward(request.get_full_path()), status=401))
    permissions.here(user, clusters.of(request))
    rights = await permissions.rights(await permissions.lift(user))
    if needs and needs not in rights.everywhere:
        words = f"Nothing permits you {needs}, which this page takes."
        refusal = errors.problem("not-permitted", words, "Whoever manages people here can.")
        raise Elsewhere(errors.answer(request, refusal))
    return user, rights


def root(request: HttpRequest) -> str:
    """What the addresses of the request's cluster begin with."""
    return str(request.META.get("SCRIPT_NAME") or "")


def show(
    request: HttpRequest, template: str, user: User, rights: Rights, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The page in its frame; plain, where the front end has not been built."""
    try:
        assets = frontend.load(settings.STATIC_ROOT, "src/desk.ts")
    except frontend.NotBuilt:
        assets = frontend.Assets()
    cluster = clusters.of(request)
    shown = {
        "assets": assets,
        "cluster": cluster,
        "root": root(request),
        "user": user.get_username(),
        "role": permissions.role(user, rights.names),
        "has_password": user.has_usable_password(),
        "may_audit": "audit.read" in rights.everywhere,
        "read_only": not cluster.allow_changes,
        **context,
    }
    return render(request, f"desk/{template}", shown, status=status)
