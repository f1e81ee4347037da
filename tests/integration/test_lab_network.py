"""The network of a lab, in demos as people start them: two side by side, of three servers and of one."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.commands import Command
from tests.integration.ensemble import SCALE, wait_for
from zkbridge.lab import description, ready
from zkbridge.lab.client import LabClient
from zkbridge.lab.faults import LIMIT
from zkbridge.lab.records import Tail
from zkbridge.records import Record

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(180 * SCALE)]

TIMEOUT = 4.0
"""Seconds of the nodes' sessions."""


class Lab:
    def __init__(self, command: Command) -> None:
        self.command = command
        self.lab = description.read(command.path)
        self.client = LabClient(self.lab.endpoint)
        self._tail = Tail(self.lab.records)
        self._said: list[Record] = []

    def said(self, who: str, kind: str, since: float = 0.0) -> list[Record]:
        while new := self._tail.read_new():
            self._said += new
        return [record for record in self._said if (record.who, record.kind) == (who, kind) and record.at >= since]

    def modes(self) -> list[str]:
        async def ask() -> list[str]:
            return await asyncio.gather(*(ready.mode(member.host, member.port) for member in self.lab.members))

        return asyncio.run(ask())

    def do(self, work: object) -> object:
        return asyncio.run(work)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Lab]]:
    """A lab of three servers and one of one, started at the same time."""
    homes = [tmp_path_factory.mktemp(name) for name in ("three", "one")]
    sizes = (("3", "3", "18610"), ("1", "2", "18640"))
    commands = [
        Command(Path(home), "demo", SERVERS=servers, NODES=nodes, PORT=port)
        for home, (servers, nodes, port) in zip(homes, sizes, strict=True)
    ]
    try:
        for command in commands:
            command.wait_until_ready()
        yield Lab(commands[0]), Lab(commands[1])
    finally:
        for command in commands:
            command.destroy()


def now() -> float:
    return time.time() * 1000


def test_a_cut_in_one_lab_is_nothing_to_the_other(labs: tuple[Lab, Lab]) -> None:
    three, one = labs
    since = now()
    one.do(one.client.cut("node-1", "ensemble", True, 60, "ann"))
    three.do(three.client.cut("node-2", "server-1", False, 60, "ann"))
    wait_for("it notices", lambda: one.said("node-1", "suspended", since))
    one.do(one.client.heal("node-1", "ensemble", True, "ann"))
    three.do(three.client.heal_all("ann"))
    wait_for("it is back", lambda: one.said("node-1", "connected", since))
    back = one.said("node-1", "connected", since)[0].at
    # Or else a later test takes this for news of its own.
    settled = ("members", "watching")
    wait_for("it leads or watches", lambda: any(one.said("node-1", kind, back) for kind in settled))
    assert not one.said("node-2", "suspended", since) and not three.said("node-1", "suspended", since)


def test_a_cut_outlasts_the_relay_itself(labs: tuple[Lab, Lab]) -> None:
    """One that died is started again, and does what the one before it did."""
    three, _ = labs
    since = now()
    three.do(three.client.cut("node-1", "ensemble", True, 60, "ann"))
    relay = three.command.running()["relay"]
    os.kill(relay, signal.SIGKILL)
    wait_for("another one runs", lambda: three.command.running().get("relay", relay) != relay)
    wait_for("all servers serve", lambda: all(three.modes()))
    wait_for("node-2 is back", lambda: three.said("node-2", "connected", since))
    time.sleep(TIMEOUT / 2)
    assert not three.said("node-1", "connected", since), "its link is still cut"
    three.do(three.client.heal("node-1", "ensemble", True, "ann"))
    wait_for("node-1 is back", lambda: three.said("node-1", "connected", since))


def test_faults_end_in_time_though_bridge_and_web_are_frozen(labs: tuple[Lab, Lab]) -> None:
    three, _ = labs
    since = now()
    frozen = [three.command.running()[name] for name in ("bridge", "web")]
    try:
        three.do(three.client.signal("node-3", "STOP", 2, "ann"))
        three.do(three.client.cut("node-2", "ensemble", True, 2, "ann"))
        three.do(three.client.signal("server-1", "KILL", 2, "ann"))
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        for who in ("node-3", "node-2", "server-1"):
            wait_for(f"{who} is put right", lambda who=who: three.said(who, "healed", since), 10)  # type: ignore[misc]
        ended = three.said("node-2", "healed", since)[0]
        assert ended.by == LIMIT and 1_900 <= ended.at - three.said("node-2", "fault", since)[0].at <= 2_500 * SCALE
        wait_for("the server serves again", lambda: all(three.modes()))
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("ends", [("node-2", "ensemble"), ("ensemble", "node-2")])
def test_one_way_is_enough_to_lose_a_session(labs: tuple[Lab, Lab], ends: tuple[str, str]) -> None:
    """Of one server, which is no ensemble."""
    _, one = labs
    since = now()
    one.do(one.client.cut(*ends, False, 60, "ann"))
    wait_for("the other's watch fires, or it leads", lambda: one.said("node-1", "members", since), 20)
    one.do(one.client.heal(*ends, False, "ann"))
    wait_for("it learns so", lambda: one.said("node-2", "lost", since))
    wait_for("it is back", lambda: one.said("node-2", "connected", since))
    back = one.said("node-2", "connected", since)[0]
    assert back.again
    wait_for("it stands in line again", lambda: one.said("node-2", "registered", since))
    # Or else the next test takes this for news of its own. From when it was back: the leader's watch fires as soon as
    # the candidate is there, and its record may be older than the one that node-2 makes of the reply.
    wait_for("the leader has taken note", lambda: one.said("node-1", "members", back.at))


def test_a_slow_link_holds_up_and_loses_nothing(labs: tuple[Lab, Lab]) -> None:
    three, _ = labs
    since = now()
    how = {"latency": 150.0, "jitter": 50.0, "rate": 64.0, "loss": 5.0}
    three.do(three.client.slow("node-1", "ensemble", True, 60, "ann", how))
    wait_for("it is written down", lambda: three.said("node-1", "fault", since))
    fault = three.said("node-1", "fault", since)
    assert [(one.latency, one.jitter, one.rate, one.loss) for one in fault] == [(150, 50, 64, 5)]
    time.sleep(TIMEOUT)
    assert not three.said("node-1", "lost", since), "its session lives on"
    three.do(three.client.heal_all("ann"))


@pytest.mark.parametrize("outward", [True, False])
def test_a_leader_that_is_cut_off_from_its_peers_is_replaced_and_comes_back(
    labs: tuple[Lab, Lab], outward: bool
) -> None:
    three, _ = labs
    modes: list[str] = []

    def one_leads() -> bool:
        modes[:] = three.modes()
        return "leader" in modes

    wait_for("one leads", one_leads)
    leader = modes.index("leader")
    name = f"server-{leader + 1}"
    ends = (name, "ensemble") if outward else ("ensemble", name)
    three.do(three.client.cut(*ends, False, 60, "ann"))
    wait_for("another leads", lambda: "leader" in [mode for at, mode in enumerate(three.modes()) if at != leader])
    wait_for("it leads no more", lambda: three.modes()[leader] != "leader")
    three.do(three.client.heal(*ends, False, "ann"))
    wait_for("all three serve", lambda: sorted(three.modes()) == ["follower", "follower", "leader"])


def test_each_server_comes_back_among_the_others(labs: tuple[Lab, Lab]) -> None:
    """One with a smaller number has to be called back by those with larger ones, which it asks for that and leaves."""
    three, _ = labs
    for number in range(3):
        wait_for("all three serve", lambda: all(three.modes()), 20)
        three.do(three.client.signal(f"server-{number + 1}", "KILL"))
        wait_for("it is down", lambda number=number: not three.modes()[number])  # type: ignore[misc]
        wait_for("the others serve", lambda: sum(map(bool, three.modes())) == 2, 20)
        three.do(three.client.start_server(f"server-{number + 1}"))
    wait_for("all three serve", lambda: all(three.modes()), 20)


def test_a_server_that_is_still_ending_is_started_when_it_has_ended(labs: tuple[Lab, Lab]) -> None:
    """It was refused: server-1 is running."""
    three, _ = labs
    for _ in range(3):
        three.do(three.client.signal("server-1", "KILL"))
        three.do(three.client.start_server("server-1"))
    wait_for("all three serve", lambda: all(three.modes()), 20)
