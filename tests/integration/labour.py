"""Nodes of a supervisor that do a workload, and the bridge's part of it: the scene that tells of it, and the orders."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.integration.ensemble import RunningEnsemble
from tests.integration.mirroring import Mirroring, clock, mirroring
from zkbridge.editing.asking import Asker
from zkbridge.editing.ordering import Ordering
from zkbridge.facts import LabFacts
from zkbridge.lab import rundir
from zkbridge.lab.client import LabClient
from zkbridge.lab.records import Tail
from zkbridge.lab.registry import Registry, end
from zkbridge.lab.servers import TICK
from zkbridge.protocol.stage import Stage
from zkbridge.protocol.status import Status
from zkbridge.protocol.story import Story
from zkbridge.protocol.topics import parse
from zkbridge.protocol.workload import Workload
from zkbridge.scene import Scene
from zkbridge.views.sentence import plain

SCRIPT = """
import asyncio, sys
from pathlib import Path
from zkbridge.lab import rundir
from zkbridge.lab.nodemaker import NodeMaker
from zkbridge.lab.program import Program
from zkbridge.lab.records import Writer
from zkbridge.lab.supervisor import Supervisor

async def main(home, hosts, *program):
    run, _ = rundir.create(Path(home), "test")
    records = run.path / "records.jsonl"
    supervisor = Supervisor(run, Writer(records))
    await supervisor.start()
    command = [sys.executable, *program, "--records", str(records), "--journal", str(run.path / "journal.jsonl")]
    supervisor.nodes = NodeMaker(Program("node", "node", command, run.logs), 40, lambda: hosts)
    print(run.path, supervisor.endpoint, flush=True)
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


class Labour:
    """``program``: what each node runs."""

    def __init__(self, made: Mirroring, ensemble: RunningEnsemble, home: Path, *program: str) -> None:
        self.made, self.ensemble = made, ensemble
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(home), ensemble.hosts, *(program or ("-m", "zkbridge.lab.node"))],
            stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        path, endpoint = self.process.stdout.readline().split()
        self.path, self.lab = Path(path), LabClient(endpoint)
        self.scene = Scene(made.tree, made.log, "demo", LabFacts(TICK), clock())
        self.broken: list[tuple[str, str, str]] = []
        """What was done to whom."""
        self._tail = Tail(self.path / "records.jsonl")
        made.mirror.on_session = lambda facts: self.scene.on_session(facts, clock())
        made.mirror.on_changes = self._changed
        asker = Asker(made.session, lambda: Status("live" if made.mirror.live else "stale", 0, "tested", 1), clock)
        self.ordering = Ordering(asker, True)

    def _changed(self, changes: list[Any]) -> None:
        self.follow()
        self.scene.on_changes(changes, clock())

    def follow(self) -> None:
        for record in self._tail.read_new():
            self.scene.on_record(record, clock())

    async def run(self) -> None:
        while True:
            self.follow()
            self.scene.tick(clock())
            await asyncio.sleep(0.05)

    @property
    def stage(self) -> Stage:
        value = self.scene.value(parse("stage"), clock())
        assert isinstance(value, Stage)
        return value

    @property
    def workload(self) -> Workload:
        value = self.scene.value(parse("workload"), clock())
        assert isinstance(value, Workload)
        return value

    @property
    def told(self) -> list[str]:
        story = self.scene.value(parse("story"), clock())
        assert isinstance(story, Story)
        return [plain(story.chapters[ident].parts) for ident in story.order]

    @property
    def journal(self) -> list[dict[str, Any]]:
        """What workers noted themselves."""
        file = self.path / "journal.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def alive(self) -> list[str]:
        """Ids of nodes that stand and are neither silent nor paused, in the order of their slots."""
        return [node.id for node in self.stage.nodes.values() if node.state == "alive"]

    async def add(self, count: int) -> None:
        """Add nodes, and wait until all that live stand in line."""
        for _ in range(count):
            await self.lab.add_node()
        await self.made.until(f"{count} more nodes stand", lambda: self.stage.leader and len(self.alive()) >= count)

    def freeze(self, node: str) -> int:
        """Stop the process behind the supervisor's back, which would wake it in the end: its pid."""
        pid = self.stage.nodes[node].pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        return pid

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        end(Registry(self.path / "processes").alive())
        if self.path.exists():
            rundir.sweep(self.path.parent)


@contextlib.asynccontextmanager
async def labour(ensemble: RunningEnsemble, home: Path, nodes: int, *program: str) -> AsyncIterator[Labour]:
    """Nodes that stand in line, and a scene that is live."""
    async with mirroring(ensemble.hosts) as made:
        working = Labour(made, ensemble, home, *program)
        running = [asyncio.create_task(working.run()), asyncio.create_task(working.ordering.run())]
        try:
            await made.live()
            await working.add(nodes)
            yield working
        finally:
            working.end()
            for task in running:
                task.cancel()
            outcomes = await asyncio.gather(*running, return_exceptions=True)
            assert not [error for error in outcomes if isinstance(error, Exception)], outcomes
