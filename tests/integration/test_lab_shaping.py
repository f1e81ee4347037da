"""A lab's ensemble grows, shrinks, and lets a server begin anew, while nodes use it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from kazoo.client import KazooClient

from tests import claims
from tests.integration.commands import Command
from tests.integration.ensemble import SCALE
from tests.integration.person import Person
from tests.integration.stack import Page
from zkbridge.lab import description
from zkbridge.lab.ready import mode

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(240 * SCALE)]

NODES = 2


async def post(person: Person, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    return await asyncio.to_thread(lambda: person.post(path, body))


def members(demo: Command) -> set[str]:
    """Ids in /zookeeper/config, from the servers that the lab has."""
    client = KazooClient(description.read(demo.path).hosts)
    client.start(20 * SCALE)
    try:
        lines = client.get("/zookeeper/config")[0].decode().splitlines()
    finally:
        client.stop()
        client.close()
    return {line[len("server.") : line.index("=")] for line in lines if line.startswith("server.")}


def shown(page: Page) -> dict[str, Any]:
    return dict(page.values.get("ensemble", {}).get("servers", {}))


async def test_a_server_is_added_told_of_and_removed(demo: Command, operator: Person) -> None:
    async with Page(operator, "status", "ensemble", "story") as page:
        await page.until("three serve", lambda: page.values.get("ensemble", {}).get("quorum", {}).get("up") == 3)
        status, answer = await post(operator, "/api/servers", {})
        assert status == 201, answer
        assert answer["id"] == "4" and answer["words"] == "4 servers, a quorum needs 3: can lose 1, as 3 could"
        began = time.monotonic()
        assert members(demo) == {"1", "2", "3", "4"}
        await page.until("it is a member", lambda: shown(page).get("4", {}).get("role") == "following", 5)
        claims.hold("A server that joined, until the page has it", time.monotonic() - began, 2.0)
        assert page.values["ensemble"]["quorum"]["words"] == "needs 3 of 4, can lose 1"
        assert shown(page)["4"]["pid"] == demo.running()["server-4"] and "wipe" in shown(page)["4"]["actions"]
        lab = description.read(demo.path)
        assert [member.id for member in lab.members] == ["1", "2", "3", "4"] and len(lab.hosts.split(",")) == 4
        folder = demo.path / "server-4"
        assert folder.exists()
        status, answer = await post(operator, "/api/servers/4/remove")
        assert status == 200, answer
        began = time.monotonic()
        await page.until("it is no member", lambda: "4" not in shown(page), 5)
        claims.hold("A server that left, until the page has it", time.monotonic() - began, 2.0)
        assert members(demo) == {"1", "2", "3"} and "server-4" not in demo.running() and not folder.exists()
        assert page.values["ensemble"].get("processes", {}) == {}


async def test_an_observer_is_added_and_the_leader_removed(demo: Command, operator: Person) -> None:
    async with Page(operator, "status", "ensemble", "story") as page:
        await page.until("three serve", lambda: page.values.get("ensemble", {}).get("quorum", {}).get("up") == 3)
        status, answer = await post(operator, "/api/servers", {"role": "observer"})
        assert status == 201 and answer["id"] == "5", "ids are not used again"
        await page.until("it observes", lambda: shown(page).get("5", {}).get("role") == "observing", 5)
        assert page.values["ensemble"]["quorum"]["size"] == 3
        old = page.values["ensemble"]["leader"]
        assert (await post(operator, f"/api/servers/{old}/remove"))[0] == 200
        await page.until("another leads", lambda: page.values["ensemble"].get("leader", "") not in ("", old), 15)
        await page.until("live", lambda: page.values["status"]["state"] == "live", 15)
        assert page.values["ensemble"]["quorum"]["words"] == "needs 2 of 2, can lose none"
        left = next(ident for ident in shown(page) if ident != "5")
        status, answer = await post(operator, f"/api/servers/{left}/wipe")
        assert status == 409 and answer["problem"]["code"] == "would-lose-quorum"
        assert (await post(operator, "/api/servers", {"role": "participant"}))[0] == 201
        assert (await post(operator, "/api/servers/5/remove"))[0] == 200
        await page.until("three serve", lambda: page.values["ensemble"]["quorum"].get("up") == 3, 10)


async def test_a_server_that_is_wiped_comes_back_with_the_same_tree(demo: Command, operator: Person) -> None:
    async with Page(operator, "status", "ensemble") as page:
        await page.until("three serve", lambda: page.values.get("ensemble", {}).get("quorum", {}).get("up") == 3)
        ident = next(i for i, server in shown(page).items() if server["role"] == "following")
        member = next(member for member in description.read(demo.path).members if member.id == ident)
        before = demo.running()[f"server-{ident}"]
        data = demo.path / f"server-{ident}" / "data/version-2"
        logs = {file.name for file in data.iterdir()}
        status, answer = await post(operator, f"/api/servers/{ident}/wipe")
        assert (status, answer["serves"]) == (200, True), answer
        assert demo.running()[f"server-{ident}"] != before and await mode(member.host, member.port) == "follower"
        assert any(file.name.startswith("snapshot.") for file in data.iterdir()) and logs
        assert _tree(f"{member.host}:{member.port}") == _tree(description.read(demo.path).hosts)
        await page.until("it follows", lambda: shown(page)[ident]["role"] == "following", 10)


async def test_the_bridge_goes_along_when_none_of_the_first_servers_is_left(demo: Command, operator: Person) -> None:
    async with Page(operator, "status", "ensemble") as page:
        await page.until("three serve", lambda: page.values.get("ensemble", {}).get("quorum", {}).get("up") == 3)
        first = [ident for ident in shown(page) if int(ident) <= 3]
        for ident in first:
            assert (await post(operator, "/api/servers", {}))[0] == 201
            status, answer = await post(operator, f"/api/servers/{ident}/remove")
            assert status == 200, answer
            await page.until("live", lambda: page.values["status"]["state"] == "live", 20)
        await page.until("none of them is a member", lambda: not set(first) & set(shown(page)), 5)
        addresses = {f"{member.host}:{member.port}" for member in description.read(demo.path).members}
        await page.until("it is on one of the new ones", lambda: page.values["status"]["server"] in addresses, 10)
        assert members(demo) == set(shown(page)) and len(shown(page)) == 3


def _tree(hosts: str) -> dict[str, tuple[bytes, int]]:
    """Every znode with its data and the transaction that made it, as the server there has it."""
    client = KazooClient(hosts)
    client.start(20 * SCALE)
    found: dict[str, tuple[bytes, int]] = {}
    try:
        client.sync("/")
        waiting = ["/"]
        while waiting:
            path = waiting.pop()
            data, stat = client.get(path)
            found[path] = (data, stat.czxid)
            waiting += [f"{path.rstrip('/')}/{name}" for name in client.get_children(path)]
    finally:
        client.stop()
        client.close()
    return found
