"""How a work ends. Pure."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from zkbridge.protocol.base import Problem


class Outcome(msgspec.Struct, frozen=True):
    """``words``: what was done, as far as it is known; ``problem``: why that is not all."""

    state: Literal["done", "failed", "cancelled", "unknown"]
    words: str
    problem: Problem | None = None
    report: dict[str, Any] = {}


class Cancelled(Exception):
    """Somebody asked the work to stop."""


class Stopped(Exception):
    """The work cannot go on because of ``problem``; what it did so far stands."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


class Lost(Exception):
    """The result of a step of ``size`` operations is not known."""

    def __init__(self, size: int) -> None:
        super().__init__(f"a step of {size}")
        self.size = size
