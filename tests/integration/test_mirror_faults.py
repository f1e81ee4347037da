"""The mirror under faults: what breaks is said, becomes a gap, and heals by itself."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import time

import pytest
from kazoo.client import KazooClient
from kazoo.exceptions import ConnectionLoss

from tests import claims
from tests.integration.conftest import Factory
from tests.integration.ensemble import RunningEnsemble, wait_for
from tests.integration.mirroring import Mirroring, clock, mirroring
from tests.integration.proxy import proxied

pytestmark = pytest.mark.ensemble


def server_of(m: Mirroring, ensemble: RunningEnsemble) -> str:
    """Id of the server that the session is on."""
    port = int(m.session.server.rpartition(":")[2])
    return next(member.id for member in ensemble.plan.members if member.port == port)


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
            claims.hold("SIGSTOP of the server, until STALE", noticed, m.session.timeout / 1000)
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


async def test_an_ensemble_restored_to_an_old_snapshot_is_announced_and_not_looped_through(
    make_ensemble: Factory,
) -> None:
    ensemble = make_ensemble(1)
    data = ensemble.home("1") / "data/version-2"
    fill(ensemble)
    ensemble.kill("1")
    shutil.copytree(data, data.with_name("backup"))
    await serve_again(ensemble, "1")
    fill(ensemble)
    async with proxied(ensemble.plan.ports[0].client) as proxy, mirroring(f"127.0.0.1:{proxy.port}") as m:
        await m.live()
        size = len(m.tree)
        ensemble.kill("1")
        shutil.rmtree(data)
        data.with_name("backup").rename(data)
        await serve_again(ensemble, "1")
        await m.until("it is said", lambda: (p := m.mirror.facts.problem) is not None and p.code == "moved-backwards")
        said, taken, begun = len(m.facts), proxy.taken, time.monotonic()
        await m.until("it is tried again", lambda: proxy.taken >= taken + 2)
        await asyncio.sleep(max(0.0, begun + 3 - time.monotonic()))
        # A round comes each half a second at the most: one connection for a session, one to ask what is wrong.
        assert proxy.taken - taken <= 2 * (1 + (time.monotonic() - begun) / 0.5)
        assert {facts.problem.code for facts in m.facts[said - 1 :] if facts.problem} == {"moved-backwards"}
        problem = m.mirror.facts.problem
        assert problem is not None and "start the bridge again" in problem.hint
        assert m.mirror.facts.state == "stale" and len(m.tree) == size and m.session.epoch == 1
    async with mirroring(ensemble.hosts) as anew:
        await anew.live()
        assert len(anew.tree) == size - FILL


async def test_a_restored_ensemble_that_counts_on_is_followed_and_never_silently(make_ensemble: Factory) -> None:
    """It reaches the zxid that was shown with another history, or by its next election; then it was plainly LIVE."""
    ensemble = make_ensemble(1)
    data = ensemble.home("1") / "data/version-2"
    fill(ensemble)
    ensemble.kill("1")
    shutil.copytree(data, data.with_name("backup"))
    await serve_again(ensemble, "1")
    fill(ensemble)
    async with mirroring(ensemble.hosts) as m:
        await m.live()
        ensemble.kill("1")
        shutil.rmtree(data)
        data.with_name("backup").rename(data)
        await serve_again(ensemble, "1")
        fill(ensemble, FILL + 5)  # the same names at the same zxids, and some more
        await m.live(2)
        problem = m.mirror.facts.problem
        assert problem is not None and problem.code == "restored" and "/n" in problem.text, problem
        with ensemble.client() as client:
            client.create("/after")
            await m.equal(client)
        assert m.mirror.facts.problem == problem, "it is said for as long as the bridge runs"


async def test_members_come_and_go_by_reconfiguration(
    make_ensemble: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-Dzookeeper.skipACL=yes")  # else only a superuser may
    ensemble = make_ensemble(3, reconfigEnabled="true")
    async with mirroring(ensemble.hosts) as m:
        await m.live()
        one, other = (server for server in ensemble.processes if server != (leader := ensemble.leader()))
        back = next(line for line in m.mirror.config.splitlines() if line.startswith(f"server.{one}="))
        for joining, leaving, left in (
            (None, one, {leader, other}), (back, None, {one, leader, other}), (None, leader, {one, other})
        ):  # fmt: skip
            await asyncio.to_thread(reconfigure, ensemble, other, joining, leaving, left)
            begun = time.monotonic()
            await m.until("the members are known", lambda left=left: {x.id for x in m.mirror.members} == left)
            claims.hold("a reconfiguration, until its members are known", time.monotonic() - begun, 2.0)
        await m.until("live", lambda: m.mirror.facts.state == "live")
        with ensemble.client() as client:
            client.create("/after")
            await m.equal(client)


def reconfigure(
    ensemble: RunningEnsemble, through: str, joining: str | None, leaving: str | None, left: set[str]
) -> None:
    """Reconfigure, and wait until the server that it goes ``through`` says that these are ``left``."""
    client = KazooClient(ensemble.hosts.split(",")[int(through) - 1])
    client.start()
    with contextlib.suppress(ConnectionLoss):  # when the leader goes
        client.reconfig(joining, leaving, None)

    def told() -> bool:
        with contextlib.suppress(ConnectionLoss):
            lines = client.get("/zookeeper/config")[0].decode().splitlines()
            return {line[7:8] for line in lines if line.startswith("server.")} == left
        return False

    wait_for("it is so", told)
    client.stop()
    client.close()


async def test_a_clock_that_is_set_while_nothing_is_seen(ensemble: RunningEnsemble) -> None:
    """By an hour forwards, by two back, and by one forwards again."""
    offset = 0.0
    with ensemble.client() as client:
        async with (
            proxied(ensemble.plan.ports[0].client) as proxy,
            mirroring(f"127.0.0.1:{proxy.port}", clock=lambda: clock() + offset) as m,
        ):
            for setting in (3_600_000.0, -3_600_000.0, 0.0):
                await m.live()
                epoch = m.session.epoch
                client.create("/seen-", sequence=True)
                await m.equal(client)
                proxy.replies.clear()
                proxy.reset()
                await m.until("stale", lambda: m.mirror.facts.state == "stale")
                offset = setting
                client.create("/unseen-", sequence=True)
                proxy.replies.set()
                await m.live(epoch + 1)
                await m.equal(client)
                assert m.mirror.facts.state == "live" and m.mirror.patrol.mismatches == 0
            assert [c.id for c in m.log.latest()] == list(range(1, 10)), "nothing is purged"
            assert [c.kind for c in m.changes] == ["created", "gap", "created"] * 3
            assert all(c.lost is not None and c.lost >= 0 for c in m.changes if c.kind == "gap")


async def test_a_read_only_server_is_said_to_be_one(make_ensemble: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-Dreadonlymode.enabled=true")
    ensemble = make_ensemble(3, localSessionsEnabled="true", localSessionsUpgradingEnabled="true")
    async with mirroring(ensemble.hosts) as m:
        await m.live()
        ensemble.kill("2")
        ensemble.kill("3")
        await m.until("read-only", lambda: m.mirror.facts.state == "read-only", 60)
        assert m.tree.get("/zookeeper") is not None
        ensemble.launch("2")
        ensemble.launch("3")
        await m.until("live again", lambda: m.mirror.facts.state == "live", 60)


FILL = 50


def fill(ensemble: RunningEnsemble, count: int = FILL) -> None:
    with ensemble.client() as client:
        for _ in range(count):
            client.create("/n", sequence=True)


async def serve_again(ensemble: RunningEnsemble, server: str) -> None:
    ensemble.launch(server)
    await asyncio.to_thread(ensemble.wait_until_serving)
