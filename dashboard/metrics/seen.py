"""What is seen of the clusters, made of the topics that pages are shown."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from zkbridge.protocol.ensemble import Role
from zkbridge.protocol.status import State

SESSIONS = "sessions?limit=1"
"""All that is told of them here is how many there are."""

TOPICS = ("status", "ensemble", "alerts", SESSIONS)
SERVED = ("live", "read-only")
MOST_SERVERS = 64
"""Servers of one cluster that have labels of their own."""

Seen = tuple[str, dict[str, dict[str, Any]]]
"""A cluster's name, and the values of `TOPICS` that are known."""


def families(clusters: Iterable[Seen]) -> Iterator[Metric]:
    """What is not known of a cluster is left out."""
    found = _Families()
    for name, values in clusters:
        if "status" in values:
            _status(found, name, values["status"])
        if values.get("ensemble", {}).get("answered", True) and "ensemble" in values:
            _ensemble(found, name, values["ensemble"])
        if SESSIONS in values and values.get("status", {}).get("state") in SERVED:
            _sessions(found, name, values[SESSIONS])
        if "alerts" in values:
            _alerts(found, name, values["alerts"])
    yield from found.made.values()


class _Families:
    def __init__(self) -> None:
        self.made: dict[str, Metric] = {}

    def gauge(self, name: str, words: str, value: float | None, **labels: str) -> None:
        self._add(GaugeMetricFamily, name, words, value, labels)

    def counter(self, name: str, words: str, value: float | None, **labels: str) -> None:
        self._add(CounterMetricFamily, name, words, value, labels)

    def _add(self, kind: Any, name: str, words: str, value: float | None, labels: dict[str, str]) -> None:
        if value is None:
            return
        if name not in self.made:
            self.made[name] = kind(f"zooscope_{name}", words, labels=list(labels))
        self.made[name].add_metric(list(labels.values()), value)


def _status(found: _Families, cluster: str, status: dict[str, Any]) -> None:
    for state in get_args(State):
        words = "1 for the state that the connection to the cluster is in."
        found.gauge("cluster_state", words, float(status["state"] == state), cluster=cluster, state=state)
    found.gauge("session_epoch", "Connections of the bridge to the ensemble so far.", status["epoch"], cluster=cluster)
    if status["state"] not in SERVED:
        return
    found.gauge("znodes", "Znodes in the tree, without hidden ones.", status.get("znodes", 0), cluster=cluster)
    words = "Changes of the tree in the last second."
    found.gauge("changes_per_second", words, status.get("rate", 0), cluster=cluster)
    epoch, counter = _zxid(status.get("zxid", ""))
    found.gauge("zxid_epoch", "Epoch of the newest zxid that was seen.", epoch, cluster=cluster)
    found.gauge("zxid_counter", "Counter of the newest zxid that was seen.", counter, cluster=cluster)
    cost = status.get("cost", {})
    words = "Watches that the bridge has set."
    found.gauge("bridge_watches", words, cost.get("watches", 0) if cost else None, cluster=cluster)
    words = "Requests of the bridge to the ensemble in the last second, pings included."
    found.gauge("bridge_requests_per_second", words, cost.get("requests", 0) if cost else None, cluster=cluster)
    words = "Bytes that the bridge received of the ensemble in the last second."
    found.gauge("bridge_received_bytes_per_second", words, cost.get("received", 0) if cost else None, cluster=cluster)
    words = "Samples of the tree that the self-check compared with a fresh read."
    found.counter("selfcheck_samples", words, cost.get("checked", 0) if cost else None, cluster=cluster)
    words = "Samples of the self-check that were wrong. More than 0 is a bug."
    found.counter("selfcheck_mismatches", words, cost.get("mismatches", 0) if cost else None, cluster=cluster)


def _ensemble(found: _Families, cluster: str, ensemble: dict[str, Any]) -> None:
    quorum = ensemble["quorum"]
    found.gauge("quorum_held", "Whether enough servers are up and one leads.", float(quorum["held"]), cluster=cluster)
    found.gauge("quorum_size", "What votes: servers, groups of them, or votes.", quorum["size"], cluster=cluster)
    found.gauge("quorum_needs", "So many of these a quorum needs.", quorum["needs"], cluster=cluster)
    found.gauge("quorum_can_lose", "Further servers that can be lost.", quorum["can_lose"], cluster=cluster)
    servers = ensemble["servers"]
    roles = Counter(server["role"] for server in servers.values())
    for role in get_args(Role):
        found.gauge("servers", "Servers by their role.", roles[role], cluster=cluster, role=role)
    for ident in sorted(servers)[:MOST_SERVERS]:
        _server(found, {"cluster": cluster, "server": ident}, servers[ident])


def _server(found: _Families, labels: dict[str, str], server: dict[str, Any]) -> None:
    role = server["role"]
    known = role not in ("down", "unknown", "looking")
    up = None if role == "unknown" else float(role != "down")
    found.gauge("server_up", "Whether the server answers.", up, **labels)
    if not known:
        return
    latency = server.get("latency")
    words = "Average latency of all requests since the server serves in its role, as it reports it."
    found.gauge("server_latency_seconds", words, None if latency is None else latency / 1000, **labels)
    recent = server.get("recent")
    words = "Average latency of the requests that the server answered in the last seconds, where it tells."
    found.gauge("server_recent_latency_seconds", words, None if recent is None else recent / 1000, **labels)
    behind = 0 if role in ("leading", "standalone") else server.get("behind")
    found.gauge("server_lag_transactions", "Transactions behind the ensemble's leader.", behind, **labels)
    found.gauge("server_connections", "Connections of clients.", server.get("connections"), **labels)
    found.gauge("server_outstanding_requests", "Requests that wait.", server.get("outstanding"), **labels)
    epoch, counter = _zxid(server.get("zxid", ""))
    found.gauge("server_zxid_epoch", "Epoch of the server's zxid.", epoch, **labels)
    found.gauge("server_zxid_counter", "Counter of the server's zxid.", counter, **labels)


def _sessions(found: _Families, cluster: str, sessions: dict[str, Any]) -> None:
    words = "Sessions that are known: all, where every server tells of its connections, else those with ephemerals."
    found.gauge("sessions", words, sessions["total"], cluster=cluster)
    words = "Whether every server that serves tells of its connections."
    found.gauge("sessions_complete", words, float(sessions.get("connections", True)), cluster=cluster)
    found.gauge("ephemerals", "Ephemeral znodes, without hidden ones.", sessions.get("ephemerals", 0), cluster=cluster)


def _alerts(found: _Families, cluster: str, alerts: dict[str, Any]) -> None:
    firing = Counter(alert["rule"] for alert in alerts.get("firing", {}).values())
    for name, rule in alerts.get("rules", {}).items():
        words = "Alerts that fire, by their rule."
        found.gauge("alerts_firing", words, firing[name], cluster=cluster, alert=name, severity=rule["severity"])
    delivery = alerts.get("delivery", {})
    words = "Whether the webhook takes alerts."
    found.gauge("webhook_up", words, float(delivery["state"] == "ok") if delivery else None, cluster=cluster)
    words = "Messages that the webhook has not taken yet."
    found.gauge("webhook_waiting", words, delivery.get("waiting", 0) if delivery else None, cluster=cluster)


def _zxid(text: str) -> tuple[int | None, int | None]:
    """Epoch and counter: together they are more than a float can hold."""
    if not text:
        return None, None
    number = int(text, 16)
    return number >> 32, number & 0xFFFFFFFF
