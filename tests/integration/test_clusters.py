"""`serve` with several clusters of one file: a bridge each, and no secret anywhere but where it belongs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

import msgspec
import pytest
from websockets.asyncio.client import connect

from tests.integration.commands import Command
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(180 * SCALE)]

IN_A_FILE, IN_THE_ENVIRONMENT = "s3cret-of-a-file", "s3cret-of-the-environment"

CONFIG = """
[clusters.prod]
zookeeper = "{hosts}"
title = "Production"
label = "production"
digest_file = "digest"
allow_changes = true

[clusters.spare]
zookeeper = "{hosts}/nowhere"
digest_env = "SPARE_DIGEST"

[clusters.gone]
zookeeper = "127.0.0.1:1"
"""


@pytest.fixture
def serve(shared_ensemble: RunningEnsemble, tmp_path: Path) -> Iterator[Command]:
    (tmp_path / "digest").write_text(f"ann:{IN_A_FILE}")
    (tmp_path / "zooscope.toml").write_text(CONFIG.format(hosts=shared_ensemble.hosts))
    command = Command(
        tmp_path / "home", "serve", "--config", str(tmp_path / "zooscope.toml"), PORT="28540", ZOOSCOPE_LOG="DEBUG",
        SPARE_DIGEST=f"ann:{IN_THE_ENVIRONMENT}",
    )  # fmt: skip
    yield command
    command.destroy()


class Visitor:
    """Someone who has joined by the viewers' link; keeps all that they were sent."""

    def __init__(self, serve: Command) -> None:
        link = serve.link("Viewers")
        self.origin = link.partition("/join/")[0]
        self.jar = CookieJar()
        self.seen = ""
        self.get(link.removeprefix(self.origin))

    def get(self, path: str) -> int:
        try:
            with build_opener(HTTPCookieProcessor(self.jar)).open(Request(self.origin + path), timeout=20) as answer:
                self.seen += answer.read().decode()
                return int(answer.status)
        except HTTPError as error:  # the page may lack its build here
            self.seen += error.read().decode()
            return error.code

    async def watch(
        self, cluster: str, question: Any, seconds: float = 40, topic: str = "status"
    ) -> dict[str, Any]:
        """The first frame of a cluster's socket that the question is true of."""
        cookie = "; ".join(f"{found.name}={found.value}" for found in self.jar)
        async with asyncio.timeout(seconds * SCALE), connect(
            f"{self.origin.replace('http', 'ws', 1)}/c/{cluster}/live", origin=self.origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookie}, max_size=None, compression=None,
        ) as socket:  # fmt: skip
            await socket.send(f'{{"op": "subscribe", "topic": "{topic}"}}')
            received = 0
            async for text in socket:
                self.seen += str(text)
                received += 1
                await socket.send(f'{{"op": "ack", "n": {received}}}')
                frame: dict[str, Any] = msgspec.json.decode(text)
                if question(frame):
                    return frame
        raise AssertionError("the socket was closed")


def told_by(serve: Command, visitor: Visitor) -> dict[str, str]:
    """All that people, files and other processes can see of it."""
    told = {"the terminal": serve.said, "pages and frames": visitor.seen}
    for file in serve.path.rglob("*"):
        if file.is_file():
            told[str(file)] = file.read_bytes().decode(errors="replace")
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            told[str(process)] = (process / "cmdline").read_text(errors="replace")
    return told


def environments(serve: Command) -> dict[str, str]:
    return {name: Path(f"/proc/{pid}/environ").read_text(errors="replace") for name, pid in serve.running().items()}


async def test_each_cluster_has_its_bridge_and_its_addresses_and_no_secret_is_told(serve: Command) -> None:
    await asyncio.to_thread(serve.wait_until_ready)
    await asyncio.to_thread(serve.wait_for_words, "prod     live", 60)
    await asyncio.to_thread(serve.wait_for_words, "gone     connecting: 127.0.0.1:1: nothing is listening", 60)
    assert "Nobody can change the trees of spare, gone" in serve.said
    running = serve.running()
    assert running.keys() == {"bridge-prod", "bridge-spare", "bridge-gone", "web"}

    visitor = await asyncio.to_thread(Visitor, serve)
    for path in ("/", "/c/prod/", "/c/gone/tree", "/c/spare/api/me", "/api/openapi.json"):
        assert await asyncio.to_thread(visitor.get, path) in (200, 503), path
    assert await asyncio.to_thread(visitor.get, "/c/nobody/") == 404
    live = await visitor.watch("prod", lambda frame: frame.get("data", {}).get("state") == "live")
    assert live["data"]["cluster"] == "Production"
    beat = await visitor.watch("gone", lambda frame: frame.get("states", {}).get("prod") == "live")
    assert beat["states"].keys() == {"prod", "spare", "gone"} and beat["states"]["gone"] == "connecting"

    # The loss of one bridge costs the others nothing.
    pid = running["bridge-gone"]
    os.kill(pid, signal.SIGSTOP)
    beat = await visitor.watch("prod", lambda frame: frame.get("states", {}).get("gone") == "stale")
    assert beat["states"]["prod"] == "live" and beat.get("bridge", "up") == "up"
    os.kill(pid, signal.SIGKILL)
    wait_for("it is started again", lambda: serve.running().get("bridge-gone", pid) != pid, 20)
    after = serve.running()
    assert {name for name in running if running[name] != after[name]} == {"bridge-gone"}
    await visitor.watch("prod", lambda frame: frame.get("states", {}).get("gone") == "connecting")

    for where, text in told_by(serve, visitor).items():
        assert IN_A_FILE not in text and IN_THE_ENVIRONMENT not in text, where
    assert {name for name, text in environments(serve).items() if IN_THE_ENVIRONMENT in text} == {"bridge-spare"}
    assert await asyncio.to_thread(serve.finish, signal.SIGINT) == 0


def test_a_file_that_cannot_be_used_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "z.toml").write_text("[clusters.a]\nzookeeper = 'zk'\ndigest = 'ann:s3cret'")
    command = Command(tmp_path, "serve", "--config", str(tmp_path / "z.toml"))
    try:
        assert command.process.wait(30 * SCALE) == 2
        wait_for("it says why", lambda: f"{tmp_path}/z.toml, [clusters.a], digest: no secret may stand" in command.said)
        assert "s3cret" not in command.said and not any(tmp_path.glob("serve-*"))
    finally:
        command.destroy()
