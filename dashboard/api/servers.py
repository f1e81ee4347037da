"""/api/servers: ZooKeeper servers of the lab."""

import re

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router, Schema
from pydantic import ConfigDict

from dashboard import errors
from dashboard.api import shapes
from dashboard.api.access import Refused
from dashboard.api.acting import act
from zkbridge.protocol.calls import SERVER_ACTIONS

router = Router(tags=["servers"])

_ID = re.compile(r"[0-9]{1,3}")


class ServerCall(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    force: bool = False
    """Kill a server although the ensemble would lose its quorum."""


@router.post("/{id}/{action}", response=shapes.Acted, summary="Kill or start a server of the lab")
async def on_server(request: HttpRequest, id: str, action: str, body: ServerCall | None = Body(None)) -> HttpResponse:  # noqa: B008
    if action not in SERVER_ACTIONS:
        raise Refused(errors.problem("no-such-method", "Servers have no such action.", _LIST))
    if not _ID.fullmatch(id):
        raise Refused(errors.problem("bad-request", "This is not the id of a server.", "An id is a number such as 2."))
    if body is None or not body.force:
        return await act(request, f"server.{action}", id)
    if action != "kill":
        raise Refused(errors.problem("bad-request", "Only a kill takes 'force'."))
    return await act(request, "server.kill", id, force=True)


_LIST = f"Actions on servers: {', '.join(SERVER_ACTIONS)}."
