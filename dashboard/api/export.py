"""/api/export: a subtree as a file to save (docs/export-format.md), sent while it is read."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router

from dashboard import audit, clusters, errors, permissions
from dashboard.api import acting, reading
from dashboard.api.access import Refused
from dashboard.api.described import NDJSON, file_of
from dashboard.api.shapes import ZnodePath
from dashboard.jobs.asking import Asking
from dashboard.jobs.exports import FORMAT, Header, Writer
from dashboard.jobs.words import znodes
from dashboard.live.bridge import CallFailed

router = Router(tags=["subtrees"])


@router.get("", summary="A subtree as a file, with data and ACLs", openapi_extra=file_of(NDJSON))
async def download(request: HttpRequest, path: ZnodePath, acl: bool = True) -> StreamingHttpResponse:
    await permissions.check(request.auth, "subtree.export", reading.sound(path))
    try:
        asking = Asking(acting.hub(request), request.auth.get_username())
        counted = await asking.count(path)
    except CallFailed as failed:
        raise Refused(failed.problem) from None
    if not counted.exists:
        raise Refused(errors.problem("no-znode", "There is no znode at this path.", "It may have been deleted."))
    row = await acting.written_down(request, "subtree.export", path, {"path": path, "acl": acl})
    now = datetime.now(UTC)
    cluster = clusters.of(request)
    # Of all that is hidden, wherever it is: that something is hidden below this very path is not told.
    partial = bool(cluster.hidden or cluster.redacted) and not permissions.is_unveiled(request.auth)
    header = Header("export", FORMAT, path, cluster.name, f"{now:%Y-%m-%dT%H:%M:%SZ}", counted.zxid, acl, partial)
    return StreamingHttpResponse(
        _written(asking, path, acl, header, row),
        content_type=NDJSON,
        headers={
            "Content-Disposition": f'attachment; filename="export-{now:%Y%m%d-%H%M%S}.ndjson"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


async def _written(asking: Asking, path: str, acl: bool, header: Header, row: audit.AuditRow) -> AsyncIterator[bytes]:
    """The file, piece by piece. One that was broken off lacks its last line, and so is known to be cut."""
    writer, result, code = Writer(), audit.Result.FAILED, "broken-off"
    try:
        yield writer.begin(header)
        async for items, _ in asking.pages(path, acl=acl):
            if items:
                yield writer.lines(items)
        yield writer.end()
        result, code = audit.Result.OK, ""
    except CallFailed as failed:
        code = failed.problem.code
        raise
    finally:
        await audit.close(row, result, {"words": f"Exported {znodes(writer.znodes)}."}, code)
