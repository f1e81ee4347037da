"""/api/acl: who may do what with a znode, as the ensemble enforces it."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from dashboard import acl, errors, permissions
from dashboard.api import reading, shapes
from dashboard.api.access import Refused
from dashboard.api.acting import carry_out
from dashboard.api.changing import Change
from zkbridge.protocol.editing import Ace

router = Router(tags=["znodes"])


class WrittenEntry(Schema):
    """``id``, or for scheme 'digest' ``user`` and ``password``. A masked id keeps the digest that is there."""

    model_config = ConfigDict(extra="forbid", strict=True)

    scheme: str
    id: str = ""
    perms: Annotated[str, Field(json_schema_extra={"pattern": "^[cdrwa]{1,5}$"})]
    user: str | None = None
    password: str | None = None


class WrittenAcl(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    acl: Annotated[list[WrittenEntry], Field(min_length=1, max_length=acl.MOST)]
    aversion: Annotated[int, Field(ge=-1, le=(1 << 31) - 1)]
    """The version of the ACL that was seen; -1 stands for any."""


class Acl(Schema):
    acl: list[shapes.Entry]
    aversion: int


@router.get("", response={200: Acl}, summary="A znode's ACL, with schemes in words")
async def read(request: HttpRequest, path: shapes.ZnodePath) -> HttpResponse:
    found = await reading.existing(request, path)
    assert found.stat is not None
    return JsonResponse({"acl": shapes.entries(_readable(found.acl)), "aversion": found.stat.aversion})


@router.put("", response={200: shapes.Changed}, summary="Replace a znode's ACL")
async def edit(request: HttpRequest, path: shapes.ZnodePath, body: WrittenAcl) -> HttpResponse:
    await permissions.check(request.auth, "znode.acl", reading.sound(path))
    entries = written(body.acl)
    if any(map(acl.is_masked, entries)):
        found = await reading.existing(request, path)
        try:
            entries = acl.unmasked(entries, _readable(found.acl))
        except acl.BadAcl as bad:
            raise Refused(errors.problem("bad-acl", str(bad), "Nothing was changed.")) from None
    parameters = {"path": path, "acl": _plain(entries), "aversion": body.aversion}
    return await carry_out(request, Change("znode.acl", path, parameters))


def resolved(entries: list[WrittenEntry]) -> list[dict[str, Any]]:
    """The ACL of a znode that is to be made, as the bridge takes it; raise `Refused`."""
    found = written(entries)
    if any(map(acl.is_masked, found)):
        text = "A masked digest stands for the one that is there, and a new znode has none: give the password."
        raise Refused(errors.problem("bad-acl", text, "Nothing was done."))
    return _plain(found)


def written(entries: list[WrittenEntry]) -> list[Ace]:
    """What was written, with passwords made into digests; raise `Refused`. Masks may be among it."""
    try:
        return [
            acl.written(one.scheme, one.id, one.perms, one.user, one.password, place)
            for place, one in enumerate(entries, 1)
        ]
    except acl.BadAcl as bad:
        raise Refused(errors.problem("bad-acl", str(bad), "Nothing was changed.")) from None


def _readable(found: list[Ace] | None) -> list[Ace]:
    if found is None:
        text = "The ACL of this znode gives the bridge neither 'read' nor 'admin', so it is not told to it."
        raise Refused(errors.problem("acl-denied", text, "Ask whoever made it."))
    return found


def _plain(entries: list[Ace]) -> list[dict[str, Any]]:
    return [{"scheme": ace.scheme, "id": ace.id, "perms": ace.perms} for ace in entries]
