"""The engine: one run at a time, told step by step, failed in words, cancelled, and always put back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from zkbridge.editing.refused import Refused
from zkbridge.protocol.base import Message, Ms, Problem
from zkbridge.protocol.ensemble import Ensemble, Quorum, Server
from zkbridge.protocol.frames import Call, Result
from zkbridge.protocol.lab import Fault, Lab
from zkbridge.protocol.scenarios import Play, Scenarios
from zkbridge.protocol.stage import Node, Stage
from zkbridge.protocol.status import Status
from zkbridge.protocol.topics import Topic
from zkbridge.protocol.workload import Workload
from zkbridge.protocol.znodes import Children
from zkbridge.records import Record, Standing
from zkbridge.scenarios.engine import LOOKS, Engine
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script
from zkbridge.scenarios.world import Denied, NotSo, Surroundings, World


class FakeLab:
    """A lab of plain values: ``down`` servers, ``nodes`` that are alive, and what was asked of it."""

    def __init__(self, servers: int = 3, nodes: int = 3) -> None:
        self.servers = {str(number) for number in range(1, servers + 1)}
        self.beside: set[str] = set()
        """Servers whose processes run, and which are no members."""
        self.down: set[str] = set()
        self.nodes, self.herd, self.strangers = nodes, 0, 0
        """How many stand in line: of the chain, of the herd, and of sessions that are not the lab's."""
        self.znodes: set[str] = set()
        self.faults: dict[str, Fault] = {}
        self.state, self.workload = "live", ""
        self.asked: list[str] = []
        self.refuses: str = ""
        self.slow: asyncio.Event | None = None
        """Once it is set, what is asked is done."""
        self.now = time.time() * 1000

    def value(self, topic: Topic, now: Ms) -> Message:
        if topic.name == "ensemble":
            servers = {ident: self._server(ident) for ident in sorted(self.servers)}
            quorum = Quorum(len(servers), 2, len(servers) - len(self.down), 1, True, "")
            return Ensemble(servers, quorum, "1", processes=dict.fromkeys(sorted(self.beside), "running"))
        if topic.name == "stage":
            herd = topic.parameters.get("group")
            kind, count = ("herd", self.herd) if herd else ("node", self.nodes)
            names = [f"{kind}-{number}" for number in range(1, count + 1)]
            names += [] if herd else [f"0x{number}" for number in range(self.strangers)]
            return Stage({
                name: Node(
                    name, name, slot, str(slot), "alive", 0.0, place=slot + 1, leads=not slot,
                    lab=not name.startswith("0x"), pid=slot + 1, actions=["stop", "kill", "pause"],
                )
                for slot, name in enumerate(names)
            })  # fmt: skip
        if topic.name == "children":
            path = topic.parameters["path"]
            return Children(path, path == "/" or path in self.znodes, 0, 0, [], {})
        if topic.name == "workload":
            return Workload(self.workload)  # type: ignore[arg-type]
        if topic.name == "lab":
            return Lab(self.faults, {}, {})
        return Status(self.state, now, "fake", 1)  # type: ignore[arg-type]

    def _server(self, ident: str) -> Server:
        if ident in self.down:
            return Server(ident, "", "down", 0.0, process="killed", actions=["start"])
        return Server(ident, "", "following", 0.0, process="running", actions=["kill"])

    async def answer(self, call: Call) -> Result:
        self.asked.append(f"{call.method} {call.params.get('id', '')}".strip())
        if call.method == self.refuses:
            return Result(call.id, problem=Problem("failed", "It did not work."))
        ident = str(call.params.get("id", ""))
        herd = ident.startswith("herd-") or call.params.get("variant") == "herd"
        if self.slow is not None:
            await self.slow.wait()
        if call.method == "server.kill":
            self.down.add(ident)
        elif call.method == "server.start":
            self.down.discard(ident)
        elif call.method == "server.remove":
            self.servers.discard(ident)
            self.beside.discard(ident)
        elif call.method in ("node.kill", "node.stop", "node.add"):
            more = 1 if call.method == "node.add" else -1
            self.herd, self.nodes = self.herd + more * herd, self.nodes + more * (not herd)
        elif call.method == "znode.delete":
            self.znodes.discard(call.params["path"])
        return Result(call.id, value={})


class Bench:
    """``place`` and ``records``: the lab as a bridge before this one left it, and what was written down."""

    def __init__(
        self, play: Callable[[Script], Awaitable[None]], place: FakeLab | None = None,
        records: list[Record] | None = None, **more: Any,
    ) -> None:  # fmt: skip
        self.lab = place or FakeLab()
        self.records = records if records is not None else []
        self.told: list[Scenarios] = []
        around = Surroundings(
            self.lab.value, self.lab.answer, lambda: time.time() * 1000, lambda: None, lambda: (), 1_000,  # type: ignore[arg-type,return-value]
            self.write,
        )
        options: dict[str, Any] = {"lab": True} | more
        scenario = Scenario("one", "One", "It shows one thing.", play, nodes=2)
        self.engine = Engine([scenario], around, self.told.append, **options)
        for record in self.records:
            self.engine.on_record(record)
        self.engine.tick()

    def write(self, record: Record) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.records.append(record)
        self.engine.on_record(record)

    full = False
    """Whether nothing can be recorded."""

    async def run(self, by: str = "ann", unveiled: bool = True) -> None:
        await self.engine.run(Call(1, "scenario.run", {"name": "one"}, by, unveiled))

    async def end(self) -> Play:
        assert self.engine._task is not None
        await asyncio.wait_for(self.engine._task, 10)
        play = self.told[-1].play
        assert play is not None
        return play

    async def played(self) -> Play:
        await self.run()
        return await self.end()


async def breaks(script: Script) -> None:
    async with script.step("Break things") as told:
        await script.world.act("server.kill", id="2")
        await script.world.act("node.kill", id="node-3")
        told.words = "Broken."
    script.fact("Servers down", 1, len([s for s in script.world.ensemble().servers.values() if s.role == "down"]))


async def test_it_passes_is_told_and_puts_back() -> None:
    bench = Bench(breaks)
    play = await bench.played()
    assert (play.state, play.words, play.by) == ("passed", "1 fact checked, all as expected.", "ann")
    assert [(step.words, step.state) for step in play.steps] == [
        ("Break things", "done"), ("Put everything back as it was", "done"),
    ]  # fmt: skip
    assert bench.lab.down == set() and bench.lab.nodes == 3
    assert bench.lab.asked == ["server.kill 2", "node.kill node-3", "server.start 2", "node.add"]
    states = [value.play.state for value in bench.told if value.play is not None]
    assert states[0] == "running" and "putting-back" in states and states[-1] == "passed"
    assert [(one.name, one.state) for one in bench.told[-1].past] == [("one", "passed")]


async def test_a_fact_that_does_not_hold_fails_it() -> None:
    async def wrong(script: Script) -> None:
        async with script.step("Look"):
            script.fact("Woken", 1, 2)
            script.fact("Leader", "node-1", "node-1")
            script.fact("Late", "soon", "5 s", False)

    play = await Bench(wrong).played()
    assert (play.state, play.words) == ("failed", "Not as expected: Woken: 2 instead of 1 and 1 more.")
    assert [fact.holds for fact in play.facts] == [False, True, False]


async def test_one_that_checks_nothing_has_not_passed() -> None:
    async def idle(script: Script) -> None:
        async with script.step("Do nothing"):
            pass

    assert (await Bench(idle).played()).words == "It checked nothing."


async def test_what_does_not_come_about_fails_it_and_is_put_back() -> None:
    async def waits(script: Script) -> None:
        await breaks(script)
        async with script.step("Wait"):
            await script.world.until("pigs fly", lambda: False, 0.01)

    bench = Bench(waits)
    play = await bench.played()
    assert play.state == "failed" and "pigs fly" in play.words
    assert [step.state for step in play.steps] == ["done", "failed", "done"]
    assert bench.lab.down == set() and bench.lab.nodes == 3


async def test_a_refusal_and_a_bug_fail_it_in_words() -> None:
    async def refused(script: Script) -> None:
        await script.world.act("server.kill", id="1")

    bench = Bench(refused)
    bench.lab.refuses = "server.kill"
    assert (await bench.played()).words == "server.kill was refused: It did not work."

    async def broken(script: Script) -> None:
        raise ZeroDivisionError

    assert "itself broke (ZeroDivisionError)" in (await Bench(broken).played()).words


async def test_what_cannot_be_put_back_is_said_and_nothing_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zkbridge.scenarios.putback.PATIENCE", 0.05)
    bench = Bench(breaks)
    bench.lab.refuses = "server.start"
    play = await bench.played()
    assert play.state == "failed"
    assert "Not everything could be put back: It did not come about" in play.words and "all servers serve" in play.words
    assert bench.lab.nodes == 3, "the rest is put back all the same"


async def test_cancelled_it_is_put_back() -> None:
    async def endless(script: Script) -> None:
        await breaks(script)
        async with script.step("Wait for ever"):
            await asyncio.Event().wait()

    bench = Bench(endless)
    await bench.run()
    await asyncio.sleep(0.02)
    await bench.engine.cancel(Call(2, "scenario.cancel", {"name": "one"}))
    play = await bench.end()
    assert (play.state, play.words) == ("cancelled", "It was cancelled.")
    assert bench.lab.down == set() and bench.lab.nodes == 3
    with pytest.raises(Refused, match="No scenario is running"):
        await bench.engine.cancel(Call(3, "scenario.cancel"))


async def test_cancelling_twice_does_not_stop_the_way_back() -> None:
    async def endless(script: Script) -> None:
        await breaks(script)
        await asyncio.Event().wait()

    bench = Bench(endless)
    await bench.run()
    await asyncio.sleep(0.02)
    for number in (2, 3):
        await bench.engine.cancel(Call(number, "scenario.cancel"))
    assert (await bench.end()).state == "cancelled" and bench.lab.down == set()


async def test_refusals_say_why() -> None:
    bench = Bench(breaks)
    for params, words in (
        ({"name": "two"}, "There is no scenario 'two'"), ({}, "cannot be read"),
        ({"name": "one", "x": 1}, "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=words):
            await bench.engine.run(Call(1, "scenario.run", params))
    await bench.run()
    with pytest.raises(Refused, match="'One' is running"):
        await bench.run()
    with pytest.raises(Refused, match="'One' that is running"):
        await bench.engine.cancel(Call(1, "scenario.cancel", {"name": "two"}))
    await bench.end()
    for change, words in (
        ({"down": {"1"}}, "Server 1 does not serve"), ({"nodes": 1}, "1 node is alive"),
        ({"state": "stale"}, "no live connection"),
        ({"faults": {"f": Fault("f", "link.cut", "node-1", 0.0, "link.heal")}}, "link.cut of node-1"),
        ({"workload": "finishing"}, "workload of tasks is running"),
        ({"servers": set()}, "Nothing is known of the servers"),
    ):  # fmt: skip
        bench = Bench(breaks)
        for name, value in change.items():
            setattr(bench.lab, name, value)
        with pytest.raises(Refused, match=words):
            await bench.run()
        assert bench.lab.asked == []
    with pytest.raises(Refused, match="not started by a lab"):
        await Bench(breaks, lab=False).run()


async def test_what_is_hidden_from_somebody_is_not_played_by_them() -> None:
    bench = Bench(breaks, veiled=True)
    with pytest.raises(Refused, match="hidden from you"):
        await bench.run(unveiled=False)
    await bench.run(unveiled=True)
    assert (await bench.end()).state == "passed"


async def test_what_hinders_is_told_as_time_passes() -> None:
    bench = Bench(breaks)
    assert bench.told[-1].known["one"].hindered == ""
    bench.lab.down = {"3"}
    bench.engine.tick()
    assert bench.told[-1].known["one"].hindered == "", "it looks once a second"
    bench.engine._looked -= LOOKS
    bench.engine.tick()
    assert "Server 3 does not serve" in bench.told[-1].known["one"].hindered


async def test_records_are_those_of_the_run() -> None:
    seen: list[Record] = []

    async def listens(script: Script) -> None:
        await asyncio.sleep(0.02)
        seen.extend(script.world.said("fired", path="/a"))
        script.fact("Fired", 1, len(seen))

    bench = Bench(listens)
    bench.engine.on_record(Record(1.0, "node-1", "fired", path="/a"))
    await bench.run()
    bench.engine.on_record(Record(2.0, "node-2", "fired", path="/a"))
    bench.engine.on_record(Record(3.0, "node-3", "fired", path="/b"))
    assert (await bench.end()).state == "passed" and [record.who for record in seen] == ["node-2"]


async def test_the_world_acts_as_somebody_and_passes_refusals_on() -> None:
    lab = FakeLab()
    calls: list[Call] = []

    async def answer(call: Call) -> Result:
        calls.append(call)
        return await lab.answer(call)

    around = Surroundings(lab.value, answer, lambda: 0.0, lambda: None, lambda: (), 1_000, lambda record: None)  # type: ignore[arg-type,return-value]
    world = World(around, "scenario x, for ann")
    await world.act("node.add", variant="herd")
    assert (calls[0].by, calls[0].params, calls[0].unveiled) == ("scenario x, for ann", {"variant": "herd"}, True)
    lab.refuses = "node.add"
    assert await world.refusal("node.add") == "failed"
    with pytest.raises(Denied, match="It did not work"):
        await world.act("node.add")
    with pytest.raises(NotSo, match="not on the stage"):
        world.node("node-9")


async def endless(script: Script) -> None:
    await breaks(script)
    async with script.step("Wait for ever"):
        await asyncio.Event().wait()


async def forget(bench: Bench) -> None:
    """End what a bridge that counts as killed still waits for."""
    assert bench.engine._task is not None
    for _ in range(3):
        bench.engine._task.cancel()
        await asyncio.sleep(0)
    await asyncio.gather(bench.engine._task, return_exceptions=True)


async def test_a_run_says_how_things_stood_before_it_and_that_they_do_again() -> None:
    bench = Bench(breaks)
    bench.lab.herd, bench.lab.znodes = 2, {"/election_herd", "/service_registry_herd"}
    play = await bench.played()
    began, ended = bench.records
    assert (began.kind, began.action, began.by, began.run) == ("playing", "one", "ann", play.run)
    assert began.before == Standing(["1", "2", "3"], 3, 2, ["/election_herd", "/service_registry_herd"])
    assert (ended.kind, ended.action, ended.run) == ("played", "one", play.run)
    assert bench.engine._left is None


async def test_what_cannot_be_recorded_is_not_begun() -> None:
    bench = Bench(breaks)
    bench.full = True
    with pytest.raises(Refused, match="cannot be recorded, so nothing was done: No space"):
        await bench.run()
    assert bench.lab.asked == [] and not bench.engine.running
    bench.full = False
    assert (await bench.played()).state == "passed"


async def test_a_bridge_that_was_killed_in_mid_run_is_made_good_by_the_next() -> None:
    first = Bench(endless)
    first.lab.beside = {"4"}
    await first.run()
    await asyncio.sleep(0.02)
    assert first.lab.down == {"2"} and first.lab.nodes == 2
    following = Bench(breaks, first.lab, first.records)
    assert not following.engine.running, "not before all of the past is read"
    assert "was not finished" in following.told[-1].known["one"].hindered
    with pytest.raises(Refused, match="put back first"):
        await following.run()
    following.engine.read_all()
    following.engine.tick()
    assert following.told[-1].play is not None and following.told[-1].play.state == "putting-back"
    play = await following.end()
    assert first.lab.down == set() and first.lab.nodes == 3 and first.lab.beside == set()
    assert (play.run, play.name, play.title, play.by) == (first.records[0].run, "one", "One", "ann")
    assert play.state == "failed" and play.began == first.records[0].at
    assert play.words.startswith("The bridge ended in the middle of it; the one that came after it put back what it")
    assert [one.words for one in following.told[-1].past] == [play.words]
    third = Bench(breaks, first.lab, first.records)
    third.engine.read_all()
    third.engine.tick()
    assert not third.engine.running, "once is enough"
    assert (await third.played()).state == "passed"
    await forget(first)


async def test_a_run_that_ended_is_not_put_back_by_a_bridge_that_comes_later() -> None:
    bench = Bench(breaks)
    await bench.played()
    bench.lab.nodes = 7
    following = Bench(breaks, bench.lab, bench.records)
    following.engine.read_all()
    following.engine.tick()
    assert not following.engine.running and bench.lab.nodes == 7


async def test_what_has_just_begun_is_not_broken_off_by_cancelling() -> None:
    """Half an action could not be put back: it would take effect when all has been put back already."""
    bench = Bench(breaks)
    bench.lab.slow = asyncio.Event()
    await bench.run()
    await asyncio.sleep(0.02)
    for number in (2, 3):
        await bench.engine.cancel(Call(number, "scenario.cancel", {"name": "one"}))
        await asyncio.sleep(0.02)
    assert bench.lab.asked == ["server.kill 2"] and bench.lab.down == set()
    bench.lab.slow.set()
    assert (await bench.end()).state == "cancelled"
    assert bench.lab.asked == ["server.kill 2", "server.start 2"] and bench.lab.down == set()


async def test_a_herd_that_was_there_before_stays() -> None:
    bench = Bench(breaks)
    bench.lab.herd, bench.lab.znodes = 2, {"/election_herd", "/scenario"}
    await bench.played()
    assert bench.lab.herd == 2 and bench.lab.znodes == {"/election_herd", "/scenario"}

    async def herds(script: Script) -> None:
        for _ in range(3):
            await script.world.act("node.add", variant="herd")
        await script.world.act("node.kill", id="herd-1")
        script.fact("Herd", 3, bench.lab.herd)

    again = Bench(herds)
    bench.lab = again.lab
    again.lab.herd = 1
    assert (await again.played()).state == "passed"
    assert again.lab.herd == 1


async def test_sessions_that_are_not_the_labs_are_not_counted() -> None:
    """Such as those of students, who come and go."""
    async def leaves(script: Script) -> None:
        bench.lab.strangers = 0
        await breaks(script)

    bench = Bench(leaves)
    bench.lab.strangers = 2
    await bench.played()
    assert bench.lab.nodes == 3


async def test_a_refusal_does_not_keep_the_rest_from_being_put_back() -> None:
    async def adds(script: Script) -> None:
        bench.lab.down = {"1", "2"}
        bench.lab.beside = {"4"}
        await script.world.act("node.add")
        script.fact("Nodes", 4, bench.lab.nodes)

    async def answer(call: Call) -> Result:
        if call.method == "server.start" and call.params["id"] == "1":
            bench.lab.down.discard("1")  # somebody was faster
            return Result(call.id, problem=Problem("not-now", "It runs."))
        return await real(call)

    bench = Bench(adds)
    real = bench.lab.answer
    bench.engine._around = msgspec.structs.replace(bench.engine._around, answer=answer)
    assert (await bench.played()).state == "passed"
    assert bench.lab.down == set() and bench.lab.beside == set() and bench.lab.nodes == 3


async def test_a_node_that_comes_on_stage_late_is_taken_away_too() -> None:
    """It was added just before the run was cancelled, and its process is seen when all seems to be as before."""
    async def adds(script: Script) -> None:
        script.fact("Nodes", 3, bench.lab.nodes)
        asyncio.get_running_loop().call_later(0.1, setattr, bench.lab, "nodes", 4)

    bench = Bench(adds)
    assert (await bench.played()).state == "passed"
    assert bench.lab.nodes == 3 and bench.lab.asked == ["node.stop node-4"]
