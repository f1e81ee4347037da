"""What this web process tells of itself, and of its lines to the bridges."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from dashboard import audit
from dashboard.live.tally import OTHER, Tally
from zkbridge.protocol.calls import PERMISSIONS, PROBLEM_STATUS, READS
from zkbridge.protocol.clusters import Cluster

METHODS = frozenset({*PERMISSIONS, *READS})
OUTCOMES = frozenset({"ok", *PROBLEM_STATUS})


def families(hubs: Sequence[tuple[Cluster, object]]) -> Iterator[Metric]:
    """Of each cluster's hub."""
    pages = GaugeMetricFamily("zooscope_pages", "Pages that are open on this web process.", labels=["cluster"])
    up = GaugeMetricFamily("zooscope_bridge_up", "Whether this web process hears its bridge.", labels=["cluster"])
    frames = CounterMetricFamily("zooscope_page_frames", "Frames that were sent to pages.", labels=["cluster"])
    sent = CounterMetricFamily("zooscope_page_bytes", "What these frames weighed.", labels=["cluster"])
    words = "Times that a page fell behind, so that its frames were dropped until it had caught up."
    behind = CounterMetricFamily("zooscope_pages_behind", words, labels=["cluster"])
    words = "Pages that were closed because they stopped reading."
    closed = CounterMetricFamily("zooscope_pages_closed_slow", words, labels=["cluster"])
    words = "Calls that the bridge was asked to carry out, by how they ended."
    calls = CounterMetricFamily("zooscope_calls", words, labels=["cluster", "method", "outcome"])
    for cluster, hub in hubs:
        tally: Tally = getattr(hub, "tally", None) or Tally()
        label = [cluster.name]
        pages.add_metric(label, getattr(hub, "pages", 0))
        up.add_metric(label, float(hub is not None and hub.bridge() == "up"))  # type: ignore[attr-defined]
        frames.add_metric(label, tally.frames)
        sent.add_metric(label, tally.bytes)
        behind.add_metric(label, tally.behind)
        closed.add_metric(label, tally.closed)
        for (method, outcome), count in _known(tally).items():
            calls.add_metric([*label, method, outcome], count)
    yield from (pages, up, frames, sent, behind, closed, calls)
    words = "Rows that this process wrote in the audit log."
    rows = CounterMetricFamily("zooscope_audit_rows", words, labels=["method"])
    for method, count in sorted(audit.written.items()):
        rows.add_metric([method], count)
    yield rows


def _known(tally: Tally) -> dict[tuple[str, str], int]:
    """Calls with methods and outcomes that there are: no other label is ever made."""
    found: dict[tuple[str, str], int] = {}
    for (method, outcome), count in sorted(tally.calls.items()):
        key = (method if method in METHODS else OTHER, outcome if outcome in OUTCOMES else OTHER)
        found[key] = found.get(key, 0) + count
    return found
