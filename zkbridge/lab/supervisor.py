"""The supervisor of a lab: starts processes, notices their ends, starts some of them again, and ends them all.

circus does the work; its arbiter must live in the main thread. It outlives the bridge and the web process: neither
servers nor nodes notice when those are killed and started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import msgspec
from circus.arbiter import Arbiter
from circus.commands.base import Command
from tornado.ioloop import IOLoop

from zkbridge.lab.commands import Commands
from zkbridge.lab.faults import Faults
from zkbridge.lab.fleet import Fleet
from zkbridge.lab.links import number_of
from zkbridge.lab.network import Network, NoNetwork
from zkbridge.lab.nodemaker import NodeMaker
from zkbridge.lab.program import Program, ProgramWatcher
from zkbridge.lab.records import Writer
from zkbridge.lab.refused import Refused
from zkbridge.lab.registry import end
from zkbridge.lab.rundir import RunDirectory
from zkbridge.lab.variants import CHAIN
from zkbridge.records import Record

log = logging.getLogger(__name__)

SERVER_GRACE = 1.0

ENDING = 3.0
"""Seconds that a server which was told to end is waited for, by whoever starts it again."""

LAST = ("server", "network")
"""Kinds of programs that end after all others: sessions are closed through the network, and by servers."""


class Ended(msgspec.Struct, frozen=True):
    """How a process ended: by itself with ``code``, or by ``signal``."""

    name: str
    code: int | None = None
    signal: int | None = None


class LabArbiter(Arbiter):  # type: ignore[misc]
    """circus's arbiter, which asks the supervisor for the ends of processes: its own search also takes away the exit
    status of children that are not its own, and loses those of processes that end while it looks."""

    supervisor: Supervisor

    def reap_processes(self) -> None:
        self.supervisor.reap()


class Supervisor:
    """Construct in the main thread, then ``await start()``; ``await stop()`` ends every process."""

    def __init__(self, run: RunDirectory, records: Writer) -> None:
        self.run = run
        self.records = records
        self.endpoint = f"ipc://{run.sockets}/supervisor.sock"
        self.nodes: NodeMaker | None = None
        self.servers: Fleet | None = None
        self.faults = Faults(self)
        self.held: set[str] = set()
        """Servers that are being wiped or removed: nobody else starts them meanwhile."""
        self._adding, self._starting = asyncio.Lock(), asyncio.Lock()
        """Held while nodes are counted and started, and while a server is: two at once would both find room."""
        self.commands = Commands(self)
        self.on_end: Callable[[Program, Ended], None] = lambda program, ended: None
        """Called when a process ended."""
        self._running: dict[int, str] = {}
        self._ends: dict[str, asyncio.Future[Ended]] = {}
        self._arbiter: LabArbiter | None = None

    @property
    def network(self) -> Network | None:
        """The network between the lab's processes; None where they reach each other without one."""
        return self.faults.network

    async def start(self) -> None:
        self._arbiter = LabArbiter([], self.endpoint, f"ipc://{self.run.sockets}/events.sock", loop=IOLoop.current())
        self._arbiter.supervisor = self
        await self._arbiter.start()
        # After circus's own handlers, which it installs when constructed.
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self.reap)

    async def launch(self, program: Program) -> None:
        """Start a process under a new name, or again under its old one. `Refused` when it cannot be started."""
        if self.arbiter._stopping:
            raise Refused("not-now", "The lab is ending.")
        before = self._ends.get(program.name)
        watcher = self._watcher(program.name)
        if watcher is None:
            watcher = ProgramWatcher(program, self._spawned, self._reaped)
            watcher.initialize(self.arbiter.evpub_socket, self.arbiter.sockets, self.arbiter)
            self.arbiter.watchers.append(watcher)
            self.arbiter._watchers_names[program.name] = watcher
        await self.arbiter.start_watcher(watcher)
        if self._ends.get(program.name) is before:
            raise Refused("failed", f"{program.name} could not be started.", f"Its log is {program.log}.")

    async def ended(self, name: str) -> Ended:
        """Wait for the end of the process that was last started under ``name``."""
        return await asyncio.shield(self._ends[name])

    def is_running(self, name: str) -> bool:
        return name in self._running.values()

    def names(self, kind: str) -> list[str]:
        """The servers that there are, or the nodes that run."""
        if kind == "node":
            return [name for name in self._running.values() if name.startswith("node-")]
        return [watcher.name for watcher in self.arbiter.watchers if watcher.program.kind == kind]

    def write(self, record: Record) -> None:
        """Append to the file of records. On a full disk nobody is told, but all is done that has to be."""
        try:
            self.records.write(record)
        except OSError as error:
            log.warning("%s of %s could not be recorded: %s", record.kind, record.who, error)

    def signal(self, name: str, number: signal.Signals) -> int:
        """Send a signal to a process that this supervisor started and that has not ended; its pid.

        SIGTERM to a paused process wakes it too, so that it can obey.
        """
        for pid, running in self._running.items():
            if running == name:
                # Not reaped yet, so the pid cannot belong to another process.
                os.kill(pid, number)
                if number == signal.SIGTERM:
                    os.kill(pid, signal.SIGCONT)
                return pid
        raise Refused("not-now", f"{name} is not running.")

    async def stop(self) -> None:
        """End every process: first those that use the ensemble, so that sessions are closed; then the servers."""
        if self._arbiter is None:
            return
        self.arbiter._stopping = True
        for pid in list(self._running):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        for last in (False, True):
            await asyncio.gather(
                *(watcher._stop() for watcher in self.arbiter.watchers if (watcher.program.kind in LAST) == last)
            )
        self.reap()
        end(self.run.registry.alive())
        asyncio.get_running_loop().remove_signal_handler(signal.SIGCHLD)
        self.arbiter.stop_controller_and_close_sockets()

    @property
    def arbiter(self) -> LabArbiter:
        assert self._arbiter is not None, "the supervisor was not started"
        return self._arbiter

    # What commands are made of

    async def add_node(self) -> str:
        """Start one more node; its id. `Refused` when there are too many."""
        return (await self.add_nodes(1))[0]

    async def add_nodes(self, count: int, variant: str = CHAIN.name) -> list[str]:
        """Start ``count`` more nodes; the ids of those that were started, all of them unless it went wrong on the way.
        `Refused` when that would be too many, none could be started, or there is no such variant."""
        async with self._adding:
            programs = self._maker.next(len(self.names("node")), count, self.network, variant)
            await self._let_in(programs)
            started: list[str] = []
            try:
                for program in programs:
                    await self.launch(program)
                    started.append(program.name)
            except Refused:
                if not started:
                    raise
            finally:
                for program in programs[len(started) :]:
                    self._shut_out(program.name)
            return started

    async def start_node(self, name: str) -> str:
        """Start a node that has ended once more, under its name. `Refused` when it runs, or there are too many."""
        async with self._adding:
            program = self._ended(name, "node")
            program = self._maker.again(program, len(self.names("node")), self.network)
            await self._let_in([program])
            # circus takes a moment to note the end of a process that has just died.
            await self.arbiter.get_watcher(name)._stop()
            self.forget(name)
            try:
                await self.launch(program)
            except Refused:
                self._shut_out(name)
                raise
            return name

    async def start_server(self, name: str) -> str:
        """Start a server again."""
        if name in self.held:
            raise Refused("not-now", f"{name} is being wiped or removed.", "Try again in a moment.")
        if self.faults.ends(name):
            # Killed a moment ago, it serves nobody and still is a process.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ENDING):
                    await self.ended(name)
        return await self.restart(name)

    async def restart(self, name: str) -> str:
        """The same, for whoever holds it."""
        async with self._starting:
            program = self._ended(name, "server")
            await self.arbiter.get_watcher(name)._stop()
            await self.launch(program)
            self.faults.started(name)
            return name

    def _ended(self, name: str, kind: str) -> Program:
        """The program of a process that has ended."""
        program = self.find(name)
        if program.kind != kind:
            raise Refused(f"no-such-{kind}", f"{name} is not a {kind}.")
        # It may have died this very moment.
        self.reap()
        if self.is_running(name):
            raise Refused("not-now", f"{name} is running.")
        return program

    @property
    def _maker(self) -> NodeMaker:
        if self.nodes is None:
            raise Refused("no-lab", "This supervisor has no nodes.")
        return self.nodes

    async def _let_in(self, programs: list[Program]) -> None:
        if self.network is not None:
            try:
                await self.network.add_nodes(number_of(program.name) for program in programs)
            except NoNetwork as error:
                raise Refused("failed", f"{error} No node was started.", "Its log is relay.log.") from None

    def _shut_out(self, name: str) -> None:
        if self.network is not None:
            self.network.forget_node(number_of(name))

    async def end(self, name: str) -> None:
        """End a process that runs: ask it to, and kill it where it takes too long."""
        program = self.find(name)
        if self.is_running(name):
            self.signal(name, signal.SIGTERM)
            try:
                async with asyncio.timeout(program.grace):
                    await self.ended(name)
            except TimeoutError:
                with contextlib.suppress(Refused):  # it has just ended
                    self.signal(name, signal.SIGKILL)
                await self.ended(name)
        await self.arbiter.get_watcher(name)._stop()

    def forget(self, name: str) -> None:
        """A process that has ended is not to be started again."""
        watcher = self._watcher(name)
        if watcher is not None:
            self.arbiter.watchers.remove(watcher)
            del self.arbiter._watchers_names[name]

    def find(self, name: str) -> Program:
        """A server or a node; the bridge and the web process are nobody's business."""
        watcher = self._watcher(name)
        if watcher is None or watcher.program.kind in ("helper", "network"):
            kind = "server" if name.startswith("server-") else "node"
            raise Refused(f"no-such-{kind}", f"The lab has no {kind} {name[:40]!r}.")
        return watcher.program

    def _watcher(self, name: str) -> ProgramWatcher | None:
        watcher: ProgramWatcher | None = self.arbiter._watchers_names.get(name)
        return watcher

    # The beginnings and ends of processes

    def _spawned(self, program: Program, pid: int) -> None:
        self.run.registry.add(program.name, pid)
        self._running[pid] = program.name
        self._ends[program.name] = asyncio.get_running_loop().create_future()
        self.write(Record(at=_now(), who=program.name, kind="spawned", pid=pid, group=program.group))

    def reap(self) -> None:
        """Note the processes that ended. Runs on SIGCHLD, and once a second."""
        for pid in list(self._running):
            try:
                found, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                # circus was faster, and tells it to `_reaped`.
                continue
            if found:
                watcher = self._watcher(self._running[pid])
                self._reaped(pid, os.waitstatus_to_exitcode(status))
                if watcher is not None:
                    watcher.reap_process(pid, status)

    def _reaped(self, pid: int, code: int) -> None:
        name = self._running.pop(pid, None)
        if name is None:
            return
        ended = Ended(name, code=code) if code >= 0 else Ended(name, signal=-code)
        self.write(Record(at=_now(), who=name, kind="exited", pid=pid, code=ended.code, signal=ended.signal))
        self._ends[name].set_result(ended)
        if not self.arbiter._stopping:
            self.faults.exited(name)
        watcher = self._watcher(name)
        if watcher is not None:
            self.on_end(watcher.program, ended)


class LabCommand(Command):  # type: ignore[misc]
    """Act on the lab's servers and nodes."""

    name = "lab"
    properties = ["method"]  # noqa: RUF012 - as circus declares them

    def execute(self, arbiter: LabArbiter, props: dict[str, Any]) -> asyncio.Future[dict[str, Any]]:
        params = props.get("params")
        given = params if isinstance(params, dict) else {}
        return asyncio.ensure_future(arbiter.supervisor.commands.do(str(props.get("method", "")), given))


def _now() -> float:
    return time.time() * 1000
