"""Build the chain: each node that joins watches its predecessor, and the servers' own lists of watches say so too."""

from __future__ import annotations

import msgspec

from zkbridge.facts import hexadecimal
from zkbridge.protocol.stage import Node
from zkbridge.scenarios.company import PATIENCE, SOON, Line, line
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, count
from zkbridge.scenarios.world import NotSo, World
from zkbridge.zookeeper.admin import AdminServers, NotTold

JOIN = 3
"""Nodes that join."""


class ByPath(msgspec.Struct, frozen=True):
    """What AdminServer answers."""

    path_to_session_ids: dict[str, list[int]] = {}


async def play(script: Script) -> None:
    world = script.world
    before = line(world, least=1)
    for _ in range(JOIN):
        last = line(world, least=1).nodes[-1]
        async with script.step("Start a node") as told:
            new = str((await world.act("node.add"))["id"])
            node = await world.until(f"{new} is in its place", lambda new=new: _placed(world, new), PATIENCE)  # type: ignore[misc]
            said = (await world.until(
                f"{new} says whom it watches", lambda new=new: world.said("watching", new), SOON  # type: ignore[misc]
            ))[-1]  # fmt: skip
            told.words = f"{new} is number {node.place} in line; it says that it watches {said.path}."
        script.fact(f"Whom {new} watches, on the stage", last.name, node.watches)
        script.fact(f"Whom {new} watches, in its own words", last.znode, said.path)
    whole = line(world, least=JOIN + 1)
    script.fact("Nodes in line", len(before.nodes) + JOIN, len(whole.nodes))
    async with script.step("Ask every server which watches it holds") as told:
        held = await _watches(world)
        mine = {node.session: node.name for node in whole.nodes}
        total = sum(len(sessions) for sessions in held.values())
        told.words = f"{count(total, 'watch')} on {count(len(held), 'path')}."
    rows = []
    for node, behind in zip(whole.nodes, [*whole.nodes[1:], None], strict=True):
        watching = sorted(mine[session] for session in held.get(node.znode, ()) if session in mine)
        rows.append([node.znode, node.name, behind.name if behind else "nobody", " and ".join(watching) or "nobody"])
    script.table("Who watches whom", ["znode", "of", "arrow on the stage from", "watched, say the servers, by"], rows)
    script.fact("Arrows that the servers' lists confirm", len(rows), sum(row[2] == row[3] for row in rows))
    script.fact("Arrows", f"{len(whole.nodes) - 1}, one for each node but the leader", _arrows(whole))


def _placed(world: World, ident: str) -> Node | None:
    node = world.stage().nodes.get(ident)
    return node if node is not None and node.state == "alive" and node.place is not None and node.watches else None


def _arrows(whole: Line) -> str:
    arrows = sum(node.watches == ahead.id for ahead, node in zip(whole.nodes, whole.nodes[1:], strict=False))
    return f"{arrows}, one for each node but the leader" if arrows == len(whole.nodes) - 1 else str(arrows)


async def _watches(world: World) -> dict[str, set[str]]:
    """Path to the sessions that watch it, of all servers together."""
    admin = AdminServers()
    held: dict[str, set[str]] = {}
    try:
        for member in world.around.members():
            if member.admin_port is None:
                raise NotSo(f"Where AdminServer of server {member.id} listens is not known.")
            told = await admin.tell(member.host, member.admin_port, "watches_by_path", ByPath)
            for path, sessions in told.path_to_session_ids.items():
                held.setdefault(path, set()).update(map(hexadecimal, sessions))
    except NotTold as error:
        raise NotSo(f"The servers do not tell their watches: {error}.") from None
    finally:
        await admin.close()
    return held


SCENARIO = Scenario(
    "chain", "Build the chain",
    "Each node that joins watches the one just ahead of it, and nobody else. The arrows of the stage, the nodes' own "
    "words and the servers' lists of watches say the same.",
    play, nodes=1, quick=True,
)  # fmt: skip
