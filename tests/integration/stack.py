"""A real bridge and a real daphne on an ensemble, and pages on them."""

from __future__ import annotations

import asyncio
import atexit
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.integration.ensemble import SCALE, wait_for
from zkbridge.lab.ports import free_ports
from zkbridge.lab.site import MAX_SENT
from zkbridge.protocol.delta import apply

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]


class Stack:
    """``start`` brings up database, bridge and web process; ``stop`` ends them. Each can be ended and started alone."""

    def __init__(self, hosts: str) -> None:
        self.hosts = hosts
        self._folder = tempfile.TemporaryDirectory(prefix="zs")
        self.folder = Path(self._folder.name)
        (self.port,) = free_ports(1)
        self.origin = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "ZOOSCOPE_RUN": str(self.folder / "web"),
            "ZOOSCOPE_BRIDGE": str(self.folder / "bridge.sock"),
            "ZOOSCOPE_ORIGINS": self.origin,
            "ZOOSCOPE_NAME": "tested",
            "ZOOSCOPE_ALLOW_CHANGES": "true",
        }
        self.application = "dashboard.daphne:application"
        self.links: dict[str, str] = {}
        self.cookie = ""
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *, bridge: bool = True) -> None:
        empty, links = _empty()
        shutil.copytree(empty, self.folder / "web")
        self.links = {role: self.origin + link for role, link in links.items()}
        if bridge:
            self.launch_bridge()
        self.launch_web()
        wait_for("the web process answers", self.answers)
        jar = CookieJar()
        try:
            build_opener(HTTPCookieProcessor(jar)).open(self.links["viewer"], timeout=10 * SCALE).close()
        except HTTPError as error:  # the page itself may lack its built front end here; the cookie is set before
            error.close()
        self.cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
        assert self.cookie, "joining gave no session"

    def launch_bridge(self) -> subprocess.Popen[bytes]:
        return self._launch(
            "bridge", *MANAGE, "bridge", "--zookeeper", self.hosts, "--socket", self.environment["ZOOSCOPE_BRIDGE"]
        )

    def launch_web(self) -> subprocess.Popen[bytes]:
        return self._launch(
            "web", sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port), "-v", "0",
            "--websocket-max-message-size", str(MAX_SENT), self.application,
        )  # fmt: skip

    def process(self, name: str) -> subprocess.Popen[bytes]:
        return self._processes[name]

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def answers(self) -> bool:
        try:
            with urlopen(f"{self.origin}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
        self._folder.cleanup()

    def _launch(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._processes[name] = process
        return process

    def manage(self, *arguments: str) -> str:
        return _manage(self.environment, *arguments)


@functools.cache
def _empty() -> tuple[Path, dict[str, str]]:
    """What a web process keeps, before anybody has come, and its links without their origin: made once, for that takes
    longer than all else of a start."""
    folder = tempfile.mkdtemp(prefix="zs")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    run, base = Path(folder) / "web", "http://127.0.0.1:8000"
    run.mkdir(mode=0o700)
    environment = {**os.environ, "ZOOSCOPE_RUN": str(run)}
    _manage(environment, "migrate", "--no-input", "--verbosity", "0")
    links: dict[str, str] = {}
    for line in _manage(environment, "tokens", "--base", base).splitlines():
        links |= json.loads(line)
    (run / "origin").unlink()
    return run, {role: link.removeprefix(base) for role, link in links.items()}


def _manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([*MANAGE, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True,
                          timeout=60 * SCALE)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class Page:
    """A client that keeps to the protocol and rebuilds values from frames alone. Use as ``async with Page(stack)``."""

    def __init__(self, stack: Stack, *topics: str) -> None:
        self.stack = stack
        self.topics = topics
        self.frames: list[dict[str, Any]] = []
        self.arrived: list[float] = []
        """When each frame was received, on this process' monotonic clock."""
        self.values: dict[str, Any] = {}
        self.places: dict[str, tuple[int, int]] = {}
        self.closed: int | None = None
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Page:
        self._socket = await connect(
            self.stack.origin.replace("http", "ws", 1) + "/live", origin=self.stack.origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": self.stack.cookie}, max_size=None, compression=None,
        )  # fmt: skip
        for topic in self.topics:
            await self.say({"op": "subscribe", "topic": topic})
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exception: object) -> None:
        assert self._socket is not None and self._reader is not None
        self._reader.cancel()
        await self._socket.close()

    async def say(self, frame: dict[str, Any]) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(frame))

    async def until(self, what: str, question: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds * SCALE
        while not question():
            assert time.monotonic() < deadline, f"{what}: not so within {seconds * SCALE:g} s; last: {self.frames[-3:]}"
            await asyncio.sleep(0.002)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]

    def bridge(self) -> str:
        """How the bridge is, as the last beat said."""
        beats = self.of("beat")
        return str(beats[-1].get("bridge", "up")) if beats else ""

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for text in self._socket:
                self.arrived.append(time.monotonic())
                frame = msgspec.json.decode(text)
                self.frames.append(frame)
                self._take(frame)
                if len(self.frames) % 8 == 0 or frame["type"] == "beat":
                    await self.say({"op": "ack", "n": len(self.frames)})
        except ConnectionClosed:
            pass
        self.closed = self._socket.close_code

    def _take(self, frame: dict[str, Any]) -> None:
        topic = frame.get("topic", "")
        if frame["type"] == "snapshot":
            self.values[topic], self.places[topic] = frame["data"], (frame["epoch"], frame["seq"])
        elif frame["type"] == "delta":
            epoch, seq = self.places[topic]
            assert (frame["epoch"], frame["seq"]) == (epoch, seq + 1), f"a gap in {topic}"
            self.values[topic], self.places[topic] = apply(self.values[topic], frame["patch"]), (epoch, seq + 1)
