"""Works in small steps, without pauses."""

from __future__ import annotations

import pytest

from dashboard.jobs import deletion, moving, steps


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "PAUSE", 0.0)
    for room in (deletion, moving):
        monkeypatch.setattr(room, "STEP", 2)
    monkeypatch.setattr(steps, "MOST_OPS", 2)
