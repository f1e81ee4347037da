"""`demo` and `serve`, whole."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import claims
from tests.integration.commands import MANAGE, Command
from tests.integration.conftest import Factory
from tests.integration.ensemble import SCALE, wait_for
from tests.integration.person import Person
from zkbridge.lab.registry import Registry, end, start_of

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(180 * SCALE)]

Run = Callable[..., Command]

ON_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """``run("demo", SERVERS="1")`` starts a command; all are ended after the test."""
    started: list[Command] = []

    def start(*arguments: str, **environment: str) -> Command:
        command = Command(tmp_path, *arguments, **environment)
        started.append(command)
        return command

    yield start
    for command in started:
        command.destroy()


def test_a_demo_shows_each_step_and_survives_the_loss_of_bridge_web_and_relay(run: Run) -> None:
    began = time.monotonic()
    demo = run("demo", NODES="3", PREVIEW="2048")
    demo.wait_until_ready()
    claims.hold("`make demo`, until its address is said", time.monotonic() - began, 20)
    steps = ("  servers ", "  quorum ", "  nodes ", "  bridge ", "  web ")
    assert all(step in demo.said for step in steps), demo.said
    assert "/enter/" in demo.link("Operator") and "/join/" in demo.link("Viewers")
    assert not any("/enter/" in log.read_text() for log in (demo.path / "logs").iterdir()), "links are secrets"
    assert 0 < demo.ask() < 500

    before = demo.running()
    lab = {"server-1", "server-2", "server-3", "node-1", "node-2", "node-3", "relay", "storage"}
    assert set(before) == lab | {"bridge", "web"}
    (watched,) = json.loads((demo.path / "clusters.json").read_text())["clusters"].values()
    assert watched["preview"] == 2048 and watched["allow_changes"] is True
    for name in ("bridge", "web", "relay"):
        os.kill(before[name], signal.SIGKILL)
    wait_for("all run again", lambda: demo.running().keys() == before.keys(), 15)
    wait_for("the page is served again", lambda: 0 < demo.ask() < 500, 20)
    after = demo.running()
    assert {name for name in before if before[name] != after[name]} == {"bridge", "web", "relay"}

    assert demo.finish(signal.SIGINT) == 0
    assert not any(start_of(pid) for pid in after.values())
    assert [path.name for path in demo.home.iterdir()] == [".lock"]


def test_two_demos_side_by_side_and_what_kill_9_leaves(run: Run) -> None:
    one = run("demo", SERVERS="1", NODES="1")
    one.wait_until_ready()
    first, path = one.running(), one.path
    two = run("demo", SERVERS="1", NODES="1")
    two.wait_until_ready()
    assert "is busy; taking" in two.said and one.link("Viewers") != two.link("Viewers")
    assert one.running() == first, "the second does not touch the first"
    second = two.running()
    one.kill()
    assert all(start_of(pid) for pid in first.values())
    three = run("demo", SERVERS="1", NODES="0")
    three.wait_until_ready()
    assert f"Ended {len(first)} processes" in three.said
    assert not path.exists() and not any(start_of(pid) for pid in first.values())
    assert two.running() == second, "a living demo is not touched"
    assert two.finish(signal.SIGTERM) == 0
    assert three.finish(signal.SIGHUP) == 0


@pytest.mark.parametrize("kind", ["demo", "serve"])
def test_a_start_after_kill_9_ends_what_was_left_and_has_the_same_address(run: Run, kind: str) -> None:
    arguments = ["demo"] if kind == "demo" else ["serve", "--zookeeper", "127.0.0.1:1"]
    killed = run(*arguments, SERVERS="1", NODES="1")
    killed.wait_until_ready()
    left, path, address = killed.running(), killed.path, killed.link("Viewers").partition("/join/")[0]
    killed.kill()
    assert left and all(start_of(pid) for pid in left.values())
    anew = run(*arguments, SERVERS="1", NODES="0")
    anew.wait_until_ready()
    assert f"Ended {len(left)} processes" in anew.said and "is busy" not in anew.said
    assert not path.exists() and not any(start_of(pid) for pid in left.values())
    assert anew.link("Viewers").startswith(f"{address}/join/")
    assert 0 < anew.ask() < 500
    assert anew.finish(signal.SIGINT) == 0


@pytest.mark.parametrize("words", ["  servers ", "  nodes "])
def test_a_demo_can_be_ended_while_it_starts(run: Run, words: str) -> None:
    demo = run("demo", NODES="2")
    demo.wait_for_words(words)
    pids = demo.running().values()
    assert demo.finish(signal.SIGTERM) == 0
    assert not any(start_of(pid) for pid in pids)
    assert [path.name for path in demo.home.iterdir()] == [".lock"]


def test_closing_the_terminal_ends_everything(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    environment = os.environ | {"ZOOSCOPE_HOME": str(tmp_path), "PORT": "23100", "SERVERS": "1", "NODES": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", ON_TERMINAL, sys.executable, str(MANAGE), "demo"],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
    )  # fmt: skip
    os.close(theirs)
    pids: list[int] = []
    try:
        shown = b""
        while b"Ctrl-C ends everything" not in shown:
            shown += os.read(ours, 4096)
        pids = [started.pid for path in tmp_path.glob("demo-*") for started in Registry(path / "processes").alive()]
        assert len(pids) == 6, "a server, the relay, the storage, a node, the bridge and the web process"
        os.close(ours)
        process.wait(5 * SCALE)
        assert not any(start_of(pid) for pid in pids)
        assert [path.name for path in tmp_path.iterdir()] == [".lock"]
    finally:
        process.kill()
        process.wait()
        for path in tmp_path.glob("demo-*"):
            end(Registry(path / "processes").alive())


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"SERVERS": "2"}, "SERVERS is '2'; it must be one of 1, 3, 5, 7."),
        ({"NODES": "many"}, "NODES is 'many'"),
        ({"PORT": "0"}, "PORT is '0'"),
        ({"PREVIEW": "1 KB"}, "PREVIEW is '1 KB'; it must be a whole number from 64 to 65536."),
        ({"HOST": "192.0.2.1"}, "HOST is '192.0.2.1', on which this machine cannot listen"),
        ({"ZOOKEEPER_HOME": "/nowhere"}, "ZOOKEEPER_HOME is '/nowhere'"),
        ({"ZOOSCOPE_HOME": "/proc/nowhere"}, "Runs cannot be kept in /proc/nowhere"),
    ],
)
def test_a_bad_value_is_one_clear_line(run: Run, environment: dict[str, str], words: str) -> None:
    demo = run("demo", **environment)
    assert demo.process.wait(30 * SCALE) == 2
    wait_for("it says why", lambda: words in demo.said, 5)
    assert len([line for line in demo.said.splitlines() if "is busy; taking" not in line]) == 1
    assert not any(demo.home.glob("demo-*"))


def test_serve_says_what_is_wrong_and_recovers_by_itself(run: Run, make_ensemble: Factory) -> None:
    ensemble = make_ensemble(1)
    ensemble.kill("1")
    serve = run("serve", "--zookeeper", ensemble.hosts)
    serve.wait_until_ready()
    serve.wait_for_words(ensemble.hosts, 20)
    assert "connecting" in serve.said and "bridge   live" not in serve.said
    ensemble.launch("1")
    serve.wait_for_words("bridge   live", 30)
    pid = serve.running()["web"]
    told = len(serve.said)
    ensemble.kill("1")
    # Whichever is noticed first: the connection that broke, or that the only server does not answer.
    words = ("the connection is lost", "has no quorum")
    wait_for("it says so", lambda: any(one in serve.said[told:] for one in words), 20)
    ensemble.launch("1")
    wait_for("it is live again", lambda: serve.said.count("bridge   live") == 2, 30)
    assert serve.running()["web"] == pid
    assert serve.finish(signal.SIGINT) == 0


def test_serve_changes_nothing_unless_it_is_told_to(run: Run) -> None:
    for options in ([], ["--allow-changes"]):
        serve = run("serve", "--zookeeper", "127.0.0.1:1", *options)
        serve.wait_until_ready()
        me = Person(serve.link("Operator")).get("/api/me")
        assert me["role"] == "operator" and me["read_only"] is not bool(options)
        assert ("znode.set" in me["permissions"]) == bool(options)
        assert ("Nobody can change the tree" in serve.said) != bool(options)
        assert serve.finish(signal.SIGINT) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--zookeeper", "zoo:port"], "'port' in 'zoo:port' is no port"),
        ([], "Say which clusters to watch"),
        (["--config", "/nowhere.toml"], "/nowhere.toml cannot be read: No such file or directory."),
        (["--config", "/nowhere.toml", "--zookeeper", "zoo"], "--zookeeper is said in the file of --config"),
        (["--zookeeper", "zoo", "--preview", "63"], "--preview is '63'; it must be a whole number from 64 to 65536."),
    ],
)
def test_serve_refuses_what_it_cannot_use(run: Run, arguments: list[str], words: str) -> None:
    serve = run("serve", *arguments)
    assert serve.process.wait(30 * SCALE) == 2
    wait_for("it says why", lambda: words in serve.said, 5)
    assert not any(serve.home.glob("serve-*"))
