"""A page's WebSocket: who it is, what it asks, and nothing of the cluster. It reads; every change goes over HTTP."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import msgspec
from channels.consumer import get_handler_name
from channels.db import aclose_old_connections
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from dashboard import clusters, permissions
from dashboard.live.hub import Hub
from dashboard.live.limits import Bucket
from dashboard.live.viewer import Viewer
from zkbridge.protocol.base import Problem
from zkbridge.protocol.frames import MAX_FRAME, Ack, ClientFrame, Subscribe, Trouble
from zkbridge.protocol.topics import BadTopic

CHECK = 30.0
"""Seconds between two looks at whether the page's user may still be here."""

CHECK_ON_ASKING = 5.0
"""The same when the page asks for a topic."""

UNCHECKED = 60.0
"""Seconds after which a page is closed if that could not be found out."""

MAX_BAD = 8
"""Frames of one socket that may be malformed; the next one closes it."""

NOT_JOINED, BAD_FRAMES, TOO_LARGE, CROWDED, TOO_MANY = 4401, 4400, 4009, 4013, 4029
BROKEN = 1011

logger = logging.getLogger(__name__)

_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_encoder = msgspec.json.Encoder()


class PageConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One page. The hub does the rest (`dashboard.live.hub`)."""

    channel_layer_alias = None
    """What goes to many pages goes through the hub."""

    viewer: Viewer | None = None

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As everywhere in Channels, but without a thread that closes old database connections for each message."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        self.hub: Hub = self.scope["hub"]
        self.asking = Bucket(600, 20)
        self.acking = Bucket(400, 50)
        self.bad = 0
        self.checked = time.monotonic()
        self.tasks: list[asyncio.Task[None]] = []
        await self.accept()
        viewer = Viewer(self.send, self.close)
        if not await self.identify(viewer):
            problem = Problem("not-joined", "This page has not joined, or its session has ended.", "Open a join link.")
            await self.turn_away(problem, NOT_JOINED)
            return
        crowd = self.hub.crowded(viewer.user)
        if crowd is not None:
            await self.turn_away(crowd, CROWDED)
            return
        self.viewer = viewer
        self.hub.join(viewer)
        self.scope["sockets"].add(self.session(), self.signed_out)
        self.tasks = [asyncio.create_task(self.write(viewer)), asyncio.create_task(self.keep_checking(viewer))]
        logger.info("a page of %s connected from %s", viewer.user, self.address())

    async def write(self, viewer: Viewer) -> None:
        """Send the page's frames; where that breaks, close its socket, so that the page comes back at once."""
        try:
            await viewer.run()
        except Exception:
            logger.exception("a frame could not be sent to a page of %s", viewer.user)
            await self.close(BROKEN)

    async def turn_away(self, problem: Problem, code: int) -> None:
        logger.info("a page from %s was refused: %s", self.address(), problem.code)
        await self.send(_encoder.encode(Trouble(problem)).decode())
        await self.close(code)

    async def disconnect(self, code: int) -> None:
        for task in self.tasks:
            task.cancel()
        if self.viewer is not None:
            self.scope["sockets"].discard(self.session(), self.signed_out)
            self.hub.leave(self.viewer)
            logger.info("a page of %s left (%s)", self.viewer.user, code)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        viewer = self.viewer
        if viewer is None or viewer.close_code is not None:
            return
        size = len((text_data or "").encode()) if bytes_data is None else len(bytes_data)
        if size > MAX_FRAME:
            self.refuse(viewer, "too-large", f"The frame has {size} bytes; {MAX_FRAME} are allowed.")
            self.end(viewer, TOO_LARGE, "too large a frame")
            return
        try:
            if text_data is None:
                raise msgspec.DecodeError("it is binary")
            frame = _decoder.decode(text_data)
            bucket = self.acking if isinstance(frame, Ack) else self.asking
            if not bucket.take(time.monotonic()):
                self.refuse(viewer, "too-many", "Frames come faster than a page may send them.")
                self.end(viewer, TOO_MANY, "too many frames")
            elif isinstance(frame, Ack):
                self.hub.ack(viewer, frame.n)
            elif isinstance(frame, Subscribe):
                await self.subscribe(viewer, frame.topic)
            else:
                self.hub.unsubscribe(viewer, frame.topic)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            self.bad += 1
            self.refuse(viewer, "bad-frame", f"The frame cannot be read: {error}.")
            if self.bad > MAX_BAD:
                self.end(viewer, BAD_FRAMES, "too many malformed frames")

    async def subscribe(self, viewer: Viewer, topic: str) -> None:
        if time.monotonic() - self.checked > CHECK_ON_ASKING:
            await self.check(viewer)
        if viewer.close_code is not None:
            return
        try:
            self.hub.subscribe(viewer, topic)
        except BadTopic as bad:
            self.hub.tell(viewer, bad.problem, topic)

    async def keep_checking(self, viewer: Viewer) -> None:
        while viewer.close_code is None:
            await asyncio.sleep(CHECK)
            await self.check(viewer)

    async def check(self, viewer: Viewer) -> None:
        """Look again who this is; end the socket of somebody who left, tell a page what it may do now."""
        before = (viewer.role, viewer.user, viewer.may)
        try:
            joined = await self.identify(viewer)
        except Exception:
            logger.exception("could not find out who a page of %s is", viewer.user)
            if time.monotonic() - self.checked > UNCHECKED:
                self.end(viewer, NOT_JOINED, "the session cannot be checked")
            return
        self.checked = time.monotonic()
        if not joined:
            self.signed_out()
        elif before != (viewer.role, viewer.user, viewer.may):
            self.hub.greet(viewer)

    def signed_out(self) -> None:
        """The session has ended: say so, and end the socket."""
        if self.viewer is not None and self.viewer.close_code is None:
            self.hub.tell(self.viewer, Problem("not-joined", "Your session has ended.", "Join or log in again."))
            self.end(self.viewer, NOT_JOINED, "the session has ended")

    def session(self) -> str:
        return str(self.scope["cookies"].get(settings.SESSION_COOKIE_NAME, ""))

    async def identify(self, viewer: Viewer) -> bool:
        """Read who the page's user is now; False for nobody."""
        await aclose_old_connections()
        cluster = clusters.of_scope(self.scope)
        user = permissions.here(await permissions.user_of(self.session()), cluster)
        rights = await permissions.rights(user)
        role = permissions.role(user, rights.names)
        if role:
            viewer.role, viewer.user, viewer.may = role, user.get_username(), tuple(rights.names)
            self.hub.unveil(viewer, permissions.veils(cluster) and rights.sees_all)
            viewer.read_only = not cluster.allow_changes
        return bool(role)

    def refuse(self, viewer: Viewer, code: str, text: str) -> None:
        self.hub.tell(viewer, Problem(code, text, "See docs/protocol.md."))

    def end(self, viewer: Viewer, code: int, why: str) -> None:
        logger.warning("closing a page of %s from %s: %s", viewer.user, self.address(), why)
        self.hub.leave(viewer)
        viewer.end(code, why)

    def address(self) -> str:
        client = self.scope.get("client")
        return str(client[0]) if client else "an unknown address"
