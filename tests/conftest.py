"""For all tests: hypothesis judges what is true, not how fast this machine was; how fast it was is said in the end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import claims

settings.register_profile("zooscope", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zooscope")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests empty their tables, which the audit log's triggers would refuse; those of the triggers set them anew."""
    from django.db import connection

    from dashboard import seal

    with django_db_blocker.unblock():
        seal.unseal(connection)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if claims.made:
        terminalreporter.section("limits that are claimed")
        for claim in claims.made:
            terminalreporter.line(str(claim), yellow=not claim.kept)
