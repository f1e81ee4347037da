"""The scene on a real ensemble with real nodes: what happens is told in these words."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator

import pytest

from tests.integration.ensemble import RunningEnsemble
from tests.integration.mirroring import Mirroring, clock, mirroring
from tests.integration.nodes import Nodes
from zkbridge.facts import LabFacts
from zkbridge.lab.records import Tail, Writer
from zkbridge.lab.servers import TICK
from zkbridge.protocol.story import Story
from zkbridge.protocol.topics import parse
from zkbridge.records import Record
from zkbridge.scene import Scene
from zkbridge.views.sentence import plain
from zkbridge.zookeeper.probes import Prober

pytestmark = pytest.mark.ensemble


class Watching:
    """A scene that is fed as the bridge feeds it."""

    def __init__(self, made: Mirroring, ensemble: RunningEnsemble, nodes: Nodes) -> None:
        self.made, self.nodes = made, nodes
        self.scene = Scene(made.tree, made.log, "demo", LabFacts(TICK), clock())
        self._tail, self._writer = Tail(nodes.records), Writer(nodes.records)
        self._ended: set[str] = set()
        made.mirror.on_session = lambda facts: self.scene.on_session(facts, clock())
        made.mirror.on_changes = self._changed
        members = {(member.host, member.port): member for member in ensemble.plan.members}
        self.prober = Prober(
            lambda: tuple(members.get((one.host, one.port), one) for one in made.mirror.members), clock
        )

    def _changed(self, changes: list) -> None:  # type: ignore[type-arg]
        self.follow()
        self.scene.on_changes(changes, clock())

    def follow(self) -> None:
        for record in self._tail.read_new():
            self.scene.on_record(record, clock())

    async def run(self) -> None:
        while True:
            for name, process in self.nodes.processes.items():
                if name not in self._ended and process.poll() is not None:
                    self._ended.add(name)
                    code = process.returncode
                    self._writer.write(
                        Record(clock(), name, "exited", code=code if code >= 0 else None,
                               signal=-code if code < 0 else None)
                    )  # fmt: skip
            self.follow()
            self.scene.tick(clock())
            await asyncio.sleep(0.02)

    def act(self, name: str, action: str, number: signal.Signals) -> None:
        self._writer.write(Record(clock(), name, "asked", action=f"node.{action}"))
        self.nodes.signal(name, number)

    @property
    def told(self) -> list[str]:
        story = self.scene.value(parse("story"), clock())
        assert isinstance(story, Story)
        return [plain(story.chapters[ident].parts) for ident in story.order]

    @property
    def marks(self) -> list[float]:
        """When what the newest chapter's numerals stand for was."""
        story = self.scene.value(parse("story"), clock())
        assert isinstance(story, Story)
        return [mark.at for mark in story.chapters[story.order[-1]].marks]

    async def tells(self, pattern: str) -> None:
        try:
            await self.made.until(f"{pattern!r} is told", lambda: re.fullmatch(pattern, self.told[-1]), 15)
        except AssertionError as late:
            late.add_note("\n".join(["Told is:", *self.told]))
            raise


@pytest.fixture
async def watching(ensemble: RunningEnsemble, nodes: Nodes) -> AsyncIterator[Watching]:
    # First of all: a node that is slow to start would be an arrival, and no part of how things stood.
    await asyncio.to_thread(nodes.start_in_turn, 4)
    async with mirroring(ensemble.hosts) as made:
        watching = Watching(made, ensemble, nodes)
        running = [
            asyncio.create_task(watching.run()),
            asyncio.create_task(watching.prober.run(lambda probes: watching.scene.on_probes(probes, clock()))),
        ]
        await made.live()
        try:
            yield watching
        finally:
            for task in running:
                task.cancel()
            outcomes = await asyncio.gather(*running, return_exceptions=True)
            assert not [error for error in outcomes if isinstance(error, Exception)], outcomes


async def test_a_life_of_four_nodes_is_told(watching: Watching) -> None:
    await watching.tells(
        r"node-1 leads the election at /election \(1\); node-2, node-3 and node-4 stand in line behind it\. The "
        r"ensemble of 3 servers is led by server \d \(2\); it needs 2 of 3, can lose 1\."
    )
    watching.act("node-1", "kill", signal.SIGKILL)
    await watching.tells(
        r"node-1 was killed \(1\)\. Its session lived on for \d\.\d s \(2\); then ZooKeeper deleted c_\d{10} \(3\), "
        r"node-2's watch fired \(4\), and it now leads \(5\)\."
    )
    watching.act("node-3", "pause", signal.SIGSTOP)
    await asyncio.sleep(1)
    watching.act("node-3", "resume", signal.SIGCONT)
    await watching.tells(r"node-3 was paused \(1\) and resumed \d\.\d s later \(2\), in time: its session lives on\.")
    watching.act("node-3", "stop", signal.SIGTERM)
    await watching.tells(
        r"node-3 was stopped \(1\)\. It closed its session \(2\), so ZooKeeper deleted c_\d{10}( at once)? \(3\), and "
        r"node-4's watch fired \(4\): it now watches node-2 \(5\), which still leads\."
    )
    closed, deleted = watching.marks[1:3]
    assert ("at once" in watching.told[-1]) == (deleted - closed < 500), "it is said only where it was so"
    watching.act("node-2", "pause", signal.SIGSTOP)
    zombie = (
        r"node-2 was paused \(1\)\. ZooKeeper heard nothing more from it: after \d\.\d s its session expired \(2\) "
        r"and c_\d{10} was deleted \(3\), node-4's watch fired \(4\), and it now leads \(5\)\."
    )
    await watching.tells(zombie)
    watching.act("node-2", "resume", signal.SIGCONT)
    await watching.tells(
        zombie + r" node-2 was resumed \(6\) as a zombie: it took itself for the leader until, (?:\d+ ms|\d\.\d s) "
        r"later, it learnt that its session had expired \(7\) and joined again as c_\d{10} \(8\), 2nd in line\."
    )
    assert len(watching.told) == 5, watching.told


async def test_a_leader_and_its_heir_that_die_together_are_never_said_to_lead(watching: Watching) -> None:
    await watching.tells(r"node-1 leads .* can lose 1\.")
    # The nodes join one after the other, so whose session ends first depends on when each was heard last.
    watching.act("node-1", "kill", signal.SIGKILL)
    watching.act("node-2", "kill", signal.SIGKILL)
    await watching.made.until(
        "both chapters say who leads",
        lambda: len(watching.told) == 3 and all("node-3" in told and "leads (" in told for told in watching.told[1:]),
        20,
    )
    await asyncio.sleep(1)
    first, second = watching.told[1:]
    for told, name in ((first, "node-1"), (second, "node-2")):
        assert told.startswith(f"{name} was killed (1). Its session lived on for "), told
        assert not re.search(r"node-[12]( \(\d\))?(, which)? (now|still) leads|still leads|nobody leads", told), told
        assert re.search(r"(node-3|node-3's watch fired \(4\), and it) now leads \(\d\)\.$", told), told
