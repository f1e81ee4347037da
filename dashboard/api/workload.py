"""/api/workload: tasks for the lab's nodes, which their leader hands out."""

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router, Schema
from pydantic import ConfigDict

from dashboard.api import shapes
from dashboard.api.acting import Nothing, act

router = Router(tags=["workload"])

PERMISSION = "workload.run"


class WorkloadWanted(Schema):
    """``tasks`` as fast as they are taken, or ``rate`` a second for ``seconds``; each takes ``work`` ms."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tasks: int = 0
    rate: int = 0
    seconds: int = 60
    work: int = 20


class Ordered(shapes.Acted):
    tasks: int = 0
    first: int = 0


class Ended(shapes.Acted):
    tasks: int = 0
    deleted: int = 0


@router.post("", response={201: Ordered}, summary="Start a workload")
async def start(request: HttpRequest, body: WorkloadWanted) -> HttpResponse:
    return await act(request, "workload.start", status=201, permission=PERMISSION, **body.dict())


@router.post("/stop", response=Ended, summary="Make no more tasks; those that are there are done")
async def stop(request: HttpRequest, body: Nothing | None = Body(None)) -> HttpResponse:  # noqa: B008
    return await act(request, "workload.stop", permission=PERMISSION)


@router.post("/clear", response=Ended, summary="End the workload and delete what there is of it")
async def clear(request: HttpRequest, body: Nothing | None = Body(None)) -> HttpResponse:  # noqa: B008
    return await act(request, "workload.clear", permission=PERMISSION)
