"""A single server is a single point of failure."""

from __future__ import annotations

from zkbridge.scenarios.company import PATIENCE, SOON, line
from zkbridge.scenarios.putback import ROOT
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script, count, seconds

NO_WRITES = ("not-live", "no-quorum", "read-only")


async def play(script: Script) -> None:
    world = script.world
    async with script.step("See that all clients are connected, and that writes are taken") as told:
        before = line(world, least=2)
        (server,) = world.ensemble().servers
        await world.create(ROOT)
        told.words = f"{count(len(before.nodes), 'node')} on server {server}; {before.leader.name} leads."
    async with script.step(f"Kill server {server}, the only one") as told:
        await world.act("server.kill", id=server, force=True)
        ends = await world.until("its process has ended", lambda: world.said("exited", f"server-{server}"), SOON)
        exited = ends[-1]
        await world.until(
            "all nodes say that their connection is suspended",
            lambda: {record.who for record in world.said("suspended")} >= {node.id for node in before.nodes}, PATIENCE,
        )  # fmt: skip
        slowest = max(record.at for record in world.said("suspended")) - exited.at
        told.words = f"All {len(before.nodes)} nodes were suspended within {seconds(slowest)}."
    async with script.step("Try to write") as told:
        await world.until("the page says that nothing is live", lambda: world.status().state != "live", PATIENCE)
        await world.until("the page says that no server serves", lambda: world.ensemble().quorum.up == 0, PATIENCE)
        refused = await world.refusal("znode.set", path=ROOT, data="eA==", version=-1)
        told.words = f"Refused: {refused}." if refused else "It was taken."
    script.fact("Nodes that are suspended", len(before.nodes), len({record.who for record in world.said("suspended")}))
    script.fact("A write", "refused", "refused" if refused in NO_WRITES else refused or "taken")
    script.fact("Servers that serve", 0, world.ensemble().quorum.up)
    script.fact("Elections", 0, len(world.said("elected")))
    async with script.step(f"Start server {server} again") as told:
        back = world.now
        await world.act("server.start", id=server)
        await world.until("the page is live", lambda: world.status().state == "live", PATIENCE * 2)
        await world.until(
            "all nodes are connected",
            lambda: {record.who for record in world.said("connected", since=exited.at)} >= {n.id for n in before.nodes},
            PATIENCE,
        )  # fmt: skip
        told.words = f"All nodes are connected again after {seconds(world.now - back)}."
    taken = await world.refusal("znode.set", path=ROOT, data="eQ==", version=-1)
    script.fact("A write now", "taken", f"refused: {taken}" if taken else "taken")
    ids = {node.id: node.session for node in before.nodes}
    same = [node for node in world.nodes("alive") if ids.get(node.id) == node.session]
    # A server that starts again gives each session that it knows its whole timeout anew.
    script.fact("Sessions that outlived the outage", len(before.nodes), len(same))
    script.fact("Who leads", before.leader.name, world.stage().leader)


SCENARIO = Scenario(
    "single-point", "A single point of failure",
    "One server stops: every client is suspended and nothing can be written, though no data is lost. It starts again, "
    "and everybody is back, with the same session.",
    play, sizes=(1,), nodes=2,
)  # fmt: skip
