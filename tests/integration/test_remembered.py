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


CLUSTERS = """
[clusters.here]
zookeeper = "{hosts}"
history = "kept"

[clusters.away]
zookeeper = "127.0.0.1:{port}"
webhook = {{url = "{url}"}}

[clusters.away.alerts.gone]
kind = "stale"
for = 0
clear_for = 0
"""


async def test_what_serve_keeps_outlives_it_and_is_bounded(
    shared_ensemble: RunningEnsemble, start: Start, receiver: Receiver, tmp_path: Path
) -> None:
    """Plots of the one cluster in its folder; of the other, which has none, that an alert fired: whoever was told of it
    is not told again, and is told of its end."""
    (port,) = free_ports(1)
    config = tmp_path / "zooscope.toml"
    config.write_text(CLUSTERS.format(hosts=shared_ensemble.hosts, port=port, url=receiver.url))
    folder = folder_of(str(tmp_path / "kept"), "here")
    old = fill(folder)

    def fresh() -> list[int]:
        return [number for number in numbers(folder) if number > old + FULL]

    serve = start("--config", str(config))
    await asyncio.to_thread(serve.wait_until_ready)
    await asyncio.to_thread(wait_for, "seconds are written", lambda: len(fresh()) >= 3)
    assert {file.name for file in folder.glob("10m.*")} == {"10m.8", "10m.9"} and len(numbers(folder)) < 2 * FULL
    assert (folder / "10m.9").stat().st_mode & 0o077 == 0, "for its owner alone"
    await asyncio.to_thread(wait_for, "it fires", lambda: receiver.of("gone", "firing"), 60)
    assert await asyncio.to_thread(serve.finish, signal.SIGTERM) == 0
    before = fresh()
    assert len(before) >= 3

    again = start("--config", str(config))
    await asyncio.to_thread(again.wait_until_ready)
    visitor = await asyncio.to_thread(Visitor, again)
    told = await visitor.watch("here", lambda frame: frame.get("data", {}).get("rows"), topic="plots?span=10m")
    assert told["data"]["kept"] and "problem" not in told["data"]
    assert {str(number) for number in before} <= told["data"]["rows"].keys()
    assert not {str(number) for number in range(old, old + FULL)} & told["data"]["rows"].keys(), "too old to be shown"
    told = await visitor.watch("away", lambda frame: frame.get("data", {}).get("firing"), topic="alerts")
    (alert,) = told["data"]["firing"].values()
    assert alert["since"] == receiver.of("gone", "firing")[0]["since"]

    there = await asyncio.start_server(Proxy(shared_ensemble.plan.ports[0].client).take, "127.0.0.1", port)
    async with there:
        await asyncio.to_thread(wait_for, "its end is told", lambda: receiver.of("gone", "resolved"), 60)
        await asyncio.to_thread(again.finish, signal.SIGTERM)
    assert [(body["alert"], body["state"]) for _, body in receiver.taken] == [("gone", "firing"), ("gone", "resolved")]
    assert fresh()[: len(before)] == before and len(fresh()) > len(before)


def fill(folder: Path) -> int:
    """As after a long time: two full files, of which the older has to go. Returns the number of the first bucket."""
    old = int(time.time()) - 10_000
    for number in (7, 8):
        draft = Folder(folder)
        draft.path.mkdir(parents=True, exist_ok=True)
        (folder / f"10m.{number}").touch()
        draft.append(("10m", Row(old + one, (("rate", ""),), "1")) for one in range(FULL))
    return old
