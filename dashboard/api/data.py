"""/api/data: the bytes of a znode as a file to save, never as something that a browser draws."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from dashboard import errors
from dashboard.api import reading
from dashboard.api.access import Refused
from dashboard.api.described import file_of
from dashboard.api.shapes import ZnodePath

router = Router(tags=["znodes"])


@router.get("", summary="A znode's data, as a file", openapi_extra=file_of("application/octet-stream"))
async def download(request: HttpRequest, path: ZnodePath) -> HttpResponse:
    found = await reading.readable(request, path)
    assert found.stat is not None
    if found.locked:
        text = "The ACL of this znode does not give the bridge the permission 'read'."
        raise Refused(errors.problem("acl-denied", text, "Ask whoever made it."))
    return HttpResponse(
        found.data,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="znode-{found.stat.mzxid}.bin"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
