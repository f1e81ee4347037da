"""Carries out what people ask: checks that it makes sense now, writes it down, has the lab do it once.

What is asked of znodes is carried out elsewhere (`zkbridge.editing`), and answered here like all else.
Nothing is ever repeated by itself. An outcome that is not known is said to be 'unknown'.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, Protocol

import msgspec

from zkbridge.editing.refused import Refused
from zkbridge.lab.client import LabError
from zkbridge.protocol.base import Message, Ms, Problem
from zkbridge.protocol.calls import METHODS
from zkbridge.protocol.ensemble import Ensemble, Server
from zkbridge.protocol.frames import Call, Result
from zkbridge.protocol.stage import Node, Stage
from zkbridge.protocol.topics import Topic, parse, spell
from zkbridge.records import Record

DEADLINE = 9.0
"""Seconds for one action, less than a hub waits."""

KILLS_COUNT = 15_000.0
"""ms for which a server that was killed here counts as down, whatever the last probe said."""

SERVING = ("leading", "following", "standalone")

Signal = Literal["TERM", "KILL", "STOP", "CONT"]
SIGNALS: dict[str, Signal] = {"stop": "TERM", "kill": "KILL", "pause": "STOP", "resume": "CONT"}

_STAGE, _ENSEMBLE = parse("stage"), parse("ensemble")

logger = logging.getLogger(__name__)


class Scene(Protocol):
    def value(self, topic: Topic, now: Ms) -> Message: ...
    def dismiss(self, node_id: str, now: Ms) -> object: ...
    def group_of(self, node_id: str) -> str: ...


class Lab(Protocol):
    async def add_node(self, variant: str = "") -> str: ...
    async def signal(self, id: str, signal: Signal) -> None: ...
    async def start_server(self, id: str) -> None: ...


Calls = Mapping[str, Callable[[dict[str, Any]], Awaitable[Message]]]
"""What else is carried out, by method: takes the call's parameters, answers its value or raises `Refused`."""

Plays = Mapping[str, Callable[[Call], Awaitable[Message]]]
"""The same of what must know who asks."""


class Actions:
    """``lab`` is None where no lab is shown. ``write`` appends a record to the lab's file before anything is done.
    ``veiled``: ``calls`` as they are for those who may not see what is hidden; the same, where it is not given.
    ``plays``: what goes on by itself once it was begun."""

    def __init__(
        self,
        scene: Scene,
        lab: Lab | None,
        write: Callable[[Record], None],
        clock: Callable[[], Ms],
        calls: Calls | None = None,
        veiled: Calls | None = None,
        plays: Plays | None = None,
    ) -> None:
        self._scene = scene
        self._calls = calls or {}
        self._veiled = self._calls if veiled is None else veiled
        self._plays = plays or {}
        self._lab = lab
        self._write = write
        self._clock = clock
        self._killed: dict[str, Ms] = {}

    async def answer(self, call: Call) -> Result:
        """Carry out one call. Never raises: whatever goes wrong is the result's problem."""
        try:
            async with asyncio.timeout(DEADLINE):
                return Result(call.id, await self._do(call))
        except (Refused, LabError) as refused:
            problem = refused.problem
        except TimeoutError:
            words = f"There was no answer within {DEADLINE:g} s: the action may or may not have happened."
            problem = Problem("unknown", words, "Look before you repeat it.")
        except Exception:
            logger.exception("%s failed", call.method)
            problem = Problem("unknown", "The bridge failed at it: the action may or may not have happened.",
                              "Its log has the details.")  # fmt: skip
        logger.info("%s by %s: %s", _printable(call.method), _printable(call.by), problem.code)
        return Result(call.id, problem=problem)

    async def _do(self, call: Call) -> dict[str, Any]:
        calls = self._calls if call.unveiled else self._veiled
        if call.method in calls:
            value: dict[str, Any] = msgspec.to_builtins(await calls[call.method](call.params))
            return value
        if call.method in self._plays:
            begun: dict[str, Any] = msgspec.to_builtins(await self._plays[call.method](call))
            return begun
        if call.method not in METHODS:
            known = ", ".join((*METHODS, *self._calls, *self._plays))
            raise Refused("no-such-method", f"There is no action {call.method[:80]!r}.", f"There are: {known}.")
        kind, _, action = call.method.partition(".")
        if call.method == "node.add":
            _only(call.params, "variant")
            variant = call.params.get("variant", "")
            if not isinstance(variant, str):
                raise Refused("bad-request", "The parameter 'variant' must be text.", "There are 'chain' and 'herd'.")
            lab = self._need_lab()
            self._ask("", call)
            return {"id": await lab.add_node(variant)}
        if kind == "node":
            await self._node(call, action)
        else:
            await self._server(call, action)
        return {}

    async def _node(self, call: Call, action: str) -> None:
        _only(call.params, "id")
        ident = _id(call.params)
        group = self._scene.group_of(ident)
        stage = self._scene.value(parse(spell("stage", group=group)) if group else _STAGE, self._clock())
        assert isinstance(stage, Stage)
        node = stage.nodes.get(ident)
        if node is None:
            raise Refused("no-such-node", f"There is no node {ident[:80]!r}.", "It may be gone: look at the stage.")
        if action == "dismiss":
            if action not in node.actions:
                raise Refused("not-now", f"{node.name} is {node.state}; only the dead are dismissed.")
            if node.lab and self._lab is not None:
                self._ask(ident, call)
            self._scene.dismiss(ident, self._clock())
            return
        if not node.lab:
            raise Refused("no-lab", f"{node.name} was not started by a lab, so Zooscope cannot {action} it.",
                          "Act on its own host.")  # fmt: skip
        lab = self._need_lab()
        if action not in node.actions:
            raise Refused("not-now", f"{node.name} cannot be {_DONE[action]}: {_standing(node)}.")
        self._ask(ident, call)
        await lab.signal(ident, SIGNALS[action])

    async def _server(self, call: Call, action: str) -> None:
        _only(call.params, "id", "force")
        ident = _id(call.params)
        lab = self._need_lab()
        ensemble = self._scene.value(_ENSEMBLE, self._clock())
        assert isinstance(ensemble, Ensemble)
        server = ensemble.servers.get(ident)
        if server is None:
            known = ", ".join(ensemble.servers) or "none yet"
            raise Refused("no-such-server", f"There is no server {ident[:80]!r}.", f"Servers: {known}.")
        if action not in server.actions:
            is_now = server.process or server.role
            raise Refused("not-now", f"Server {ident} cannot be {_DONE[action]}: it is {is_now}.")
        if action == "kill":
            if call.params.get("force") is not True:
                self._keep_quorum(ensemble, server)
            self._ask(f"server-{ident}", call)
            self._killed[ident] = self._clock()
            try:
                await lab.signal(f"server-{ident}", "KILL")
            except LabError as error:
                if error.problem.code != "unknown":
                    del self._killed[ident]
                raise
        else:
            self._ask(f"server-{ident}", call)
            await lab.start_server(f"server-{ident}")
            self._killed.pop(ident, None)

    def _keep_quorum(self, ensemble: Ensemble, server: Server) -> None:
        """Refuse to break a quorum. Servers just killed count as down though no probe has missed them yet."""
        now = self._clock()
        serving = {
            other.id
            for other in ensemble.servers.values()
            if other.voter and other.role in SERVING and now - self._killed.get(other.id, -KILLS_COUNT) >= KILLS_COUNT
        }
        needs = ensemble.quorum.needs
        if server.id in serving and len(serving) >= needs > len(serving) - 1:
            raise Refused(
                "would-lose-quorum",
                f"Without server {server.id} only {len(serving) - 1} of {ensemble.quorum.size} servers would serve, "
                f"and the ensemble needs {needs}: no change would be possible until one is started.",
                "Start another server first, or confirm that you want this.",
            )

    def _need_lab(self) -> Lab:
        if self._lab is None:
            raise Refused("no-lab", "This cluster was not started by a lab: its processes are out of reach.",
                          "Act on the processes' own hosts.")  # fmt: skip
        return self._lab

    def _ask(self, who: str, call: Call) -> None:
        """Say in the lab's records what is about to be done; without that it is not done."""
        record = Record(self._clock(), who or "lab", "asked", action=call.method, by=_printable(call.by))
        try:
            self._write(record)
        except OSError as error:
            raise Refused("failed", f"The action cannot be recorded, so nothing was done: {error.strerror}.") from error
        logger.info("%s %s by %s", call.method, who, record.by)


_DONE = {"stop": "stopped", "kill": "killed", "pause": "paused", "resume": "resumed", "start": "started"}


def _standing(node: Node) -> str:
    """What a node is now, to say why an action makes no sense."""
    if node.state == "dead" or node.ended is not None:
        return f"its process has ended{f' ({node.cause})' if node.cause else ''}"
    return "it is not paused" if node.state == "alive" else f"it is {node.state}"


def _only(params: dict[str, Any], *allowed: str) -> None:
    for name in params.keys() - set(allowed):
        raise Refused(
            "bad-request", f"There is no parameter {name[:80]!r} here.", f"Allowed: {', '.join(allowed) or 'none'}."
        )
    if not isinstance(params.get("force", False), bool):
        raise Refused("bad-request", "The parameter 'force' must be true or false.")


def _id(params: dict[str, Any]) -> str:
    ident = params.get("id")
    if not isinstance(ident, str) or not ident:
        raise Refused(
            "bad-request", "The parameter 'id' is missing or is not text.", "Ids stand in topics stage and ensemble."
        )
    return ident


def _printable(text: str) -> str:
    return "".join(character for character in text[:150] if character.isprintable())
