"""Ensembles for integration tests: one that all tests share, and a factory for tests that break servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.commands import Command
from tests.integration.ensemble import RunningEnsemble
from tests.integration.nodes import Nodes
from tests.integration.person import Person
from tests.integration.receiver import Receiver
from tests.integration.stack import Stack

Factory = Callable[..., RunningEnsemble]


@pytest.fixture(scope="session")
def shared_ensemble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEnsemble]:
    """Three servers for the whole test run. A test must leave them running; use `ensemble`, which is cleared."""
    running = RunningEnsemble(tmp_path_factory.mktemp("ensemble"), 3)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def ensemble(shared_ensemble: RunningEnsemble) -> RunningEnsemble:
    """The shared three servers, with an empty tree."""
    shared_ensemble.clear()
    return shared_ensemble


@pytest.fixture
def make_ensemble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Factory]:
    """``make_ensemble(3)`` starts servers of the test's own, to kill and to pause; settings of zoo.cfg may follow."""
    made: list[RunningEnsemble] = []

    def make(size: int, **settings: str) -> RunningEnsemble:
        running = RunningEnsemble(tmp_path_factory.mktemp("ensemble"), size, **settings)
        made.append(running)
        running.start()
        return running

    yield make
    for running in made:
        running.stop()


@pytest.fixture
def stack(ensemble: RunningEnsemble) -> Iterator[Stack]:
    """Bridge and web process on the shared ensemble."""
    stack = Stack(ensemble.hosts)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def nodes(ensemble: RunningEnsemble, tmp_path: Path) -> Iterator[Nodes]:
    """Starts nodes on the shared ensemble; all of them are killed in the end."""
    started = Nodes(ensemble.hosts, tmp_path)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """A demo for the tests of one file, with as many nodes as its ``NODES`` says."""
    demo = Command(tmp_path_factory.mktemp("demo"), "demo", NODES=str(request.module.NODES))
    try:
        demo.wait_until_ready()
        yield demo
    finally:
        demo.destroy()


@pytest.fixture(scope="module")
def operator(demo: Command) -> Person:
    """Who came in by its operator's link, which works once."""
    return Person(demo.link("Operator"))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
