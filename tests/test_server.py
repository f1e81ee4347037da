"""The bridge's end of the stream, on a real Unix socket."""

from __future__ import annotations

import asyncio
import base64
import socket
import stat
import struct
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed

from tests.live.support import until
from tests.test_topics import Scene
from zkbridge.protocol.base import Problem
from zkbridge.protocol.editing import LARGEST
from zkbridge.protocol.frames import MAX_HUB_FRAME, Call, Hello, Result
from zkbridge.server import MAX_CALLS, SocketTaken, StreamServer, bind
from zkbridge.topics import Values


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="zs") as folder:
        yield Path(folder) / "run" / "bridge.sock"


class Bench:
    """A server over a scene that the test sets, and calls that wait for ``gate``."""

    def __init__(self, path: Path) -> None:
        self.scene = Scene()
        self.scene.put("status", a=1)
        self.epoch = 1
        self.gate = asyncio.Event()
        self.gate.set()
        self.called: list[Call] = []
        self.server = StreamServer(
            path, Values(self.scene), hello=lambda: Hello("run", "here", clock()), epoch=lambda: self.epoch,
            answer=self.answer, clock=clock,
        )  # fmt: skip

    async def answer(self, call: Call) -> Result:
        self.called.append(call)
        await self.gate.wait()
        return Result(call.id, {"id": "node-6"})

    def put(self, note: str = "", **numbers: int) -> None:
        self.scene.put("status", note, **numbers)
        self.server.wake()


def mode(path: Path) -> int | None:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


def clock() -> float:
    return time.time() * 1000


@pytest_asyncio.fixture
async def bench(path: Path) -> AsyncIterator[Bench]:
    bench = Bench(path)
    await bench.server.open()
    yield bench
    await bench.server.close()


async def connect(path: Path) -> ClientConnection:
    return await unix_connect(str(path), uri="ws://bridge/", compression=None, max_size=None)


async def receive(connection: ClientConnection, *kinds: str) -> dict[str, Any]:
    """The next frame that is no beat, or the next of ``kinds``."""
    async with asyncio.timeout(5):
        while True:
            frame: dict[str, Any] = msgspec.json.decode(await connection.recv())
            if frame["type"] in kinds or not kinds and frame["type"] != "beat":
                return frame


async def test_hello_snapshot_delta_and_beats(bench: Bench, path: Path) -> None:
    async with await connect(path) as hub:
        assert (await receive(hub))["type"] == "hello"
        assert (await receive(hub, "beat"))["at"] == pytest.approx(clock(), abs=2000)
        await hub.send('{"op":"subscribe","topic":"status"}')
        snapshot = await receive(hub)
        assert snapshot["type"] == "snapshot" and snapshot["data"] == {"numbers": {"a": 1}}
        bench.put(a=2)
        delta = await receive(hub)
        assert delta["patch"] == {"numbers": {"a": 2}} and delta["seq"] == snapshot["seq"] + 1
        bench.epoch = 2
        bench.server.wake()
        assert (await receive(hub))["epoch"] == 2
        await hub.send('{"op":"unsubscribe","topic":"status"}')
        await receive(hub, "beat")
        bench.put(a=3)
        await receive(hub, "beat")


@pytest.mark.parametrize(
    "text",
    ['{"op":"subscribe"', "[]", '{"op":"dance"}', '{"op":"subscribe","topic":"status","x":1}', '{"op":"call","id":"1"}',
     '{"op":"subscribe","topic":7}', "", b"\xff\xfe", '{"op":"ack","n":1}', '{"a":' * 12_000],
)  # fmt: skip
async def test_malformed_frames_are_refused_and_nothing_else_happens(
    bench: Bench, path: Path, text: str | bytes
) -> None:
    async with await connect(path) as hub:
        await receive(hub)
        await hub.send(text)
        assert (await receive(hub))["problem"]["code"] == "bad-frame"
        await hub.send('{"op":"subscribe","topic":"status"}')
        assert (await receive(hub))["type"] == "snapshot"


async def test_a_bad_topic_is_refused_by_name(bench: Bench, path: Path) -> None:
    async with await connect(path) as hub:
        await receive(hub)
        await hub.send('{"op":"subscribe","topic":"znode?path=%2F..%2Fetc"}')
        trouble = await receive(hub)
        assert trouble["problem"]["code"] == "bad-path" and trouble["topic"] == "znode?path=%2F..%2Fetc"


async def test_a_topic_of_a_long_name_is_refused_by_all_of_it(bench: Bench, path: Path) -> None:
    """It was cut, so that the hub knew no such topic, and its pages waited for ever."""
    topic = "znode?path=" + "%2Fa" * 1_000 + "%2F.."
    async with await connect(path) as hub:
        await receive(hub)
        await hub.send(msgspec.json.encode({"op": "subscribe", "topic": topic}), text=True)
        assert (await receive(hub))["topic"] == topic


async def test_a_frame_over_the_limit_closes_the_socket(bench: Bench, path: Path) -> None:
    async with await connect(path) as hub:
        await receive(hub)
        hub.transport.write(struct.pack("!BBQI", 0x81, 0xFF, MAX_HUB_FRAME + 1, 0))  # its announcement is enough
        with pytest.raises(ConnectionClosed) as closed:
            await receive(hub, "never")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


async def test_a_call_carries_as_much_data_as_a_znode_can_have(bench: Bench, path: Path) -> None:
    data = base64.b64encode(bytes(LARGEST)).decode()
    async with await connect(path) as hub:
        await receive(hub)
        await hub.send(msgspec.json.encode(Call(1, "znode.set", {"data": data, "path": "/" + "a" * 4_000})), text=True)
        assert (await receive(hub, "result"))["id"] == 1
        assert bench.called[0].params["data"] == data


async def test_calls_are_answered_while_frames_go_on_and_bounded(bench: Bench, path: Path) -> None:
    bench.gate.clear()
    async with await connect(path) as hub:
        await receive(hub)
        for n in range(MAX_CALLS + 1):
            await hub.send(msgspec.json.encode(Call(n, "node.add", {}, "ann")), text=True)
        refused = await receive(hub, "result")
        assert refused["id"] == MAX_CALLS and refused["problem"]["code"] == "too-many"
        await hub.send('{"op":"subscribe","topic":"status"}')
        assert (await receive(hub))["type"] == "snapshot"
        bench.gate.set()
        results = [(await receive(hub, "result"))["id"] for _ in range(MAX_CALLS)]
        assert sorted(results) == list(range(MAX_CALLS))


async def test_a_call_goes_on_when_its_hub_leaves(bench: Bench, path: Path) -> None:
    bench.gate.clear()
    async with await connect(path) as hub:
        await hub.send(msgspec.json.encode(Call(1, "node.add", {}, "ann")), text=True)
        await until("called", lambda: bench.called)
    await until("the hub left", lambda: not bench.server._lines)
    assert bench.server._calls
    bench.gate.set()
    await until("it ended", lambda: not bench.server._calls)


async def test_a_hub_that_does_not_read_gets_fewer_fresher_frames_and_delays_nobody(bench: Bench, path: Path) -> None:
    slow, quick = await connect(path), await connect(path)
    for hub in (slow, quick):
        await receive(hub)
        await hub.send('{"op":"subscribe","topic":"status"}')
        await receive(hub)
    slow.transport.pause_reading()
    worst = 0.0
    for n in range(60):
        begin = time.monotonic()
        bench.put(note=f"{n:03}" * 20_000)
        assert (await receive(quick))["patch"]["note"].startswith(f"{n:03}")
        worst = max(worst, time.monotonic() - begin)
    assert worst < 1
    slow.transport.resume_reading()
    notes = []
    while not notes or not notes[-1].startswith("059"):
        notes.append((await receive(slow))["patch"]["note"])
    assert len(notes) < 30
    for hub in (slow, quick):
        await hub.close()


async def test_the_socket_is_private(bench: Bench, path: Path) -> None:
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    await bench.server.close()
    assert mode(path) is None


async def test_a_socket_that_is_listened_on_is_left_alone(bench: Bench, path: Path) -> None:
    with pytest.raises(SocketTaken, match="Another bridge listens"):
        await Bench(path).server.open()
    async with await connect(path) as hub:
        assert (await receive(hub))["type"] == "hello"


def test_a_socket_that_was_left_behind_is_removed(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with bind(path) as listening:
        assert listening.getsockname() == str(path)


def test_what_is_no_socket_is_left_alone(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_text("precious")
    with pytest.raises(SocketTaken, match="not a socket"):
        bind(path)
    assert path.read_text() == "precious"


def test_a_directory_open_to_others_is_refused(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.parent.chmod(0o755)
    with pytest.raises(SocketTaken, match="open to others"):
        bind(path)


def test_a_path_too_long_is_refused_in_words(path: Path) -> None:
    with pytest.raises(SocketTaken, match="100 bytes"):
        bind(path.parent / ("x" * 120))


def test_problem_is_what_refusals_carry() -> None:
    assert msgspec.json.decode(msgspec.json.encode(Result(1, problem=Problem("unknown", "x")))) == {
        "type": "result", "id": 1, "problem": {"code": "unknown", "text": "x"},
    }  # fmt: skip
