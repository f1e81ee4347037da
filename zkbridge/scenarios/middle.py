"""Kill a node in the middle of the line: the leader stays, one arrow is linked anew."""

from __future__ import annotations

from zkbridge.scenarios.company import PATIENCE, SOON, exit_of, in_window, line, spelled, window
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, seconds


async def play(script: Script) -> None:
    world = script.world
    async with script.step("Choose a node in the middle of the line") as told:
        before = line(world, least=4)
        place = len(before.nodes) // 2
        ahead, middle, behind = before.nodes[place - 1 : place + 2]
        told.words = f"{middle.name}: it watches {ahead.name}, and {behind.name} watches it."
    script.fact(f"Whom {behind.name} watches", middle.name, behind.watches)
    async with script.step(f"Kill {middle.name}"):
        await world.act("node.kill", id=middle.id)
        end = await exit_of(world, middle)
    async with script.step("Wait for the end of its session") as told:
        fired = (await world.until(
            f"the watch of {behind.name} fires", lambda: world.said("fired", path=middle.znode), PATIENCE
        ))[0]  # fmt: skip
        told.words = f"The watch of {fired.who} fired {seconds(fired.at - end)} after the kill."
    async with script.step("See the arrow linked anew") as told:
        linked = (await world.until(
            f"{behind.name} watches {ahead.name}", lambda: world.said("watching", behind.id, ahead.znode, end), SOON
        ))[0]  # fmt: skip
        await world.until("the stage draws it", lambda: world.node(behind.id).watches == ahead.id, SOON)
        told.words = f"{behind.name} watches {ahead.name} {seconds(linked.at - fired.at)} after its watch fired."
    after = line(world)
    kept = {node.id: node.watches for node in before.but(middle, behind)}
    moved = [node.name for node in after.nodes if node.id in kept and node.watches != kept[node.id]]
    script.fact("Who leads", before.leader.name, after.leader.name)
    script.fact("Elections", 0, len(world.said("elected")))
    script.fact("Clients woken", behind.name, " and ".join(record.who for record in world.said("fired")))
    script.fact(f"Whom {behind.name} watches now", ahead.name, world.node(behind.id).watches)
    script.fact("Other arrows that moved", "none", ", ".join(moved) or "none")
    script.fact("From the kill to the watch", spelled(window(world, middle)), seconds(fired.at - end),
                in_window(world, middle, fired.at - end))  # fmt: skip


SCENARIO = Scenario(
    "middle", "Kill a node in the middle",
    "The leader stays and nobody is elected: the node just behind the dead one watches the one ahead of it, and that "
    "is all that happens.",
    play, nodes=4,
)  # fmt: skip
