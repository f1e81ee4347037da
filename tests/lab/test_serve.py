"""What `serve` says of the connection."""

from __future__ import annotations

from typing import Any

from zkbridge.lab.serve import AGAIN, Lines
from zkbridge.protocol.base import Problem
from zkbridge.protocol.status import Status


def status(state: Any, problem: str = "") -> Status:
    return Status(state, 0.0, "zoo", 1, server="a:1", problem=Problem("x", problem) if problem else None)


def test_a_line_is_said_once_and_each_change_of_state() -> None:
    lines = Lines()
    said = [lines.due(status(state), 100.0 * n) for n, state in enumerate(["live", "live", "stale", "live"])]
    assert [bool(line) for line in said] == [True, False, True, True]


def test_problems_that_take_turns_flood_no_terminal() -> None:
    lines = Lines()
    turns = [lines.due(status("connecting", "lost" if n % 2 else "refused"), n) for n in range(200)]
    assert turns[0].endswith("refused") and turns[1].endswith("lost") and not any(turns[2:])
    assert lines.due(status("connecting", "lost"), 200 + AGAIN) == ""
    assert lines.due(status("connecting", "refused"), 201 + AGAIN)
