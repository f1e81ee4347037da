"""Faults: what is cut, until when, and how each ends; with a supervisor and a network of plain values."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Mapping

import pytest

from tests.integration.ensemble import SCALE
from zkbridge.lab import faults
from zkbridge.lab.faults import ENSEMBLE, LIMIT, Faults
from zkbridge.lab.links import LinkState
from zkbridge.lab.network import Network, NoNetwork
from zkbridge.lab.ready import until
from zkbridge.lab.refused import Refused
from zkbridge.records import Record

CUT = LinkState(cut=True)


class FakeNetwork(Network):
    """Three servers; keeps the states that it was set to."""

    def __init__(self) -> None:
        self.states: dict[str, LinkState] = {}
        self.removed: list[int] = []
        self.servers_there = 3
        self.trouble = ""

    @property
    def names(self) -> list[str]:
        return [f"server-{number}" for number in range(1, self.servers_there + 1)]

    async def set(self, states: Mapping[str, LinkState]) -> None:
        if self.trouble:
            raise NoNetwork(self.trouble)
        self.states = dict(states)

    def forget_node(self, number: int) -> None:
        self.removed.append(number)


class Keeper:
    def __init__(self) -> None:
        self.running = {"server-1", "server-2", "server-3", "node-1", "node-2"}
        self.said: list[Record] = []
        self.signals: list[tuple[str, signal.Signals]] = []
        self.network = FakeNetwork()
        self.broken = 0
        """How many starts will fail."""
        self.faults = Faults(self, self.network)

    def signal(self, name: str, number: signal.Signals) -> int:
        self.signals.append((name, number))
        return 1

    def is_running(self, name: str) -> bool:
        return name in self.running

    def names(self, kind: str) -> list[str]:
        every = self.network.names if kind == "server" else sorted(self.running)
        return [name for name in every if name.startswith(f"{kind}-")]

    def write(self, record: Record) -> None:
        self.said.append(record)

    async def start_server(self, name: str) -> str:
        if name in self.running:
            raise Refused("not-now", f"{name} is running.")
        if self.broken:
            self.broken -= 1
            raise Refused("failed", f"{name} could not be started.")
        self.running.add(name)
        self.faults.started(name)
        return name

    def kinds(self) -> list[tuple[str, str, str]]:
        return [(record.kind, record.who, record.by) for record in self.said]


@pytest.fixture
async def keeper() -> Keeper:
    return Keeper()


async def undone(keeper: Keeper) -> None:
    """Wait until no fault goes on; not before a second has passed, the shortest time that there is."""
    began = time.monotonic()
    async def over() -> bool:
        return not keeper.faults.going

    assert await until(over, 5 * SCALE)
    assert time.monotonic() - began > 0.95


def keys(states: Mapping[str, LinkState]) -> set[str]:
    return set(states)


async def test_a_node_is_cut_off_from_all_servers(keeper: Keeper) -> None:
    await keeper.faults.cut("node-1", ENSEMBLE, True, 30, "ann")
    assert keeper.network.states == {
        f"{a}>{b}": CUT for n in "123" for a, b in (("node-1", f"server-{n}"), (f"server-{n}", "node-1"))
    }
    (said,) = keeper.said
    assert (said.kind, said.who, said.to, said.action, said.by) == ("fault", "node-1", ENSEMBLE, "link.cut", "ann")
    assert said.until - said.since == 30_000


async def test_one_way_and_a_server_from_its_peers(keeper: Keeper) -> None:
    await keeper.faults.cut("server-2", ENSEMBLE, False, None, "ann")
    assert keys(keeper.network.states) == {"server-2>server-1", "server-2>server-3"}
    await keeper.faults.cut(ENSEMBLE, "node-2", False, None, "ann")
    assert "server-1>node-2" in keeper.network.states and "node-2>server-1" not in keeper.network.states


async def test_a_fault_ends_by_itself(keeper: Keeper) -> None:
    await keeper.faults.cut("node-1", "server-1", True, 1, "ann")
    await undone(keeper)
    assert keeper.network.states == {} and keeper.faults.going == []
    assert keeper.kinds() == [("fault", "node-1", "ann"), ("healed", "node-1", LIMIT)]


async def test_cut_and_slow_at_once_are_both(keeper: Keeper) -> None:
    slow = LinkState(latency=100)
    await keeper.faults.slow("node-1", "server-1", True, None, "ann", slow)
    await keeper.faults.cut("node-1", "server-1", False, None, "ann")
    assert keeper.network.states == {"node-1>server-1": LinkState(cut=True, latency=100), "server-1>node-1": slow}
    with pytest.raises(Refused, match="latency"):
        await keeper.faults.slow("node-1", "server-1", True, None, "ann", LinkState(latency=1e9))
    with pytest.raises(Refused, match="slower"):
        await keeper.faults.slow("node-1", "server-1", True, None, "ann", LinkState())


async def test_the_newest_word_replaces_the_one_before(keeper: Keeper) -> None:
    await keeper.faults.cut("node-1", "server-1", True, 10, "ann")
    await keeper.faults.cut("node-1", ENSEMBLE, True, 20, "bob")
    assert [fault.by for fault in keeper.faults.going] == ["bob"]


async def test_a_part_is_healed_and_the_rest_stays_cut_as_long(keeper: Keeper) -> None:
    await keeper.faults.cut("node-1", ENSEMBLE, True, 30, "ann")
    until = keeper.faults.going[0].until
    await keeper.faults.heal("node-1", "server-2", True, "ann")
    assert not any("server-2" in key for key in keeper.network.states) and len(keeper.network.states) == 4
    assert {(fault.to, fault.both, fault.until) for fault in keeper.faults.going} == {
        ("server-1", True, until), ("server-3", True, until)}  # fmt: skip
    await keeper.faults.heal("node-1", "server-1", False, "ann")
    assert keys(keeper.network.states) == {"server-1>node-1", "node-1>server-3", "server-3>node-1"}
    with pytest.raises(Refused, match="is open"):
        await keeper.faults.heal("node-2", ENSEMBLE, True, "ann")


@pytest.mark.parametrize(("origin", "to", "code"), [
    ("node-9", ENSEMBLE, "no-such-node"), ("server-9", "server-1", "no-such-server"),
    ("bridge", "server-1", "no-such-server"),
    ("node-1", "node-2", "bad-request"), ("server-1", "server-1", "bad-request"),
])  # fmt: skip
async def test_links_that_are_none(keeper: Keeper, origin: str, to: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await keeper.faults.cut(origin, to, True, None, "ann")
    assert refused.value.problem.code == code and keeper.said == []


async def test_without_a_network_no_link_is_cut() -> None:
    keeper = Keeper()
    with pytest.raises(Refused) as refused:
        await Faults(keeper).cut("node-1", ENSEMBLE, True, None, "ann")
    assert refused.value.problem.code == "unsupported"


async def test_a_pause_ends_by_itself(keeper: Keeper) -> None:
    keeper.faults.paused("node-1", 1, "ann")
    await undone(keeper)
    assert keeper.signals == [("node-1", signal.SIGCONT)] and keeper.faults.going == []
    assert [(r.kind, r.action, r.by) for r in keeper.said] == [
        ("fault", "node.pause", "ann"), ("asked", "node.resume", LIMIT), ("healed", "node.pause", LIMIT)]  # fmt: skip


async def test_a_stopped_server_is_started_after_its_time(keeper: Keeper) -> None:
    keeper.faults.ended("server-2", "server.stop", 1, "ann")
    keeper.running.discard("server-2")
    keeper.faults.exited("server-2")
    assert len(keeper.faults.going) == 1
    await undone(keeper)
    assert "server-2" in keeper.running and keeper.faults.going == []
    keeper.faults.ended("server-2", "server.kill", None, "ann")
    assert keeper.faults.going[0].until is None


async def test_a_server_that_takes_its_time_to_end_is_started_when_it_has(keeper: Keeper) -> None:
    """Its time was up while it still ran, and nothing ever started it."""
    keeper.faults.ended("server-2", "server.stop", 1, "ann")
    (fault,) = keeper.faults.going
    keeper.faults._over(fault)
    await asyncio.sleep(0)
    assert keeper.faults.going == [fault], "it ends still"
    keeper.running.discard("server-2")
    keeper.faults.exited("server-2")
    await asyncio.sleep(0)
    assert "server-2" in keeper.running and keeper.faults.going == []
    assert keeper.kinds()[1:] == [("asked", "server-2", LIMIT), ("healed", "server-2", "")]


async def test_a_start_that_fails_is_tried_once_more(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "AGAIN", 0.01)
    keeper.faults.ended("server-2", "server.kill", 3_600, "ann")
    keeper.running.discard("server-2")
    keeper.faults.exited("server-2")
    keeper.broken = 2
    (fault,) = keeper.faults.going
    keeper.faults._over(fault)
    async def over() -> bool:
        return not keeper.faults.going

    assert await until(over, 5 * SCALE) and "server-2" in keeper.running


async def test_the_newest_word_on_a_process_holds(keeper: Keeper) -> None:
    """Two pauses, one of which ended: the page said that it is frozen, and it ran."""
    keeper.faults.paused("node-1", 30, "ann")
    keeper.faults.paused("node-1", 60, "bob")
    keeper.faults.ended("server-2", "server.stop", None, "ann")
    keeper.faults.ended("server-2", "server.kill", None, "bob")
    assert [(fault.kind, fault.by) for fault in keeper.faults.going] == [("node.pause", "bob"), ("server.kill", "bob")]


async def test_a_word_that_cannot_be_leaves_the_one_before(keeper: Keeper) -> None:
    keeper.faults.paused("node-1", 30, "ann")
    with pytest.raises(Refused, match="seconds"):
        keeper.faults.paused("node-1", 0, "bob")
    assert [fault.by for fault in keeper.faults.going] == ["ann"]


async def test_a_server_that_comes_to_the_lab_is_cut_off_like_the_others(keeper: Keeper) -> None:
    """The page said so, for a fault names all servers; the relay was never told."""
    await keeper.faults.cut("server-1", ENSEMBLE, True, 60, "ann")
    keeper.network.servers_there = 4
    await keeper.faults.joined()
    assert {"server-1>server-4", "server-4>server-1"} <= keys(keeper.network.states)


async def test_who_ends_is_paused_and_cut_off_no_more(keeper: Keeper) -> None:
    keeper.faults.paused("node-1", 60, "ann")
    await keeper.faults.cut("node-1", ENSEMBLE, True, 60, "ann")
    keeper.running.discard("node-1")
    keeper.faults.exited("node-1")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert keeper.faults.going == [] and keeper.network.states == {} and keeper.network.removed == [1]


async def test_everything_is_healed(keeper: Keeper) -> None:
    await keeper.faults.cut("node-1", ENSEMBLE, True, None, "ann")
    await keeper.faults.slow("server-1", "server-2", True, None, "ann", LinkState(rate=1))
    keeper.faults.paused("server-3", None, "ann")
    keeper.faults.ended("server-2", "server.kill", None, "ann")
    keeper.running.discard("server-2")
    assert await keeper.faults.heal_all("bob") == {"links": 2, "resumed": 1, "started": 1}
    assert keeper.faults.going == [] and keeper.network.states == {} and keeper.running >= {"server-2"}
    assert keeper.signals == [("server-3", signal.SIGCONT)]
    assert await keeper.faults.heal_all("bob") == {"links": 0, "resumed": 0, "started": 0}


async def test_all_else_is_healed_where_something_cannot_be(keeper: Keeper) -> None:
    await keeper.faults.cut("node-1", ENSEMBLE, True, None, "ann")
    keeper.faults.paused("node-2", None, "ann")
    keeper.running -= {"server-2", "server-3"}
    keeper.network.trouble, keeper.broken = "The lab's relay did not answer within 3 s.", 1
    with pytest.raises(Refused) as refused:
        await keeper.faults.heal_all("bob")
    problem = refused.value.problem
    assert problem.code == "unknown" and problem.text == (
        "The lab's relay did not answer within 3 s. 1 more could not be undone. All else was healed.")  # fmt: skip
    assert keeper.signals == [("node-2", signal.SIGCONT)] and "server-3" in keeper.running


async def test_a_server_that_still_ends_is_healed_when_it_has(keeper: Keeper) -> None:
    keeper.faults.ended("server-2", "server.stop", None, "ann")
    assert await keeper.faults.heal_all("bob") == {"links": 0, "resumed": 0, "started": 1}
    keeper.running.discard("server-2")
    keeper.faults.exited("server-2")
    await asyncio.sleep(0)
    assert "server-2" in keeper.running and keeper.faults.going == []


@pytest.mark.parametrize("seconds", [0, 0.5, 3_601, -1])
async def test_times_are_bounded(keeper: Keeper, seconds: float) -> None:
    with pytest.raises(Refused, match="seconds"):
        await keeper.faults.cut("node-1", ENSEMBLE, True, seconds, "ann")
