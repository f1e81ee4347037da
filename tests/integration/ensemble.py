"""A real ensemble for tests: processes that are ended whatever happens to the test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kazoo.client import KazooClient
from kazoo.exceptions import NoNodeError

from zkbridge.lab.java import find
from zkbridge.lab.rights import draw, permit
from zkbridge.lab.servers import HEAP, HOST, Ensemble, plan
from zkbridge.protocol.reconfiguring import Vote

SCALE = float(os.environ.get("ZOOSCOPE_TIMEOUT_SCALE", "1"))


def wait_for(what: str, question: Callable[[], object], timeout: float = 30.0) -> None:
    """Ask every 20 ms until the answer is true; fail, naming ``what``, after ``timeout`` scaled seconds."""
    deadline = time.monotonic() + timeout * SCALE
    while not question():
        assert time.monotonic() < deadline, f"{what}: not so within {timeout * SCALE:g} s"
        time.sleep(0.02)


def children(client: KazooClient, paths: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The names below each of these that is there, asked for all at once."""
    for path, asked in [(path, client.get_children_async(path)) for path in paths]:
        with contextlib.suppress(NoNodeError):
            yield path, asked.get(20 * SCALE)


class RunningEnsemble:
    """``size`` servers under ``folder``. Ids are '1', '2', …, as in the protocol; ``heap`` in megabytes a server.

    ``settings`` are added to each zoo.cfg and win over those of a lab. `permit` lets everybody reconfigure it.
    """

    def __init__(self, folder: Path, size: int, heap: int = HEAP, **settings: str) -> None:
        self.super_user = draw()
        self.plan: Ensemble = plan(folder, size, heap=heap, super_digest=self.super_user.digest)
        self._settings = settings
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def hosts(self) -> str:
        return self.plan.hosts

    def home(self, server: str) -> Path:
        """The folder of one server's files."""
        return self.plan.home(int(server))

    def start(self) -> None:
        """Start every server and wait until each of them serves."""
        self.plan.write()
        for member in self.plan.members:
            with (self.home(member.id) / "zoo.cfg").open("a") as config:
                config.writelines(f"{name}={value}\n" for name, value in self._settings.items())
            self.launch(member.id)
        self.wait_until_serving()

    def permit(self) -> None:
        asyncio.run(permit(self.hosts, self.super_user))

    def grow(self, role: Vote = "participant") -> str:
        """Start one more server, which follows and is no member yet; its line of the configuration."""
        with self.client() as client:
            config = client.get("/zookeeper/config")[0].decode()
        seats = {int(n): text for n, text in re.findall(r"^server\.(\d+)=(.*)$", config, re.MULTILINE)}
        self.plan = self.plan.grown()
        number = len(self.plan.ports)
        seat = self.plan.seat(number, role)
        self.plan.write_one(number, seats | {number: seat})
        self.launch(str(number))
        wait_for("the new one follows", lambda: self.mode(str(number)) in ("follower", "observer"))
        return f"server.{number}={seat}"

    def launch(self, server: str) -> None:
        """Start one server; returns before it serves."""
        with (self.home(server) / "log").open("ab") as log:
            self.processes[server] = subprocess.Popen(
                self.plan.command(int(server), find()), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def wait_until_serving(self, timeout: float = 40.0) -> None:
        def serving() -> bool:
            modes = {server: self.mode(server) for server in self.processes}
            for server in modes:
                if sum(map(bool, modes.values())) > len(modes) // 2 and self._is_stuck(server):
                    self._rejoin(server)
            return all(modes.values())

        wait_for("all servers serve", serving, timeout)

    def _is_stuck(self, server: str) -> bool:
        """Killed at an unlucky moment of taking in what a leader sent, a server never starts again (ZOOKEEPER-2354)."""
        if self.processes[server].poll() is None:
            return False
        with (self.home(server) / "log").open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - 4_096))
            return b"is older than the last zxid" in log.read()

    def _rejoin(self, server: str) -> None:
        """What an operator does then, while most of the others serve: let it begin with nothing. Its logs are kept."""
        data = self.home(server) / "data"
        (data / "version-2").rename(data / f"version-2-before-{time.monotonic_ns()}")
        self.launch(server)

    def mode(self, server: str) -> str:
        """'leader', 'follower', 'standalone'; '' while it does not serve."""
        port = self.plan.ports[int(server) - 1].client
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1) as connection:
            connection.sendall(b"srvr")
            answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode("ascii", "replace")
            for line in answer.splitlines():
                if line.startswith("Mode: "):
                    return line[6:]
        return ""

    def leader(self) -> str:
        """Id of the server that leads, '' while none does."""
        return next((server for server in self.processes if self.mode(server) in ("leader", "standalone")), "")

    def signal(self, server: str, number: signal.Signals) -> None:
        self.processes[server].send_signal(number)

    def kill(self, server: str) -> None:
        """kill -9, and wait until it is gone."""
        self.signal(server, signal.SIGKILL)
        self.processes[server].wait()

    @contextlib.contextmanager
    def client(self, timeout: float = 4.0) -> Iterator[KazooClient]:
        """A kazoo client that is connected, and closed in the end."""
        client = KazooClient(self.hosts, timeout=timeout)
        client.start(20 * SCALE)
        try:
            yield client
        finally:
            client.stop()
            client.close()

    def clear(self) -> None:
        """Delete every znode but ZooKeeper's own: many at a time, for some tests leave thousands behind."""
        with self.client() as client:
            levels = [[f"/{name}" for name in client.get_children("/") if name != "zookeeper"]]
            while levels[-1]:
                levels.append([f"{path}/{name}" for path, names in children(client, levels[-1]) for name in names])
            for level in reversed(levels):
                for one in [client.delete_async(path) for path in level]:
                    with contextlib.suppress(NoNodeError):  # an ephemeral, whose session ended meanwhile
                        one.get(20 * SCALE)

    def stop(self) -> None:
        """End every server. The folder stays."""
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
