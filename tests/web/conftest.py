from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from dashboard import guard, tokens
from tests.web.support import Browser, FakeHub, Person, on_cluster


@pytest.fixture(autouse=True)
def changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in `make demo`: the tree may be changed."""
    on_cluster(monkeypatch, allow_changes=True)


@pytest.fixture
def database(transactional_db: None) -> None:
    """The groups that the migration makes; tests with transactions of their own leave nothing behind."""
    import_module("dashboard.migrations.0002_access").make_groups(apps, None)
    import_module("dashboard.migrations.0005_ensemble").permit(apps, None)
    import_module("dashboard.migrations.0006_again").permit(apps, None)


@pytest.fixture
def quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash that costs nothing, and buckets that leak so slowly that a test's own time does not count."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for name in ("ADDRESS", "PAIR", "ACCOUNT"):
        monkeypatch.setattr(guard, name, replace(getattr(guard, name), every=getattr(guard, name).every * 60))


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def stranger(database: None, hub: FakeHub) -> Browser:
    return Browser(hub)


@pytest.fixture
async def operator(database: None, hub: FakeHub) -> Person:
    return await Person.joined(hub, tokens.Role.OPERATOR)


@pytest.fixture
async def viewer(database: None, hub: FakeHub) -> Person:
    return await Person.joined(hub, tokens.Role.VIEWER)
