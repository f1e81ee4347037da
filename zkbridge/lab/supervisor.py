"""The supervisor of a lab: starts processes, notices their ends, starts some of them again, and ends them all.

circus does the work; its arbiter must live in the main thread. It outlives the bridge and the web process: neither
servers nor nodes notice when those are killed and started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import msgspec
from circus.arbiter import Arbiter
from circus.commands.base import Command
from tornado.ioloop import IOLoop

from zkbridge.lab.program import Program, ProgramWatcher
from zkbridge.lab.records import Writer
from zkbridge.lab.registry import end
from zkbridge.lab.rundir import RunDirectory
from zkbridge.lab.variants import CHAIN, VARIANTS
from zkbridge.protocol.base import Problem
from zkbridge.records import Record

SERVER_GRACE = 1.0
SIGNALS = ("TERM", "KILL", "STOP", "CONT")


class Refused(Exception):
    """Raised for a command that cannot be carried out."""

    def __init__(self, code: str, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.problem = Problem(code, text, hint)


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
        self.on_end: Callable[[Program, Ended], None] = lambda program, ended: None
        """Called when a process ended."""
        self._running: dict[int, str] = {}
        self._ends: dict[str, asyncio.Future[Ended]] = {}
        self._arbiter: LabArbiter | None = None

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
        for servers in (False, True):
            await asyncio.gather(
                *(watcher._stop() for watcher in self.arbiter.watchers if (watcher.program.kind == "server") == servers)
            )
        self.reap()
        end(self.run.registry.alive())
        asyncio.get_running_loop().remove_signal_handler(signal.SIGCHLD)
        self.arbiter.stop_controller_and_close_sockets()

    @property
    def arbiter(self) -> LabArbiter:
        assert self._arbiter is not None, "the supervisor was not started"
        return self._arbiter

    # Commands from other processes, through `zkbridge.lab.client.LabClient`

    async def act(self, method: str, name: str, number: str) -> dict[str, Any]:
        """``add-node`` (name of its variant), ``start-server`` (name), ``signal`` (name, number): what was done, or
        {'problem': …}."""
        try:
            if method == "add-node":
                return {"name": await self.add_node(name or CHAIN.name)}
            if method == "start-server":
                return {"name": await self._start_server(name)}
            if method == "signal" and number in SIGNALS:
                self._find(name)
                return {"pid": self.signal(name, signal.Signals[f"SIG{number}"])}
            raise Refused("no-such-method", f"The supervisor does not know {method[:40]!r} {number[:40]!r}.")
        except Refused as refused:
            return {"problem": msgspec.to_builtins(refused.problem)}

    async def add_node(self, variant: str = CHAIN.name) -> str:
        """Start one more node; its id. `Refused` when there are too many, or for a variant that there is not."""
        if self.nodes is None:
            raise Refused("no-lab", "This supervisor has no nodes.")
        program = self.nodes.next(sum(name.startswith("node-") for name in self._running.values()), variant)
        await self.launch(program)
        return program.name

    async def _start_server(self, name: str) -> str:
        program = self._find(name)
        if program.kind != "server":
            raise Refused("no-such-server", f"{name} is not a server.")
        if self.is_running(name):
            raise Refused("not-now", f"{name} is running.")
        # circus takes a moment to note the end of a process that has just died.
        await self.arbiter.get_watcher(name)._stop()
        await self.launch(program)
        return name

    def _find(self, name: str) -> Program:
        """A server or a node; the bridge and the web process are nobody's business."""
        watcher = self._watcher(name)
        if watcher is None or watcher.program.kind == "helper":
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
        self.records.write(Record(at=_now(), who=program.name, kind="spawned", pid=pid, group=program.group))

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
        self.records.write(
            Record(at=_now(), who=name, kind="exited", pid=pid, code=ended.code, signal=ended.signal)
        )
        self._ends[name].set_result(ended)
        watcher = self._watcher(name)
        if watcher is not None:
            self.on_end(watcher.program, ended)


class NodeMaker:
    """Gives out the programs of new nodes: ids count up from node-1 and are never used again."""

    def __init__(self, template: Program, most: int) -> None:
        self._template = template
        self._most = most
        self._last = 0

    def next(self, running: int, variant: str = CHAIN.name) -> Program:
        if variant not in VARIANTS:
            known = ", ".join(VARIANTS)
            raise Refused("bad-request", f"There is no variant {variant[:40]!r} of nodes.", f"There are: {known}.")
        if running >= self._most:
            raise Refused("too-many", f"{running} nodes are running; the lab takes {self._most}.", "Stop one first.")
        self._last += 1
        name, template = f"node-{self._last}", self._template
        command = [*template.command, "--name", name]
        group = ""
        if variant != CHAIN.name:
            command, group = [*command, "--variant", variant], VARIANTS[variant].election
        log = template.log / f"{name}.log"
        return msgspec.structs.replace(template, name=name, command=command, log=log, group=group)


class LabCommand(Command):  # type: ignore[misc]
    """Act on the lab's servers and nodes."""

    name = "lab"
    properties = ["method"]  # noqa: RUF012 - as circus declares them

    def execute(self, arbiter: LabArbiter, props: dict[str, Any]) -> asyncio.Future[dict[str, Any]]:
        words = (str(props.get(key, "")) for key in ("method", "name", "number"))
        return asyncio.ensure_future(arbiter.supervisor.act(*words))


def _now() -> float:
    return time.time() * 1000
