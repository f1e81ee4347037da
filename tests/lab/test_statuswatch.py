"""Following the bridge's status, and saying it in a line."""

import asyncio
from pathlib import Path

import msgspec
from websockets.asyncio.server import ServerConnection, unix_serve

from zkbridge.lab.serve import describe
from zkbridge.lab.statuswatch import statuses
from zkbridge.protocol.base import Message, Problem
from zkbridge.protocol.frames import Beat, Delta, Hello, Snapshot
from zkbridge.protocol.status import Status


def status(**fields: object) -> dict[str, object]:
    return {"state": "live", "since": 1.0, "cluster": "demo", "epoch": 1, **fields}


async def test_statuses_come_through_deltas_and_a_bridge_that_is_started_again(tmp_path: Path) -> None:
    frames: list[Message] = [
        Hello("r", "demo", 1.0),
        Snapshot("status", 1, 1, status(state="connecting")),
        Beat(2.0),
        Delta("status", 1, 2, {"state": "live", "znodes": 3}),
    ]
    asked = []

    async def answer(connection: ServerConnection) -> None:
        asked.append(msgspec.json.decode(await connection.recv()))
        for frame in frames:
            await connection.send(msgspec.json.encode(frame), text=True)

    path = str(tmp_path / "b.sock")
    found = statuses(path)
    first = asyncio.ensure_future(anext(found))
    await asyncio.sleep(0)
    async with unix_serve(answer, path):
        assert (await first).state == "connecting"
        assert await anext(found) == Status("live", 1.0, "demo", 1, znodes=3)
        assert (await anext(found)).state == "connecting", "the socket was closed: it connects and asks again"
    assert asked == [{"op": "subscribe", "topic": "status"}] * 2
    await found.aclose()


def test_words() -> None:
    assert describe(msgspec.convert(status(server="zoo:2181"), Status)) == "live, on zoo:2181"
    refused = Problem("refused", "Nothing listens on zoo:2181.", "Start it.")
    words = describe(Status("connecting", 1.0, "demo", 0, problem=refused))
    assert words == "connecting: Nothing listens on zoo:2181. Start it."
    lost = Problem("no-quorum", "The ensemble has no quorum: it needs 2 of 3, has 1.", "It serves again soon.")
    words = describe(Status("no-quorum", 1.0, "demo", 0, problem=lost))
    assert words == "The ensemble has no quorum: it needs 2 of 3, has 1. It serves again soon."
