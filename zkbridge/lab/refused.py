"""A command that the lab's supervisor cannot carry out."""

from __future__ import annotations

from zkbridge.protocol.base import Problem


class Refused(Exception):
    """Raised for a command that cannot be carried out."""

    def __init__(self, code: str, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.problem = Problem(code, text, hint)
