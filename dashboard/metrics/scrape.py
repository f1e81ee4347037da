"""GET /metrics, in Prometheus' text format, for who is permitted ``metrics.read``.

Topics are asked for at each scrape, as a page would, and let go of some seconds later: what is told is of now, it costs
nothing between scrapes, and a bridge that does not answer costs `PATIENCE`. They are those of somebody without
``see.hidden``, whoever asks: what configuration hides is in no figure.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from dashboard import clusters, errors, permissions
from dashboard.api import bearer
from dashboard.errors import Refused
from dashboard.metrics import own, seen
from zkbridge.protocol.clusters import Cluster

PATIENCE = 1.0
"""Seconds that a bridge may take to answer a scrape."""

NEEDS = "metrics.read"

Hubs = Sequence[tuple[Cluster, Any]]


@require_safe
async def metrics(request: HttpRequest) -> HttpResponse:
    """Of all clusters that the person or token may read; below /c/NAME of that one."""
    try:
        hubs = await _permitted(await _who(request), _asked(request))
    except Refused as refused:
        return _refusal(refused)
    values = await asyncio.gather(*(_glance(hub) for _, hub in hubs))
    told = [(cluster.name, found) for (cluster, _), found in zip(hubs, values, strict=True)]
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Families([*own.families(hubs), *seen.families(told)]))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Families(Collector):
    def __init__(self, made: list[Metric]) -> None:
        self._made = made

    def collect(self) -> Iterator[Metric]:
        return iter(self._made)


async def _glance(hub: Any) -> dict[str, Any]:
    found: dict[str, Any] = await hub.glance(seen.TOPICS, PATIENCE) if hub is not None else {}
    return found


def _asked(request: HttpRequest) -> Hubs:
    scope = getattr(request, "scope", {})
    here = [(clusters.of(request), scope.get("hub"))]
    return here if request.META.get("SCRIPT_NAME") else scope.get("hubs") or here


async def _who(request: HttpRequest) -> AbstractBaseUser:
    token = bearer.token_of(request)
    if token is not None:
        return await bearer.user_of(request, token)
    user = await request.auser()
    if not user.is_authenticated:
        raise Refused(errors.problem("not-joined"))
    return permissions.here(user, clusters.of(request))


async def _permitted(user: AbstractBaseUser, hubs: Hubs) -> Hubs:
    """Those of ``hubs`` whose clusters ``user`` may read; raise `Refused` where there is none."""
    found = []
    for cluster, hub in hubs:
        if NEEDS in (await permissions.rights(permissions.there(user, cluster))).everywhere:
            found.append((cluster, hub))
    if not found:
        usual = errors.problem("not-permitted", f"Nothing permits you {NEEDS}.", "Whoever manages people here can.")
        raise Refused(permissions.beyond(user, NEEDS) or usual)
    return found


def _refusal(refused: Refused) -> HttpResponse:
    """In plain words: whoever scrapes shows them in a list of targets."""
    problem = refused.problem
    text = f"{problem.text} {problem.hint}\n"
    response = HttpResponse(text, content_type="text/plain; charset=utf-8", status=errors.HTTP_STATUS[problem.code])
    if problem.code == "not-joined":
        response["WWW-Authenticate"] = "Bearer"
    if refused.wait:
        response["Retry-After"] = str(refused.wait)
    return response
