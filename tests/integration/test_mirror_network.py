"""The mirror under faults of the network, between it and the servers, and among these."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from kazoo.client import KazooClient

from tests import claims
from tests.integration.conftest import Factory
from tests.integration.ensemble import SCALE, RunningEnsemble
from tests.integration.mirroring import Mirroring, mirroring
from tests.integration.proxy import Proxy, proxied
from zkbridge.zookeeper import session as session_module

pytestmark = pytest.mark.ensemble

RESETS = 100
SLOW = 64_000
"""Bytes a second."""


async def write_on(client: KazooClient, stop: asyncio.Event) -> int:
    """Create, write and delete at random until told to stop; returns how often."""
    dice, count = random.Random(5), 0

    def act() -> None:
        path = f"/r/{dice.randrange(40)}"
        if client.exists(path) is None:
            client.create(path, b"new")
        elif dice.random() < 0.3:
            client.delete(path)
        else:
            client.set(path, dice.randbytes(6))

    client.ensure_path("/r")
    while not stop.is_set():
        await asyncio.to_thread(act)
        count += 1
    return count


@contextlib.asynccontextmanager
async def relays(ensemble: RunningEnsemble) -> AsyncIterator[dict[int, Proxy]]:
    """A proxy before each server, by the proxy's own port."""
    async with contextlib.AsyncExitStack() as rest:
        made = [await rest.enter_async_context(proxied(ports.client)) for ports in ensemble.plan.ports]
        yield {proxy.port: proxy for proxy in made}


def gaps(m: Mirroring) -> list[tuple[int, int]]:
    """From which zxid to which nothing was seen, for each gap of the log."""
    return [(int(c.zxid, 16), int(c.until, 16)) for c in m.changes if c.kind == "gap"]


def never_back(m: Mirroring) -> bool:
    """Invariant F."""
    zxids = [facts.zxid for facts in m.facts]
    return zxids == sorted(zxids)


async def test_a_hundred_resets_under_load_are_as_many_gaps_and_nothing_is_wrong_after(
    ensemble: RunningEnsemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "STEADY", 0.0)  # so that no pause between two connections grows
    monkeypatch.setattr(session_module, "FIRST_PAUSE", 0.02)
    with ensemble.client() as first, ensemble.client() as second:
        async with proxied(ensemble.plan.ports[0].client) as proxy, mirroring(f"127.0.0.1:{proxy.port}") as m:
            await m.live()
            stop = asyncio.Event()
            writing = asyncio.create_task(write_on(first, stop))
            for _ in range(RESETS):
                await asyncio.sleep(random.uniform(0.0, 0.05))  # noqa: S311
                epoch = m.session.epoch
                proxy.reset()
                await m.live(epoch + 1)
            stop.set()
            assert await writing > 100
            await m.equal(second)
            assert len(gaps(m)) == m.session.epoch - 1 >= RESETS
            bounds = [zxid for gap in gaps(m) for zxid in gap]
            assert bounds == sorted(bounds)
            assert all(c.lost is not None and 0 <= c.lost < 20_000 * SCALE for c in m.changes if c.kind == "gap")
            assert never_back(m)
            assert m.mirror.patrol.mismatches == 0
            assert m.mirror.facts.problem is None


async def test_what_happened_during_a_gap_is_found(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        client.create("/stays", b"1")
        client.create("/goes", b"1")
        async with proxied(ensemble.plan.ports[0].client) as proxy, mirroring(f"127.0.0.1:{proxy.port}") as m:
            await m.live()
            proxy.replies.clear()
            client.set("/stays", b"2")
            client.set("/stays", b"3")
            client.delete("/goes")
            client.create("/comes", ephemeral=True)
            proxy.reset()
            proxy.replies.set()
            await m.live(2)
            kinds = [(c.kind, c.path, c.found, c.writes) for c in m.changes]
            assert kinds[0] == ("gap", "/", False, 1)
            assert int(m.changes[0].zxid, 16) < int(m.changes[0].until, 16) <= m.session.zxid
            assert sorted(kinds[1:]) == [
                ("created", "/comes", True, 1), ("data", "/stays", True, 2), ("deleted", "/goes", True, 1),
            ]  # fmt: skip
            await m.equal(client)


async def test_a_partition_from_one_server_is_left_behind_whichever_way_it_cuts(ensemble: RunningEnsemble) -> None:
    async with relays(ensemble) as proxies:
        hosts = ",".join(f"127.0.0.1:{port}" for port in proxies)
        async with mirroring(hosts, session=4.0) as m:
            for ways in (["requests"], ["replies"], ["requests", "replies"]):
                await m.until("live", lambda: m.mirror.facts.state == "live")
                cut, epoch = proxies[int(m.session.server.rpartition(":")[2])], m.session.epoch
                for way in ways:
                    getattr(cut, way).clear()
                with ensemble.client() as client:
                    made = client.create("/unseen-", sequence=True)
                    begun = time.monotonic()
                    await m.until("stale", lambda: m.mirror.facts.state == "stale")
                    claims.hold("a partition, until STALE", time.monotonic() - begun, m.session.timeout / 1000)
                    await m.live(epoch + 1)
                    assert made in m.tree and m.mirror.facts.state == "live"
                    await m.equal(client)
                cut.requests.set()
                cut.replies.set()
            assert len(gaps(m)) >= 3 and never_back(m)


async def test_a_black_hole_that_outlasts_the_session(ensemble: RunningEnsemble) -> None:
    async with proxied(ensemble.plan.ports[0].client) as proxy, mirroring(f"127.0.0.1:{proxy.port}", 2.0) as m:
        with ensemble.client() as client:
            await m.live()
            before, epoch = m.session.id, m.session.epoch
            proxy.requests.clear()
            proxy.replies.clear()
            begun = time.monotonic()
            await m.until("stale", lambda: m.mirror.facts.state == "stale")
            client.create("/meanwhile")
            await asyncio.sleep(begun + 2 * m.session.timeout / 1000 - time.monotonic())
            proxy.reset()
            proxy.requests.set()
            proxy.replies.set()
            await m.live(epoch + 1)
            assert m.session.id != before
            gap, made = m.changes
            assert (gap.kind, made.kind, made.path) == ("gap", "created", "/meanwhile")
            assert gap.lost is not None and gap.lost >= m.session.timeout
            await m.equal(client)
            assert never_back(m)


async def test_a_slow_link_with_many_children_is_no_endless_loop(ensemble: RunningEnsemble) -> None:
    """Their names alone take longer than the session's timeout, and so do the requests that ask for them."""
    with ensemble.client() as client:
        wide(client, 1_000)
        async with proxied(ensemble.plan.ports[0].client) as proxy:
            proxy.rate = 2 * SLOW
            begun = time.monotonic()
            async with mirroring(f"127.0.0.1:{proxy.port}", session=2.0) as m:
                await m.until("live", lambda: m.mirror.live)
                assert time.monotonic() - begun > 2 * m.session.timeout / 1000
                client.create("/later")
                await m.until("changes come through", lambda: "/later" in m.tree)
                assert m.session.epoch == 1 and m.mirror.facts.problem is None
                await m.equal(client)


async def test_a_path_that_comes_and_goes_a_thousand_times_during_a_walk(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        wide(client, 300)
        client.create("/again")
        async with proxied(ensemble.plan.ports[0].client) as proxy:
            proxy.rate = SLOW
            async with mirroring(f"127.0.0.1:{proxy.port}") as m:
                for epoch in (1, 2):
                    await m.until("a walk is under way", lambda: m.mirror.facts.read > 1)
                    assert not m.mirror.live
                    await asyncio.to_thread(come_and_go, client, 1_000)
                    proxy.rate = 0
                    await m.live(epoch)
                    await m.equal(client)
                    proxy.rate = SLOW
                    proxy.reset()
            kinds = [change.kind for change in m.changes if change.path == "/again"]
            assert len(gaps(m)) == 1 and kinds[-1] == "created"
            assert all(kind != following for kind, following in pairwise(kinds)), "each is told once, in its turn"


def wide(client: KazooClient, count: int) -> None:
    """``count`` children with names of 300 characters."""
    client.ensure_path("/wide")
    for made in [client.create_async(f"/wide/{number:0300}") for number in range(count)]:
        made.get()


def come_and_go(client: KazooClient, times: int) -> None:
    for _ in range(times // 50):
        for done in [act("/again") for _ in range(50) for act in (client.delete_async, client.create_async)]:
            done.get()


async def test_a_follower_that_lags_is_not_shown(make_ensemble: Factory) -> None:
    """The follower is cut off from its leader only, and the bridge has nobody else to ask."""
    # Where members may change, every server takes their addresses from the leader.
    ensemble = make_ensemble(3, reconfigEnabled="false")
    async with contextlib.AsyncExitStack() as rest:
        links = [await rest.enter_async_context(proxied(ports.quorum)) for ports in ensemble.plan.ports]
        lagging = next(server for server in ensemble.processes if server != ensemble.leader())
        ensemble.kill(lagging)
        config = ensemble.home(lagging) / "zoo.cfg"
        text = config.read_text()
        for number, (ports, link) in enumerate(zip(ensemble.plan.ports, links, strict=True), 1):
            if str(number) != lagging:
                text = text.replace(f"127.0.0.1:{ports.quorum}:", f"127.0.0.1:{link.port}:")
        config.write_text(text)
        ensemble.launch(lagging)
        await asyncio.to_thread(ensemble.wait_until_serving)
        fast, slow = ensemble.plan.ports[int(ensemble.leader()) - 1], ensemble.plan.ports[int(lagging) - 1]
        proxy = await rest.enter_async_context(proxied(fast.client))
        m = await rest.enter_async_context(mirroring(f"127.0.0.1:{proxy.port}"))
        await m.live()
        writer = KazooClient(f"127.0.0.1:{fast.client}")
        rest.callback(writer.stop)
        await asyncio.to_thread(writer.start)
        for link in links:
            link.replies.clear()
        made = await asyncio.to_thread(writer.create, "/unseen", b"")
        await m.until("it is shown", lambda: made in m.tree)
        shown, proxy.target = m.mirror.facts.zxid, slow.client
        proxy.reset()
        await m.until("stale", lambda: m.mirror.facts.state == "stale")
        tried = proxy.taken
        await m.until("the follower was asked again and again", lambda: proxy.taken >= tried + 3)
        assert m.mirror.facts.state == "stale" and made in m.tree and m.mirror.facts.zxid == shown
        for link in links:
            link.replies.set()
        await m.until("live again", lambda: m.mirror.facts.state == "live", 40)
        assert made in m.tree and never_back(m)
