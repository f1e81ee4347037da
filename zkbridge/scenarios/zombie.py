"""A leader that was frozen wakes after its session has expired, and believes that it leads: its write is refused."""

from __future__ import annotations

from zkbridge.scenarios.company import PATIENCE, SOON, in_window, line, spelled, succession, window
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, seconds


async def play(script: Script) -> None:
    world = script.world
    async with script.step("Look who leads, and as which candidate") as told:
        before = line(world, least=3)
        leader = before.leader
        old = await _token(script, leader.znode)
        told.words = f"{leader.name}; its fencing token is {old}, the czxid of {leader.znode}."
    async with script.step(f"Pause {leader.name}: SIGSTOP freezes it in the midst of its work"):
        # Before it, and not after: how long the answer takes is no part of the pause.
        paused = world.now
        await world.act("node.pause", id=leader.id)
    async with script.step("Wait for the end of its session") as told:
        after = await succession(world, before, paused)
        told.words = f"{after.leader} leads {seconds(after.detect + after.elect)} after the pause."
    script.fact("Who leads now", before.heir.name, after.leader)
    script.fact("From the pause to the watch", spelled(window(world, leader)), seconds(after.detect),
                in_window(world, leader, after.detect))  # fmt: skip
    async with script.step(f"Wait until {after.leader} has written to the storage") as told:
        stored = (await world.until(
            "the storage took its write", lambda: world.said("stored", since=paused), SOON
        ))[-1]  # fmt: skip
        told.words = f"The storage took it, with the token {stored.token}."
    script.fact("Who wrote", after.leader, stored.by)
    script.fact("The new token is its candidate's czxid", await _token(script, stored.path), stored.token)
    script.fact("The new token is higher", f"more than {old}", stored.token, int(stored.token, 16) > int(old, 16))
    async with script.step(f"Resume {leader.name}: SIGCONT, and it goes on where it was") as told:
        woke = world.now
        await world.act("node.resume", id=leader.id)
        refused = (await world.until(
            f"the storage refuses {leader.name}", lambda: world.said("refused", since=woke), PATIENCE
        ))[0]  # fmt: skip
        told.words = (
            f"{seconds(refused.at - woke)} later it wrote with {refused.token}; the storage holds {refused.held}, and "
            "refused."
        )
    script.fact("Whose write was refused", leader.name, refused.by)
    script.fact("With which token", old, refused.token)
    script.fact("Because the storage holds", stored.token, refused.held)
    async with script.step(f"Wait until {leader.name} knows, and stands in line again") as told:
        await world.until("it says that it was fenced off", lambda: world.said("fenced", leader.id), SOON)
        back = await world.until(
            "it has joined again", lambda: world.in_state(leader.id, "alive"), PATIENCE
        )
        told.words = f"It has a new session, and place {back.place}."
    script.fact("Its session", f"another than {leader.session}", back.session, back.session != leader.session)
    script.fact("Who leads in the end", after.leader, world.stage().leader)
    taken = {record.by for record in world.said("stored", since=woke)}
    script.fact("Writes of others that the storage took since", "none", ", ".join(sorted(taken)) or "none")


async def _token(script: Script, znode: str) -> str:
    """The czxid of a candidate, as the ensemble has it."""
    stat = (await script.world.read(znode)).stat
    return stat.czxid if stat is not None else "none"


SCENARIO = Scenario(
    "zombie", "The zombie leader",
    "A frozen leader wakes after another was elected, and still believes that it leads. Its write carries the czxid of "
    "its old candidate; the storage has seen a higher one, and refuses it.",
    play, nodes=3,
)  # fmt: skip
