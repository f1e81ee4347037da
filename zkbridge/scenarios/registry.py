"""Registry and discovery: a dead address stays until its session expires, and a fast restart shows both."""

from __future__ import annotations

import base64

from zkbridge.lab.variants import CHAIN
from zkbridge.protocol.stage import Node
from zkbridge.protocol.znodes import Children, Row
from zkbridge.scenarios.company import PATIENCE, SOON, exit_of, in_window, line, spelled, window
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, count, seconds
from zkbridge.scenarios.world import NotSo, World


async def play(script: Script) -> None:
    world = script.world
    async with script.step(f"Look up the workers in {CHAIN.registry}") as told:
        before = line(world, least=3)
        workers = before.but(before.leader)
        entries = await world.until("every worker is registered", lambda: _entries(world, workers), SOON)
        worker = workers[-1]
        entry = entries[worker.id]
        address = await _address(world, entry)
        told.words = f"{count(len(workers), 'worker')}. {worker.name} is {entry}: {address}."
    script.fact("Entries of the leader", 0, len(_of(world, before.leader)))
    async with script.step(f"Kill {worker.name}, and start another at once"):
        await world.act("node.kill", id=worker.id)
        end = await exit_of(world, worker)
        new = str((await world.act("node.add"))["id"])
    async with script.step("Wait until the new one is registered") as told:
        registered = (await world.until(
            f"{new} is registered", lambda: world.said("registered", new), PATIENCE
        ))[-1]  # fmt: skip
        both = await world.until("the page's tree has it", lambda: _both(world, entry, registered.path), SOON)
        young = await _address(world, registered.path.rpartition("/")[2])
        told.words = f"{registered.path.rpartition('/')[2]}: {young}, {seconds(registered.at - end)} after the kill."
    script.fact("Entries while the old session lives", "the old and the new one", both)
    script.fact("The address of the new one", f"another than {address}", young, young != address)
    async with script.step("Wait for the end of the old session") as told:
        await world.until("the old entry is gone", lambda: entry not in _rows(world), PATIENCE)
        gone = _deleted(world, entry)
        told.words = f"{entry} vanished {seconds(gone - end)} after the kill: so long a dead address was given out."
    script.fact("From the kill to the end of the entry", spelled(window(world, worker)), seconds(gone - end),
                in_window(world, worker, gone - end))  # fmt: skip
    script.fact("Entries in the end", len(workers), len(_rows(world)))
    overlap = gone - registered.at
    script.fact("Both entries side by side for", "more than 0 ms", seconds(overlap), overlap > 0)


def _rows(world: World) -> dict[str, Row]:
    return world.children(CHAIN.registry).rows


def _of(world: World, node: Node) -> list[str]:
    return [name for name, row in _rows(world).items() if row.owner == node.session]


def _entries(world: World, workers: list[Node]) -> dict[str, str] | None:
    """The name of each worker's entry; None until all have one."""
    found = {node.id: names[0] for node in workers if (names := _of(world, node))}
    return found if len(found) == len(workers) else None


def _both(world: World, old: str, new: str) -> str:
    names = _rows(world)
    if new.rpartition("/")[2] not in names:
        return ""
    return "the old and the new one" if old in names else "only the new one"


def _deleted(world: World, entry: str) -> float:
    children: Children = world.children(CHAIN.registry)
    ghost = children.ghosts.get(entry)
    if ghost is None:
        raise NotSo(f"When {entry} went is not known.")
    return ghost.at


async def _address(world: World, entry: str) -> str:
    data = (await world.read(f"{CHAIN.registry}/{entry}")).data
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else base64.b64decode(data).decode()


SCENARIO = Scenario(
    "registry", "Registry and discovery",
    "The address of a dead worker is given out until its session expires. A worker that is started again soon has two "
    "entries until then, the old and the new one.",
    play, nodes=3,
)  # fmt: skip
