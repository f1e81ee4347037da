"""Limits that Zooscope claims, and what was measured against each.

ZOOSCOPE_TIMEOUT_SCALE lengthens them like every wait, for a machine that is shared is late without being wrong. But
what only this has let pass is said at the end of the run.
"""

from __future__ import annotations

import os
from typing import NamedTuple

SCALE = float(os.environ.get("ZOOSCOPE_TIMEOUT_SCALE", "1"))


class Claim(NamedTuple):
    what: str
    took: float
    limit: float
    """Seconds."""

    @property
    def kept(self) -> bool:
        return self.took <= self.limit

    def __str__(self) -> str:
        late = "" if self.kept else f" - LATE, and let pass by ZOOSCOPE_TIMEOUT_SCALE={SCALE:g}"
        return f"{self.what}: {self.took:.3f} s of {self.limit:g} s{late}"


made: list[Claim] = []


def hold(what: str, took: float, limit: float) -> None:
    """Fail where ``took`` is beyond the ``limit`` as it is for this machine; remember how it was in any case."""
    made.append(Claim(what, took, limit))
    assert took <= limit * SCALE, str(made[-1])
