"""`make demo`: an ensemble, nodes, the bridge and the web process on this machine."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from zkbridge.lab import description, network, ports, ready, rights, storage
from zkbridge.lab.fleet import Fleet
from zkbridge.lab.java import Java, has_name_tables
from zkbridge.lab.nodemaker import NodeMaker
from zkbridge.lab.program import Program
from zkbridge.lab.records import Tail
from zkbridge.lab.rundir import RunDirectory
from zkbridge.lab.servers import SIZES, Ensemble, plan
from zkbridge.lab.site import DATABASE, Address, Failed, Site
from zkbridge.lab.supervisor import SERVER_GRACE
from zkbridge.lab.terminal import Terminal
from zkbridge.protocol.clusters import Cluster

MOST_NODES = 40
__all__ = ["MOST_NODES", "SIZES", "Demo"]


class Demo(Site):
    """``servers`` is one of `SIZES`; ``nodes`` is at most `MOST_NODES`; ``preview`` is the bridge's."""

    def __init__(
        self, run: RunDirectory, address: Address, manage: Path, java: Java, servers: int, nodes: int,
        preview: int, terminal: Terminal,
    ) -> None:  # fmt: skip
        relayed = network.possible() and has_name_tables(java.java)
        self._super = rights.draw()
        self.ensemble = plan(run.path, servers, relayed=relayed, super_digest=self._super.digest)
        cluster = Cluster("demo", self.ensemble.hosts, "demo", allow_changes=True, preview=preview)
        super().__init__(run, address, manage, (cluster,), terminal)
        if relayed:
            self.supervisor.faults.network = network.Network(run.path, run.sockets)
        self.java = java
        self.nodes = nodes
        self.records = run.path / "records.jsonl"
        self.storage = f"{storage.HOST}:{ports.free_ports(1)[0]}"

    async def steps(self) -> None:
        """All at once, as far as they do not need each other; told in the order of their needs."""
        await self.begin()
        # Its members are its own, so whoever operates it may change them.
        permit = ("--permit", "ensemble.reconfig", "--on", self.watched[0].cluster.name)
        web = asyncio.create_task(self.start_web(*permit))
        try:
            await self.settle()
            await web
        finally:
            web.cancel()
        self.terminal.step("web", f"listens on {self.address.base}")
        self.print_links()
        self.terminal.say("\n  Ctrl-C ends everything.\n")
        await asyncio.Event().wait()

    async def begin(self) -> None:
        """Start servers, storage and bridge; none of them need be ready yet."""
        self.ensemble.write()
        fleet = Fleet(self.ensemble, self._server, self._describe)
        self._describe(fleet)
        self.supervisor.servers = fleet
        self.supervisor.nodes = NodeMaker(self._node(), MOST_NODES, lambda: fleet.hosts)
        if self.supervisor.network is not None:
            await self._start_network(self.supervisor.network)
        for number in range(1, len(self.ensemble.ports) + 1):
            await self.supervisor.launch(fleet.program(number))
        await self.supervisor.launch(self._storage())
        await self.start_bridges("--lab", str(self.run_dir.path))

    async def settle(self) -> None:
        """Wait until there is a quorum, start the nodes, and wait until all of them and the bridge are in place."""
        await self._wait_for_servers()
        await asyncio.gather(self._start_nodes(), rights.permit(self.ensemble.hosts, self._super))
        del self._super
        status = await self.wait_for_status("live")
        self.terminal.step("bridge", f"live, {status.znodes} znodes")

    async def _start_network(self, lan: network.Network) -> None:
        command = [sys.executable, "-m", "zkbridge.lab.relay", *lan.begin(self.ensemble)]
        log = self.run_dir.logs / "relay.log"
        relay = Program("relay", "network", command, log, without=(DATABASE,), folder=self.manage.parent, respawn=True)
        await self.supervisor.launch(relay)
        try:
            await lan.ready()
        except network.NoNetwork as error:
            raise Failed(str(error)) from None

    async def _wait_for_servers(self) -> None:
        members = self.ensemble.members
        for member in members:
            name = f"server-{member.id}"
            await self.wait(name, lambda member=member: ready.answers(member.host, member.port))  # type: ignore[misc]
        self.terminal.step("servers", f"{len(members)} answer on {', '.join(str(member.port) for member in members)}")
        modes = {}
        for member in members:
            async def serves(host: str = member.host, port: int = member.port, id: str = member.id) -> bool:
                modes[id] = await ready.mode(host, port)
                return bool(modes[id])

            await self.wait(f"server-{member.id}", serves)
        leader = next((id for id, mode in modes.items() if mode == "leader"), "")
        self.terminal.step("quorum", f"server-{leader} leads" + (", alone" if len(members) == 1 else ""))

    async def _start_nodes(self) -> None:
        tail = Tail(self.records)
        waiting = set()
        if self.nodes:
            waiting.update(await self.supervisor.add_nodes(self.nodes))
        leader = ""

        async def settled() -> bool:
            nonlocal leader
            for record in tail.read_new():
                if record.kind == "acknowledged":
                    waiting.discard(record.who)
                if record.kind == "elected":
                    leader = record.who
            return not waiting

        await self.wait("node-1", settled)
        tail.close()
        if self.nodes:
            self.terminal.step("nodes", f"{self.nodes} joined; {leader} leads")

    def _describe(self, fleet: Fleet) -> None:
        """Tell other processes which servers there are."""
        description.write(self.run_dir.path, description.LabDescription(
            name="demo", tick=self.ensemble.tick, hosts=fleet.hosts, members=fleet.members,
            records=str(self.records), endpoint=self.supervisor.endpoint, most=MOST_NODES,
            network=self.supervisor.network is not None,
        ))  # fmt: skip

    def _server(self, ensemble: Ensemble, number: int) -> Program:
        name = f"server-{number}"
        log = self.run_dir.logs / f"{name}.log"
        command = ensemble.command(number, self.java)
        return Program(name, "server", command, log, without=(DATABASE,), grace=SERVER_GRACE)

    def _node(self) -> Program:
        command = [sys.executable, "-m", "zkbridge.lab.node",
                   "--records", str(self.records), "--storage", self.storage]  # fmt: skip
        return Program("node", "node", command, self.run_dir.logs, without=(DATABASE,), folder=self.manage.parent)

    def _storage(self) -> Program:
        command = [sys.executable, "-m", "zkbridge.lab.storage",
                   "--port", self.storage.rpartition(":")[2], "--records", str(self.records)]  # fmt: skip
        log = self.run_dir.logs / "storage.log"
        return Program("storage", "helper", command, log, without=(DATABASE,), folder=self.manage.parent, respawn=True)
