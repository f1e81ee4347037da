"""How things stood before a run, and the way back to that from wherever it ended.

The way back rests on what is there now, and on how it was before; on nothing that a run remembers. So a bridge that was
not there can go it too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from zkbridge.lab.variants import HERD
from zkbridge.protocol.base import Path
from zkbridge.protocol.ensemble import Server
from zkbridge.protocol.stage import Node
from zkbridge.records import Standing
from zkbridge.scenarios.world import LOOK, NotSo, World

ROOT: Path = "/scenario"
"""Below it a scenario makes its own znodes; nothing is there before, and nothing afterwards."""

MADE: tuple[Path, ...] = (ROOT, HERD.election, HERD.registry)
"""Znodes that scenarios make; those that were there before stay."""

SERVING = ("leading", "following", "observing", "standalone")
LIVING = ("alive", "starting", "silent", "paused")

MOST_ROUNDS = 100
"""Attempts to delete a znode that gets children meanwhile."""

SEEN = 0.2
"""Seconds after which what was done is on the stage."""

PATIENCE = 20.0
"""Seconds that servers have to serve again, and nodes to take their places."""


def standing(world: World) -> Standing:
    """How things are now."""
    kept = [path for path in MADE if world.children(path).exists]
    herd = len(_own(world, "alive", group=HERD.election))
    return Standing(sorted(world.ensemble().servers), len(_own(world, "alive")), herd, kept)


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


async def put_back(world: World, before: Standing) -> list[str]:
    """Undo whatever a run may have done; what could not be, in words. Each thing is tried whatever became of others."""
    troubles: list[str] = []
    works = (
        _faults(world), _servers(world, before), _nodes(world, before), _znodes(world, before), _stones(world, before),
    )  # fmt: skip
    for work in works:
        await _tried(work, troubles)
    return troubles


async def _tried(work: Awaitable[None], troubles: list[str]) -> None:
    try:
        await work
    except NotSo as error:
        troubles.append(str(error))


async def _gently(world: World, method: str, /, **params: Any) -> None:
    """Do it, or not where that is refused: somebody was faster, or it is only thought to be so. What matters is waited
    for afterwards, so a refusal that does matter is told as what did not come about."""
    await world.refusal(method, **params)


def _own(world: World, *states: str, group: Path = "") -> list[Node]:
    """The lab's own nodes. A session of somebody else's in the same election is nothing that could be put back."""
    return [node for node in world.nodes(*states, group=group) if node.lab]


async def _faults(world: World) -> None:
    """Links, and whatever is paused or down."""
    if world.lab().faults:
        await world.act("lab.heal")


async def _servers(world: World, before: Standing) -> None:
    for server in world.ensemble().servers.values():
        if "resume" in server.actions:
            await _gently(world, "server.resume", id=server.id)
        elif "start" in server.actions:
            await _gently(world, "server.start", id=server.id)

    def all_serve() -> bool:
        servers = world.ensemble().servers
        return set(before.servers) <= servers.keys() and all(_serves(server) for server in servers.values())

    try:
        await world.until("all servers serve again", all_serve, PATIENCE)
    except NotSo:
        await _restart(world)
        await world.until("all servers serve again", all_serve, PATIENCE)
    await world.until("the bridge is live again", lambda: world.status().state == "live", PATIENCE)
    for ident in sorted(_members(world) - set(before.servers), reverse=True):
        # One that led leaves others to elect another.
        await world.until("the bridge is live", lambda: world.status().state == "live", PATIENCE)
        await world.act("server.remove", id=ident)
        await world.until(
            f"server {ident} is no member any more",
            lambda ident=ident: ident not in _members(world), PATIENCE,  # type: ignore[misc]
        )  # fmt: skip


def _members(world: World) -> set[str]:
    """Ids of the servers that are members, and of those whose processes run though they have not become any."""
    ensemble = world.ensemble()
    return {*ensemble.servers, *ensemble.processes}


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


async def _nodes(world: World, before: Standing) -> None:
    for group in ("", HERD.election):
        for node in _own(world, "paused", group=group):
            await _gently(world, "node.resume", id=node.id)

    def settled() -> bool:
        # A node that was killed, and whose session lives on, is as good as gone.
        chain = _own(world, "starting", "paused", "silent")
        herd = _own(world, "starting", "paused", group=HERD.election)
        return not any(node.ended is None for node in (*chain, *herd))

    give_up, stopped, tried = world.now + PATIENCE * 1000 * world.scale, set[str](), False
    while True:
        # What was asked for last may not be on the stage yet, such as a node that was added just before.
        await asyncio.sleep(SEEN)
        await world.until("all nodes are in their places", settled, PATIENCE)
        if len(_own(world, "alive")) == before.nodes and _at_rest(world) and _herd_as(world, before.herd):
            return
        if tried and world.now > give_up:
            raise NotSo("There are not as many nodes alive as before, or a session of a dead one is left.")
        await _as_many(world, before.nodes, stopped)
        await _as_many(world, before.herd, stopped, HERD.election, variant=HERD.name)
        tried = True


async def _as_many(world: World, wanted: int, stopped: set[str], group: Path = "", **more: str) -> None:
    """Add or stop nodes until ``wanted`` are alive; the last in line go first. ``stopped`` were told so already."""
    alive = _own(world, "alive", group=group)
    here = [node for node in alive if node.ended is None and node.id not in stopped]
    for _ in range(len(here), wanted):
        await world.act("node.add", **more)
    for node in here[wanted:]:
        stopped.add(node.id)
        await _gently(world, "node.stop", id=node.id)


def _at_rest(world: World) -> bool:
    return not _own(world, "silent", "starting", "paused") and not any(node.pid for node in _own(world, "dead"))


def _herd_as(world: World, wanted: int) -> bool:
    """Whether the herd is as before. Sessions of its dead are not waited for: their candidates are deleted with it."""
    running = [node for node in _own(world, *LIVING, "dead", group=HERD.election) if node.ended is None and node.pid]
    return len(running) == wanted == len(_own(world, "alive", group=HERD.election))


async def _znodes(world: World, before: Standing) -> None:
    for path in MADE:
        if path not in before.kept:
            await _clear(world, path)


async def _stones(world: World, before: Standing) -> None:
    """Take the tombstones of the run off the stage. A candidate of a later herd may have the path of one of them."""
    if not before.herd:
        gone = "nobody of the herd is left"
        await world.until(gone, lambda: not _own(world, *LIVING, group=HERD.election), PATIENCE)
    for node in (*_own(world, "dead"), *_own(world, "dead", group=HERD.election)):
        if node.since >= world.began and "dismiss" in node.actions:
            await _gently(world, "node.dismiss", id=node.id)


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
