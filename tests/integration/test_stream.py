"""From a change in ZooKeeper to a page's WebSocket, through real processes, and what a page learns when one fails."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import signal
import statistics
import subprocess
import sys
import time

import pytest

from tests import claims
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.stack import ROOT, Page, Stack

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(120 * SCALE)]

CHILDREN = "children?path=%2F"


async def live(page: Page) -> None:
    await page.until("the bridge is live", lambda: page.values.get("status", {}).get("state") == "live", 40)


async def test_changes_are_pushed_and_frames_alone_rebuild_the_tree(stack: Stack, ensemble: RunningEnsemble) -> None:
    async with Page(stack, "status", CHILDREN, "znode?path=%2Fa") as page:
        await live(page)
        await page.until("the tree", lambda: CHILDREN in page.values)
        with ensemble.client() as client:
            await asyncio.to_thread(client.create, "/a", b"x" * 5_000)
            await page.until("it is there", lambda: page.values[CHILDREN]["order"] == ["a", "zookeeper"])
            await page.until(
                "all of its data",
                lambda: base64.b64decode(page.values["znode?path=%2Fa"].get("data", "")) == b"x" * 5_000,
            )
            await asyncio.to_thread(client.set, "/a", b"y" * 6_000)
            await page.until(
                "its new data", lambda: base64.b64decode(page.values["znode?path=%2Fa"].get("data", "")) == b"y" * 6_000
            )
            await asyncio.to_thread(client.delete, "/a")
            await page.until("it is gone", lambda: page.values[CHILDREN]["order"] == ["zookeeper"])
            await page.until("its topic says so", lambda: not page.values["znode?path=%2Fa"]["exists"])


async def test_the_time_from_commit_to_page(stack: Stack, ensemble: RunningEnsemble) -> None:
    async with Page(stack, "status", CHILDREN) as page:
        await live(page)
        await page.until("the tree", lambda: CHILDREN in page.values)
        took = []
        with ensemble.client() as client:
            for n in range(60):
                await asyncio.to_thread(client.create, f"/n{n:03}", b"")
                committed = time.monotonic()
                name = f"n{n:03}"
                await page.until("it is on the page", lambda name=name: name in page.values[CHILDREN]["rows"])
                at = next(
                    at for at, frame in zip(page.arrived, page.frames, strict=True)
                    if name in (frame.get("patch") or {}).get("rows", {})
                )  # fmt: skip
                took.append(max(0.0, at - committed) * 1000)
                await asyncio.sleep(0.06)
        took.sort()
        claims.hold("commit to frame, median", statistics.median(took) / 1000, 0.01)
        claims.hold("commit to frame, 98 of 100", took[int(len(took) * 0.98)] / 1000, 0.05)


async def test_a_killed_bridge_is_told_and_snapshots_come_again(stack: Stack, ensemble: RunningEnsemble) -> None:
    async with Page(stack, "status", CHILDREN) as page:
        await live(page)
        run = page.of("hello")[-1]["run"]
        await page.until("the tree", lambda: CHILDREN in page.values)
        stack.process("bridge").kill()
        await page.until("told", lambda: page.bridge() == "gone", 2)
        with ensemble.client() as client:
            await asyncio.to_thread(client.create, "/meanwhile", b"")
        before = len(page.of("snapshot"))
        stack.launch_bridge()
        await page.until("what happened meanwhile", lambda: "meanwhile" in page.values[CHILDREN]["order"])
        await live(page)
        assert page.bridge() == "up" and len(page.of("snapshot")) > before
        assert page.of("hello")[-1]["run"] not in (run, "")


async def test_a_stopped_bridge_is_silent_within_five_seconds(stack: Stack) -> None:
    async with Page(stack, "status") as page:
        await live(page)
        stack.process("bridge").send_signal(signal.SIGSTOP)
        began = time.monotonic()
        await page.until("told", lambda: page.bridge() == "silent", 5)
        claims.hold("SIGSTOP of the bridge, until pages are told", time.monotonic() - began, 5.0)
        stack.process("bridge").send_signal(signal.SIGCONT)
        await page.until("up again", lambda: page.bridge() == "up", 5)


async def test_a_killed_web_process_lets_pages_come_back(stack: Stack) -> None:
    pages = [Page(stack, "status", CHILDREN) for _ in range(20)]
    for page in pages:
        await page.__aenter__()
    for page in pages:
        await live(page)
    stack.process("web").kill()
    for page in pages:
        await page.until("its socket broke", lambda page=page: page.closed is not None, 5)
        await page.__aexit__()
    stack.launch_web()
    await asyncio.to_thread(wait_for, "the web process answers", stack.answers)
    for again in [Page(stack, "status", CHILDREN) for _ in range(20)]:
        async with again:
            await live(again)
            await again.until("the tree", lambda again=again: CHILDREN in again.values)


async def test_pages_that_come_before_the_bridge(stack: Stack) -> None:
    stack.process("bridge").kill()
    async with Page(stack, "status") as page:
        await page.until("told", lambda: page.bridge() == "gone", 5)
        stack.launch_bridge()
        await live(page)


def test_sigterm_ends_a_bridge_within_a_second_and_its_session_with_it(stack: Stack, ensemble: RunningEnsemble) -> None:
    wait_for("the bridge is live", lambda: "live on" in stack.log("bridge"))
    bridge = stack.process("bridge")
    for number in (signal.SIGTERM, signal.SIGINT):
        began = time.monotonic()
        bridge.send_signal(number)
        assert bridge.wait(10) == 0
        claims.hold("SIGTERM or SIGINT, until the bridge has ended", time.monotonic() - began, 1.5)
        assert not (stack.folder / "bridge.sock").exists()
        bridge = stack.launch_bridge()
        wait_for("it is live again", lambda: (stack.folder / "bridge.sock").exists())
        wait_for("it is live again", lambda: stack.log("bridge").count("live on") > 1)


def test_a_second_bridge_on_the_same_socket_is_refused_in_words(stack: Stack) -> None:
    wait_for("the bridge listens", lambda: (stack.folder / "bridge.sock").exists())
    first = stack.process("bridge")
    second = stack.launch_bridge()
    assert second.wait(20) == 1
    assert "Another bridge listens on" in stack.log("bridge")
    assert first.poll() is None
    first.kill()
    first.wait()


def test_the_client_in_the_document(stack: Stack) -> None:
    document = (ROOT / "docs" / "protocol.md").read_text()
    client = stack.folder / "client.py"
    client.write_text(re.search(r"```python\n(.*?)```", document, re.DOTALL).group(1))  # type: ignore[union-attr]
    process = subprocess.Popen([sys.executable, str(client), stack.links["viewer"], "status"], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        status = json.loads(process.stdout.readline())
        while status["state"] != "live":
            status = json.loads(process.stdout.readline())
        assert status["cluster"] and status["znodes"] > 0
    finally:
        process.kill()
        process.wait()
