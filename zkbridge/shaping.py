"""Lets servers of a lab join its ensemble, leave it, and begin anew: process and membership together, one at a time.

A server that joins is started first and follows; then the ensemble takes it in. One that leaves is taken out first,
and ended then. What fails half-way is undone, and said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from zkbridge.editing.refused import Refused
from zkbridge.lab.client import LabError
from zkbridge.protocol.ensemble import Ensemble
from zkbridge.protocol.reconfiguring import Preview, Reconfigure, Reconfigured, Seat
from zkbridge.views.reshaping import Heard
from zkbridge.views.seats import Configuration, read

STARTING = 28.0
"""Seconds that a server may take from its start until it follows. On a fast machine it takes one."""

COMING_BACK = 6.0
"""Seconds that the bridge's connection is waited for, before anything is done: it breaks where the server that it goes
to leaves, or where another is elected."""

PAUSE = 0.1

FOLLOWS = ("follower", "observer")


class Lab(Protocol):
    async def add_server(self, role: str, members: Sequence[str]) -> tuple[str, str]: ...
    async def remove_server(self, id: str) -> None: ...
    async def wipe_server(self, id: str) -> None: ...


class Members(Protocol):
    async def configuration(self) -> Configuration: ...
    async def preview(self, wanted: Reconfigure) -> Preview: ...
    async def reconfig(self, wanted: Reconfigure) -> Reconfigured: ...
    async def hear(self, seat: Seat) -> Heard: ...


Say = Callable[[str, str], None]
"""Takes the id of a process ('server-4') and how far it has come, for the lab's records."""


class Shaping:
    """``ensemble`` tells how servers are, as pages are told; ``say`` how far a server has come."""

    def __init__(self, members: Members, lab: Lab, ensemble: Callable[[], Ensemble], say: Say) -> None:
        self._members, self._lab, self._ensemble, self._say = members, lab, ensemble, say
        self._turn = asyncio.Lock()

    async def add(self, role: str, ask: Callable[[], None]) -> dict[str, Any]:
        """Start a server and have it join; its id and what the ensemble is since. ``ask`` is called before anything is
        done."""
        async with self._turn:
            now = await self._present()
            ask()
            lines = [f"server.{ident}={text}" for ident, text in now.texts.items()]
            name, line = await self._lab.add_server(role, lines)
            (seat,) = read(line).seats.values()
            try:
                self._say(name, "started")
                await self._until_it_follows(name, seat)
                self._say(name, "caught-up")
                done = await self._members.reconfig(Reconfigure(add=[seat]))
            except (Refused, LabError) as refused:
                if refused.problem.code == "unknown":
                    raise
                raise await self._undone(name, refused) from None
            self._say(name, "joined")
            return {"id": seat.id, "version": done.version, "words": done.words}

    async def remove(self, ident: str, ask: Callable[[], None]) -> dict[str, Any]:
        """Take a server out of the ensemble, and end its process."""
        async with self._turn:
            now = await self._present()
            name, done = f"server-{ident}", None
            if ident in now.seats:
                wanted = Reconfigure(now.hex, remove=[ident])
                refused = (await self._members.preview(wanted)).refused
                if refused is not None:
                    raise Refused(refused.code, refused.text, refused.hint)
                ask()
                done = await self._members.reconfig(wanted)
                self._say(name, "left")
            else:
                ask()
            try:
                await self._lab.remove_server(name)
            except LabError as error:
                if done is None:
                    raise
                raise Refused("unknown", f"Server {ident} is no member any more, but its process may still run: "
                              f"{error.problem.text}", "Remove it once more.") from None  # fmt: skip
            return {"version": done.version, "words": done.words} if done is not None else {}

    async def wipe(self, ident: str, do: Callable[[], Awaitable[None]]) -> dict[str, Any]:
        """Let a member begin without data: it takes all from the leader. ``do`` wipes it; whether it serves again."""
        async with self._turn:
            now = await self._present()
            seat = now.seats.get(ident)
            if seat is None:
                raise Refused("no-such-server", f"The configuration has no server {ident[:20]!r}.",
                              f"It has: {', '.join(now.seats)}.")  # fmt: skip
            if now.voters == [ident]:
                raise Refused("would-lose-quorum", f"Only server {ident} has a vote: all data would be lost.",
                              "Add another server first.")  # fmt: skip
            await do()
            self._say(f"server-{ident}", "wiped")
            try:
                await self._until_it_follows(f"server-{ident}", seat)
            except Refused:
                return {"serves": False}
            self._say(f"server-{ident}", "caught-up")
            return {"serves": True}

    async def _present(self) -> Configuration:
        """The present configuration. After a change before, the bridge's own connection may be about to come back."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + COMING_BACK
        while True:
            try:
                return await self._members.configuration()
            except Refused as refused:
                if refused.problem.code != "not-live" or loop.time() > give_up:
                    raise
            await asyncio.sleep(PAUSE)

    async def _until_it_follows(self, name: str, seat: Seat) -> None:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + STARTING
        found = Heard(reason="it was not asked")
        while loop.time() < give_up:
            found = await self._members.hear(seat)
            if found.mode in (*FOLLOWS, "leader"):
                return
            if self._ensemble().processes.get(name.removeprefix("server-")) in ("stopped", "killed", "exited"):
                raise Refused("failed", f"{name} ended by itself.", f"Its log tells why: logs/{name}.log.")
            await asyncio.sleep(PAUSE)
        raise Refused("failed", f"{name} does not follow after {STARTING:g} s: {found.reason}.",
                      f"Its log may tell why: logs/{name}.log.")  # fmt: skip

    async def _undone(self, name: str, refused: Refused | LabError) -> Refused:
        """End what was started, and say so with the reason."""
        problem = refused.problem
        self._say(name, "undone")
        try:
            await self._lab.remove_server(name)
        except LabError as error:
            words = f"Its process may still run ({error.problem.text})."
        else:
            words = "It was undone: its process was ended, and its files deleted."
        return Refused(problem.code, f"{problem.text} {words}", problem.hint)
