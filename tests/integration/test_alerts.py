"""On a real ensemble, through real processes: plots, alerts to a webhook, and metrics, while servers and bridge die."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.conftest import Factory
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.person import Person
from tests.integration.receiver import Receiver
from tests.integration.stack import Page, Stack

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(180 * SCALE)]

PLOTS = "plots?span=10m"

BOUND = 12.0
"""Seconds until the loss of a quorum is posted: servers that answer no more are seen within 2 s, no leader within the
session timeout, and the rule waits 3 s."""


@pytest.fixture
def broken(make_ensemble: Factory) -> RunningEnsemble:
    return make_ensemble(3)


@pytest.fixture
def watching(broken: RunningEnsemble, receiver: Receiver, tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(broken.hosts)
    stack.environment |= {"ZOOSCOPE_WEBHOOK_URL": receiver.url, "ZOOSCOPE_HISTORY": str(tmp_path / "kept")}
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def scrape(stack: Stack, token: str) -> dict[str, float]:
    request = Request(f"{stack.origin}/metrics", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request, timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {sample.name: sample.value for family in families for sample in family.samples}


async def test_a_quorum_is_lost_and_comes_back_and_so_does_the_bridge(
    broken: RunningEnsemble, watching: Stack, receiver: Receiver
) -> None:
    Person(watching.links["operator"])
    token = watching.manage("people", "token", "operator", "--for", "prometheus", "--scope", "metrics.read").strip()
    async with Page(watching, PLOTS, "alerts", "status") as page:
        def lines() -> set[tuple[str, str]]:
            told = page.values.get(PLOTS, {}).get("lines", [])
            return {(line["kind"], line.get("server", "")) for line in told}

        figures = {("rate", ""), ("connections", "1"), ("lag", "3")}
        await page.until("every server is measured", lambda: lines() >= figures)
        await page.until("nothing is wrong", lambda: "firing" not in page.values.get("alerts", {"firing": 1}))
        await page.until("the lag is known", lambda: "state" not in page.values["alerts"]["rules"]["lag"])
        seen = await asyncio.to_thread(scrape, watching, token)
        assert (seen["zooscope_bridge_up"], seen["zooscope_quorum_held"], seen["zooscope_quorum_can_lose"]) == (1, 1, 1)
        assert "zooscope_sessions" in seen and seen["zooscope_selfcheck_mismatches_total"] == 0

        leader = broken.leader()
        lost = [server for server in broken.processes if server != leader][:1] + [leader]
        for server in lost:
            await asyncio.to_thread(broken.kill, server)
        killed = time.monotonic()
        await page.until("it is posted", lambda: receiver.of("no-quorum", "firing"), BOUND)
        posted = next(at for at, body in receiver.taken if body["alert"] == "no-quorum")
        assert posted - killed < BOUND * SCALE
        (body,) = receiver.of("no-quorum", "firing")
        assert body["severity"] == "critical" and body["cluster"] == "tested" and body["value"] is None
        assert body["words"].startswith("The ensemble has no") and abs(body["since"] - time.time() * 1000) < 60_000
        await page.until("the page says so", lambda: "no-quorum:" in page.values["alerts"].get("firing", {}))
        assert (await asyncio.to_thread(scrape, watching, token))["zooscope_quorum_held"] == 0
        await page.until("both servers are told of", lambda: len(receiver.of("server-down", "firing")) == 2)

        # The bridge is killed meanwhile: what fired goes on in the next one, and its end is told.
        before = set(page.values[PLOTS]["rows"])
        bridge = watching.process("bridge")
        bridge.kill()
        bridge.wait()
        gone = int(time.time())
        await page.until("the bridge is gone", lambda: page.bridge() == "gone")
        begun = time.monotonic()
        assert (await asyncio.to_thread(scrape, watching, token))["zooscope_bridge_up"] == 0
        assert time.monotonic() - begun < 3 * SCALE
        for server in lost:
            broken.launch(server)
        await page.until("there is a gap that can be seen", lambda: time.time() > gone + 4)
        watching.launch_bridge()
        await page.until("it is over", lambda: receiver.of("no-quorum", "resolved"), 60)
        await page.until("they are up", lambda: len(receiver.of("server-down", "resolved")) >= 2, 60)
        await page.until("the page has it as past", lambda: len(page.values["alerts"].get("past", {})) >= 3)
        # What was posted just before the kill may have come again, by the same id; nothing is told anew.
        told = Counter({body["id"]: (body["alert"], body["state"]) for _, body in receiver.taken}.values())
        assert (told["no-quorum", "firing"], told["no-quorum", "resolved"]) == (1, 1)
        assert (told["server-down", "firing"], told["server-down", "resolved"]) == (2, 2)

        def numbers() -> list[int]:
            return sorted(map(int, page.values[PLOTS]["rows"]))

        await page.until("plots go on", lambda: numbers()[-1] > gone)
        kept = [number for number in numbers() if number <= gone]
        # What was measured in the last second before the end had not been written.
        assert len(kept) >= len(before) - 4 and page.values[PLOTS]["kept"]
        assert min(number for number in numbers() if number > gone) - kept[-1] > 2, "the gap is a gap"
    wait_for("the metrics are back", lambda: scrape(watching, token)["zooscope_bridge_up"] == 1)
