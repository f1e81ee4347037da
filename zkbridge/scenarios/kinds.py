"""Kinds of znode: who owns them, which have children, and how the next sequence number is known beforehand."""

from __future__ import annotations

from zkbridge.protocol.znodes import Stat
from zkbridge.scenarios.putback import ROOT
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script
from zkbridge.scenarios.world import NotSo, World
from zkbridge.znode import sequence_of


async def play(script: Script) -> None:
    world = script.world
    async with script.step(f"Make {ROOT}, persistent, and {ROOT}/e, an ephemeral of the bridge's own session") as told:
        await world.create(ROOT)
        await world.create(f"{ROOT}/e", kind="ephemeral")
        top, ephemeral = await _stat(world, ROOT), await _stat(world, f"{ROOT}/e")
        told.words = f"The owner of the first is {top.owner}, of the second {ephemeral.owner}."
    script.fact("Owner of a persistent znode", "0x0", top.owner)
    script.fact("Owner of an ephemeral", world.status().session, ephemeral.owner)
    async with script.step("Make a child of each") as told:
        below = await world.refusal("znode.create", path=f"{ROOT}/e/child")
        beside = await world.refusal("znode.create", path=f"{ROOT}/child")
        told.words = "The ephemeral takes none; the persistent one does."
    script.fact("A child below an ephemeral", "refused: ephemeral-parent", f"refused: {below}" if below else "made")
    script.fact("A child below a persistent znode", "made", f"refused: {beside}" if beside else "made")
    predictions = [
        await _predict(script, "as it is", None),
        await _predict(script, "once more", None),
        await _predict(script, "after a child was deleted", _delete),
        await _predict(script, "after a plain child was made", _plain),
        await _predict(script, "after a child's data was set", _data),
    ]
    script.table(
        f"The next number below {ROOT}: (cversion + children) / 2",
        ["", "cversion", "children", "predicted", "made"], predictions,
    )  # fmt: skip
    script.fact(
        "Sequence numbers predicted", f"{len(predictions)} of {len(predictions)}",
        f"{sum(row[3] == row[4] for row in predictions)} of {len(predictions)}",
    )  # fmt: skip


async def _predict(script: Script, when: str, first: object) -> list[str]:
    world = script.world
    async with script.step(f"Predict the next sequence number, {when}") as told:
        if callable(first):
            await first(world)
        stat = await _stat(world, ROOT)
        expected = (stat.cversion + stat.children) // 2
        made = await world.create(f"{ROOT}/n_", sequential=True)
        number = sequence_of(made.path)
        told.words = f"({stat.cversion} + {stat.children}) / 2 = {expected}; the server made {made.path}."
    return [when, str(stat.cversion), str(stat.children), f"{expected:010d}", f"{number:010d}"]


async def _delete(world: World) -> None:
    await world.delete(f"{ROOT}/child")


async def _plain(world: World) -> None:
    await world.create(f"{ROOT}/plain")


async def _data(world: World) -> None:
    await world.set(f"{ROOT}/plain", b"x")


async def _stat(world: World, path: str) -> Stat:
    stat = (await world.read(path)).stat
    if stat is None:
        raise NotSo(f"{path} is not there.")
    return stat


SCENARIO = Scenario(
    "kinds", "Kinds of znode",
    "An ephemeral belongs to a session and has no children. The number of the next sequential child is known "
    "beforehand: half of cversion and the count of children together.",
    play, quick=True,
)  # fmt: skip
