"""/api/children: what the children of a znode are called."""

from typing import Annotated

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router, Schema
from pydantic import Field

from dashboard import errors
from dashboard.api import reading, shapes
from dashboard.api.access import Refused
from dashboard.api.subtree import told
from zkbridge.protocol.editing import Named

router = Router(tags=["znodes"])

MOST = 10_000


class Children(Schema):
    path: str
    children: list[str]
    """Their names, by code points."""
    next: str
    """What to send as ``after`` for those that come next; '' after the last."""
    zxid: str


@router.get("", response=Children, summary="What the children of a znode are called")
async def listed(
    request: HttpRequest,
    path: shapes.ZnodePath,
    after: Annotated[str, Query(max_length=4_096)] = "",
    limit: Annotated[int, Field(ge=1, le=MOST)] = 1_000,
) -> HttpResponse:
    reading.sound(path)
    parameters = {"path": path, "after": after, "limit": limit}
    named = msgspec.convert(await told(request, "subtree.names", parameters), Named)
    if not named.exists:
        raise Refused(errors.problem("no-znode", "There is no znode at this path.", "It may have been deleted."))
    return JsonResponse({"path": path, "children": named.names, "next": named.next, "zxid": named.zxid})
