"""/api/jobs: long works on subtrees, as they go on and end."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router, Schema

from dashboard import clusters, errors, models, permissions
from dashboard.api import shapes
from dashboard.api.access import Refused
from dashboard.api.working import shown
from dashboard.jobs import rows

router = Router(tags=["subtrees"])

MOST_SHOWN = 100


class Difference(Schema):
    """``path`` is below the top of the subtree. ``differs``: in what, or for which reason."""

    path: str
    what: str
    differs: list[str] = []


class Report(Schema):
    """``more``: there are more differences than are listed."""

    counts: dict[str, int]
    differences: list[Difference]
    more: bool


class Job(Schema):
    """A work. Times are ms since 1970."""

    id: UUID
    kind: str
    who: str
    path: str
    parameters: dict[str, Any]
    state: Literal["running", "done", "failed", "cancelled", "unknown"]
    done: int
    total: int | None = None
    words: str
    problem: shapes.Problem | None = None
    report: Report | None = None
    cancelling: bool
    begun: float
    ended: float | None = None


class Begun(Schema):
    job: Job


class Jobs(Schema):
    jobs: list[Job]


JobId = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
"""What is none is answered like one that nobody has."""

BEGUN = {202: Begun}


@router.get("", response=Jobs, summary="My latest works on this cluster; all, for who may read the audit log")
async def newest(request: HttpRequest) -> HttpResponse:
    await rows.find_abandoned()
    who = None if await _sees_others(request) else request.auth.get_username()
    return JsonResponse({"jobs": [shown(job) for job in await rows.newest(clusters.of(request).name, who, MOST_SHOWN)]})


@router.get("/{id}", response=Begun, summary="How far a work is, or how it ended")
async def read(request: HttpRequest, id: JobId) -> HttpResponse:
    await rows.find_abandoned()
    return JsonResponse({"job": shown(await _visible(request, id))})


@router.post("/{id}/cancel", response=Begun, summary="Stop a work after the present step")
async def cancel(request: HttpRequest, id: JobId) -> HttpResponse:
    job = await _visible(request, id)
    if job.who != request.auth.get_username() and job.kind not in await permissions.may(request.auth):
        raise Refused(errors.problem("not-permitted", "This is somebody else's work.", "Whoever began it can stop it."))
    await rows.cancelled(job.pk)
    return JsonResponse({"job": shown(await _visible(request, id))})


async def _visible(request: HttpRequest, id: str) -> models.Job:
    job = await _found(request, id)
    mine = job is not None and job.who == request.auth.get_username()
    if job is None or not (mine or await _sees_others(request)):
        raise Refused(errors.problem("no-such-job", "There is no work by this id that you may see.", "See /api/jobs."))
    return job


async def _found(request: HttpRequest, id: str) -> models.Job | None:
    try:
        return await rows.read(UUID(id), clusters.of(request).name)
    except ValueError:
        return None


async def _sees_others(request: HttpRequest) -> bool:
    """Whether works of others are shown to who asks: their words may name what configuration hides."""
    return not permissions.is_veiled(request.auth) and "audit.read" in await permissions.may(request.auth)
