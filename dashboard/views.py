"""The pages of the dashboard, one shell, and the health of the web process."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import clusters, errors, frontend, permissions


@require_safe
async def page(request: HttpRequest) -> HttpResponse:
    """The shell, for those who have joined; others are told how to join."""
    user = await request.auser()
    if not user.is_authenticated:
        return errors.door(request, "join.html", status=401)
    try:
        assets = frontend.load(settings.STATIC_ROOT, "src/main.ts")
    except frontend.NotBuilt as error:
        return errors.door(request, "unbuilt.html", {"why": str(error)}, status=503)
    cluster = clusters.of(request)
    permissions.here(user, cluster)
    role = permissions.role(user, await permissions.may(user))
    base = request.META["SCRIPT_NAME"]
    shown = {"has_password": user.has_usable_password(), "cluster": cluster, "role": role, "base": base}
    return render(request, "page.html", {"assets": assets, **shown})


@require_safe
async def health(request: HttpRequest) -> JsonResponse:
    """For whoever started this process: it answers; ``bridge`` is 'up', 'silent' or 'gone'. Needs no sign-in."""
    hub = getattr(request, "scope", {}).get("hub")
    return JsonResponse({"web": "up", "bridge": hub.bridge() if hub else "gone"})
