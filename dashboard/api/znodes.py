"""/api/znodes: one znode, read and changed. Its path is a parameter, percent-encoded: paths have slashes."""

import base64
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from dashboard import acl, errors, permissions
from dashboard.api import reading, shapes
from dashboard.api.access import Refused
from dashboard.api.acl import WrittenEntry, resolved
from dashboard.api.acting import carry_out
from dashboard.api.changing import Change
from dashboard.api.payload import NONE, Data

router = Router(tags=["znodes"])

Version = Annotated[int, Field(ge=-1, le=(1 << 31) - 1)]
"""The one that was seen; -1 stands for any."""

Czxid = Annotated[str, Query(pattern=r"^(0x[0-9a-f]{1,16})?$")]
"""The transaction that created it; none stands for any."""

NUMBER = "0000000000"
"""Stands for what the server adds to the name of a sequential znode, where it matters what the name begins with."""

MOST_PARENTS = 64
"""Parents that are made for one znode."""


class Creation(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    path: shapes.ZnodePath
    data: Data = NONE
    kind: Literal["persistent", "ephemeral", "container", "ttl"] = "persistent"
    """'ephemeral': held by the bridge's session, and gone with it."""
    sequential: bool = False
    ttl: Annotated[int, Field(ge=0, lt=1 << 40)] = 0
    """ms, of kind 'ttl' alone."""
    acl: list[WrittenEntry] = Field(default_factory=list, min_length=1, max_length=acl.MOST)
    """Open to anyone where it is left out."""
    parents: bool = False
    """Make the parents that are missing too, without data and with the same ACL."""


class Edit(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    data: Data
    version: Version


@router.get("", response={200: shapes.Znode}, summary="A znode as the ensemble has it now")
async def read(request: HttpRequest, path: shapes.ZnodePath) -> HttpResponse:
    return JsonResponse(shapes.znode(await reading.whole(request, path)))


@router.post("", response={201: shapes.Changed}, summary="Create a znode")
async def create(request: HttpRequest, body: Creation) -> HttpResponse:
    name = body.path + NUMBER if body.sequential else body.path
    await permissions.check(request.auth, "znode.create", reading.sound(name, new=True))
    parameters: dict[str, Any] = {"path": body.path, "kind": body.kind, "sequential": body.sequential}
    parameters["data"] = base64.b64encode(body.data.read()).decode()
    if body.ttl:
        parameters["ttl"] = body.ttl
    if body.acl:
        parameters["acl"] = resolved(body.acl)
    if body.parents:
        parameters |= {"parents": True, "highest": await _highest(request, name)}
    return await carry_out(request, Change("znode.create", body.path, parameters), 201)


@router.put("", response={200: shapes.Changed}, summary="Replace a znode's data")
async def edit(request: HttpRequest, path: shapes.ZnodePath, body: Edit) -> HttpResponse:
    await permissions.check(request.auth, "znode.set", reading.sound(path))
    data = base64.b64encode(body.data.read()).decode()
    return await carry_out(request, Change("znode.set", path, {"path": path, "data": data, "version": body.version}))


@router.delete("", response={200: shapes.Changed}, summary="Delete a znode that has no children")
async def delete(
    request: HttpRequest, path: shapes.ZnodePath, version: Annotated[Version, Query()], czxid: Czxid = ""
) -> HttpResponse:
    await permissions.check(request.auth, "znode.delete", reading.sound(path))
    if path == "/":
        raise Refused(errors.problem("bad-path", "The root of the tree cannot be deleted.", "Choose one below it."))
    return await carry_out(request, Change("znode.delete", path, {"path": path, "version": version}, czxid=czxid))


async def _highest(request: HttpRequest, path: str) -> str:
    """The topmost parent that this person may make; the znode itself where they may make none."""
    highest = path
    for _ in range(MOST_PARENTS):
        above = highest.rpartition("/")[0]
        if not above:
            break
        try:
            await permissions.check(request.auth, "znode.create", above)
        except Refused:
            break
        highest = above
    return highest
