"""How another process asks the supervisor to act: over a Unix socket in a folder that only this user may enter."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import Any, Literal

import msgspec
import zmq
import zmq.asyncio

from zkbridge.protocol.base import Problem

DEADLINE = 8.0
"""Seconds until an answer is given up; less than a hub waits for the bridge."""


class LabError(Exception):
    """Raised when the supervisor refused, or did not answer (``unknown``: it may or may not have acted)."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


class LabClient:
    """``endpoint`` is that of the lab's description. Calls may overlap; nothing blocks the event loop.

    Ids are those of records ('node-2', 'server-1'); a bare number is that of a server.
    """

    def __init__(self, endpoint: str, deadline: float = DEADLINE) -> None:
        self._endpoint = endpoint
        self._deadline = deadline

    async def add_node(self, variant: str = "") -> str:
        """Start one more node; its id, which no node had before. ``variant``: 'herd', or the chain's where it is ''.
        ``too-many`` when the lab is full."""
        return str((await self._call("add-node", variant))["name"])

    async def signal(self, id: str, signal: Literal["TERM", "KILL", "STOP", "CONT"]) -> None:
        """Signal a node or a server. ``no-such-node``, ``no-such-server``; ``not-now`` when it does not run."""
        await self._call("signal", _process(id), signal)

    async def start_server(self, id: str) -> None:
        """Start a server again. ``not-now`` when it runs."""
        await self._call("start-server", _process(id))

    async def _call(self, method: str, name: str = "", number: str = "") -> dict[str, Any]:
        """One question on a socket of its own: no answer can be taken for that of another."""
        socket = zmq.asyncio.Context.instance().socket(zmq.DEALER)
        socket.linger = 0
        key = uuid.uuid4().hex
        properties = {"method": method, "name": name, "number": number, "waiting": True}
        try:
            async with asyncio.timeout(self._deadline):
                socket.connect(self._endpoint)
                await socket.send(msgspec.json.encode({"id": key, "command": "lab", "properties": properties}))
                answer: dict[str, Any] = {}
                while answer.get("id") != key:
                    answer = msgspec.json.decode(await socket.recv())
        except TimeoutError:
            raise LabError(Problem("unknown", "The lab's supervisor did not answer.",
                                   "It may still act. Look at the page, then try again.")) from None  # fmt: skip
        finally:
            with contextlib.suppress(zmq.ZMQError):
                socket.close()
        if "problem" in answer:
            raise LabError(msgspec.convert(answer["problem"], Problem))
        if answer.get("status") != "ok":
            raise LabError(Problem("failed", f"The lab's supervisor failed: {answer.get('reason', 'no reason given')}"))
        return answer


def _process(id: str) -> str:
    return f"server-{id}" if id.isdigit() else id
