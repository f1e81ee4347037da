"""What outlives a run of the real command ``serve``: plots in the folder of ``--history``, and which alerts fire."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.commands import Command
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.proxy import Proxy
from tests.integration.receiver import Receiver
from tests.integration.test_clusters import Visitor
from zkbridge.history import Folder, folder_of
from zkbridge.lab.ports import free_ports
from zkbridge.protocol.plots import LENGTHS, STEPS
from zkbridge.views.rings import Row

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(180 * SCALE)]

FULL = LENGTHS["10m"] // STEPS["10m"]

Start = Callable[..., Command]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts ``serve`` with arguments, each time in the same home."""
    started: list[Command] = []

    def begin(*arguments: str, **environment: str) -> Command:
        started.append(Command(tmp_path / "home", "serve", *arguments, PORT="28580", **environment))
        return started[-1]

    yield begin
    for command in started:
        command.destroy()


def numbers(folder: Path) -> list[int]:
    """Buckets of which the files hold a line, as they stand there."""
    kept = Folder(folder)
    return [row.number for span, row in kept.read() if span == "10m"]


async def test_plots_are_written_survive_a_restart_and_are_bounded(
    shared_ensemble: RunningEnsemble, start: Start, tmp_path: Path
) -> None:
    folder = folder_of(str(tmp_path / "kept"), "here")
    folder.mkdir(parents=True)
    old = int(time.time()) - 10_000
    for number in (7, 8):
        planted = Folder(folder)
        planted.append(("10m", Row(old + one, (("rate", ""),), "1")) for one in range(FULL))
        (folder / "10m.0").rename(folder / f"10m.{number}")
    arguments = ("--zookeeper", shared_ensemble.hosts, "--name", "here", "--history", str(tmp_path / "kept"))
    serve = start(*arguments)
    await asyncio.to_thread(serve.wait_until_ready)

    def fresh() -> list[int]:
        return [number for number in numbers(folder) if number > old + FULL]

    await asyncio.to_thread(wait_for, "seconds are written", lambda: len(fresh()) >= 3)
    assert {file.name for file in folder.glob("10m.*")} == {"10m.8", "10m.9"} and len(numbers(folder)) < 2 * FULL
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.glob("10m.9")), "for its owner alone"
    code = await asyncio.to_thread(serve.finish, signal.SIGTERM)
    before = fresh()
    assert code == 0 and len(before) >= 3

    again = start(*arguments)
    await asyncio.to_thread(again.wait_until_ready)
    visitor = await asyncio.to_thread(Visitor, again)
    told = await visitor.watch("here", lambda frame: frame.get("data", {}).get("rows"), topic="plots?span=10m")
    assert told["data"]["kept"] and "problem" not in told["data"]
    # What was measured in the last second before the end had not been written, or is of the bucket that was open.
    assert {str(number) for number in before} <= told["data"]["rows"].keys()
    assert not {str(number) for number in range(old, old + FULL)} & told["data"]["rows"].keys(), "too old to be shown"
    await asyncio.to_thread(wait_for, "it goes on", lambda: fresh()[-1] > before[-1])
    await asyncio.to_thread(again.finish, signal.SIGTERM)
    assert fresh()[: len(before)] == before


RULES = """
[clusters.here]
zookeeper = "127.0.0.1:{port}"
webhook = {{url = "{url}"}}

[clusters.here.alerts.away]
kind = "stale"
for = 0
clear_for = 0
"""


async def test_an_alert_that_fires_outlives_a_run_without_a_folder_for_plots(
    shared_ensemble: RunningEnsemble, start: Start, receiver: Receiver, tmp_path: Path
) -> None:
    """Whoever was told of it is not told again, and is told of its end."""
    (port,) = free_ports(1)
    config = tmp_path / "zooscope.toml"
    config.write_text(RULES.format(port=port, url=receiver.url))
    serve = start("--config", str(config))
    await asyncio.to_thread(wait_for, "it fires", lambda: receiver.of("away", "firing"), 60)
    await asyncio.to_thread(serve.wait_until_ready)
    assert await asyncio.to_thread(serve.finish, signal.SIGTERM) == 0

    again = start("--config", str(config))
    await asyncio.to_thread(again.wait_until_ready)
    visitor = await asyncio.to_thread(Visitor, again)
    told = await visitor.watch("here", lambda frame: frame.get("data", {}).get("firing"), topic="alerts")
    (alert,) = told["data"]["firing"].values()
    assert alert["since"] == receiver.of("away", "firing")[0]["since"]
    proxy = Proxy(shared_ensemble.plan.ports[0].client)
    there = await asyncio.start_server(proxy.take, "127.0.0.1", port)
    async with there:
        await asyncio.to_thread(wait_for, "its end is told", lambda: receiver.of("away", "resolved"), 60)
        await asyncio.to_thread(again.finish, signal.SIGTERM)
    assert [(body["alert"], body["state"]) for _, body in receiver.taken] == [("away", "firing"), ("away", "resolved")]
