"""Asks the ensemble over the bridge's session: reads again and again if need be, changes once.

Each step has a deadline of its own, and all of them together are shorter than a hub waits. So it is always known
whether a change had been sent by the time that something went wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from zkbridge.editing.refused import Refused
from zkbridge.protocol.base import Ms
from zkbridge.protocol.status import Status
from zkbridge.zookeeper.changing import BEFORE, MAX_REQUEST
from zkbridge.zookeeper.errors import CONNECTION_LOSS, OPERATION_TIMEOUT, REQUEST_TIMEOUT
from zkbridge.zookeeper.requests import Sent
from zkbridge.zookeeper.session import Refusal, Session

PREPARE, CHANGE, AFTER = 2.5, 4.5, 1.0
"""Seconds for what is read before a change, for the change, and for what is read to explain why it failed."""

UNSURE = frozenset({CONNECTION_LOSS, OPERATION_TIMEOUT, REQUEST_TIMEOUT})
"""Errors after which the change may have happened, or may happen yet."""


class Answer:
    """A reply's ``value``, and the ``zxid`` in its header: of a change, its own transaction."""

    __slots__ = ("value", "zxid")

    def __init__(self, value: Any, zxid: int) -> None:
        self.value, self.zxid = value, zxid


class Asker:
    """``standing`` tells how far the ensemble can be believed, as pages are told."""

    def __init__(self, session: Session, standing: Callable[[], Status], clock: Callable[[], Ms]) -> None:
        self.session, self.clock = session, clock
        self._standing = standing

    def need_live(self, *, reading: bool = False) -> None:
        """Raise `Refused` unless the ensemble takes changes now, as far as is known; or answers ``reading``."""
        status = self._standing()
        if self.session.connected and (status.state == "live" or reading and status.state == "read-only"):
            return
        where = status.server or "the ensemble"
        why = f" {status.problem.text}" if status.problem is not None else ""
        what = "nothing can be told" if reading else "nothing was done"
        if status.state == "no-quorum":
            does = "answers nothing" if reading else "takes no changes"
            raise Refused("no-quorum", f"The ensemble {does} now, so {what}.{why}",
                          "It does again as soon as enough servers run and have elected a leader.")  # fmt: skip
        if status.state == "read-only":
            text = f"The bridge is on {where}, which has no quorum and is read-only, so nothing was done."
            raise Refused("read-only", text, "It takes changes again as soon as there is a quorum.")
        raise Refused("not-live", f"The bridge has no live connection to {where}, so {what}.{why}",
                      "Try again when the page says LIVE.")  # fmt: skip

    async def read(self, *requests: Sent, deadline: float = PREPARE) -> list[Answer | Refusal]:
        """Ask all at once; replies are of this order, each an answer or an error. Raise `Refused` for no answer."""
        self.need_live(reading=True)
        try:
            async with asyncio.timeout(deadline):
                replies = await self._send_all(requests)
        except TimeoutError:
            raise Refused("not-live", f"{self.session.server} did not answer within {deadline:g} s: nothing was done.",
                          "Try again when the page says LIVE.") from None  # fmt: skip
        if any(isinstance(reply, Refusal) and reply.code in UNSURE for reply in replies):
            raise Refused("not-live", f"The connection to {self.session.server} was lost: nothing was done.",
                          "Try again when the page says LIVE.")  # fmt: skip
        return replies

    async def change(self, request: Sent) -> Answer:
        """Ask for a change, once. Raise `Refusal` where the ensemble refused it, `Refused` where nothing was sent
        or where the end is not known."""
        self.need_live()
        length = BEFORE + len(request.serialize())
        if length > MAX_REQUEST:
            raise too_large(length)
        server = self.session.server
        try:
            async with asyncio.timeout(CHANGE):
                return await self._send(request)
        except TimeoutError:
            raise Refused(
                "unknown", f"{server} did not answer within {CHANGE:g} s: the change may or may not have happened.",
                "Look before you repeat it.",
            ) from None  # fmt: skip
        except Refusal as refusal:
            if refusal.code not in UNSURE:
                raise
            raise Refused(
                "unknown", f"The connection to {server} was lost before it answered: the change may or may not have "
                "happened.", "Look before you repeat it.",
            ) from None  # fmt: skip

    async def _send_all(self, requests: Sequence[Sent]) -> list[Answer | Refusal]:
        replies: list[Answer | Refusal] = []
        if not requests:
            return replies
        whole: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def done(value: Any, error: int) -> None:
            replies.append(Refusal(error) if error else Answer(value, self.session.zxid))
            if len(replies) == len(requests) and not whole.done():
                whole.set_result(None)

        self.session.send_all([(request, done) for request in requests])
        await whole
        return replies

    def _send(self, request: Sent) -> asyncio.Future[Answer]:
        ended: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def done(value: Any, error: int) -> None:
            if ended.done():
                return
            if error:
                ended.set_exception(Refusal(error))
            else:
                ended.set_result(Answer(value, self.session.zxid))

        self.session.send(request, done)
        return ended


def too_large(length: int) -> Refused:
    return Refused(
        "too-large",
        f"The request would have {length:,} bytes; servers take {MAX_REQUEST:,} at the most (their jute.maxbuffer, "
        "1 MB) and drop the connection at more. It was not sent.",
        "Keep large data elsewhere, and its address here; or divide it among several znodes.",
    )
