"""Actions: what is refused and with which words, what is written down, and that nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from zkbridge import actions as room
from zkbridge.actions import Actions
from zkbridge.lab.client import LabError
from zkbridge.protocol.base import Message, Ms, Problem
from zkbridge.protocol.calls import ALLOWED, CHANGES, READS
from zkbridge.protocol.editing import Whole
from zkbridge.protocol.ensemble import Ensemble, Quorum, Server
from zkbridge.protocol.frames import Call, Result
from zkbridge.protocol.lab import Lab as LabTopic
from zkbridge.protocol.lab import Link
from zkbridge.protocol.stage import Node, Stage
from zkbridge.protocol.topics import Topic
from zkbridge.records import Record

NOW = 1_000_000.0


def node(ident: str, state: Any = "alive", actions: tuple[str, ...] = ("stop", "kill", "pause"), **more: Any) -> Node:
    return Node(ident, ident, 1, "1", state, NOW, actions=list(actions), **{"lab": True, **more})


def server(ident: str, role: Any = "following", process: Any = "running") -> Server:
    actions = {"running": ["stop", "kill", "pause"], "paused": ["kill", "resume"]}.get(process, ["start"])
    shaped = ["remove", "wipe"]
    return Server(ident, f"127.0.0.1:{ident}", role, NOW, process=process, actions=[*actions, *shaped])


class Scene:
    def __init__(self) -> None:
        self.nodes = [node("node-1"),
                      node("node-2", "dead", ("start", "dismiss"), cause="kill -9"),
                      node("node-3", "paused", ("kill", "resume")),
                      node("0xab", lab=False, actions=())]  # fmt: skip
        self.servers = [server("1", "leading"), server("2"), server("3")]
        self.dismissed: list[str] = []
        self.beside: dict[str, Any] = {}
        self.cuts: list[tuple[str, str]] = []
        """One-way links that are cut."""

    def value(self, topic: Topic, now: Ms) -> Message:
        if topic.name == "stage":
            return Stage({node.id: node for node in self.nodes})
        if topic.name == "lab":
            links = {f"{a}>{b}": Link(a, b, "cut") for a, b in self.cuts}
            return LabTopic({}, links, {})
        size = len(self.servers)
        leader = next((server.id for server in self.servers if server.role == "leading"), "")
        quorum = Quorum(size, size // 2 + 1, size, 0, True, "")
        return Ensemble({server.id: server for server in self.servers}, quorum, leader, processes=self.beside)

    def dismiss(self, node_id: str, now: Ms) -> None:
        self.dismissed.append(node_id)

    def group_of(self, node_id: str) -> str:
        return ""


class Lab:
    def __init__(self, trail: list[Any]) -> None:
        self.trail = trail
        self.error: Problem | None = None
        self.hangs = False

        self.ids = ["node-6"]

    async def add_nodes(self, count: int = 1, variant: str = "") -> list[str]:
        what = f"add {variant}".rstrip()
        await self._do(what if count == 1 else (what, count))
        return self.ids

    async def signal(self, id: str, signal: str, seconds: float | None = None, by: str = "") -> None:
        await self._do((id, signal) if seconds is None else (id, signal, seconds))

    async def start_server(self, id: str) -> None:
        await self._do((id, "start"))

    async def start_node(self, id: str) -> None:
        await self._do((id, "start"))

    async def wipe_server(self, id: str) -> None:
        await self._do((id, "wipe"))

    async def cut(self, origin: str, to: str, both: bool, seconds: float | None, by: str) -> str:
        await self._do(("cut", origin, to, both, seconds, by))
        return "f1"

    async def slow(
        self, origin: str, to: str, both: bool, seconds: float | None, by: str, how: dict[str, float]
    ) -> str:
        await self._do(("slow", origin, to, both, seconds, by, how))
        return "f2"

    async def heal(self, origin: str, to: str, both: bool, by: str) -> None:
        await self._do(("heal", origin, to, both, by))

    async def heal_all(self, by: str) -> dict[str, int]:
        await self._do(("heal all", by))
        return {"links": 1, "resumed": 2, "started": 3}

    async def _do(self, what: Any) -> None:
        self.trail.append(what)
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise LabError(self.error)


class Shape:
    """Asks, and says what it was to do."""

    def __init__(self, trail: list[Any]) -> None:
        self.trail = trail

    async def add(self, role: str, ask: Callable[[], None]) -> dict[str, Any]:
        ask()
        self.trail.append(("add", role))
        return {"id": "4"}

    async def remove(self, ident: str, ask: Callable[[], None]) -> dict[str, Any]:
        ask()
        self.trail.append(("remove", ident))
        return {"version": "0x6"}

    async def wipe(self, ident: str, do: Callable[[], Awaitable[None]]) -> dict[str, Any]:
        await do()
        return {"serves": True}


class Bench:
    def __init__(self) -> None:
        self.trail: list[Any] = []
        self.scene, self.lab, self.now = Scene(), Lab(self.trail), NOW
        self.actions = Actions(
            self.scene, self.lab, self.trail.append, lambda: self.now, shape=Shape(self.trail)
        )  # fmt: skip

    async def call(self, method: str, **params: Any) -> Result:
        return await self.actions.answer(Call(7, method, params, "ann"))

    async def refused(self, method: str, **params: Any) -> Problem:
        result = await self.call(method, **params)
        assert result.problem is not None and result.id == 7
        return result.problem


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_bridge_that_may_change_nothing_refuses_whoever_asks() -> None:
    asked: list[str] = []

    def handler(method: str) -> Any:
        async def carry_out(params: dict[str, Any]) -> Message:
            asked.append(method)
            return Whole("/a", False)

        return carry_out

    calls = {method: handler(method) for method in (*ALLOWED, *READS)}
    for allowed in (False, True):
        asked.clear()
        actions = Actions(Scene(), None, [].append, lambda: NOW, calls, allowed=allowed)
        results = {method: await actions.answer(Call(1, method, {}, "ann", unveiled=True)) for method in calls}
        codes = {result.problem.code for result in results.values() if result.problem is not None}
        assert codes == (set() if allowed else {"not-permitted"})
        assert set(asked) == (set(calls) if allowed else set(READS) - ALLOWED)
    assert set(ALLOWED) >= {*CHANGES, "subtree.apply", "session.expire", "ensemble.reconfig"}


@pytest.mark.parametrize(
    ("method", "ident", "signal"),
    [("node.stop", "node-1", "TERM"), ("node.kill", "node-1", "KILL"), ("node.pause", "node-1", "STOP"),
     ("node.resume", "node-3", "CONT")],
)  # fmt: skip
async def test_signals_are_written_down_first(bench: Bench, method: str, ident: str, signal: str) -> None:
    assert await bench.call(method, id=ident) == Result(7, {})
    assert bench.trail == [Record(NOW, ident, "asked", action=method, by="ann"), (ident, signal)]


async def test_adding_a_node_answers_its_id(bench: Bench) -> None:
    assert (await bench.call("node.add")).value == {"id": "node-6", "ids": ["node-6"]}
    assert bench.trail == [Record(NOW, "lab", "asked", action="node.add", by="ann"), "add"]


async def test_adding_a_node_of_a_variant(bench: Bench) -> None:
    assert (await bench.call("node.add", variant="herd")).value == {"id": "node-6", "ids": ["node-6"]}
    assert bench.trail[-1] == "add herd"
    assert (await bench.refused("node.add", variant=1)).code == "bad-request"


async def test_adding_several_says_where_fewer_came(bench: Bench) -> None:
    bench.lab.ids = ["node-6", "node-7"]
    assert (await bench.call("node.add", count=2)).value == {"id": "node-6", "ids": ["node-6", "node-7"]}
    value = (await bench.call("node.add", count=10)).value
    assert value is not None and value["short"] == "2 of 10 nodes were started."
    for count in (0, 41, -1, 2.5, True, "ten"):
        assert (await bench.refused("node.add", count=count)).code == "bad-request"


@pytest.mark.parametrize("action", ["stop", "kill", "pause"])
async def test_servers_end_and_freeze_only_while_the_quorum_holds(bench: Bench, action: str) -> None:
    assert (await bench.call(f"server.{action}", id="3", seconds=20)).problem is None
    assert bench.trail[-1] == ("server-3", room.SIGNALS[action], 20)
    problem = await bench.refused(f"server.{action}", id="2")
    assert problem.code == "would-lose-quorum" and "only 1 of 3" in problem.text
    assert (await bench.call(f"server.{action}", id="2", force=True)).problem is None


async def test_a_frozen_server_is_woken(bench: Bench) -> None:
    bench.scene.servers[2] = server("3", "down", "paused")
    assert (await bench.refused("server.pause", id="3")).text == "Server 3 cannot be paused: it is paused."
    assert (await bench.call("server.resume", id="3")).problem is None
    assert bench.trail == [Record(NOW, "server-3", "asked", action="server.resume", by="ann"), ("server-3", "CONT")]


async def test_links(bench: Bench) -> None:
    assert (await bench.call("link.cut", **{"from": "node-1", "to": "ensemble"})).value == {"fault": "f1"}
    assert bench.trail == [Record(NOW, "lab", "asked", action="link.cut", by="ann", to="node-1 and ensemble"),
                           ("cut", "node-1", "ensemble", True, None, "ann")]  # fmt: skip
    params = {"from": "server-1", "to": "server-2", "both": False, "seconds": 5, "latency": 200, "loss": 10}
    assert (await bench.call("link.slow", **params)).value == {"fault": "f2"}
    assert bench.trail[-1] == ("slow", "server-1", "server-2", False, 5, "ann", {"latency": 200, "loss": 10})
    assert (await bench.call("link.heal", **{"from": "node-1", "to": "server-1"})).value == {}
    assert (await bench.call("lab.heal")).value == {"links": 1, "resumed": 2, "started": 3}


@pytest.mark.parametrize("params", [
    {}, {"from": "node-1"}, {"from": "node-1", "to": 3}, {"from": "node-1", "to": "ensemble", "both": "no"},
    {"from": "node-1", "to": "ensemble", "seconds": 0}, {"from": "node-1", "to": "ensemble", "seconds": 3_601},
    {"from": "node-1", "to": "ensemble", "seconds": float("nan")}, {"from": "node-1", "to": "ensemble", "latency": 5},
])  # fmt: skip
async def test_links_are_named_whole(bench: Bench, params: dict[str, Any]) -> None:
    assert (await bench.refused("link.cut", **params)).code == "bad-request" and bench.trail == []


async def test_dismissing(bench: Bench) -> None:
    assert (await bench.call("node.dismiss", id="node-2")).problem is None
    assert bench.scene.dismissed == ["node-2"]
    assert (await bench.refused("node.dismiss", id="node-1")).code == "not-now"


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [("node.dance", {"id": "node-1"}, "no-such-method"), ("", {}, "no-such-method"),
     ("node.kill", {"id": "node-9"}, "no-such-node"), ("node.kill", {"id": "../../etc"}, "no-such-node"),
     ("node.kill", {"id": "server-1"}, "no-such-node"), ("node.kill", {"id": "1"}, "no-such-node"),
     ("node.kill", {}, "bad-request"), ("node.kill", {"id": 3}, "bad-request"),
     ("node.kill", {"id": "node-1", "signal": "HUP"}, "bad-request"), ("node.add", {"id": "x"}, "bad-request"),
     ("node.kill", {"id": "node-2"}, "not-now"), ("node.resume", {"id": "node-1"}, "not-now"),
     ("node.kill", {"id": "0xab"}, "no-lab"), ("server.kill", {"id": "9"}, "no-such-server"),
     ("server.start", {"id": "1"}, "not-now"), ("server.kill", {"id": "1", "force": "yes"}, "bad-request")],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_and_nothing_is_done(
    bench: Bench, method: str, params: dict[str, Any], code: str
) -> None:
    assert (await bench.refused(method, **params)).code == code
    assert bench.trail == []


async def test_refusals_say_why(bench: Bench) -> None:
    problem = await bench.refused("node.kill", id="node-2")
    assert problem.text == "node-2 cannot be killed: its process has ended (kill -9)."


async def test_a_kill_that_would_break_the_quorum(bench: Bench) -> None:
    bench.scene.servers[2] = server("3", "down", "killed")
    problem = await bench.refused("server.kill", id="2")
    assert problem.code == "would-lose-quorum" and "only 1 of 3" in problem.text and bench.trail == []
    assert (await bench.call("server.kill", id="2", force=True)).problem is None
    assert bench.trail[-1] == ("server-2", "KILL")


async def test_a_cut_that_would_part_the_quorum_is_asked_about(bench: Bench) -> None:
    """It was done unasked."""
    whole = {"from": "server-1", "to": "ensemble"}
    assert (await bench.call("link.cut", **whole)).value == {"fault": "f1"}, "the other two go on"
    bench.scene.servers = [server("1", "leading"), server("2"), server("3", "down", "killed")]
    for ends in (whole, {"from": "server-1", "to": "server-2"}, {"from": "ensemble", "to": "server-2", "both": False}):
        bench.trail.clear()
        refused = await bench.refused("link.cut", **ends)
        assert refused.code == "would-lose-quorum" and bench.trail == []
        assert refused.text == (
            "At most 1 of 3 servers would still hear each other, and a quorum needs 2: "
            "no change is possible until the link heals.")  # fmt: skip
        assert (await bench.call("link.cut", **ends, force=True)).value == {"fault": "f1"}
    for ends in ({"from": "server-2", "to": "server-3"}, {"from": "node-1", "to": "ensemble"}):
        assert (await bench.call("link.cut", **ends)).value == {"fault": "f1"}
    bench.scene.servers[1] = server("2", "down", "killed")
    assert (await bench.call("link.cut", **whole)).value == {"fault": "f1"}, "there is none to lose"
    assert (await bench.refused("link.heal", **whole, force=True)).code == "bad-request"


async def test_a_server_is_not_killed_unasked_while_another_is_cut_off(bench: Bench) -> None:
    """Probes miss it seconds later only: the two that seemed to stay did not hear each other."""
    bench.scene.cuts = [("server-3", "server-1"), ("server-3", "server-2")]
    refused = await bench.refused("server.kill", id="2")
    assert refused.code == "would-lose-quorum" and "only 1 of 3 servers would serve and hear each other" in refused.text
    assert bench.trail == []
    assert (await bench.call("server.kill", id="3")).problem is None, "it is no loss"


async def test_a_node_that_has_ended_is_started_again(bench: Bench) -> None:
    assert (await bench.call("node.start", id="node-2")).problem is None
    assert bench.trail == [Record(NOW, "node-2", "asked", action="node.start", by="ann"), ("node-2", "start")]
    assert "cannot be started" in (await bench.refused("node.start", id="node-1")).text


async def test_servers_join_and_leave(bench: Bench) -> None:
    asked = Record(NOW, "lab", "asked", action="server.add", by="ann")
    assert (await bench.call("server.add", role="observer")).value == {"id": "4"}
    assert bench.trail == [asked, ("add", "observer")]
    assert (await bench.call("server.remove", id="3")).value == {"version": "0x6"}
    assert bench.trail[-1] == ("remove", "3")
    assert (await bench.refused("server.remove", id="4")).code == "no-such-server"
    bench.scene.beside = {"4": "running"}
    assert (await bench.call("server.remove", id="4")).problem is None
    assert bench.trail[-1] == ("remove", "4")
    assert (await bench.refused("server.remove", id="3", force=True)).code == "bad-request"


async def test_a_server_that_is_wiped_counts_as_down_meanwhile(bench: Bench) -> None:
    bench.scene.servers[2] = server("3", "down", "killed")
    assert (await bench.refused("server.wipe", id="2")).code == "would-lose-quorum" and bench.trail == []
    assert (await bench.call("server.wipe", id="2", force=True)).value == {"serves": True}
    assert bench.trail == [Record(NOW, "server-2", "asked", action="server.wipe", by="ann"), ("server-2", "wipe")]
    assert (await bench.refused("server.wipe", id="2", seconds=5)).code == "bad-request"


async def test_two_kills_in_a_row_count_before_the_probes_see_them(bench: Bench) -> None:
    assert (await bench.call("server.kill", id="3")).problem is None
    assert (await bench.refused("server.kill", id="2")).code == "would-lose-quorum"
    bench.now += room.KILLS_COUNT
    assert (await bench.call("server.kill", id="2")).problem is None


async def test_a_server_that_is_down_already_may_be_killed_without_a_word(bench: Bench) -> None:
    bench.scene.servers[1:] = [server("2", "down", "killed"), server("3", "looking")]
    assert (await bench.call("server.kill", id="3")).problem is None


async def test_without_a_lab(bench: Bench) -> None:
    bench.actions = Actions(bench.scene, None, bench.trail.append, lambda: NOW)
    for method, params in (("node.add", {}), ("node.kill", {"id": "node-1"}), ("server.kill", {"id": "1"})):
        assert (await bench.refused(method, **params)).code == "no-lab"
    assert (await bench.call("node.dismiss", id="node-2")).problem is None


async def test_no_record_no_action(bench: Bench) -> None:
    def full(record: Record) -> None:
        raise OSError(28, "No space left on device")

    bench.actions = Actions(bench.scene, bench.lab, full, lambda: NOW)
    problem = await bench.refused("node.kill", id="node-1")
    assert problem.code == "failed" and "No space left" in problem.text and bench.trail == []


async def test_the_labs_word_is_passed_on(bench: Bench) -> None:
    bench.lab.error = Problem("too-many", "The lab has 12 nodes.")
    assert await bench.refused("node.add") == bench.lab.error


async def test_no_answer_is_unknown_and_not_repeated(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "DEADLINE", 0.05)
    bench.lab.hangs = True
    assert (await bench.refused("node.kill", id="node-1")).code == "unknown"
    assert bench.trail.count(("node-1", "KILL")) == 1


async def test_names_are_cleaned_before_they_are_written(bench: Bench) -> None:
    await bench.actions.answer(Call(1, "node.add", {}, "a\nb\x1b[2J" + "x" * 500))
    assert bench.trail[0].by == "ab[2J" + "x" * 143
