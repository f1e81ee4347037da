"""`demo` and `serve`, whole."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import claims
from tests.integration.commands import Command
from tests.integration.conftest import Factory
from tests.integration.ensemble import SCALE, wait_for
from tests.integration.person import Person
from zkbridge.lab.registry import start_of

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(180 * SCALE)]

Run = Callable[..., Command]

@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """``run("demo", SERVERS="1")`` starts a command; all are ended after the test."""
    started: list[Command] = []

    def start(*arguments: str, terminal: bool = False, **environment: str) -> Command:
        command = Command(tmp_path, *arguments, terminal=terminal, **environment)
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


def test_two_demos_side_by_side_what_kill_9_leaves_and_a_terminal_that_is_closed(run: Run) -> None:
    one = run("demo", SERVERS="1", NODES="1")
    one.wait_until_ready()
    first, path, address = one.running(), one.path, origin(one)
    two = run("demo", SERVERS="1", NODES="1")
    two.wait_until_ready()
    assert "is busy; taking" in two.said and origin(two) != address
    assert one.running() == first, "the second does not touch the first"
    second = two.running()
    one.kill()
    assert all(start_of(pid) for pid in first.values())
    three = run("demo", terminal=True, SERVERS="1", NODES="1")
    three.wait_until_ready()
    assert f"Ended {len(first)} processes" in three.said
    assert not path.exists() and not any(start_of(pid) for pid in first.values())
    assert origin(three) == address and 0 < three.ask() < 500, "the port is free again"
    assert two.running() == second, "a living demo is not touched"
    assert two.finish(signal.SIGTERM) == 0
    third = three.running()
    assert len(third) == 6, "a server, the relay, the storage, a node, the bridge and the web process"
    three.hang_up()
    three.process.wait(5 * SCALE)
    assert not any(start_of(pid) for pid in third.values())
    assert [left.name for left in three.home.iterdir()] == [".lock"]


@pytest.mark.parametrize("words", ["  servers ", "  nodes "])
def test_a_demo_can_be_ended_while_it_starts(run: Run, words: str) -> None:
    demo = run("demo", NODES="2")
    demo.wait_for_words(words)
    pids = demo.running().values()
    assert demo.finish(signal.SIGTERM) == 0
    assert not any(start_of(pid) for pid in pids)
    assert [path.name for path in demo.home.iterdir()] == [".lock"]


def test_a_bad_value_is_one_clear_line(run: Run) -> None:
    bad = [
        ({"SERVERS": "2"}, "SERVERS is '2'; it must be one of 1, 3, 5, 7."),
        ({"NODES": "many"}, "NODES is 'many'"),
        ({"PORT": "0"}, "PORT is '0'"),
        ({"PREVIEW": "1 KB"}, "PREVIEW is '1 KB'; it must be a whole number from 64 to 65536."),
        ({"HOST": "192.0.2.1"}, "HOST is '192.0.2.1', on which this machine cannot listen"),
        ({"ZOOKEEPER_HOME": "/nowhere"}, "ZOOKEEPER_HOME is '/nowhere'"),
        ({"ZOOSCOPE_HOME": "/proc/nowhere"}, "Runs cannot be kept in /proc/nowhere"),
    ]
    for demo, words in [(run("demo", **environment), words) for environment, words in bad]:
        assert demo.process.wait(30 * SCALE) == 2, words
        wait_for(f"it says {words!r}", lambda demo=demo, words=words: words in demo.said, 5)  # type: ignore[misc]
        assert len([line for line in demo.said.splitlines() if "is busy; taking" not in line]) == 1, demo.said
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


def test_serve_changes_nothing_unless_it_is_told_to_also_after_kill_9(run: Run) -> None:
    """The second ends what was left of the first, and has its address."""
    left: dict[str, int] = {}
    address, path = "", None
    for options in ([], ["--allow-changes"]):
        serve = run("serve", "--zookeeper", "127.0.0.1:1", *options)
        serve.wait_until_ready()
        me = Person(serve.link("Operator")).get("/api/me")
        assert me["role"] == "operator" and me["read_only"] is not bool(options)
        assert ("znode.set" in me["permissions"]) == bool(options)
        assert ("Nobody can change the tree" in serve.said) != bool(options)
        if not options:
            left, path, address = serve.running(), serve.path, origin(serve)
            serve.kill()
            assert set(left) == {"bridge", "web"} and all(start_of(pid) for pid in left.values())
    assert "Ended 2 processes" in serve.said and origin(serve) == address
    assert path is not None and not path.exists() and not any(start_of(pid) for pid in left.values())
    assert serve.finish(signal.SIGINT) == 0


def test_serve_refuses_what_it_cannot_use(run: Run) -> None:
    bad = [
        (["--zookeeper", "zoo:port"], "'port' in 'zoo:port' is no port"),
        ([], "Say which clusters to watch"),
        (["--config", "/nowhere.toml"], "/nowhere.toml cannot be read: No such file or directory."),
        (["--config", "/nowhere.toml", "--zookeeper", "zoo"], "--zookeeper is said in the file of --config"),
        (["--zookeeper", "zoo", "--preview", "63"], "--preview is '63'; it must be a whole number from 64 to 65536."),
    ]
    for serve, words in [(run("serve", *arguments), words) for arguments, words in bad]:
        assert serve.process.wait(30 * SCALE) == 2, words
        wait_for(f"it says {words!r}", lambda serve=serve, words=words: words in serve.said, 5)  # type: ignore[misc]
        assert not any(serve.home.glob("serve-*"))


def origin(command: Command) -> str:
    return command.link("Viewers").partition("/join/")[0]
