"""``make bench``: every figure, as a table and as JSON under results/."""

from __future__ import annotations

from tests.benchmarks import coldread, costs, idle, latency, page, search, viewers, wide
from tests.benchmarks.figures import save, show

benchmarks = (coldread, costs, wide, search, latency, viewers, page, idle)
figures = [figure for benchmark in benchmarks for figure in benchmark.measure()]
show(figures)
print(f"\nWritten to {save(figures)}")
