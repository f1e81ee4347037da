"""How things stood before a run, and the way back to that from wherever it ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable

import msgspec

from zkbridge.lab.variants import HERD
from zkbridge.protocol.base import Path
from zkbridge.protocol.ensemble import Server
from zkbridge.scenarios.world import LOOK, Denied, NotSo, World

ROOT: Path = "/scenario"
"""Below it a scenario makes its own znodes; nothing is there before, and nothing afterwards."""

SERVING = ("leading", "following", "observing", "standalone")
LIVING = ("alive", "starting", "silent", "paused")

MOST_ROUNDS = 100
"""Attempts to delete a znode that gets children meanwhile."""

PATIENCE = 20.0
"""Seconds that servers have to serve again, and nodes to take their places."""


class Before(msgspec.Struct, frozen=True):
    """``nodes``: how many were alive. ``stones``: the dead that lay there already."""

    servers: frozenset[str]
    nodes: int
    stones: frozenset[str]

    @classmethod
    def note(cls, world: World) -> Before:
        return cls(
            frozenset(world.ensemble().servers), len(world.nodes("alive")),
            frozenset(node.id for node in world.nodes("dead")),
        )  # fmt: skip


def broken(world: World) -> str:
    """What of the lab is not as it should be before a run, in words; '' where all is well."""
    faults = world.lab().faults.values()
    if faults:
        names = " and ".join(f"{fault.kind} of {fault.who}" for fault in list(faults)[:2])
        return f"The lab has faults already ({names}). Heal everything first."
    if world.workload().state in ("making", "finishing"):
        return "The workload of tasks is running. Wait for its end, or stop it, first."
    ensemble = world.ensemble()
    down = [server.id for server in ensemble.servers.values() if not _serves(server)]
    if down:
        return f"Server {' and '.join(down)} does not serve. Start it, or heal everything, first."
    off = [node.name for node in world.nodes("silent", "paused", "starting")]
    if off:
        return f"{' and '.join(off[:3])} is not alive and in its place. Wait, resume it or stop it first."
    if ROOT.strip("/") in world.children("/").order:
        return f"There is a znode {ROOT}, which scenarios make and delete. Delete it, or move it away, first."
    return ""


async def put_back(world: World, before: Before) -> list[str]:
    """Undo whatever a run may have done; what could not be, in words. Each thing is tried whatever became of others."""
    troubles: list[str] = []
    for work in (_faults(world), _servers(world, before), _nodes(world, before), _znodes(world)):
        await _tried(work, troubles)
    return troubles


async def _tried(work: Awaitable[None], troubles: list[str]) -> None:
    try:
        await work
    except NotSo as error:
        troubles.append(str(error))


async def _faults(world: World) -> None:
    """Links, and whatever is paused or down."""
    if world.lab().faults:
        await world.act("lab.heal")


async def _servers(world: World, before: Before) -> None:
    for server in world.ensemble().servers.values():
        if "resume" in server.actions:
            await world.act("server.resume", id=server.id)
        elif "start" in server.actions:
            with contextlib.suppress(Denied):  # somebody was faster, or it is only thought to be down
                await world.act("server.start", id=server.id)

    def all_serve() -> bool:
        servers = world.ensemble().servers
        return before.servers <= servers.keys() and all(_serves(server) for server in servers.values())

    try:
        await world.until("all servers serve again", all_serve, PATIENCE)
    except NotSo:
        await _restart(world)
        await world.until("all servers serve again", all_serve, PATIENCE)
    await world.until("the bridge is live again", lambda: world.status().state == "live", PATIENCE)
    for ident in sorted(world.ensemble().servers.keys() - before.servers, reverse=True):
        # One that led leaves others to elect another.
        await world.until("the bridge is live", lambda: world.status().state == "live", PATIENCE)
        await world.act("server.remove", id=ident)
        await world.until(
            f"server {ident} is no member any more",
            lambda ident=ident: ident not in world.ensemble().servers, PATIENCE,  # type: ignore[misc]
        )  # fmt: skip


async def _restart(world: World) -> None:
    """Some do not find their way back by themselves: they look for a leader, and are not heard."""
    for server in world.ensemble().servers.values():
        if not _serves(server) and "kill" in server.actions:
            await world.act("server.kill", id=server.id, force=True)
            await world.until(
                f"server {server.id} can be started",
                lambda ident=server.id: "start" in world.ensemble().servers[ident].actions, 10.0,  # type: ignore[misc]
            )  # fmt: skip
            await world.act("server.start", id=server.id)


async def _nodes(world: World, before: Before) -> None:
    for group in ("", HERD.election):
        for node in world.nodes("paused", group=group):
            await world.act("node.resume", id=node.id)
    for node in world.nodes(*LIVING, group=HERD.election):
        if "stop" in node.actions:
            await world.act("node.stop", id=node.id)

    def settled() -> bool:
        # A node that was killed, and whose session lives on, is as good as gone.
        return not any(node.ended is None for node in world.nodes("starting", "paused", "silent"))

    await world.until("all nodes are in their places", settled, PATIENCE)
    here = world.nodes("alive")
    for _ in range(len(here), before.nodes):
        await world.act("node.add")
    for node in here[before.nodes :]:
        await world.act("node.stop", id=node.id)
    await world.until(
        "as many nodes are alive as before, and no session of a dead one is left",
        lambda: len(world.nodes("alive")) == before.nodes
        and not world.nodes("silent", "starting", "paused")
        and not any(node.pid for node in world.nodes("dead")),
        PATIENCE,
    )
    for node in (*world.nodes("dead"), *world.nodes("dead", group=HERD.election)):
        if node.id not in before.stones and "dismiss" in node.actions:
            with contextlib.suppress(Denied):
                await world.act("node.dismiss", id=node.id)


async def _znodes(world: World) -> None:
    for path in (ROOT, HERD.election, HERD.registry):
        await _clear(world, path)


async def _clear(world: World, path: Path) -> None:
    """Delete a znode with all below it, also what comes meanwhile, or what the bridge hears of a moment later."""
    for _ in range(MOST_ROUNDS):
        children = world.children(path)
        if not children.exists:
            return
        for name in children.order:
            await _clear(world, f"{path}/{name}")
        code = await world.refusal("znode.delete", path=path, version=-1)
        if code in ("", "no-znode"):
            await world.until(f"{path} is gone", lambda: not world.children(path).exists, 5.0)
            return
        await asyncio.sleep(LOOK)
    raise NotSo(f"{path} could not be deleted.")


def _serves(server: Server) -> bool:
    return server.role in SERVING and server.process in ("", "running")
