"""GET /api/decoded, POST /api/decode, GET /api/decoders: what the data of a znode says."""

from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from dashboard import errors
from dashboard.api import reading
from dashboard.api.access import Refused
from dashboard.api.payload import Data
from dashboard.api.shapes import ZnodePath
from dashboard.decoding.decoders import Decoders
from dashboard.decoding.layers import AUTO
from dashboard.decoding.pool import Busy, Ended
from zkbridge.protocol.base import Problem

router = Router(tags=["data"])

_NAME = r"^[a-z][a-z0-9_-]{0,39}$"


class Choice(Schema):
    name: str
    label: str
    """As people are told it: 'gzip', 'JSON'."""


class Decoded(Schema):
    """What was made of a znode's bytes. It has either ``text`` or ``hex``, at most 1 MB of it."""

    decoder: str
    """The last that was used; 'text' or 'raw' where nothing was made of the bytes."""
    layers: list[Choice]
    """All that were used, the outermost first; at most 4, and the end."""
    language: Literal["json", "xml", "yaml", "properties", "text", ""]
    text: str | None
    hex: str | None
    length: int
    """Bytes of what is shown, before it was cut."""
    truncated: bool
    warning: str
    """What was cut or tried in vain, in words."""
    choices: list[Choice]
    """What else the bytes may be, the likeliest first."""


class DecodedZnode(Decoded):
    path: str
    size: int
    """Bytes of the znode's data."""
    version: int
    mzxid: str


class Described(Schema):
    name: str
    label: str
    plugin: bool
    """It was installed beside Zooscope."""
    problem: str
    """Why it cannot be used; '' where it can."""


class DecoderList(Schema):
    decoders: list[Described]


class Sent(Schema):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    data: Data
    path: str = "/"
    """Where the bytes are or will be: some plug-ins go by it."""
    as_: Annotated[str, Field(alias="as", pattern=_NAME)] = AUTO


@router.get("/decoded", response=DecodedZnode, summary="What a znode's data says")
async def decoded(
    request: HttpRequest, path: ZnodePath, wanted: str = Query(AUTO, alias="as", pattern=_NAME)  # noqa: B008
) -> dict[str, Any]:
    """The znode is read whole, then decoded as asked: ``as`` is 'auto' or the name of a decoder."""
    znode = await reading.readable(request, path)
    assert znode.stat is not None
    if znode.locked:
        words = "The ACL of this znode does not give the bridge the permission 'read'."
        raise Refused(errors.problem("acl-denied", words, "Ask whoever made it."))
    found = await _decoded(request, znode.data, path, wanted)
    return {
        **found, "path": path, "size": len(znode.data), "version": znode.stat.version, "mzxid": znode.stat.mzxid,
    }  # fmt: skip


@router.post("/decode", response=Decoded, summary="What bytes that are sent say")
async def decode(request: HttpRequest, body: Sent) -> dict[str, Any]:
    return await _decoded(request, body.data.read(), reading.sound(body.path), body.as_)


@router.get("/decoders", response=DecoderList, summary="The decoders that there are")
async def decoders(request: HttpRequest) -> dict[str, Any]:
    try:
        return {"decoders": [msgspec.structs.asdict(one) for one in await _decoders(request).listed()]}
    except Busy:
        raise Refused(_BUSY) from None
    except Ended:
        raise Refused(errors.problem("failed", "No worker could be started to load the plug-ins.")) from None


async def _decoded(request: HttpRequest, data: bytes, path: str, wanted: str) -> dict[str, Any]:
    try:
        return msgspec.to_builtins(await _decoders(request).decode(data, path, wanted))
    except Busy:
        raise Refused(_BUSY) from None


def _decoders(request: HttpRequest) -> Decoders:
    decoders = getattr(request, "scope", {}).get("decoders")
    assert isinstance(decoders, Decoders)
    return decoders


_BUSY = Problem("too-many", "Too much is being decoded at the moment.", "Try again in a few seconds.")
