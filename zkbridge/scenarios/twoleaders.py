"""The ensemble's leader is not the application's leader."""

from __future__ import annotations

from collections.abc import Iterable

from zkbridge.protocol.ensemble import Ensemble
from zkbridge.protocol.stage import Node
from zkbridge.scenarios.company import PATIENCE, line
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, seconds
from zkbridge.scenarios.world import NotSo, World

REST = 3.0
"""Seconds that the last probes may take to show that the followers have caught up."""


async def play(script: Script) -> None:
    world = script.world
    async with script.step("Look who leads the application, and who the ensemble") as told:
        ensemble = await world.until("a server leads, and its epoch is known", lambda: _led(world.ensemble()), PATIENCE)
        nodes = line(world, least=2).nodes
        leader, server, epoch = nodes[0], ensemble.leader, ensemble.epoch or 0
        told.words = f"{leader.name} leads the application, server {server} the ensemble, in epoch {epoch}."
    async with script.step("Predict which server wins: votes compare epoch, then zxid, then id") as told:
        votes = await world.until("the zxids of all servers are known", lambda: _votes(world.ensemble()), REST)
        left = {ident: vote for ident, vote in votes.items() if ident != server}
        predicted = max(left, key=left.__getitem__)
        latest = max(vote[1] for vote in left.values())
        by = "its zxid" if sum(vote[1] == latest for vote in left.values()) == 1 else "its id, for the zxids are equal"
        told.words = f"Server {predicted}, by {by}."
    async with script.step(f"Kill server {server}, which leads") as told:
        began = world.now
        await world.act("server.kill", id=server)
        after = await world.until(
            "another server leads, in a new epoch",
            lambda: e if (e := _led(world.ensemble())) and e.leader != server and e.epoch != epoch else None, PATIENCE,
        )  # fmt: skip
        told.words = f"Server {after.leader} leads, in epoch {after.epoch}; seen {seconds(world.now - began)} later."
    async with script.step("Wait until all clients have found another server") as told:
        await world.until(
            "every node is connected again",
            lambda: all(node.connection == "connected" and node.server != server for node in _same(world, nodes)),
            PATIENCE,
        )  # fmt: skip
        told.words = f"{leader.name} is on server {world.node(leader.id).server} now."
    script.table(
        "The votes", ["server", "epoch", "zxid", "id", ""],
        [
            [ident, vote[0], f"0x{vote[1]:x}", vote[2], "was killed" if ident == server else
             "predicted, and leads" if ident == predicted == after.leader else "predicted" if ident == predicted else
             "leads" if ident == after.leader else ""]
            for ident, vote in votes.items()
        ],
    )  # fmt: skip
    now = world.node(leader.id)
    script.fact("Which server leads now", f"server {predicted}", f"server {after.leader}")
    script.fact("The epoch", f"more than {epoch}", after.epoch, (after.epoch or 0) > epoch)
    script.fact("Who leads the application", leader.name, world.stage().leader)
    script.fact("Its session", leader.session, now.session)
    script.fact("Its candidate", leader.znode, now.znode)
    script.fact("Elections in the application", 0, len(world.said("elected")))


def _same(world: World, nodes: Iterable[Node]) -> list[Node]:
    """``nodes`` as they are now."""
    return [world.node(node.id) for node in nodes]


def _led(ensemble: Ensemble) -> Ensemble | None:
    return ensemble if ensemble.leader and ensemble.epoch is not None else None


def _votes(ensemble: Ensemble) -> dict[str, tuple[int, int, int]] | None:
    """(epoch, zxid, id) of each server that votes; None until all are known, and the followers have caught up."""
    voters = [server for server in ensemble.servers.values() if server.voter]
    if not all(server.zxid for server in voters) or any(server.behind for server in voters):
        return None
    try:
        return {
            server.id: (int(server.zxid, 16) >> 32, int(server.zxid, 16), int(server.id))
            for server in sorted(voters, key=lambda server: server.id)
        }
    except ValueError:
        raise NotSo("The ids of the servers are not known.") from None


SCENARIO = Scenario(
    "two-leaders", "Two kinds of leader",
    "When the server that leads the ensemble dies, the servers elect another and the epoch rises. The application's "
    "leader is a client: it moves to another server with its session, and goes on leading.",
    play, sizes=(3, 5, 7), nodes=2,
)  # fmt: skip
