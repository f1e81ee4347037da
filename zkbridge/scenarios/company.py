"""The nodes of the lab as scenarios deal with them: who stands in line, who wakes, how long that takes."""

from __future__ import annotations

import contextlib

import msgspec

from zkbridge.protocol.base import Ms, Path
from zkbridge.protocol.stage import Node
from zkbridge.records import Record
from zkbridge.scenarios.world import NotSo, World

PATIENCE = 15.0
"""Seconds for anything that a session timeout is a part of."""

SOON = 5.0
"""Seconds for anything else."""

AT_ONCE = 500.0
"""ms within which somebody has taken over from a leader that closed its session."""


class Line(msgspec.Struct, frozen=True):
    """The nodes of a group in the order of their candidates: the first leads."""

    nodes: tuple[Node, ...]

    @property
    def leader(self) -> Node:
        return self.nodes[0]

    @property
    def heir(self) -> Node:
        return self.nodes[1]

    def but(self, *gone: Node) -> list[Node]:
        ids = {node.id for node in gone}
        return [node for node in self.nodes if node.id not in ids]


class Succession(msgspec.Struct, frozen=True):
    """What a leader's end led to. Times are ms on the nodes' own clocks.

    ``detect``: from the end to the first watch that fired; ``elect``: from that to the new leader's own word.
    """

    woken: tuple[Record, ...]
    detect: float
    elect: float
    leader: str


def line(world: World, group: Path = "", least: int = 2) -> Line:
    """Raise `NotSo` where fewer than ``least`` stand in it."""
    nodes = tuple(node for node in world.nodes("alive", group=group) if node.place is not None)
    if len(nodes) < least:
        raise NotSo(f"Only {len(nodes)} of the {least} nodes that it takes stand in line.")
    if not nodes[0].leads:
        raise NotSo("Nobody leads.")
    return Line(nodes)


async def succession(world: World, before: Line, end: Ms, within: float = PATIENCE, woken: int = 1) -> Succession:
    """Wait until everybody who is left knows the leader that came after ``before.leader``, whose end was at ``end``,
    and until ``woken`` said that their watch on its candidate fired: of a herd, one may hear from the new leader before
    its own watch has told it anything. Where fewer say so in time, the result has fewer."""
    fell = before.leader
    left = {node.id for node in before.but(fell)}

    def elected() -> Record | None:
        found = [record for record in world.said("elected", since=end) if record.who in left]
        return found[0] if found else None

    new = await world.until(f"somebody leads instead of {fell.name}", elected, within)
    if not world.said("fired", new.who, fell.znode):
        chain = f"its watch on {fell.znode} did not fire: {before.heir.name} was next in line"
        raise NotSo(f"{new.who} leads, but {chain}.")
    await world.until(
        f"all {len(left)} others know that {new.who} leads",
        lambda: {record.who for record in world.said("acknowledged", path=new.path)} >= left - _ended(world), SOON,
    )  # fmt: skip

    def awake() -> list[Record]:
        return [record for record in world.said("fired", path=fell.znode, since=end) if record.who in left]

    with contextlib.suppress(NotSo):
        await world.until("all who watched it have said so", lambda: len(awake()) >= woken, SOON)
    first = min(record.at for record in awake())
    return Succession(tuple(awake()), round(first - end, 1), round(new.at - first, 1), new.who)


def _ended(world: World) -> set[str]:
    return {record.who for record in world.said("exited")}


async def exit_of(world: World, node: Node) -> Ms:
    """When the node's process ended."""
    record = await world.until(f"the process of {node.name} has ended", lambda: world.said("exited", node.id), SOON)
    return record[-1].at


def window(world: World, node: Node) -> tuple[float, float]:
    """How long a node's znodes outlive its process at the least and at the most, ms. A client that was heard up to a
    third of the timeout ago has two thirds left; the ensemble's leader ends sessions in buckets of a tick, and hears of
    clients of other servers every half tick."""
    return node.timeout * 2 / 3, node.timeout + 1.5 * world.around.tick


def in_window(world: World, node: Node, ms: float) -> bool:
    """Whether ``ms`` is in it, but for the time that processes themselves take."""
    low, high = window(world, node)
    return low - 50 * world.scale <= ms <= high + 400 * world.scale


def spelled(bounds: tuple[float, float]) -> str:
    return f"{bounds[0] / 1000:.1f} to {bounds[1] / 1000:.1f} s"
