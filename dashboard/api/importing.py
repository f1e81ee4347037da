"""POST /api/jobs/…: exports that are imported or compared with, and subtrees that are compared."""

from typing import Annotated

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict

from dashboard import permissions
from dashboard.api import reading
from dashboard.api.beginning import Ephemerals, Existing
from dashboard.api.described import NDJSON, takes_file
from dashboard.api.jobs import BEGUN
from dashboard.api.shapes import ZnodePath
from dashboard.api.uploads import received
from dashboard.api.working import begin
from dashboard.jobs.comparison import Comparison
from dashboard.jobs.planning import Rules
from dashboard.jobs.sources import Export, Subtree
from dashboard.jobs.transfer import Transfer
from dashboard.jobs.work import Work

router = Router(tags=["subtrees"])


class ComparisonWanted(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    left: ZnodePath
    right: ZnodePath


@router.post(
    "/import", response=BEGUN, summary="Make a subtree as an export says (docs/export-format.md)",
    openapi_extra=takes_file(NDJSON),
)  # fmt: skip
async def import_(
    request: HttpRequest,
    path: ZnodePath,
    existing: Annotated[Existing, Query()] = "fail",
    ephemerals: Annotated[Ephemerals, Query()] = "skip",
    acl: bool = True,
    dry_run: bool = False,
) -> HttpResponse:
    await permissions.check(request.auth, "subtree.import", reading.sound(path), below=True)
    upload = await received(request)
    rules = Rules(existing, ephemerals, acl)
    parameters = {"path": path, **msgspec.structs.asdict(rules), "dry_run": dry_run, **upload.described}

    def make(work: Work) -> Transfer:
        return Transfer(work, Export(upload.file, acl=acl), path, rules, "Imported", dry=dry_run)

    return await begin(request, "subtree.import", path, parameters, make)


@router.post("/compare", response=BEGUN, summary="Compare two subtrees")
async def compare(request: HttpRequest, body: ComparisonWanted) -> HttpResponse:
    for path in (body.left, body.right):
        reading.sound(path)

    def make(work: Work) -> Comparison:
        return Comparison(work, *(Subtree(work.asking, path, acl=True) for path in (body.left, body.right)))

    parameters = {"left": body.left, "right": body.right}
    return await begin(request, "subtree.compare", body.left, parameters, make, audited=False)


@router.post(
    "/compare-file", response=BEGUN, summary="Compare a subtree, on the left, with an export",
    openapi_extra=takes_file(NDJSON),
)  # fmt: skip
async def compare_file(request: HttpRequest, path: ZnodePath) -> HttpResponse:
    reading.sound(path)
    upload = await received(request)

    def make(work: Work) -> Comparison:
        return Comparison(work, Subtree(work.asking, path, acl=True), Export(upload.file, acl=True))

    parameters = {"left": path, **upload.described}
    return await begin(request, "subtree.compare", path, parameters, make, audited=False)
