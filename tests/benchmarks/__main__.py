"""``make bench``: every figure, as a table and as JSON under results/."""

from __future__ import annotations

from tests.benchmarks import coldread, idle, latency, page, viewers, wide
from tests.benchmarks.figures import save, show

figures = [figure for benchmark in (coldread, wide, latency, viewers, page, idle) for figure in benchmark.measure()]
show(figures)
print(f"\nWritten to {save(figures)}")
