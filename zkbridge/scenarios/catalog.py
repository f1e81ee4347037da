"""All scenarios, in the order of the course."""

from __future__ import annotations

from zkbridge.scenarios import (
    chain,
    herdchain,
    killleader,
    kinds,
    middle,
    quorum,
    registry,
    singlepoint,
    slowlink,
    twoleaders,
    watchmatrix,
    zombie,
)
from zkbridge.scenarios.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = tuple(
    module.SCENARIO
    for module in (
        singlepoint, quorum, twoleaders, kinds, watchmatrix, chain, killleader, herdchain, middle, zombie, slowlink,
        registry,
    )
)  # fmt: skip
