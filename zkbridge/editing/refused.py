"""What ends a call on znodes that was not carried out, or whose end is not known. Pure."""

from __future__ import annotations

from zkbridge.protocol.base import Problem


class Refused(Exception):
    """``problem.code`` 'unknown' says that the change may have happened; any other, that it has not."""

    def __init__(self, code: str, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.problem = Problem(code, text, hint)
