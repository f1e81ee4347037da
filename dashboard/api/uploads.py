"""Files that come as the body of a request: on disk by the time that anybody looks at them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from typing import Any, BinaryIO

import msgspec
from django.http import HttpRequest

from dashboard import errors
from dashboard.api.access import Refused

PIECE = 1 << 20


class Upload(msgspec.Struct, frozen=True):
    """``file`` is open, nameless, and the caller's to close."""

    file: Any
    length: int
    sha256: str

    @property
    def described(self) -> dict[str, Any]:
        """What an audit row has of it."""
        return {"length": self.length, "sha256": self.sha256}


async def received(request: HttpRequest) -> Upload:
    """The body of ``request``; raise `Refused` where it could not be kept."""
    scope = request.scope  # type: ignore[attr-defined]
    trouble = scope.get("trouble", "")
    if not trouble:
        try:
            return await asyncio.to_thread(_kept, request, scope.get("file"))
        except OSError as error:
            trouble = error.strerror or "it cannot be written"
    words = f"The file cannot be kept on the disk of the web process: {trouble}."
    raise Refused(errors.problem("failed", words, "Make room in its temporary directory, then send it again."))


def _kept(request: HttpRequest, sent: BinaryIO | None) -> Upload:
    """Under daphne it is in a file already; else it is copied to one."""
    if sent is not None:
        file: BinaryIO = os.fdopen(os.dup(sent.fileno()), "r+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it outlives this request
        while piece := request.read(PIECE):
            file.write(piece)
    file.flush()
    file.seek(0)
    digest, length = hashlib.sha256(), 0
    while piece := file.read(PIECE):
        digest.update(piece)
        length += len(piece)
    return Upload(file, length, digest.hexdigest())
