"""/tokens: my tokens for scripts, a new one, and the end of one."""

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import apitokens
from dashboard.desk.frame import Elsewhere, enter, root, show
from dashboard.permissions import Rights, User

GROUPS = (
    ("Single znodes", ("znode.",)),
    ("Whole subtrees", ("subtree.",)),
    ("Sessions and watches", ("session.", "watches.")),
    ("The ensemble", ("ensemble.",)),
    ("A lab", ("node.", "server.", "link.", "lab.", "scenario.", "workload.")),
    ("Other", ("metrics.", "audit.", "see.", "people.")),
)
"""Headings of scopes, and what their names begin with: each permission has one."""


@require_http_methods(["GET", "HEAD", "POST"])
async def page(request: HttpRequest) -> HttpResponse:
    try:
        user, rights = await enter(request)
    except Elsewhere as elsewhere:
        return elsewhere.response
    if request.method == "POST":
        return await _make(request, user, rights)
    return await _page(request, user, rights, {})


@require_POST
async def revoke(request: HttpRequest, id: int) -> HttpResponse:
    try:
        user, _ = await enter(request)
    except Elsewhere as elsewhere:
        return elsewhere.response
    await sync_to_async(apitokens.revoke)(user, id, user.get_username())  # one that has ended needs no words
    return HttpResponseRedirect(f"{root(request)}/tokens", status=303)


async def _make(request: HttpRequest, user: User, rights: Rights) -> HttpResponse:
    name, scopes = request.POST.get("name", ""), request.POST.getlist("scope")
    days = request.POST.get("days", "")
    try:
        if not (days.isascii() and days.isdigit() and len(days) < 5):
            raise apitokens.Refused("The days are a whole number.")
        token, text = await sync_to_async(apitokens.make)(user, name, scopes, int(days), user.get_username())
    except apitokens.Refused as refused:
        return await _page(request, user, rights, {"why": str(refused)}, 400)
    return await _page(request, user, rights, {"made": token, "text": text})


async def _page(
    request: HttpRequest, user: User, rights: Rights, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    listed = [
        {"token": token, "scopes": apitokens.scopes(token), "state": apitokens.state(token)}
        for token in await sync_to_async(apitokens.listed)(user)
    ]
    shown = {
        "here": "tokens",
        "listed": listed,
        "groups": _groups(rights),
        "may_have": apitokens.may_have(user),
        "days": apitokens.DAYS,
        "most_days": apitokens.MOST_DAYS,
        "longest": apitokens.LONGEST_NAME,
        "origin": f"{request.scheme}://{request.get_host()}",
        **context,
    }
    return show(request, "tokens.html", user, rights, shown, status)


def _groups(rights: Rights) -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, (permission, where it holds)) of what the person may do."""
    found = []
    for heading, beginnings in GROUPS:
        names = [name for name in rights.names if name.startswith(beginnings)]
        if names:
            found.append((heading, [(name, _where(rights, name)) for name in names]))
    return found


def _where(rights: Rights, name: str) -> str:
    return "" if name in rights.everywhere else f"below {', '.join(rights.below[name])}"
