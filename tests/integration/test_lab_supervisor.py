"""The supervisor, with real processes: it runs in a process of its own, as circus needs the main thread."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.integration.ensemble import SCALE, wait_for
from zkbridge.lab import rundir
from zkbridge.lab.client import LabClient, LabError
from zkbridge.lab.records import Tail
from zkbridge.lab.registry import Registry, end, start_of
from zkbridge.records import Record

SCRIPT = """
import asyncio, signal, sys
from pathlib import Path
from zkbridge.lab import rundir
from zkbridge.lab.nodemaker import NodeMaker
from zkbridge.lab.program import Program
from zkbridge.lab.records import Writer
from zkbridge.lab.supervisor import Supervisor

async def main():
    run, ended = rundir.create(Path(sys.argv[1]), "test")
    print(len(ended), flush=True)
    supervisor = Supervisor(run, Writer(run.path / "records.jsonl"))
    await supervisor.start()
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    supervisor.nodes = NodeMaker(Program("node", "node", sleep, run.logs), 3, lambda: "127.0.0.1:1")
    await supervisor.launch(Program("server-1", "server", sleep, run.logs / "server-1.log"))
    await supervisor.launch(Program("bridge", "helper", sleep, run.logs / "bridge.log", respawn=True))
    print(run.path, supervisor.endpoint, flush=True)
    quit = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, quit.set)
    await quit.wait()
    await supervisor.stop()
    run.remove()

asyncio.run(main())
"""


class Lab:
    """A supervisor with a server, a bridge (both only sleep), and room for three nodes."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(home)], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        self.swept = int(self.process.stdout.readline())
        path, endpoint = self.process.stdout.readline().split()
        self.path = Path(path)
        self.client = LabClient(endpoint)
        self._tail = Tail(self.path / "records.jsonl")
        self._said: list[Record] = []

    def said(self, who: str, kind: str) -> list[Record]:
        self._said += self._tail.read_new()
        return [record for record in self._said if record.who == who and record.kind == kind]

    def pids(self) -> set[int]:
        return {started.pid for started in Registry(self.path / "processes").alive()}

    def kill_all(self) -> None:
        self.process.kill()
        self.process.wait()
        end(Registry(self.path / "processes").alive())
        if self.path.exists():
            rundir.sweep(self.path.parent)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path)
    yield lab
    lab.kill_all()


async def test_nodes_are_added_and_their_ends_are_told_at_once(lab: Lab) -> None:
    assert [await lab.client.add_node() for _ in range(2)] == ["node-1", "node-2"]
    assert lab.said("node-1", "spawned")[0].pid in lab.pids()
    await lab.client.signal("node-1", "KILL")
    wait_for("the end is told", lambda: lab.said("node-1", "exited"), 2)
    assert lab.said("node-1", "exited")[0].signal == signal.SIGKILL
    assert await lab.client.add_node() == "node-3", "ids are not used again"


async def test_a_death_from_outside_is_told_within_a_quarter_of_a_second(lab: Lab) -> None:
    await lab.client.add_node()
    (spawned,) = lab.said("node-1", "spawned")
    assert spawned.pid is not None
    before = time.time() * 1000
    os.kill(spawned.pid, signal.SIGTERM)
    wait_for("the end is told", lambda: lab.said("node-1", "exited"), 2)
    (ended,) = lab.said("node-1", "exited")
    assert ended.signal == signal.SIGTERM and ended.pid == spawned.pid
    assert ended.at - before < 250 * SCALE


async def test_a_paused_node_that_is_stopped_ends(lab: Lab) -> None:
    await lab.client.add_node()
    await lab.client.signal("node-1", "STOP")
    (spawned,) = lab.said("node-1", "spawned")
    wait_for("it is paused", lambda: psutil.Process(spawned.pid).status() == psutil.STATUS_STOPPED, 2)
    await lab.client.signal("node-1", "TERM")
    wait_for("it ends", lambda: lab.said("node-1", "exited"), 2)


async def test_commands_that_cannot_be_are_refused(lab: Lab) -> None:
    async def code(call) -> str:  # type: ignore[no-untyped-def]
        with pytest.raises(LabError) as refused:
            await call
        return refused.value.problem.code

    assert await code(lab.client.signal("node-9", "TERM")) == "no-such-node"
    assert await code(lab.client.signal("bridge", "KILL")) == "no-such-node"
    assert await code(lab.client.signal("server-9", "KILL")) == "no-such-server"
    assert await code(lab.client.start_server("1")) == "not-now"
    assert await code(lab.client.start_server("9")) == "no-such-server"
    assert await code(lab.client.signal("server-1", "USR1")) == "bad-request"  # type: ignore[arg-type]
    for _ in range(3):
        await lab.client.add_node()
    assert await code(lab.client.add_node()) == "too-many"
    await lab.client.signal("node-1", "KILL")
    wait_for("it ends", lambda: lab.said("node-1", "exited"), 2)
    assert await code(lab.client.signal("node-1", "KILL")) == "not-now"
    assert await lab.client.add_node() == "node-4"


async def test_many_commands_at_once_are_all_carried_out(lab: Lab) -> None:
    ids = await asyncio.gather(*(lab.client.add_node() for _ in range(3)))
    assert sorted(ids) == ["node-1", "node-2", "node-3"]
    await asyncio.gather(*(lab.client.signal(id, "KILL") for id in ids), lab.client.signal("1", "KILL"))
    wait_for("all end", lambda: all(lab.said(id, "exited") for id in [*ids, "server-1"]), 3)
    await lab.client.start_server("1")
    assert len(lab.said("server-1", "spawned")) == 2


async def test_no_more_nodes_than_there_is_room_for_however_many_ask_at_once(lab: Lab) -> None:
    """Each of them was counted before any of the others had started."""
    asked = await asyncio.gather(*(lab.client.add_nodes(2) for _ in range(3)), return_exceptions=True)
    problems = [one.problem for one in asked if isinstance(one, LabError)]
    assert [problem.code for problem in problems] == ["too-many"] * 2
    assert await lab.client.add_nodes() == ["node-3"] and len(lab.pids()) == 2 + 3


async def test_a_server_that_several_start_at_once_is_started_once_and_runs(lab: Lab) -> None:
    """Whoever came second ended what the first had started."""
    await lab.client.signal("1", "KILL")
    wait_for("it ends", lambda: lab.said("server-1", "exited"), 2)
    asked = await asyncio.gather(*(lab.client.start_server("1") for _ in range(3)), return_exceptions=True)
    assert sorted(one.problem.code if isinstance(one, LabError) else "" for one in asked) == ["", "not-now", "not-now"]
    assert len(lab.said("server-1", "spawned")) == 2 and len(lab.said("server-1", "exited")) == 1
    assert lab.said("server-1", "spawned")[-1].pid in lab.pids()


async def test_a_node_that_has_ended_is_started_again_under_its_name(lab: Lab) -> None:
    await lab.client.add_nodes(3)
    for signal_ in ("KILL", "TERM"):
        ends = len(lab.said("node-2", "exited"))
        with pytest.raises(LabError) as refused:
            await lab.client.start_node("node-2")
        assert refused.value.problem.code == "not-now"
        await lab.client.signal("node-2", signal_)
        wait_for("it ends", lambda ends=ends: len(lab.said("node-2", "exited")) > ends, 2)  # type: ignore[misc]
        await lab.client.start_node("node-2")
    assert len(lab.said("node-2", "spawned")) == 3 and lab.said("node-2", "spawned")[-1].pid in lab.pids()
    await lab.client.signal("node-2", "KILL")
    wait_for("it ends", lambda: len(lab.said("node-2", "exited")) == 3, 2)
    assert await lab.client.add_node() == "node-4"
    for name, code in (("node-2", "too-many"), ("node-9", "no-such-node"), ("server-1", "no-such-node")):
        with pytest.raises(LabError) as refused:
            await lab.client.start_node(name)
        assert refused.value.problem.code == code


async def test_what_cannot_be_started_is_refused_and_the_rest_goes_on(lab: Lab) -> None:
    assert await lab.client.add_node() == "node-1"
    await lab.client.signal("server-1", "KILL")
    wait_for("it ends", lambda: lab.said("server-1", "exited"), 2)
    (lab.path / "logs").rename(lab.path / "gone")
    for _ in range(2):
        with pytest.raises(LabError) as refused:
            await lab.client.start_server("1")
        assert refused.value.problem.code == "failed"
    (lab.path / "gone").rename(lab.path / "logs")
    await lab.client.start_server("1")
    assert await lab.client.add_node() == "node-2"


async def test_a_supervisor_that_is_gone_is_an_unknown_result(tmp_path: Path) -> None:
    with pytest.raises(LabError) as error:
        await LabClient(f"ipc://{tmp_path}/nobody.sock", deadline=0.2).add_node()
    assert error.value.problem.code == "unknown"


def test_the_bridge_is_started_again_and_a_server_is_not(lab: Lab) -> None:
    (server,), (bridge,) = lab.said("server-1", "spawned"), lab.said("bridge", "spawned")
    assert bridge.pid is not None
    os.kill(bridge.pid, signal.SIGKILL)
    wait_for("the bridge is started again", lambda: len(lab.said("bridge", "spawned")) == 2, 5)
    assert server.pid in lab.pids() and not lab.said("server-1", "exited")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    wait_for("the server's end is told", lambda: lab.said("server-1", "exited"), 2)
    os.kill(lab.said("bridge", "spawned")[1].pid or 0, signal.SIGKILL)
    wait_for("the bridge is started once more", lambda: len(lab.said("bridge", "spawned")) == 3, 5)
    assert len(lab.said("server-1", "spawned")) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_everything(lab: Lab, number: signal.Signals) -> None:
    await lab.client.add_node()
    await lab.client.signal(await lab.client.add_node(), "STOP")
    pids = lab.pids()
    assert len(pids) == 4
    lab.process.send_signal(number)
    assert lab.process.wait(5 * SCALE) == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert not lab.path.exists()


async def test_what_a_killed_supervisor_left_is_ended_and_nothing_else(lab: Lab, tmp_path: Path) -> None:
    await lab.client.add_node()
    left = lab.pids()
    other = Lab(tmp_path)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])  # noqa: ASYNC220
    try:
        # A stranger that has the pid of a process that ended: same pid, another start.
        with (lab.path / "processes").open("ab") as file:
            file.write(b'{"name":"node-7","pid":%d,"start":"some other time"}\nnot json\n' % stranger.pid)
        assert other.swept == 0 and lab.pids() == left, "a living supervisor's processes are left alone"
        lab.process.kill()
        lab.process.wait()
        assert lab.pids() == left, "they outlive their supervisor"
        third = Lab(tmp_path)
        try:
            assert third.swept == len(left)
            assert not any(start_of(pid) for pid in left) and not lab.path.exists()
            assert stranger.poll() is None and len(other.pids()) == 2 and other.path.exists()
        finally:
            third.kill_all()
    finally:
        stranger.kill()
        stranger.wait()
        other.kill_all()
