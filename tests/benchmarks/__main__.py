"""``make bench``: every figure, as a table and as JSON under results/. RUNS=5 for more rounds; names run some parts."""

from __future__ import annotations

import sys

from tests.benchmarks import (
    coldread,
    costs,
    idle,
    latency,
    million,
    page,
    relay,
    scrolling,
    search,
    silence,
    subtrees,
    viewers,
    wide,
    workload,
)
from tests.benchmarks.running import Part, main

PARTS: dict[str, Part] = {
    "cold read of 100,000 znodes": coldread.rounds,
    "cold read of large znodes": coldread.rounds_of_large,
    "a million znodes": million.rounds,
    "what it costs the ensemble": costs.rounds,
    "wide parents in the bridge": wide.rounds,
    "wide parents on the page": scrolling.rounds,
    "search of a million znodes": search.rounds,
    "from a commit to a page": latency.rounds,
    "200 viewers": viewers.rounds,
    "1,000 viewers": viewers.thousand,
    "viewers that stop reading": silence.rounds,
    "subtrees of 50,000 znodes": subtrees.rounds,
    "starting and failing over": page.rounds,
    "at rest": idle.rounds,
    "crowded lab": idle.crowded,
    "through the lab's relay": relay.rounds,
    "tasks of the workload": workload.rounds,
}

wanted = sys.argv[1:]
unknown = [word for word in wanted if not any(word in name for name in PARTS)]
if unknown:
    raise SystemExit(f"No part of the benchmark has {unknown[0]!r} in its name. There are: {', '.join(PARTS)}.")
main({name: part for name, part in PARTS.items() if not wanted or any(word in name for word in wanted)})
