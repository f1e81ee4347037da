"""Probes of a real ensemble."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.integration.conftest import Factory
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.mirroring import clock
from tests.integration.stack import Page, Stack
from zkbridge.facts import Details, Probe
from zkbridge.zookeeper import monitored
from zkbridge.zookeeper.inspector import Inspector
from zkbridge.zookeeper.probes import Prober

pytestmark = pytest.mark.ensemble


async def test_a_real_ensemble(ensemble: RunningEnsemble) -> None:
    prober = Prober(lambda: ensemble.plan.members, clock)
    try:
        with ensemble.client(timeout=4.0) as client:
            session = client.client_id[0]
            probes = await prober.round()
            deadline = time.monotonic() + 20 * SCALE
            while any(p.missing for p in probes):  # a fresh AdminServer is slow to answer for the first time
                assert time.monotonic() < deadline, probes
                probes = await prober.round()
            assert sorted(p.mode for p in probes) == ["follower", "follower", "leader"]
            (leader,) = [p for p in probes if p.mode == "leader"]
            assert leader.version.startswith("3.") and leader.zxid and leader.missing == ""
            assert [p.expiries is None for p in probes if p.mode == "follower"] == [True, True]
            seen = {s.session: s for p in probes for s in p.sessions or ()}
            assert seen[session].timeout == 4_000
            now = clock()
            heard = seen[session].heard
            assert heard is not None and now - 4_000 < heard <= now + 50
            assert leader.expiries is not None and now < leader.expiries[session] < now + 4_000 + 2 * 2_000
    finally:
        await prober.close()


async def test_rounds_come_on_time(ensemble: RunningEnsemble) -> None:
    rounds: list[float] = []
    prober = Prober(lambda: ensemble.plan.members, clock)
    wait_for("they serve", lambda: all(ensemble.mode(m.id) for m in ensemble.plan.members))

    class Enough(Exception):
        pass

    def on_probes(probes: tuple[Probe, ...]) -> None:
        rounds.append(time.monotonic())
        if len(rounds) == 3:
            raise Enough

    with pytest.raises(Enough):
        await prober.run(on_probes)
    assert 1.0 < rounds[2] - rounds[0] < 4.0


async def test_what_real_servers_tell_beyond_srvr(ensemble: RunningEnsemble) -> None:
    prober = Prober(lambda: ensemble.plan.members, clock)
    inspector = Inspector(lambda: prober.answering, clock)
    told: dict[str, Details] = {}
    try:
        with ensemble.client(timeout=4.0) as client:
            client.create("/seen", ephemeral=True)
            client.get("/seen", watch=lambda event: None)
            await prober.round()
            deadline = time.monotonic() + 20 * SCALE
            while len(told) < 3 or any(details.lacks for details in told.values()):
                assert time.monotonic() < deadline, told
                await inspector.round(lambda details: told.update({details.server: details}))
            assert all(details.source == "mntr" for details in told.values())
            assert sum(details.watches or 0 for details in told.values()) >= 1
            assert [details.ephemerals for details in told.values()] == [1, 1, 1]
            assert all(details.data_size and details.open_files and details.max_files for details in told.values())
            assert all(details.serving and details.serving < clock() for details in told.values())
            (leading,) = [details for details in told.values() if details.leading is not None]
            assert leading.followers == 2 and leading.outages is not None and leading.outages.count >= 1
            assert all(details.elections is not None and details.elections.count for details in told.values())
            assert leading.snapshot_at is not None and leading.snapshot_at < clock() + 1_000
            # Requests are counted by the server that was asked, with the time that each took.
            before = {server: details.requests for server, details in told.items()}
            for _ in range(50):
                client.get("/seen")
                client.set("/seen", b"")
            await inspector.round(lambda details: told.update({details.server: details}))
            rises = []
            for server, first in before.items():
                last = told[server].requests
                assert first is not None and last is not None and last.total >= first.total
                rises.append(last.count - first.count)
            assert max(rises) >= 100
            # AdminServer's monitor tells the same.
            member = next(m for m in ensemble.plan.members if m.id == leading.server)
            assert member.admin_port is not None
            answer = await inspector._admin.monitor(member.host, member.admin_port)
            again = monitored.details(member.id, clock(), "AdminServer", answer)
            assert (again.followers, again.ephemerals, again.max_files) == (2, 1, leading.max_files)
            assert again.leading is not None and leading.leading is not None
            assert abs(again.leading - leading.leading) < 1_000
    finally:
        await prober.close()
        await inspector.close()


async def test_a_cluster_whose_admin_port_is_told(make_ensemble: Factory) -> None:
    """As somebody watches a cluster of their own, that allows ``srvr`` alone, and AdminServer."""
    ensemble = make_ensemble(1, **{"4lw.commands.whitelist": "srvr"})
    stack = Stack(ensemble.hosts)
    stack.environment["ZOOSCOPE_ADMIN_PORT"] = str(ensemble.plan.members[0].admin_port)
    try:
        stack.start()
        async with Page(stack, "ensemble", "servers") as page:

            def detail() -> dict[str, Any]:
                found: dict[str, dict[str, Any]] = page.values.get("servers", {}).get("details", {})
                return next(iter(found.values()), {})

            await page.until("AdminServer tells", lambda: detail().get("source") == "AdminServer", 30)
            assert "lacks" not in detail() and detail()["max_files"] > 0 and detail()["snapshot_at"] > 0
            assert page.values["servers"]["quorum"]["headline"] == "1 of 1 up: can lose none"
            assert page.values["ensemble"].get("missing", "") == ""
    finally:
        stack.stop()
