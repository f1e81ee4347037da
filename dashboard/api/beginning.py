"""POST /api/jobs/…: works that change a subtree."""

from typing import Annotated, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from dashboard import acl, errors, permissions
from dashboard.api import reading
from dashboard.api.access import Refused
from dashboard.api.acl import WrittenEntry, written
from dashboard.api.jobs import BEGUN
from dashboard.api.shapes import ZnodePath
from dashboard.api.working import begin
from dashboard.jobs.acls import AclChange
from dashboard.jobs.deletion import Deletion
from dashboard.jobs.moving import Moving
from dashboard.jobs.planning import Rules
from dashboard.jobs.sources import Subtree
from dashboard.jobs.transfer import Transfer
from dashboard.jobs.work import Work
from zkbridge.protocol import prefixes
from zkbridge.protocol.editing import Ace

router = Router(tags=["subtrees"])

Existing = Literal["fail", "skip", "overwrite"]
Ephemerals = Literal["skip", "persistent"]
Count = Annotated[int, Field(ge=1, lt=1 << 31)]


class WorkWanted(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    path: ZnodePath


class DeletionWanted(WorkWanted):
    confirm: ZnodePath
    """The path, typed once more."""
    znodes: Count
    """How many the person saw there."""
    cap: Count | None = None
    """No more than this are removed; as many as were seen where it is left out."""


class CopyWanted(WorkWanted):
    to: ZnodePath
    """Where its top will be; what is above that must be there."""
    ephemerals: Ephemerals = "skip"
    """Leave them out, or make persistent znodes of them."""
    existing: Existing = "fail"
    """What to do where there is another znode already. One that is the same is always left as it is."""
    acl: bool = True
    """Whether ACLs come along; without them all that is made is open to anyone."""


class MoveWanted(CopyWanted):
    confirm: ZnodePath
    """The path that is moved, typed once more."""


class AclWanted(WorkWanted):
    confirm: ZnodePath
    acl: Annotated[list[WrittenEntry], Field(min_length=1, max_length=acl.MOST)]
    mode: Literal["replace", "add", "remove"]
    """Set this ACL, or add or take away these permissions."""
    force: bool = False
    """Take away even what leaves nobody to change an ACL again."""


@router.post("/delete", response=BEGUN, summary="Delete a znode with all that is below it")
async def delete(request: HttpRequest, body: DeletionWanted) -> HttpResponse:
    _confirmed(body.path, body.confirm)
    await permissions.check(request.auth, "subtree.delete", _not_root(body.path), below=True)
    cap = body.cap or body.znodes
    parameters = {"path": body.path, "znodes": body.znodes, "cap": cap}
    return await begin(request, "subtree.delete", body.path, parameters, lambda work: Deletion(work, body.path, cap))


@router.post("/copy", response=BEGUN, summary="Copy a znode with all that is below it")
async def copy(request: HttpRequest, body: CopyWanted) -> HttpResponse:
    _apart(body.path, body.to)
    await permissions.check(request.auth, "subtree.copy", _not_root(body.to), below=True)
    rules = Rules(body.existing, body.ephemerals, body.acl)
    parameters = {"path": body.path, "to": body.to, **msgspec.structs.asdict(rules)}

    def make(work: Work) -> Transfer:
        return Transfer(work, Subtree(work.asking, body.path, acl=body.acl), body.to, rules, "Copied")

    return await begin(request, "subtree.copy", body.path, parameters, make)


@router.post("/move", response=BEGUN, summary="Move or rename a znode with all that is below it")
async def move(request: HttpRequest, body: MoveWanted) -> HttpResponse:
    _confirmed(body.path, body.confirm)
    _apart(body.path, body.to)
    for path in (body.path, body.to):
        await permissions.check(request.auth, "subtree.move", _not_root(path), below=True)
    rules = Rules(body.existing, body.ephemerals, body.acl)
    parameters = {"path": body.path, "to": body.to, **msgspec.structs.asdict(rules)}
    return await begin(
        request, "subtree.move", body.path, parameters, lambda work: Moving(work, body.path, body.to, rules)
    )


@router.post("/acl", response=BEGUN, summary="Change the ACLs of a znode and of all that is below it")
async def change_acl(request: HttpRequest, body: AclWanted) -> HttpResponse:
    _confirmed(body.path, body.confirm)
    await permissions.check(request.auth, "subtree.acl", reading.sound(body.path), below=True)
    entries = written(body.acl)
    if any(map(acl.is_masked, entries)):
        entries = await _unmasked(request, body.path, entries)
    told = [{**msgspec.to_builtins(ace), "id": acl.masked(ace).id} for ace in entries]
    parameters = {"path": body.path, "acl": told, "mode": body.mode, **({"force": True} if body.force else {})}

    def make(work: Work) -> AclChange:
        return AclChange(work, body.path, entries, body.mode, force=body.force)

    return await begin(request, "subtree.acl", body.path, parameters, make)


async def _unmasked(request: HttpRequest, path: str, entries: list[Ace]) -> list[Ace]:
    found = await reading.existing(request, path)
    try:
        return acl.unmasked(entries, found.acl or [])
    except acl.BadAcl as bad:
        raise Refused(errors.problem("bad-acl", str(bad), "Nothing was changed.")) from None


def _confirmed(path: str, confirm: str) -> None:
    if path != confirm:
        raise Refused(errors.problem("bad-request", "What was typed to confirm is not the path.", "Type it exactly."))


def _not_root(path: str) -> str:
    if reading.sound(path) == "/":
        raise Refused(errors.problem("bad-path", "This cannot be done with the root of the tree.", "Choose one below."))
    return path


def _apart(path: str, to: str) -> None:
    """Raise `Refused` where one lies in the other, or both are the same."""
    if prefixes.covers(reading.sound(path), reading.sound(to)):
        where = "is where it already is" if path == to else "lies in what it is made of"
        raise Refused(errors.problem("bad-path", f"{to} {where}.", "Choose a place outside of it."))
    if prefixes.covers(to, path):
        raise Refused(errors.problem("bad-path", f"{path} lies in {to}, so that it would be written over.",
                                     "Choose a place outside of it."))  # fmt: skip
