"""An ordinary static ensemble on one host: nothing that a client can read tells which server answers at which port."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ensemble import SCALE, RunningEnsemble
from tests.integration.stack import Page, Stack

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(240 * SCALE)]


class Static(RunningEnsemble):
    """With ``clientPort`` in each zoo.cfg and none in ``server.N``. Servers allow what they allow by default."""

    def launch(self, server: str) -> None:
        file = self.home(server) / "zoo.cfg"
        lines = [re.sub(r"^(server\.\d+=[^;]*);.*", r"\1", line) for line in file.read_text().splitlines()]
        others = ("reconfig", "4lw.", "admin.", "clientPort", "standalone")
        kept = [line for line in lines if not line.startswith(others)]
        port = self.plan.ports[int(server) - 1].client
        file.write_text("\n".join([*kept, f"clientPort={port}", "admin.enableServer=false"]) + "\n")
        super().launch(server)


@pytest.fixture
def static(tmp_path: Path) -> Iterator[Static]:
    # So that a leader that is stopped is followed for longer than its alert waits.
    ensemble = Static(tmp_path, 3, syncLimit="12")
    try:
        ensemble.start()
        yield ensemble
    finally:
        for process in ensemble.processes.values():
            process.send_signal(signal.SIGCONT)
        ensemble.stop()


def words(page: Page) -> str:
    """All frames so far, as text: what was claimed at any time."""
    return str(page.frames)


async def test_servers_are_found_and_nothing_false_is_said_of_them(static: Static) -> None:
    # In another order than that of their numbers.
    stack = Stack(",".join(reversed(static.hosts.split(","))))
    topics = ("status", "ensemble", "servers", "story", "alerts", "plots?span=10m")
    try:
        stack.start()
        async with Page(stack, *topics) as page:

            def found() -> dict[str, Any]:
                servers = page.values.get("ensemble", {}).get("servers", {})
                return {ident: server["address"] for ident, server in servers.items()}

            expected = {one.id: f"{one.host}:{one.port}" for one in static.plan.members}
            await page.until("servers are found where they answer", lambda: found() == expected, 30)
            assert page.values["status"]["state"] == "live"

            def plotted() -> set[str]:
                return {line.get("server", "") for line in page.values.get("plots?span=10m", {}).get("lines", [])}

            await page.until("they are plotted", lambda: plotted() == {"", "1", "2", "3"}, 20)
            for claim in (": no quorum", "has no quorum", "lost its quorum", "elected another leader", ":2181"):
                assert claim not in words(page), claim

            assert not page.values["alerts"].get("firing")

            def alarmed() -> bool:
                return any("has no leader" in one["words"] for one in page.values["alerts"].get("firing", {}).values())

            leader = static.leader()
            static.signal(leader, signal.SIGSTOP)
            none = "Enough servers are up, but none leads: nothing can be written."
            await page.until(
                "it is noticed that none leads",
                lambda: page.values["status"].get("problem", {}).get("text") == none, 15,
            )  # fmt: skip
            assert page.values["status"]["state"] == "no-quorum"
            await page.until("an alert says so", alarmed, 15)
            others = {"1", "2", "3"} - {leader}
            await page.until("another is elected", lambda: page.values["ensemble"].get("leader") in others, 60)
            await page.until("it is live again", lambda: page.values["status"]["state"] == "live", 30)
            static.signal(leader, signal.SIGCONT)

        # One that begins anew learns their names, and tells of no election.
        stack.process("bridge").kill()
        stack.process("bridge").wait()
        stack.launch_bridge()
        async with Page(stack, *topics) as page:
            await page.until("they are found again", lambda: found() == expected, 40)
            await page.until("it is live", lambda: page.values["status"]["state"] == "live", 30)
            assert "elected another leader" not in words(page)
    finally:
        stack.stop()
