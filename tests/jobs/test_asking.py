"""How a work asks the bridge, while that is away now and then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.jobs.deletion import Deletion
from dashboard.live.bridge import CallFailed
from tests.jobs.forest import Forest
from tests.jobs.support import SMALL, working
from zkbridge.protocol.base import Problem


async def test_reading_waits_for_a_connection_and_changing_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.jobs.asking.PAUSE", 0.0)
    forest = Forest(*SMALL)
    broken = iter(["not-live", "unknown", "bridge-gone"])
    call: Callable[..., Any] = forest.call

    async def shaky(method: str, params: dict[str, Any], by: str) -> dict[str, Any]:
        code = next(broken, "") if method != "subtree.apply" else ""
        if code:
            raise CallFailed(Problem(code, "It is away."))
        found: dict[str, Any] = await call(method, params, by)
        return found

    forest.call = shaky  # type: ignore[method-assign]
    assert (await Deletion(working(forest), "/a", 8).run()).state == "done"
