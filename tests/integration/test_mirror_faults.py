"""The mirror under faults: what breaks is said, becomes a gap, and heals by itself."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time

import pytest
from kazoo.client import KazooClient

from tests.integration.conftest import Factory
from tests.integration.ensemble import SCALE, RunningEnsemble
from tests.integration.mirroring import Mirroring, mirroring
from tests.integration.proxy import proxied

pytestmark = pytest.mark.ensemble


def server_of(m: Mirroring, ensemble: RunningEnsemble) -> str:
    """Id of the server that the session is on."""
    port = int(m.session.server.rpartition(":")[2])
    return next(member.id for member in ensemble.plan.members if member.port == port)


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


async def test_resets_under_load_are_gaps_and_nothing_is_wrong_after(ensemble: RunningEnsemble) -> None:
    port = ensemble.plan.ports[0].client
    with ensemble.client() as first, ensemble.client() as second:
        async with proxied(port) as proxy, mirroring(f"127.0.0.1:{proxy.port}") as m:
            await m.live()
            stop = asyncio.Event()
            writing = asyncio.create_task(write_on(first, stop))
            for _ in range(15):
                await asyncio.sleep(random.uniform(0.02, 0.2))  # noqa: S311
                epoch = m.session.epoch
                proxy.reset()
                await m.live(epoch + 1)
            stop.set()
            assert await writing > 30
            await m.equal(second)
            gaps = [c for c in m.changes if c.kind == "gap"]
            assert len(gaps) >= 15
            assert all(gap.lost is not None and 0 <= gap.lost < 20_000 * SCALE for gap in gaps)
            assert all(c.found for c in m.changes if c.id in {g.id + 1 for g in gaps} and c.kind == "gap") is not None
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


async def test_a_stopped_server_is_noticed_within_the_session_timeout(make_ensemble: Factory) -> None:
    ensemble = make_ensemble(3)
    async with mirroring(ensemble.hosts) as m:
        await m.live()
        on = server_of(m, ensemble)
        load = asyncio.create_task(keep_reading(m))
        ensemble.signal(on, signal.SIGSTOP)
        begun = time.monotonic()
        try:
            await m.until("stale", lambda: m.mirror.facts.state == "stale")
            noticed = time.monotonic() - begun
            await m.until("live elsewhere", lambda: m.mirror.facts.state == "live")
            assert noticed < m.session.timeout / 1000
            assert server_of(m, ensemble) != on
        finally:
            load.cancel()
            ensemble.signal(on, signal.SIGCONT)


async def keep_reading(m: Mirroring) -> None:
    """Steady load of our own on the session: it must not hide that nothing comes back."""
    while True:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(0.05):
                await m.mirror.read("/")
        await asyncio.sleep(0.05)


async def test_killing_servers_up_to_losing_the_quorum(make_ensemble: Factory) -> None:
    ensemble = make_ensemble(3)
    async with mirroring(ensemble.hosts) as m:
        await m.live()
        on = server_of(m, ensemble)
        ensemble.kill(on)
        await m.until("live elsewhere", lambda: m.mirror.facts.state == "live" and server_of(m, ensemble) != on)
        second = server_of(m, ensemble)
        ensemble.kill(second)
        await m.until("no quorum is said", lambda: (p := m.mirror.facts.problem) is not None and p.code == "no-quorum")
        assert m.mirror.facts.state == "stale"
        ensemble.launch(on)
        ensemble.launch(second)
        await m.until("live again", lambda: m.mirror.facts.state == "live", 60)
        assert m.mirror.facts.problem is None
        with ensemble.client() as client:
            client.create("/after")
            await m.equal(client)


async def test_the_end_of_the_session_is_survived(ensemble: RunningEnsemble) -> None:
    async with mirroring(ensemble.hosts) as m:
        await m.live()
        before = m.session.id
        with ensemble.client() as killer:
            stolen = KazooClient(ensemble.hosts, client_id=(m.session.id, m.session._password))
            await asyncio.to_thread(stolen.start)
            await asyncio.to_thread(stolen.stop)
            stolen.close()
            killer.create("/after-the-end")
            await m.until("a new session", lambda: m.mirror.live and m.session.id != before)
            await m.equal(killer)


async def test_an_ensemble_that_moved_backwards_is_announced_not_shown(make_ensemble: Factory) -> None:
    newer, older = make_ensemble(1), make_ensemble(1)
    with newer.client() as client:
        for _ in range(50):
            client.create("/n", sequence=True)
    async with proxied(newer.plan.ports[0].client) as proxy, mirroring(f"127.0.0.1:{proxy.port}") as m:
        await m.live()
        size = len(m.tree)
        proxy.target = older.plan.ports[0].client
        proxy.reset()
        await m.until("it is said", lambda: (p := m.mirror.facts.problem) is not None and p.code == "moved-backwards")
        assert m.mirror.facts.state == "stale" and len(m.tree) == size
        problem = m.mirror.facts.problem
        assert problem is not None and "start the bridge again" in problem.hint
    async with mirroring(f"127.0.0.1:{older.plan.ports[0].client}") as anew:
        await anew.live()
        assert len(anew.tree) < size


async def test_a_read_only_server_is_said_to_be_one(make_ensemble: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-Dreadonlymode.enabled=true")
    ensemble = make_ensemble(3)
    for member in ensemble.plan.members:
        ensemble.kill(member.id)
        with (ensemble.plan.home(int(member.id)) / "zoo.cfg").open("a") as config:
            config.write("\nlocalSessionsEnabled=true\nlocalSessionsUpgradingEnabled=true\n")
        ensemble.launch(member.id)
    await asyncio.to_thread(ensemble.wait_until_serving)
    async with mirroring(ensemble.hosts) as m:
        await m.live()
        ensemble.kill("2")
        ensemble.kill("3")
        await m.until("read-only", lambda: m.mirror.facts.state == "read-only", 60)
        assert m.tree.get("/zookeeper") is not None
        ensemble.launch("2")
        ensemble.launch("3")
        await m.until("live again", lambda: m.mirror.facts.state == "live", 60)
