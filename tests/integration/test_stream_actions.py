"""People act on a real lab over HTTP, and everybody's page shows what came of it, and how soon."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import Any

import pytest

from tests import claims
from tests.integration.commands import Command
from tests.integration.ensemble import SCALE
from tests.integration.person import Person
from tests.integration.stack import Page

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(180 * SCALE)]

NODES = 3


@pytest.fixture
def viewer(demo: Command) -> Person:
    return Person(demo.link("Viewers"))


async def look(page: Page) -> dict[str, Any]:
    """The stage, once its nodes have a leader that knows so."""
    await page.until("the bridge is live", lambda: page.values.get("status", {}).get("state") == "live", 40)
    await page.until(
        "somebody leads", lambda: leader(page) and page.values["stage"]["nodes"][leader(page)].get("elected")
    )
    return dict(page.values["stage"])


def leader(page: Page) -> str:
    return str(page.values.get("stage", {}).get("leader", ""))


async def post(person: Person, path: str, body: dict[str, Any] | None = None, **more: Any) -> tuple[int, Any]:
    return await asyncio.to_thread(lambda: person.post(path, body, **more))


async def test_stopping_the_leader_is_shown_within_half_a_second(
    demo: Command, operator: Person, viewer: Person
) -> None:
    async with Page(viewer, "status", "stage", "story") as page:
        old = (await look(page))["leader"]
        began = time.monotonic()
        assert await post(operator, f"/api/nodes/{old}/stop") == (200, {"result": "ok"})
        await page.until("another leads", lambda: leader(page) not in ("", old), 5)
        took = time.monotonic() - began
        claims.hold("Stop, until the next leads in a frame", took, 0.5)
        status, answer = await post(operator, "/api/nodes")
        assert status == 201
        await page.until("the new node", lambda: page.values["stage"]["nodes"].get(answer["id"], {}).get("znode"))


async def test_killing_the_leader_is_shown_when_its_session_has_expired(
    demo: Command, operator: Person, viewer: Person
) -> None:
    async with Page(viewer, "status", "stage", "ensemble") as page:
        stage = await look(page)
        await page.until("the ensemble", lambda: page.values.get("ensemble", {}).get("tick"))
        old = stage["leader"]
        limit = (stage["nodes"][old]["timeout"] + page.values["ensemble"]["tick"]) / 1000 + 1
        began = time.monotonic()
        assert (await post(operator, f"/api/nodes/{old}/kill"))[0] == 200
        await page.until("it is silent", lambda: page.values["stage"]["nodes"][old]["state"] == "silent", 3)
        await page.until("another leads", lambda: leader(page) not in ("", old), limit + 5)
        took = time.monotonic() - began
        claims.hold("Kill, until the next leads in a frame", took, limit)
        assert page.values["stage"]["nodes"][old]["cause"] == "kill -9"
        assert (await post(operator, f"/api/nodes/{old}/kill"))[0] == 409
        assert (await post(operator, f"/api/nodes/{old}/dismiss"))[0] == 200
        await page.until("it is off the stage", lambda: old not in page.values["stage"]["nodes"])
        assert (await post(operator, f"/api/nodes/{old}/dismiss"))[0] == 404
        assert (await post(operator, "/api/nodes"))[0] == 201


async def test_pausing_and_resuming(demo: Command, operator: Person, viewer: Person) -> None:
    async with Page(viewer, "status", "stage") as page:
        stage = await look(page)
        other = next(i for i, n in stage["nodes"].items() if n["state"] == "alive" and i != stage["leader"])
        assert (await post(operator, f"/api/nodes/{other}/pause"))[0] == 200
        await page.until("it is paused", lambda: page.values["stage"]["nodes"][other]["state"] == "paused", 3)
        assert (await post(operator, f"/api/nodes/{other}/resume"))[0] == 200
        await page.until("it is alive", lambda: page.values["stage"]["nodes"][other]["state"] == "alive", 5)


async def test_the_quorum_is_kept_unless_one_insists(demo: Command, operator: Person, viewer: Person) -> None:
    async with Page(viewer, "status", "ensemble") as page:
        await page.until("three serve", lambda: page.values.get("ensemble", {}).get("quorum", {}).get("up") == 3)
        one, two = [i for i in page.values["ensemble"]["servers"] if i != page.values["ensemble"]["leader"]]
        assert (await post(operator, f"/api/servers/{one}/kill"))[0] == 200
        status, answer = await post(operator, f"/api/servers/{two}/kill")
        assert status == 409 and answer["problem"]["code"] == "would-lose-quorum"
        assert (await post(operator, f"/api/servers/{two}/kill", {"force": True}))[0] == 200
        await page.until("no quorum", lambda: page.values["status"]["state"] == "no-quorum", 15)
        for server in (one, two):
            assert (await post(operator, f"/api/servers/{server}/start"))[0] == 200
        await page.until("live again", lambda: page.values["status"]["state"] == "live", 40)
        await page.until("three serve", lambda: page.values["ensemble"]["quorum"]["up"] == 3)


async def test_who_may_not_act_does_not(demo: Command, operator: Person, viewer: Person) -> None:
    async with Page(viewer, "status", "stage") as page:
        stage = await look(page)
        ident = stage["leader"]
        hello = page.of("hello")[0]
        assert hello["role"] == "viewer" and "may" not in hello and "read_only" not in hello
        assert (await post(viewer, f"/api/nodes/{ident}/kill"))[0] == 403
        assert (await post(operator, f"/api/nodes/{ident}/kill", csrf=False))[0] == 403
        assert (await post(operator, "/api/nodes/node-99/kill"))[0] == 404
        assert (await post(operator, f"/api/nodes/{ident}/dance"))[0] == 404
        await asyncio.sleep(0.5)
        assert page.values["stage"]["nodes"][ident]["state"] == "alive"


async def test_an_action_without_a_bridge_says_that_nothing_was_done(demo: Command, operator: Person) -> None:
    bridge = demo.running()["bridge"]
    async with Page(operator, "status", "stage") as page:
        stage = await look(page)
        os.kill(bridge, signal.SIGSTOP)
        began = time.monotonic()
        status, answer = await post(operator, f"/api/nodes/{stage['leader']}/pause")
        assert status == 504 and answer["problem"]["code"] == "unknown"
        assert 8 < time.monotonic() - began < 14 * SCALE
        os.kill(bridge, signal.SIGKILL)
        await page.until("it is back", lambda: page.bridge() == "up" and len(page.of("hello")) > 1)
        await look(page)
