"""Kill the leader: a closed session is gone at once, that of a killed process only after its timeout."""

from __future__ import annotations

from zkbridge.scenarios.company import AT_ONCE, exit_of, in_window, line, spelled, succession, window
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, count, seconds


async def play(script: Script) -> None:
    await _stop(script)
    await _kill(script)


async def _stop(script: Script) -> None:
    world = script.world
    async with script.step("Look who leads and who is next in line") as told:
        before = line(world, least=3)
        told.words = f"{before.leader.name} leads; {before.heir.name} watches its znode."
    leader = before.leader
    async with script.step(f"Stop {leader.name}: SIGTERM, and it closes its session") as told:
        await world.act("node.stop", id=leader.id)
        closing = await world.until("it closes its session", lambda: world.said("stopping", leader.id), 5.0)
        closed = await succession(world, before, closing[-1].at)
        took = closed.detect + closed.elect
        told.words = f"{closed.leader} leads {seconds(took)} later; {count(len(closed.woken), 'client')} woke."
    script.fact("Who leads after a close", before.heir.name, closed.leader)
    script.fact("From the close to the new leader", f"under {seconds(AT_ONCE * world.scale)}", seconds(took),
                took < AT_ONCE * world.scale)  # fmt: skip
    script.fact("Clients woken by the close", 1, len(closed.woken))


async def _kill(script: Script) -> None:
    world = script.world
    before = line(world)
    leader = before.leader
    bounds = window(world, leader)
    async with script.step(f"Kill {leader.name}: SIGKILL, and its session lives on") as told:
        await world.act("node.kill", id=leader.id)
        end = await exit_of(world, leader)
        silent = await world.until(
            "its session is seen to live on", lambda: world.in_state(leader.id, "silent"), 5.0
        )
        left = silent.expires - world.now if silent.expires is not None else 0.0
        whose = "the ensemble's leader says" if silent.expiry == "server" else "estimated"
        told.words = f"Its znodes stay; the countdown says {seconds(max(left, 0.0))} ({whose})."
    script.fact("Who leads while the countdown runs", leader.name, world.stage().leader)
    async with script.step("Wait for the end of its session") as told:
        killed = await succession(world, before, end)
        told.words = (
            f"The watch fired {seconds(killed.detect)} after the kill; {killed.leader} leads "
            f"{seconds(killed.elect)} later."
        )
    script.fact("Who leads after the kill", before.heir.name, killed.leader)
    script.fact("From the kill to the watch", spelled(bounds), seconds(killed.detect),
                in_window(world, leader, killed.detect))  # fmt: skip
    script.fact("Clients woken by the kill", 1, len(killed.woken))


SCENARIO = Scenario(
    "kill-leader", "Kill the leader",
    "A leader that closes its session is replaced at once; a killed one only when its session has expired. Either way "
    "exactly one client wakes.",
    play, nodes=3,
)  # fmt: skip
