"""What the lab's relay costs: how fast bytes go through it, and how much later they arrive."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from tests.benchmarks.figures import Figure
from tests.benchmarks.running import Rounds, main
from tests.integration.ensemble import wait_for
from zkbridge.lab.links import HOST, Door, RelayPlan, node_address
from zkbridge.lab.ports import free_ports

SIZE = 256 << 20
CHUNK = 1 << 18
TIMES = 3_000
ECHO = b"x" * 100


def rounds() -> Rounds:
    with tempfile.TemporaryDirectory(prefix="zs") as folder:
        plan, socket, port = Path(folder, "links.json"), Path(folder, "relay.sock"), free_ports(1)[0]
        door = Door("node-1", "server-1", node_address(1, 1), port, "client")
        plan.write_bytes(msgspec.json.encode(RelayPlan((door,))))
        command = [sys.executable, "-m", "zkbridge.lab.relay", "--plan", str(plan), "--socket", str(socket)]
        relay = subprocess.Popen(command)
        try:
            wait_for("the relay listens", socket.exists)
            while True:
                yield asyncio.run(measured(port, door.address))
        finally:
            relay.kill()
            relay.wait()


async def measured(port: int, address: str) -> list[Figure]:
    server = await asyncio.start_server(echo, HOST, port)
    async with server:
        direct, through = await late(HOST, port), await late(address, port)
        plain, relayed = await rate(HOST, port), await rate(address, port)
    added = [sorted(times)[int(len(times) * share)] for share in (0.5, 0.99) for times in (through, direct)]
    return [
        Figure("added by the relay, there and back, p50", (added[0] - added[1]) * 1000, "ms", 1.0),
        Figure("added by the relay, there and back, p99", (added[2] - added[3]) * 1000, "ms", 1.0),
        Figure("through the relay", relayed / 1e6, "MB/s", None, plain / 1e6, "direct", 100.0),
    ]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        if len(data) == len(ECHO):
            writer.write(data)
    writer.close()


async def late(host: str, port: int) -> list[float]:
    """Seconds that each of `TIMES` short questions took, one after another."""
    reader, writer = await asyncio.open_connection(host, port)
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        writer.write(ECHO)
        await reader.readexactly(len(ECHO))
        times.append(time.perf_counter() - began)
    writer.close()
    return times


async def rate(host: str, port: int) -> float:
    """Bytes a second, one way, until the other end has them all."""
    reader, writer = await asyncio.open_connection(host, port)
    began = time.perf_counter()
    chunk = b"y" * CHUNK
    for _ in range(SIZE // CHUNK):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()
    await reader.read()
    took = time.perf_counter() - began
    writer.close()
    return SIZE / took


if __name__ == "__main__":
    main({"through the lab's relay": rounds})
