"""For all tests: hypothesis judges what is true, not how fast this machine was; how fast it was is said in the end."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import claims
from zkbridge.lab import ports

settings.register_profile("zooscope", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zooscope")

OWN = 1_000
"""Ports of the process itself, of each that runs tests; as many again are for the commands that it starts
(`tests.integration.commands`). So none takes those of a server that another one has just killed."""

SLOW = ("tests/browser/", "tests/battery/", "tests/integration/")
"""In this order they begin. Those of the browser stay together, longer than all else; and after a file of a test or two
its process is given the next one at once, which must not be they."""


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        number, count = int(worker["workerid"].removeprefix("gw")), int(worker["workercount"])
        own = min(OWN, len(ports.PORTS) // (2 * count))
        first = ports.PORTS[0] + 2 * own * number
        os.environ[ports.SETTING] = f"{first}-{first + own - 1}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, where several processes run tests."""
    items.sort(key=lambda item: next((at for at, place in enumerate(SLOW) if item.nodeid.startswith(place)), len(SLOW)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """What shares servers stays together: the tests of a file, and all that drive the browser."""
    from xdist.scheduler import LoadScopeScheduling

    class ByServers(LoadScopeScheduling):
        def _split_scope(self, test: str) -> str:
            return SLOW[0] if test.startswith(SLOW[0]) else test.partition("::")[0]

    return ByServers(config, log)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests empty their tables, which the audit log's triggers would refuse; those of the triggers set them anew."""
    from django.db import connection

    from dashboard import seal

    with django_db_blocker.unblock():
        seal.unseal(connection)


def pytest_sessionfinish(session: pytest.Session) -> None:
    sent = getattr(session.config, "workeroutput", None)
    if sent is not None:
        sent["claims"] = [list(claim) for claim in claims.made]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A process that ran tests has ended: what it held to its claims is said with all others'."""
    claims.made += [claims.Claim(*claim) for claim in getattr(node, "workeroutput", {}).get("claims", [])]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if claims.made:
        terminalreporter.section("limits that are claimed")
        for claim in claims.made:
            terminalreporter.line(str(claim), yellow=not claim.kept)
