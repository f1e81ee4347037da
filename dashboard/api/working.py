"""The one way from a request to a long work: permission, audit row, a row of its own, a task that goes on alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from dashboard import audit, clusters, errors
from dashboard.api import acting
from dashboard.api.access import Refused
from dashboard.jobs import rows, runner
from dashboard.jobs.asking import Asking
from dashboard.jobs.runner import Task
from dashboard.jobs.work import Work
from dashboard.live.bridge import CallFailed
from dashboard.models import Job
from zkbridge.protocol.base import Problem

Make = Callable[[Work], Task]


async def begin(
    request: HttpRequest, kind: str, path: str, parameters: dict[str, Any], make: Make, *, audited: bool = True
) -> HttpResponse:
    """Begin a work, or answer with the one that a first request with the same key began.

    Obligation of the caller: the person who sent ``request`` may do it.
    """
    # A task of its own: Django cancels a view when its client disconnects, which must not leave half a work behind.
    return await asyncio.shield(asyncio.create_task(_begin(request, kind, path, parameters, make, audited)))


async def _begin(
    request: HttpRequest, kind: str, path: str, parameters: dict[str, Any], make: Make, audited: bool
) -> HttpResponse:
    row = None
    if audited:
        try:
            row = await acting.written_down(request, kind, path, parameters)
        except audit.Repeated as repeated:
            return await _first(repeated.row, kind, path, parameters)
    try:
        hub = acting.hub(request)
        job = await rows.opened(
            kind=kind, who=request.auth.get_username(), cluster=clusters.of(request).name, path=path,
            parameters=parameters, row=row, worker=runner.WORKER,
        )  # fmt: skip
    except rows.TooMany as many:
        raise await _refused(row, errors.problem("too-many", str(many), "Wait for one to end, or cancel it.")) from None
    except CallFailed as failed:
        raise await _refused(row, failed.problem) from None
    runner.begin(job, row, Asking(hub, job.who), make)
    return accepted(job)


def accepted(job: Job) -> HttpResponse:
    return JsonResponse({"job": shown(job)}, status=202)


def shown(job: Job) -> dict[str, Any]:
    """A work as `dashboard.api.jobs.Work` has it; what is not known is absent."""
    found: dict[str, Any] = {
        "id": str(job.pk), "kind": job.kind, "who": job.who, "path": job.path, "parameters": json.loads(job.parameters),
        "state": job.state, "done": job.done, "words": job.words, "cancelling": job.cancelling,
        "begun": job.begun.timestamp() * 1000,
    }  # fmt: skip
    if job.total is not None:
        found["total"] = job.total
    if job.problem:
        found["problem"] = {"hint": "", **json.loads(job.problem)}
    if job.report:
        found["report"] = json.loads(job.report)
    if job.ended is not None:
        found["ended"] = job.ended.timestamp() * 1000
    return found


async def _first(row: audit.AuditRow, kind: str, path: str, parameters: dict[str, Any]) -> HttpResponse:
    if (row.method, row.target, json.loads(row.parameters)) != (kind, path, parameters):
        raise Refused(errors.problem("bad-request", "This X-Request-Id was used for another action."))
    job = await rows.of_row(row)
    if job is None:
        raise Refused(errors.problem("not-now", "The first request with this X-Request-Id began no work.",
                                     "Look at /api/jobs, then send another."))  # fmt: skip
    return accepted(job)


async def _refused(row: audit.AuditRow | None, problem: Problem) -> Refused:
    if row is not None:
        await audit.close(row, audit.Result.FAILED, {"problem": acting.as_dict(problem)}, problem.code)
    return Refused(problem)
