"""/api/servers: ZooKeeper servers of the lab."""

import re
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router, Schema
from pydantic import ConfigDict

from dashboard import errors
from dashboard.api import shapes
from dashboard.api.access import Refused
from dashboard.api.acting import act
from dashboard.api.links import Seconds
from zkbridge.protocol.calls import SERVER_ACTIONS

router = Router(tags=["servers"])

_ID = re.compile(r"[0-9]{1,3}")

BREAKS = ("stop", "kill", "pause")


class ServerCall(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    force: bool = False
    """Stop, kill, pause or wipe a server although the ensemble would lose its quorum."""
    seconds: Seconds | None = None
    """After how long the lab resumes what was paused (60 when absent), or starts what was stopped or killed."""


class NewServer(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    role: Literal["participant", "observer"] = "participant"
    """Whether it has a vote."""


@router.post("", response={201: shapes.Acted}, summary="Start one more server of the lab, and have it join")
async def add(request: HttpRequest, body: NewServer | None = Body(None)) -> HttpResponse:  # noqa: B008
    """Answered when it is a member, which takes some seconds; or with a problem, once all was undone."""
    return await act(request, "server.add", status=201, role=body.role if body is not None else "participant")


@router.post("/{id}/{action}", response=shapes.Acted, summary="Stop, kill, pause, resume, start, wipe or remove one")
async def on_server(request: HttpRequest, id: str, action: str, body: ServerCall | None = Body(None)) -> HttpResponse:  # noqa: B008
    if action not in SERVER_ACTIONS:
        raise Refused(errors.problem("no-such-method", "Servers have no such action.", _LIST))
    if not _ID.fullmatch(id):
        raise Refused(errors.problem("bad-request", "This is not the id of a server.", "An id is a number such as 2."))
    more = body.model_dump(exclude_defaults=True) if body is not None else {}
    if more and action not in BREAKS and (action != "wipe" or "seconds" in more):
        raise Refused(errors.problem("bad-request", f"{action} takes neither 'force' nor 'seconds'."))
    return await act(request, f"server.{action}", id, **more)


_LIST = f"Actions on servers: {', '.join(SERVER_ACTIONS)}."
