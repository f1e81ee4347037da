"""/api/nodes: processes of the application cluster."""

import re

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router

from dashboard import errors
from dashboard.api import shapes
from dashboard.api.access import Refused
from dashboard.api.acting import Nothing, act
from zkbridge.protocol.calls import NODE_ACTIONS

router = Router(tags=["nodes"])

_ID = re.compile(r"[a-z]+-[0-9]{1,6}|0x[0-9a-f]{1,16}")


@router.post("", response={201: shapes.Acted}, summary="Start one more node")
async def add(request: HttpRequest, body: Nothing | None = Body(None)) -> HttpResponse:  # noqa: B008
    return await act(request, "node.add", status=201)


@router.post("/{id}/{action}", response=shapes.Acted, summary="Stop, kill, pause, resume or dismiss a node")
async def on_node(request: HttpRequest, id: str, action: str, body: Nothing | None = Body(None)) -> HttpResponse:  # noqa: B008
    if action not in NODE_ACTIONS:
        raise Refused(errors.problem("no-such-method", "Nodes have no such action.", _LIST))
    if not _ID.fullmatch(id):
        raise Refused(errors.problem("bad-request", "This is not the id of a node.", "An id is 'node-3' or '0x1a2b'."))
    return await act(request, f"node.{action}", id)


_LIST = f"Actions on nodes: {', '.join(NODE_ACTIONS)}."
