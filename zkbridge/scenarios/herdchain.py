"""Herd against chain: the same kill wakes all others, or one."""

from __future__ import annotations

import asyncio

from zkbridge.lab.variants import HERD
from zkbridge.scenarios.company import PATIENCE, Line, exit_of, line, succession
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, count, seconds

SIZE = 5
"""Nodes of the herd."""


async def play(script: Script) -> None:
    world = script.world
    size = SIZE + len(world.nodes("alive", group=HERD.election))
    async with script.step(f"Start {SIZE} nodes that all watch the leader, in {HERD.election}") as told:
        for _ in range(SIZE):
            await world.act("node.add", variant=HERD.name)
        herd = await world.until(
            "all of them stand in line and know who leads", lambda: _settled(script, size), PATIENCE
        )
        told.words = f"{herd.leader.name} leads the herd of {size}."
    chain = line(world, least=3)
    pointing = [node for node in herd.but(herd.leader) if node.watches == herd.leader.id]
    script.fact("Arrows of the herd that point to its leader", size - 1, len(pointing))
    behind = sum(node.watches == ahead.id for ahead, node in zip(chain.nodes, chain.nodes[1:], strict=False))
    script.fact("Arrows of the chain that point to the one ahead", len(chain.nodes) - 1, behind)
    async with script.step(f"Kill both leaders, {chain.leader.name} and {herd.leader.name}, at the same time"):
        await asyncio.gather(*(world.act("node.kill", id=one.leader.id) for one in (chain, herd)))
        ends = [await exit_of(world, one.leader) for one in (chain, herd)]
    async with script.step("Wait until both groups have another leader") as told:
        in_chain, in_herd = await asyncio.gather(
            succession(world, chain, ends[0]), succession(world, herd, ends[1], woken=size - 1)
        )
        told.words = f"The chain: {count(len(in_chain.woken), 'client')} woke. The herd: {len(in_herd.woken)} woke."
    script.table(
        "The same kill", ["", "waiting", "woken", "in vain", "woken within", "leads after"],
        [
            [name, len(one.nodes) - 1, len(after.woken), len(after.woken) - 1,
             seconds(max(record.at for record in after.woken) - min(record.at for record in after.woken)), after.leader]
            for name, one, after in (("chain", chain, in_chain), ("herd", herd, in_herd))
        ],
    )  # fmt: skip
    script.fact("Clients woken in the chain", 1, len(in_chain.woken))
    script.fact("Clients woken in the herd", size - 1, len({record.who for record in in_herd.woken}))


def _settled(script: Script, size: int) -> Line | None:
    world = script.world
    nodes = world.nodes("alive", group=HERD.election)
    if len(nodes) < size or not nodes[0].leads:
        return None
    leader = nodes[0]
    ready = all(node.acknowledges == leader.id and (node is leader or node.watches) for node in nodes)
    return line(world, HERD.election, size) if ready else None


SCENARIO = Scenario(
    "herd-chain", "Herd against chain",
    "Where everybody watches the leader, its death wakes all others, of whom one is needed; where each watches the one "
    "just ahead, it wakes that one.",
    play, nodes=3,
)  # fmt: skip
