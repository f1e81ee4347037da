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

SHARE = 2_000
"""Ports of each process that runs tests: none takes those of a server that another one has just killed."""

SLOW = ("tests/browser/", "tests/battery/", "tests/integration/")


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        first = ports.PORTS[0] + SHARE * int(worker["workerid"].removeprefix("gw"))
        os.environ[ports.SETTING] = f"{first}-{first + SHARE - 1}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, where several processes run tests."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW))


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
