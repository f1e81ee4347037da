"""/metrics: who may read it, that Prometheus' own parser takes it, and that it says no more than is known."""

from __future__ import annotations

import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from prometheus_client.parser import text_string_to_metric_families

from dashboard.live.tally import Tally
from dashboard.metrics import seen
from dashboard.models import Grant
from tests.web.support import HERE, Browser, FakeHub, Person
from zkbridge.protocol.clusters import Cluster

STATUS = {
    "state": "live", "since": 1.0, "cluster": "demo", "epoch": 1, "zxid": "0x500000a2f", "znodes": 31, "rate": 4.0,
    "cost": {"watches": 1, "requests": 1.8, "received": 11_000, "checked": 640},
}  # fmt: skip
ENSEMBLE = {
    "servers": {
        "1": {"id": "1", "address": "a:1", "role": "leading", "since": 1.0, "zxid": "0x500000a2f", "latency": 0.5,
              "connections": 3, "outstanding": 0},
        "2": {"id": "2", "address": "a:2", "role": "following", "since": 1.0, "zxid": "0x500000a2d", "behind": 2,
              "latency": 1.5, "recent": 250.0, "requests": 8, "connections": 2, "outstanding": 7},
        'odd "id"\\\n': {"id": "3", "address": "a:3", "role": "down", "since": 1.0, "latency": 9.0},
    },
    "quorum": {"size": 3, "needs": 2, "up": 2, "can_lose": 0, "held": True, "words": "needs 2 of 3, can lose none"},
    "leader": "1",
}  # fmt: skip
SESSIONS = {"sessions": {}, "order": [], "offset": 0, "matching": 4, "total": 4, "ephemerals": 9, "connections": False}
ALERTS = {
    "rules": {"down": {"kind": "server-down", "severity": "warning", "words": "a server that is down"},
              "quorum": {"kind": "no-quorum", "severity": "critical", "words": "no quorum"}},
    "firing": {"down:3": {"rule": "down", "severity": "warning", "since": 1.0, "fired": 2.0, "words": "It is down."}},
    "delivery": {"state": "failing", "waiting": 2},
}  # fmt: skip


@pytest.fixture
def hub() -> FakeHub:
    hub = FakeHub()
    hub.topics = {"status": STATUS, "ensemble": ENSEMBLE, "alerts": ALERTS, seen.SESSIONS: SESSIONS}
    return hub


def read(response: HttpResponse) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by name and labels; fails unless the whole text is in the format, with words and types."""
    assert response.status_code == 200, response.content
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    text = response.content.decode()
    samples = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation and family.type in ("gauge", "counter"), family.name
        assert re.fullmatch(r"(zooscope|process)_[a-z0-9_]+", family.name)
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in samples, key
            samples[key] = sample.value
    helped = re.findall(r"^# HELP (\S+)", text, re.MULTILINE)
    assert len(helped) == len(set(helped)) == len(re.findall(r"^# TYPE ", text, re.MULTILINE))
    return samples


def at(samples: dict[Any, float], name: str, **labels: str) -> float | None:
    return samples.get((name, tuple(sorted({"cluster": HERE, **labels}.items()))))


async def test_what_is_seen(operator: Person) -> None:
    samples = read(await operator.browser.get("/metrics"))
    assert at(samples, "zooscope_bridge_up") == 1
    assert at(samples, "zooscope_cluster_state", state="live") == 1
    assert at(samples, "zooscope_cluster_state", state="stale") == 0
    assert (at(samples, "zooscope_zxid_epoch"), at(samples, "zooscope_zxid_counter")) == (5, 0xA2F)
    assert (at(samples, "zooscope_quorum_held"), at(samples, "zooscope_quorum_can_lose")) == (1, 0)
    assert at(samples, "zooscope_servers", role="down") == 1 and at(samples, "zooscope_servers", role="observing") == 0
    assert at(samples, "zooscope_server_latency_seconds", server="2") == 0.0015
    assert at(samples, "zooscope_server_recent_latency_seconds", server="2") == 0.25
    assert at(samples, "zooscope_server_recent_latency_seconds", server="1") is None
    assert at(samples, "zooscope_server_lag_transactions", server="1") == 0
    assert at(samples, "zooscope_server_lag_transactions", server="2") == 2
    assert at(samples, "zooscope_server_outstanding_requests", server="2") == 7
    assert at(samples, "zooscope_server_up", server='odd "id"\\\n') == 0
    assert at(samples, "zooscope_server_latency_seconds", server='odd "id"\\\n') is None
    assert (at(samples, "zooscope_sessions"), at(samples, "zooscope_sessions_complete")) == (4, 0)
    assert at(samples, "zooscope_ephemerals") == 9
    assert at(samples, "zooscope_selfcheck_samples_total") == 640
    assert at(samples, "zooscope_selfcheck_mismatches_total") == 0
    assert at(samples, "zooscope_alerts_firing", alert="down", severity="warning") == 1
    assert at(samples, "zooscope_alerts_firing", alert="quorum", severity="critical") == 0
    assert (at(samples, "zooscope_webhook_up"), at(samples, "zooscope_webhook_waiting")) == (0, 2)
    assert ("process_resident_memory_bytes", ()) in samples


async def test_of_itself(operator: Person, hub: FakeHub) -> None:
    await operator.post("/api/tokens", {"name": "counted"})
    tally = hub.tally = Tally()  # type: ignore[attr-defined]
    tally.frames, tally.bytes, tally.behind, tally.closed = 5, 900, 1, 2
    tally.calls.update({("node.kill", "ok"): 3, ("node.kill", "made-up"): 1, ("made.up", "ok"): 2, ("other", "x"): 1})
    samples = read(await operator.browser.get("/metrics"))
    assert at(samples, "zooscope_page_frames_total") == 5 and at(samples, "zooscope_page_bytes_total") == 900
    assert at(samples, "zooscope_pages_behind_total") == 1 and at(samples, "zooscope_pages_closed_slow_total") == 2
    assert at(samples, "zooscope_calls_total", method="node.kill", outcome="ok") == 3
    assert at(samples, "zooscope_calls_total", method="node.kill", outcome="other") == 1
    assert at(samples, "zooscope_calls_total", method="other", outcome="ok") == 2
    assert samples["zooscope_audit_rows_total", (("method", "token.make"),)] >= 1


async def test_without_a_bridge_it_says_so_and_nothing_old(operator: Person, hub: FakeHub) -> None:
    hub.state = "gone"
    samples = read(await operator.browser.get("/metrics"))
    assert at(samples, "zooscope_bridge_up") == 0
    old = ("zooscope_server", "zooscope_quorum", "zooscope_znodes", "zooscope_cluster")
    assert not [name for name, _ in samples if name.startswith(old)]


async def test_what_is_stale_is_not_told_as_live(operator: Person, hub: FakeHub) -> None:
    hub.topics |= {"status": {**STATUS, "state": "stale"}, "ensemble": {**ENSEMBLE, "answered": False}}
    samples = read(await operator.browser.get("/metrics"))
    assert at(samples, "zooscope_cluster_state", state="stale") == 1
    for name in ("zooscope_znodes", "zooscope_sessions", "zooscope_quorum_held"):
        assert at(samples, name) is None


def test_labels_are_bounded() -> None:
    servers = {str(number): {**ENSEMBLE["servers"]["2"]} for number in range(1_000)}  # type: ignore[index]
    families = list(seen.families([("here", {"ensemble": {**ENSEMBLE, "servers": servers}})]))
    assert max(len(family.samples) for family in families) == seen.MOST_SERVERS


async def refused(browser: Browser, **options: Any) -> tuple[int, str]:
    response = await browser.get("/metrics", **options)
    assert response["Content-Type"].startswith("text/plain") and b"zooscope_" not in response.content
    return response.status_code, response.content.decode()


async def test_who_may_read_it(stranger: Browser, viewer: Person, operator: Person, hub: FakeHub) -> None:
    response = await stranger.get("/metrics")
    assert response.status_code == 401 and response["WWW-Authenticate"] == "Bearer"
    assert (await refused(viewer.browser))[0] == 403
    made = await operator.post("/api/tokens", {"name": "prometheus", "scopes": ["metrics.read"]})
    bare = await operator.post("/api/tokens", {"name": "bare"})
    script = Browser(hub)
    assert at(read(await script.get("/metrics", headers=bearer(made))), "zooscope_bridge_up") == 1
    status, words = await refused(script, headers=bearer(bare))
    assert status == 403 and "does not carry metrics.read" in words
    assert (await refused(script, headers={"Authorization": "Bearer zs_" + "x" * 43}))[0] == 401


def bearer(made: HttpResponse) -> dict[str, str]:
    return {"Authorization": f"Bearer {made.json()['token']}"}


async def test_of_several_clusters_only_those_that_one_may_read(viewer: Person, hub: FakeHub) -> None:
    one, two = Cluster("one", title="one"), Cluster("two", title="two")

    class Both(Browser):
        def _base_scope(self, **request: Any) -> dict[str, Any]:
            return {**super()._base_scope(**request), "hubs": ((one, hub), (two, hub))}

    @sync_to_async
    def grant() -> None:
        for user in get_user_model().objects.all():
            Grant.objects.create(user=user, cluster="two", permission="metrics.read", prefix="/")

    both = Both(hub)
    both.cookies = viewer.browser.cookies
    assert (await both.get("/metrics")).status_code == 403
    await grant()
    samples = read(await both.get("/metrics"))
    assert {dict(labels)["cluster"] for name, labels in samples if name == "zooscope_bridge_up"} == {"two"}


