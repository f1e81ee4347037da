"""The pages."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from dashboard import frontend


async def page(request: HttpRequest) -> HttpResponse:
    """The shell of the dashboard, for those who have joined."""
    assets = frontend.load(settings.STATIC_ROOT, "src/main.ts")
    return render(request, "page.html", {"assets": assets, "cluster": settings.CLUSTER_NAME, "role": "operator"})


async def health(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"web": "up"})
