"""/api/nodes: processes of the application cluster."""

import re
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Body, Field, Router, Schema
from pydantic import ConfigDict

from dashboard import errors
from dashboard.api import shapes
from dashboard.api.access import Refused
from dashboard.api.acting import act
from dashboard.api.links import Seconds
from zkbridge.protocol.calls import NODE_ACTIONS

router = Router(tags=["nodes"])

_ID = re.compile(r"[a-z]+-[0-9]{1,6}|0x[0-9a-f]{1,16}")


class Addition(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    count: Annotated[int, Field(ge=1, le=40)] = 1
    variant: Literal["chain", "herd"] = "chain"
    """Whom it watches: the one just ahead of it, or the leader, in an election of its own."""


class NodeCall(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    seconds: Seconds | None = None
    """After how long the lab resumes what was paused; 60 when absent."""


@router.post("", response={201: shapes.Acted}, summary="Start one more node, or several")
async def add(request: HttpRequest, body: Addition | None = Body(None)) -> HttpResponse:  # noqa: B008
    return await act(request, "node.add", status=201, **(body.model_dump(exclude_defaults=True) if body else {}))


@router.post("/{id}/{action}", response=shapes.Acted, summary="Stop, kill, pause, resume, start or dismiss a node")
async def on_node(request: HttpRequest, id: str, action: str, body: NodeCall | None = Body(None)) -> HttpResponse:  # noqa: B008
    if action not in NODE_ACTIONS:
        raise Refused(errors.problem("no-such-method", "Nodes have no such action.", _LIST))
    if not _ID.fullmatch(id):
        raise Refused(errors.problem("bad-request", "This is not the id of a node.", "An id is 'node-3' or '0x1a2b'."))
    more = body.model_dump(exclude_defaults=True) if body is not None else {}
    if more and action != "pause":
        raise Refused(errors.problem("bad-request", f"{action} takes no 'seconds'."))
    return await act(request, f"node.{action}", id, **more)


_LIST = f"Actions on nodes: {', '.join(NODE_ACTIONS)}."
