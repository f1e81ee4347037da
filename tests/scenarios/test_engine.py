"""The engine: one run at a time, told step by step, failed in words, cancelled, and always put back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

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
from zkbridge.records import Record
from zkbridge.scenarios.engine import LOOKS, Engine
from zkbridge.scenarios.scenario import Scenario
from zkbridge.scenarios.script import Script
from zkbridge.scenarios.world import Denied, NotSo, Surroundings, World


class FakeLab:
    """A lab of plain values: ``down`` servers, ``nodes`` that are alive, and what was asked of it."""

    def __init__(self, servers: int = 3, nodes: int = 3) -> None:
        self.servers = {str(number) for number in range(1, servers + 1)}
        self.down: set[str] = set()
        self.nodes = nodes
        self.faults: dict[str, Fault] = {}
        self.state, self.workload = "live", ""
        self.asked: list[str] = []
        self.refuses: str = ""
        self.now = time.time() * 1000

    def value(self, topic: Topic, now: Ms) -> Message:
        if topic.name == "ensemble":
            servers = {ident: self._server(ident) for ident in sorted(self.servers)}
            return Ensemble(servers, Quorum(len(servers), 2, len(servers) - len(self.down), 1, True, ""), "1")
        if topic.name == "stage":
            count = 0 if topic.parameters.get("group") else self.nodes
            names = [f"node-{number}" for number in range(1, count + 1)]
            return Stage({
                name: Node(name, name, slot, str(slot), "alive", 0.0, place=slot + 1, leads=not slot, lab=True)
                for slot, name in enumerate(names)
            })  # fmt: skip
        if topic.name == "children":
            return Children(topic.parameters["path"], topic.parameters["path"] == "/", 0, 0, [], {})
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
        if call.method == "server.kill":
            self.down.add(ident)
        elif call.method == "server.start":
            self.down.discard(ident)
        elif call.method == "node.kill":
            self.nodes -= 1
        elif call.method == "node.add":
            self.nodes += 1
        return Result(call.id, value={})


class Bench:
    def __init__(self, play: Callable[[Script], Awaitable[None]], **more: Any) -> None:
        self.lab = FakeLab()
        self.told: list[Scenarios] = []
        around = Surroundings(
            self.lab.value, self.lab.answer, lambda: time.time() * 1000, lambda: None, lambda: (), 1_000  # type: ignore[arg-type,return-value]
        )
        options: dict[str, Any] = {"lab": True} | more
        scenario = Scenario("one", "One", "It shows one thing.", play, nodes=2)
        self.engine = Engine([scenario], around, self.told.append, **options)
        self.engine.tick()

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

    world = World(Surroundings(lab.value, answer, lambda: 0.0, lambda: None, lambda: (), 1_000), "scenario x, for ann")  # type: ignore[arg-type,return-value]
    await world.act("node.add", variant="herd")
    assert (calls[0].by, calls[0].params, calls[0].unveiled) == ("scenario x, for ann", {"variant": "herd"}, True)
    lab.refuses = "node.add"
    assert await world.refusal("node.add") == "failed"
    with pytest.raises(Denied, match="It did not work"):
        await world.act("node.add")
    with pytest.raises(NotSo, match="not on the stage"):
        world.node("node-9")
