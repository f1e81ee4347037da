"""HTTP under daphne: files that come stay on the disk, and answers go out at the pace of who reads them.

daphne itself keeps every body whole in memory, and takes all that an application sends, however slow its reader is.
"""

from __future__ import annotations

import asyncio
import tempfile
from contextvars import ContextVar
from io import BytesIO
from typing import Any

from daphne.http_protocol import WebRequest
from django.conf import settings

STALLED = 60.0
"""Seconds that a reader may take nothing of an answer before its connection is ended."""

FILE = b"application/x-ndjson"
MOST_KEPT = 3
"""Files of the largest size that may be on the disk at a time."""

current: ContextVar[SteadyRequest | None] = ContextVar("current", default=None)
"""The request that an application is being made for."""


class Pace:
    """Told by Twisted whether the connection takes more."""

    def __init__(self) -> None:
        self.flowing = asyncio.Event()
        self.flowing.set()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name, as all here
        self.flowing.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self.flowing.set()

    def stopProducing(self) -> None:  # noqa: N802
        self.flowing.set()


class SteadyRequest(WebRequest):  # type: ignore[misc]
    """What is beyond the limits of a body is not kept: its address refuses it by its length."""

    kept = 0
    """Bytes of all files that are being received, in this process."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.file: Any = None
        """The body, where it is a file."""
        self.trouble = ""
        """Why the file could not be kept."""
        self._room = self._held = 0
        self._pace: Pace | None = None

    # ── what comes ──────────────────────────────────────────────────────────

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        kinds = self.requestHeaders.getRawHeaders(b"content-type", [b""])
        is_file = kinds[0].split(b";")[0].strip().lower() == FILE
        most = settings.MAX_UPLOAD if is_file else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self._room = most if length is not None and length <= most else 0
        super().gotLength(length if self._room else 0)
        if is_file:
            self.file = self.content = tempfile.TemporaryFile()  # noqa: SIM115 - until the request has ended

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        if len(data) > self._room or self.trouble:
            self._room = 0
            return
        self._room -= len(data)
        if self.file is not None:
            if SteadyRequest.kept + len(data) > MOST_KEPT * settings.MAX_UPLOAD:
                self.trouble = "too many files are being sent at the same time"
                return
            SteadyRequest.kept += len(data)
            self._held += len(data)
        try:
            super().handleContentChunk(data)
        except OSError as error:
            self.trouble = error.strerror or "it cannot be written"

    def process(self) -> Any:
        if self.file is not None:
            self.content = BytesIO()
        marked = current.set(self)
        try:
            return super().process()  # which makes the application before it returns
        finally:
            current.reset(marked)

    # ── what goes ───────────────────────────────────────────────────────────

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body" and not self.finished and self.channel is not None:
            if message.get("more_body") and self._pace is None:
                self._pace = Pace()
                self.registerProducer(self._pace, True)
            elif not message.get("more_body") and self._pace is not None:
                self._flow()
        super().handle_reply(message)

    def handle_exception(self, exception: Exception) -> None:
        """The application failed. An answer that had begun is cut off: nobody is to wait for the rest."""
        if not self._response_started:
            super().handle_exception(exception)
        elif self.channel is not None:
            self.channel.forceAbortClient()

    async def drained(self) -> None:
        """Until the connection takes more, or is gone; end it where it takes nothing for long."""
        if self._pace is None:
            return
        try:
            async with asyncio.timeout(STALLED):
                await self._pace.flowing.wait()
        except TimeoutError:
            if self.channel is not None:
                self.channel.forceAbortClient()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._flow()
        self._let_go()
        super().connectionLost(reason)

    def finish(self) -> None:
        self._let_go()
        super().finish()

    def _flow(self) -> None:
        if self._pace is not None:
            self._pace.flowing.set()
            self._pace = None
            if self.channel is not None:
                self.unregisterProducer()

    def _let_go(self) -> None:
        SteadyRequest.kept -= self._held
        self._held = 0
        if self.file is not None:
            self.file.close()


def paced(application: Any) -> Any:
    """``application``, which waits where the reader of its answer is slow, and finds files in its scope."""

    async def steady(scope: dict[str, Any], receive: Any, send: Any) -> None:
        request = current.get() if scope["type"] == "http" else None
        if request is None:
            await application(scope, receive, send)
            return

        async def send_and_wait(message: dict[str, Any]) -> None:
            await send(message)
            await request.drained()

        await application({**scope, "file": request.file, "trouble": request.trouble}, receive, send_and_wait)

    return steady
