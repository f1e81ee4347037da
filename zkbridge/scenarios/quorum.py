"""Quorum arithmetic, measured: with 3, 4 and 5 servers, how many may be lost before nothing can be written."""

from __future__ import annotations

import asyncio

from zkbridge.scenarios.company import PATIENCE
from zkbridge.scenarios.putback import ROOT
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, count, seconds
from zkbridge.scenarios.world import LOOK, NotSo, World

SIZES = (3, 4, 5)

NO_WRITES = ("not-live", "no-quorum", "read-only")

STARTING = 40.0
"""Seconds that servers may take to start, catch up and elect a leader."""


async def play(script: Script) -> None:
    world = script.world
    await world.create(ROOT)
    rows = [await _measured(script, size) for size in SIZES]
    head = ["servers", "a quorum needs", "may be lost", "were lost, and it wrote", "with one more lost"]
    script.table("How many servers may be lost", head, rows)
    lost = [row[3] for row in rows]
    script.fact("Four servers tolerate no more than three do", lost[0], lost[1])
    script.fact("Five tolerate one more", int(lost[0]) + 1, int(lost[2]))


async def _measured(script: Script, size: int) -> list[str]:
    world = script.world
    if len(world.ensemble().servers) < size:
        async with script.step("Add a server, which joins the ensemble") as told:
            new = str((await world.act("server.add"))["id"])
            await _all_serve(world, size)
            told.words = f"Server {new}: {world.ensemble().quorum.words}."
    needs = size // 2 + 1
    spare = size - needs
    victims = (await world.until("it is known which server leads", lambda: _followers(world), PATIENCE))[: spare + 1]
    async with script.step(f"Of {size} servers kill {spare}: {' and '.join(victims[:spare])}") as told:
        await asyncio.gather(*(world.act("server.kill", id=victim, force=True) for victim in victims[:spare]))
        await world.until(f"{needs} servers are up", lambda: world.ensemble().quorum.up == needs, PATIENCE)
        written = await _written(world)
        told.words = f"{world.ensemble().quorum.words}. A write is {'taken' if written else 'refused'}."
    script.fact(f"{size} servers, {spare} lost: a write", "taken", "taken" if written else "refused")
    last = victims[spare]
    async with script.step(f"Kill one more, server {last}") as told:
        killed = world.now
        await world.act("server.kill", id=last, force=True)
        await world.until(
            "the page says that there is no quorum",
            lambda: not world.ensemble().quorum.held and world.status().state == "no-quorum", PATIENCE,
        )  # fmt: skip
        took = world.now - killed
        code = await world.refusal("znode.set", path=ROOT, data="", version=-1)
        told.words = f"No quorum, said {seconds(took)} later. A write is refused: {code or 'no, it is taken'}."
    refused = "refused" if code in NO_WRITES else code or "taken"
    script.fact(f"{size} servers, {spare + 1} lost: a write", "refused", refused)
    async with script.step(f"Start {count(spare + 1, 'server')} again") as told:
        began = world.now
        await asyncio.gather(*(world.act("server.start", id=victim) for victim in victims))
        await _all_serve(world, size)
        again = await _written(world)
        told.words = f"A write is {'taken' if again else 'refused'} {seconds(world.now - began)} later."
    script.fact(f"{size} servers, all back: a write", "taken", "taken" if again else "refused")
    return [str(size), str(needs), str(spare), str(spare) if written else "fewer", refused]


def _followers(world: World) -> list[str]:
    """Those that do not lead, the latest first: the nodes know the first three. [] while no leader is known."""
    ensemble = world.ensemble()
    found = [server.id for server in ensemble.servers.values() if server.voter and server.id != ensemble.leader]
    if not all(ident.isdigit() for ident in found):
        raise NotSo("The ids of the servers are not known.")
    return sorted(found, key=int, reverse=True) if ensemble.leader else []


async def _all_serve(world: World, size: int) -> None:
    def serve() -> bool:
        quorum = world.ensemble().quorum
        return quorum.size == quorum.up == size and quorum.held and world.status().state == "live"

    await world.until(f"all {size} servers serve, and the bridge is live", serve, STARTING)


async def _written(world: World) -> bool:
    """Whether a write is taken soon: clients of a server that was lost need a moment to find another."""
    deadline = world.now + PATIENCE * 1000 * world.scale
    while world.now < deadline:
        if not await world.refusal("znode.set", path=ROOT, data="", version=-1):
            return True
        await asyncio.sleep(LOOK)
    return False


SCENARIO = Scenario(
    "quorum", "Quorum arithmetic",
    "Three servers can lose one, four also one, five two: more than half must be up. With one more lost nothing can be "
    "written, until one of them is back.",
    play, sizes=(3,),
)  # fmt: skip
