"""Bridges and web process: the part that `demo` and `serve` have in common, with the signals that end it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import socket
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import msgspec
import psutil

from zkbridge.lab import ports, ready
from zkbridge.lab.program import Program
from zkbridge.lab.records import Writer
from zkbridge.lab.refused import Refused
from zkbridge.lab.rundir import RunDirectory
from zkbridge.lab.statuswatch import statuses
from zkbridge.lab.supervisor import Ended, Supervisor
from zkbridge.lab.terminal import Terminal
from zkbridge.lab.watched import NAME, watched, write
from zkbridge.protocol.clusters import Cluster
from zkbridge.protocol.status import Status

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that a step may take; on a fast machine all of them take a few."""

DEATHS = 3
"""Ends of a process within 15 s that say that it will never be ready."""

MAX_SENT = 16 * 1024 * 1024
"""Bytes of the longest WebSocket message. daphne's limit holds for what it sends too, and a snapshot can be long; what
pages may send is bounded by the consumer, far lower."""

ANY = ("0.0.0.0", "::")

DATABASE = "DATABASE_URL"
"""A variable of the environment that may hold a password, for the web process and what looks after its database."""


class Failed(Exception):
    """Raised when a step cannot be done; the text says which, why, and where to look."""


class Address(msgspec.Struct, frozen=True):
    """Where pages are served. The supervisor holds the listening socket and the web process inherits it: nobody else
    can take the port, and pages that come while the web process is started again wait instead of being refused."""

    host: str
    port: int
    listener: socket.socket

    @property
    def base(self) -> str:
        """The origin to open: where all addresses are served, one at which other machines reach this one."""
        return _origin(_outward() if self.host in ANY else _names(self.host)[0], self.port)

    @property
    def origins(self) -> str:
        """All origins that a browser may name."""
        return ",".join(_origin(name, self.port) for name in _names(self.host))


class Site(ABC):
    """Runs until a signal ends it. To be constructed where the event loop runs.

    ``manage`` is the path of manage.py; ``clusters`` are shown, the first one where nobody asks for another.
    """

    def __init__(
        self, run: RunDirectory, address: Address, manage: Path, clusters: Sequence[Cluster], terminal: Terminal
    ) -> None:
        self.run_dir, self.address, self.manage, self.terminal = run, address, manage, terminal
        self.watched = watched(clusters, run.sockets)
        self.supervisor = Supervisor(run, Writer(run.path / "records.jsonl"))
        self.supervisor.on_end = self._tell_end
        self._quit = asyncio.Event()
        self._broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done when the bridge or the web process keeps ending before everything is ready."""
        self._up = False
        self._links: dict[str, str] = {}
        self._deaths: dict[str, list[float]] = {}

    @abstractmethod
    async def steps(self) -> None:
        """Start everything, and tell of each step; then go on for ever."""

    async def run(self) -> int:
        """Until SIGINT, SIGTERM, or SIGHUP (the terminal was closed): the exit code. No process is left."""
        logging.getLogger("circus").setLevel(logging.WARNING)
        await self.supervisor.start()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._quit.set)
        work = asyncio.create_task(self.steps())
        quit_ = asyncio.create_task(self._quit.wait())
        watch = asyncio.create_task(self._watch_terminal())
        failure = ""
        try:
            await asyncio.wait((work, quit_, self._broken), return_when=asyncio.FIRST_COMPLETED)
            if self._broken.done():
                raise Failed(self._broken.result())
            if work.done():
                work.result()
        except (Failed, Refused) as error:
            failure = str(error)
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
            log.exception("a step failed")
        finally:
            self.supervisor.on_end = lambda program, ended: None
            for task in (work, quit_, watch):
                task.cancel()
            await asyncio.gather(work, quit_, watch, return_exceptions=True)
            if failure:
                self.terminal.say(f"\n{failure}")
            self.terminal.say("\nEnding all processes …")
            await self.supervisor.stop()
            self.run_dir.remove(keep_logs=bool(failure))
            self.terminal.say(f"Ended. The logs are in {self.run_dir.logs}." if failure else "Ended.")
        return 1 if failure else 0

    async def _watch_terminal(self) -> None:
        """A closed terminal sends SIGHUP to its first process only. Where that is make, it waits for us instead of
        passing it on."""
        while True:
            if self.terminal.gone():
                self._quit.set()
            await asyncio.sleep(1)

    async def start_bridges(self, *options: str) -> None:
        """Start a bridge for each cluster; they need not be ready yet."""
        write(self.run_dir.path, self.watched)
        # Beside what the web process keeps: whoever was told that something is wrong hears of its end from the next.
        remembered = ("--alerts", str(self.run_dir.web.parent / "alerts"))
        for one in self.watched:
            command = self._manage("bridge", "--cluster", one.cluster.name, *remembered, *options)
            await self.supervisor.launch(self._helper(one.program, command, respawn=True, keeps=one.secrets))

    async def start_web(self, *options: str) -> None:
        """Prepare the database, start daphne, and wait until it answers; meanwhile make the links to join by.
        ``options`` are of the command 'tokens'."""
        await self.finish("migrate", "migrate", "--no-input", "--verbosity", "0")
        host, port, listener = self.address.host, self.address.port, self.address.listener.fileno()
        command = [sys.executable, "-m", "daphne", "--fd", str(listener), "-v", "0", "--no-server-name",
                   "--websocket-max-message-size", str(MAX_SENT), "--websocket_timeout", "-1",
                   "dashboard.daphne:application"]  # fmt: skip
        program = msgspec.structs.replace(self._helper("web", command, respawn=True), listener=listener)
        await self.supervisor.launch(program)
        local = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host
        serves = self.wait("web", lambda: ready.serves_http(local, port, "/"))
        self._links, _ = await asyncio.gather(self._make_links(*options), serves)

    async def finish(self, name: str, *arguments: str) -> None:
        """Run a command of manage.py to its end."""
        await self.supervisor.launch(self._helper(name, self._manage(*arguments)))
        try:
            async with asyncio.timeout(PATIENCE):
                ended = await self.supervisor.ended(name)
        except TimeoutError:
            raise Failed(self._blame(name, f"did not end within {PATIENCE:g} s")) from None
        if ended.code != 0:
            raise Failed(self._blame(name, f"ended with {_how(ended)}"))

    def print_links(self) -> None:
        """Print where to go. The links are secrets: they go to the terminal, and to no log that is kept."""
        self._up = True
        self.terminal.say(f"\n  Operator (works once):  {self._links['operator']}")
        self.terminal.say(f"  Viewers (read-only):    {self._links['viewer']}")

    async def _make_links(self, *options: str) -> dict[str, str]:
        command = self._manage("tokens", "--base", self.address.base, *options)
        program = self._helper("tokens", command)
        program = msgspec.structs.replace(program, log=self.run_dir.web / "tokens")
        program.log.touch(mode=0o600)
        await self.supervisor.launch(program)
        ended = await self.supervisor.ended("tokens")
        text = program.log.read_text(errors="replace")
        program.log.unlink()
        links: dict[str, str] = {}
        for line in text.splitlines():
            if line.startswith("{"):
                links |= json.loads(line)
        if ended.code != 0 or links.keys() < {"operator", "viewer"}:
            raise Failed(f"The command 'tokens' ended with {_how(ended)}: {text.strip()[-300:]}")
        return links

    async def wait(self, name: str, question: ready.Question) -> None:
        """Ask until ``name`` is ready; `Failed` when that takes too long."""
        if not await ready.until(question, PATIENCE):
            raise Failed(self._blame(name, f"was not ready after {PATIENCE:g} s"))

    async def wait_for_status(self, *states: str) -> Status:
        """Wait until the first cluster's bridge is in one of ``states``."""
        first = self.watched[0]
        try:
            async with asyncio.timeout(PATIENCE):
                async for status in statuses(first.cluster.socket):
                    if status.state in states:
                        return status
        except TimeoutError:
            pass
        raise Failed(self._blame(first.program, f"was not {' or '.join(states)} after {PATIENCE:g} s"))

    def _manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.manage), *arguments]

    def _helper(
        self, name: str, command: list[str], respawn: bool = False, keeps: Sequence[str] = (DATABASE,)
    ) -> Program:
        """``keeps``: variables of the environment that hold secrets and that it needs; others it does not get."""
        environment = {
            "ZOOSCOPE_RUN": str(self.run_dir.web),
            "ZOOSCOPE_CONFIG": str(self.run_dir.path / NAME),
            "ZOOSCOPE_ORIGINS": self.address.origins,
        }
        log = self.run_dir.logs / f"{name}.log"
        others = tuple({DATABASE, *(name for one in self.watched for name in one.secrets)} - set(keeps))
        return Program(name, "helper", command, log, environment, others, self.manage.parent, respawn, grace=1.5)

    def _blame(self, name: str, what: str) -> str:
        log = self.run_dir.logs / f"{name}.log"
        try:
            last = "\n".join("    " + line for line in log.read_text(errors="replace").splitlines()[-8:])
        except OSError:
            last = ""
        return f"{name} {what}.\n{last}".rstrip()

    def _tell_end(self, program: Program, ended: Ended) -> None:
        """The bridge and the web process are started again; one that ends again and again is told of but once."""
        if not program.respawn:
            return
        now = time.monotonic()
        recent = [at for at in self._deaths.get(program.name, []) if at > now - 15]
        self._deaths[program.name] = [*recent, now]
        if not self._up and len(recent) + 1 >= DEATHS and not self._broken.done():
            self._broken.set_result(self._blame(program.name, f"ended {DEATHS} times, the last with {_how(ended)}"))
        elif len(recent) < DEATHS:
            self.terminal.say(f"  {program.name:<8} ended with {_how(ended)}; it is started again")
        elif len(recent) == DEATHS:
            self.terminal.say(f"  {program.name:<8} keeps ending. Its log is {program.log}")


def listen(host: str, wanted: int, terminal: Terminal) -> Address:
    """Listen on ``host`` and ``wanted``, or the next free port, of which the terminal tells; `Failed` for a host that
    is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.bind((host, 0))
    except OSError as error:
        raise Failed(f"HOST is {host!r}, on which this machine cannot listen: {error.strerror or error}.") from None
    try:
        listener = ports.listen_from(host, wanted)
    except ports.NoFreePort as error:
        raise Failed(str(error)) from None
    port = listener.getsockname()[1]
    if port != wanted:
        terminal.say(f"  Port {wanted} is busy; taking {port}.")
    return Address(host, port, listener)


def _how(ended: Ended) -> str:
    return f"exit code {ended.code}" if ended.signal is None else signal.Signals(ended.signal).name


def _names(host: str) -> list[str]:
    """The names under which a browser may reach ``host``, the plainest first."""
    if host in ("127.0.0.1", "localhost"):
        return ["127.0.0.1", "localhost"]
    if host not in ANY:
        return [host]
    own = [found.address for card in psutil.net_if_addrs().values() for found in card if found.family == socket.AF_INET]
    return list(dict.fromkeys(["127.0.0.1", "localhost", *own, socket.gethostname()]))


def _outward() -> str:
    """The address that this machine has on its way to others; failing that, any; failing that, loopback."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.connect(("198.51.100.1", 9))  # An address of nobody's. This asks the routes, and sends nothing.
        return str(asker.getsockname()[0])
    return next((name for name in _names("0.0.0.0") if name not in ("127.0.0.1", "localhost")), "127.0.0.1")


def _origin(name: str, port: int) -> str:
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
