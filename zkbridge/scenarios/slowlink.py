"""A slow or cut link: an outage shorter than the session timeout costs nothing, a longer one the session."""

from __future__ import annotations

import asyncio
import contextlib

from zkbridge.scenarios.company import PATIENCE, SOON, in_window, line, spelled, succession, window
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, seconds
from zkbridge.scenarios.world import NotSo

DELAY = 300
"""ms that each way of a slow link takes."""

SLOW_FOR = 2.0
"""Seconds for which it is slow."""

SHARE = 0.5
"""Of the session timeout, how long the short outage is. A client that was heard a third of the timeout ago has two
thirds left: whatever is shorter ends no session."""


async def play(script: Script) -> None:
    world = script.world
    if not world.lab().network:
        raise NotSo("Links cannot be cut on this system.")
    before = line(world, least=3)
    leader = before.leader
    async with script.step(f"Slow down the link of {leader.name}, which leads, by {DELAY} ms each way") as told:
        await world.act("link.slow", **{"from": leader.id, "to": "ensemble", "latency": DELAY})
        await asyncio.sleep(SLOW_FOR)
        await world.act("link.heal", **{"from": leader.id, "to": "ensemble"})
        told.words = f"For {SLOW_FOR:g} s."
    script.fact("Its session after it was slow", leader.session, world.node(leader.id).session)
    script.fact("Elections", 0, len(world.said("elected")))

    outage = leader.timeout * SHARE
    async with script.step(f"Cut it for {seconds(outage)}, half of the session timeout") as told:
        cut = world.now
        await world.act("link.cut", **{"from": leader.id, "to": "ensemble"})
        await asyncio.sleep(outage / 1000)
        await world.act("link.heal", **{"from": leader.id, "to": "ensemble"})
        healed = world.now
        await world.until(
            f"{leader.name} is connected",
            lambda: world.node(leader.id).connection == "connected" and world.in_state(leader.id, "alive"), PATIENCE,
        )  # fmt: skip
        # Whatever the outage led to would be there once the session could have ended.
        await asyncio.sleep(max(0.0, (window(world, leader)[1] - (world.now - cut)) / 1000))
        noticed = "noticed it" if world.said("suspended", leader.id, since=cut) else "did not even notice it"
        told.words = f"The link was cut for {seconds(healed - cut)}. {leader.name} {noticed}."
    script.fact("Its session after the short outage", leader.session, world.node(leader.id).session)
    script.fact("Who leads", leader.name, world.stage().leader)
    script.fact("Elections", 0, len(world.said("elected")))
    await _long(script)


async def _long(script: Script) -> None:
    world = script.world
    before = line(world, least=3)
    leader = before.leader
    async with script.step(f"Cut the link of {leader.name} for longer than the session timeout") as told:
        cut = world.now
        await world.act("link.cut", **{"from": leader.id, "to": "ensemble"})
        after = await succession(world, before, cut)
        told.words = f"{after.leader} leads {seconds(after.detect + after.elect)} after the cut."
    script.fact("Who leads now", before.heir.name, after.leader)
    script.fact("From the cut to the watch", spelled(window(world, leader)), seconds(after.detect),
                in_window(world, leader, after.detect))  # fmt: skip
    with contextlib.suppress(NotSo):
        await world.until("it says so", lambda: world.node(leader.id).connection != "connected", SOON)
    word = world.node(leader.id).connection
    script.fact(f"What {leader.name} says while it is cut off", "suspended: it cannot know that its session is gone",
                f"{word}: it cannot know that its session is gone" if word == "suspended" else word)  # fmt: skip
    async with script.step("Heal the link") as told:
        healed = world.now
        await world.act("link.heal", **{"from": leader.id, "to": "ensemble"})
        lost = (await world.until(
            f"{leader.name} says LOST", lambda: world.said("lost", leader.id, since=healed), PATIENCE
        ))[0]  # fmt: skip
        back = await world.until(
            f"{leader.name} has joined again",
            lambda: node if (node := world.in_state(leader.id, "alive")) and node.znode != leader.znode else None,
            PATIENCE,
        )  # fmt: skip
        told.words = f"It says LOST {seconds(lost.at - healed)} later, and joins again in place {back.place}."
    script.fact("Its session", f"another than {leader.session}", back.session, back.session != leader.session)
    await world.until("it knows who leads", lambda: world.node(leader.id).acknowledges == after.leader, SOON)
    script.fact("Who leads in the end", after.leader, world.stage().leader)


SCENARIO = Scenario(
    "slow-link", "A slow or cut link",
    "A link that is slow, or cut for less than the session timeout, ends no session and changes no leader. When it is "
    "cut for longer, another leads, and the old leader learns only afterwards that its session was lost.",
    play, nodes=3,
)  # fmt: skip
