"""``make bench``: every figure, as a table and as JSON under results/."""

from __future__ import annotations

from tests.benchmarks import idle, latency, page, viewers
from tests.benchmarks.figures import save, show

figures = [figure for benchmark in (latency, viewers, page, idle) for figure in benchmark.measure()]
show(figures)
print(f"\nWritten to {save(figures)}")
