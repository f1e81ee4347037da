"""How another process asks the supervisor to act: over a Unix socket in a folder that only this user may enter."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Sequence
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

    async def add_nodes(self, count: int = 1, variant: str = "") -> list[str]:
        """Start more nodes; the ids of those that were started, which no node had before. ``variant``: 'herd', or the
        chain's where it is ''. ``too-many`` when the lab has not that much room."""
        return list((await self.ask("add-nodes", count=count, variant=variant))["names"])

    async def add_node(self) -> str:
        """Start one more node; its id."""
        return (await self.add_nodes())[0]

    async def signal(
        self, id: str, signal: Literal["TERM", "KILL", "STOP", "CONT"], seconds: float | None = None, by: str = ""
    ) -> None:
        """Signal a node or a server. ``no-such-node``, ``no-such-server``; ``not-now`` when it does not run.

        What is stopped (STOP), by ``by``, is woken after ``seconds``, or after a minute; a server that is ended is
        started again after ``seconds``, where they are given.
        """
        await self.ask("signal", name=_process(id), signal=signal, seconds=seconds, by=by)

    async def start_server(self, id: str) -> None:
        """Start a server again. ``not-now`` when it runs."""
        await self.ask("start-server", name=_process(id))

    async def start_node(self, id: str) -> None:
        """Start a node that has ended once more, under its name. ``not-now`` when it runs, ``too-many``."""
        await self.ask("start-node", name=id)

    async def add_server(self, role: str, members: Sequence[str]) -> tuple[str, str]:
        """Start one more server, which is told of ``members`` (``server.1=…``) and follows them; its id, such as
        'server-4', and its own line. It is no member of the ensemble yet. ``too-many`` when the lab is full."""
        done = await self.ask("add-server", role=role, members=list(members))
        return str(done["name"]), str(done["seat"])

    async def remove_server(self, id: str) -> None:
        """End a server's process and delete its files. That it is no member any more is for others to see to."""
        await self.ask("remove-server", name=_process(id))

    async def wipe_server(self, id: str) -> None:
        """End a server's process, if it runs, delete its data and start it again."""
        await self.ask("wipe-server", name=_process(id))

    async def cut(self, origin: str, to: str, both: bool, seconds: float | None, by: str) -> str:
        """Cut a link; the fault's id. Ends of links are 'server-1', 'node-2' and 'ensemble'."""
        return str((await self.ask("cut", **{"from": origin}, to=to, both=both, seconds=seconds, by=by))["fault"])

    async def slow(
        self, origin: str, to: str, both: bool, seconds: float | None, by: str, how: dict[str, float]
    ) -> str:
        """Slow a link down; ``how`` has latency, jitter, rate, loss. The fault's id."""
        params = {"from": origin, "to": to, "both": both, "seconds": seconds, "by": by, "how": how}
        return str((await self.ask("slow", **params))["fault"])

    async def heal(self, origin: str, to: str, both: bool, by: str) -> None:
        """Open a link. ``not-now`` when it is open."""
        await self.ask("heal", **{"from": origin}, to=to, both=both, by=by)

    async def heal_all(self, by: str) -> dict[str, int]:
        """End all faults; how many links were opened, processes woken and servers started."""
        answer = await self.ask("heal-all", by=by)
        return {key: int(answer[key]) for key in ("links", "resumed", "started")}

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """One question on a socket of its own: no answer can be taken for that of another."""
        socket = zmq.asyncio.Context.instance().socket(zmq.DEALER)
        socket.linger = 0
        key = uuid.uuid4().hex
        properties = {"method": method, "params": params, "waiting": True}
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
