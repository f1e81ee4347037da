"""A quorum by weights, on real servers: what is shown follows ZooKeeper's own rule, not the number of servers."""

from __future__ import annotations

import asyncio

import pytest
from kazoo.client import KazooClient

from tests.integration.conftest import Factory
from tests.integration.ensemble import SCALE, RunningEnsemble
from tests.integration.stack import Page, Stack
from zkbridge.zookeeper.srvr import ask

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(180 * SCALE)]

WEIGHTS = {"group.1": "1:2:3", "weight.1": "3", "weight.2": "1", "weight.3": "1", "4lw.commands.whitelist": "srvr"}
"""Of five votes, server 1 has three: it is a quorum by itself, and without it there is none."""


async def test_one_heavy_server_is_the_quorum(make_ensemble: Factory) -> None:
    ensemble = make_ensemble(3, **WEIGHTS)
    stack = Stack(ensemble.hosts)
    try:
        stack.start()
        async with Page(stack, "status", "ensemble", "servers") as page:
            await told(page, "live", "needs 3 of 5 votes, can lose none", "3 of 3 up: can lose none")
            servers = page.values["ensemble"]["servers"]
            assert [ident for ident, server in servers.items() if server.get("decisive")] == ["1"]
            assert [server.get("weight", 1) for server in servers.values()] == [3, 1, 1]
            assert "It hangs on server 1: this loss alone ends it." in page.values["servers"]["quorum"]["sentences"]
            await page.until("what it does not tell", lambda: "lacks" in page.values["servers"]["details"]["1"])
            lacks = page.values["servers"]["details"]["1"]["lacks"]
            assert [lack["of"] for lack in lacks] == ["mntr", "AdminServer"]

            # One of three is up, and it is a quorum.
            for server in ("2", "3"):
                ensemble.kill(server)
            await told(page, "live", "needs 3 of 5 votes, can lose none", "1 of 3 up: can lose none")
            await asyncio.to_thread(write, ensemble, "1")

            # Two of three are up, and they are none.
            for server in ("2", "3"):
                ensemble.launch(server)
            await told(page, "live", "needs 3 of 5 votes, can lose none", "3 of 3 up: can lose none")
            ensemble.kill("1")
            await told(page, "no-quorum", "needs 3 of 5 votes, has 2", "2 of 3 up: no quorum")
            assert [await verdict(ensemble, server) for server in ("2", "3")] == ["looking", "looking"]
            assert page.values["servers"]["vacant"]

            ensemble.launch("1")
            await told(page, "live", "needs 3 of 5 votes, can lose none", "3 of 3 up: can lose none")
            reigns = page.values["servers"]["reigns"]
            epochs = [reigns[number]["epoch"] for number in sorted(reigns, key=int)]
            assert epochs == sorted(set(epochs)) and len(epochs) > 1, reigns
            last = reigns[max(reigns, key=int)]
            assert 0 <= last["gap_low"] <= last["gap_high"] and "until" not in last
    finally:
        stack.stop()


async def told(page: Page, state: str, words: str, headline: str) -> None:
    def is_told() -> bool:
        values = page.values
        if not {"status", "ensemble", "servers"} <= values.keys():
            return False
        quorum = values["ensemble"]["quorum"]["words"], values["servers"]["quorum"]["headline"]
        return bool((values["status"]["state"], *quorum) == (state, words, headline))

    await page.until(f"{state}, {headline}", is_told, 40)


def write(ensemble: RunningEnsemble, server: str) -> None:
    """Change something, by one server alone."""
    client = KazooClient(ensemble.hosts.split(",")[int(server) - 1], timeout=4.0)
    try:
        client.start(20 * SCALE)
        client.ensure_path("/written")
    finally:
        client.stop()
        client.close()


async def verdict(ensemble: RunningEnsemble, server: str) -> str:
    """What ZooKeeper says itself; 'looking': it runs, and serves nobody."""
    return (await ask("127.0.0.1", ensemble.plan.ports[int(server) - 1].client, 5 * SCALE)).mode
