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
"""ms for which a server that was stopped, killed or paused here counts as down, whatever the last probe said."""

MOST_AT_ONCE = 40
"""Nodes that are added at once at the most."""

LONGEST = 3_600
"""Seconds after which every fault has ended."""

HOW = ("latency", "jitter", "rate", "loss")

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
    async def add_nodes(self, count: int = 1, variant: str = "") -> list[str]: ...
    async def signal(self, id: str, signal: Signal, seconds: float | None = None, by: str = "") -> None: ...
    async def start_server(self, id: str) -> None: ...
    async def cut(self, origin: str, to: str, both: bool, seconds: float | None, by: str) -> str: ...
    async def slow(
        self, origin: str, to: str, both: bool, seconds: float | None, by: str, how: dict[str, float]
    ) -> str: ...
    async def heal(self, origin: str, to: str, both: bool, by: str) -> None: ...
    async def heal_all(self, by: str) -> dict[str, int]: ...


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
            return await self._add(call)
        if kind == "link":
            return await self._link(call, action)
        if call.method == "lab.heal":
            _only(call.params)
            lab = self._need_lab()
            self._ask("", call)
            self._killed.clear()
            return dict(await lab.heal_all(_printable(call.by)))
        if kind == "node":
            await self._node(call, action)
        else:
            await self._server(call, action)
        return {}

    async def _add(self, call: Call) -> dict[str, Any]:
        _only(call.params, "count", "variant")
        count = call.params.get("count", 1)
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_AT_ONCE:
            raise Refused("bad-request", f"The parameter 'count' must be a whole number from 1 to {MOST_AT_ONCE}.")
        variant = call.params.get("variant", "")
        if not isinstance(variant, str):
            raise Refused("bad-request", "The parameter 'variant' must be text.", "There are 'chain' and 'herd'.")
        lab = self._need_lab()
        self._ask("", call)
        ids = await lab.add_nodes(count, variant)
        short = {"short": f"{len(ids)} of {count} nodes were started."} if len(ids) < count else {}
        return {"id": ids[0], "ids": ids} | short

    async def _link(self, call: Call, action: str) -> dict[str, Any]:
        timed = () if action == "heal" else ("seconds",)
        _only(call.params, "from", "to", "both", *timed, *(HOW if action == "slow" else ()))
        origin, to, both = _end(call.params, "from"), _end(call.params, "to"), call.params.get("both", True)
        if not isinstance(both, bool):
            raise Refused("bad-request", "The parameter 'both' must be true or false.")
        seconds = _seconds(call.params)
        how = {name: _figure(call.params, name) for name in HOW if name in call.params}
        lab, by = self._need_lab(), _printable(call.by)
        self._ask("", call, f"{origin} {'and' if both else 'to'} {to}")
        if action == "cut":
            return {"fault": await lab.cut(origin, to, both, seconds, by)}
        if action == "slow":
            return {"fault": await lab.slow(origin, to, both, seconds, by, how)}
        await lab.heal(origin, to, both, by)
        return {}

    async def _node(self, call: Call, action: str) -> None:
        _only(call.params, "id", *(("seconds",) if action == "pause" else ()))
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
        seconds = _seconds(call.params)
        self._ask(ident, call)
        await lab.signal(ident, SIGNALS[action], seconds, _printable(call.by))

    async def _server(self, call: Call, action: str) -> None:
        breaks = action in ("stop", "kill", "pause")
        _only(call.params, "id", *(("force", "seconds") if breaks else ()))
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
        seconds, name, by = _seconds(call.params), f"server-{ident}", _printable(call.by)
        if breaks:
            if call.params.get("force") is not True:
                self._keep_quorum(ensemble, server)
            self._ask(name, call)
            self._killed[ident] = self._clock()
            try:
                await lab.signal(name, SIGNALS[action], seconds, by)
            except LabError as error:
                if error.problem.code != "unknown":
                    del self._killed[ident]
                raise
            return
        self._ask(name, call)
        if action == "resume":
            await lab.signal(name, "CONT", None, by)
        else:
            await lab.start_server(name)
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

    def _ask(self, who: str, call: Call, to: str = "") -> None:
        """Say in the lab's records what is about to be done; without that it is not done."""
        record = Record(self._clock(), who or "lab", "asked", action=call.method, by=_printable(call.by), to=to)
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


def _end(params: dict[str, Any], name: str) -> str:
    """One end of a link."""
    end = params.get(name)
    if not isinstance(end, str) or not end or len(end) > 40:
        raise Refused("bad-request", f"The parameter {name!r} is missing or is not an end of a link.",
                      "An end is 'ensemble', 'server-2' or 'node-3'.")  # fmt: skip
    return end


def _seconds(params: dict[str, Any]) -> float | None:
    if params.get("seconds") is None:
        return None
    seconds = _figure(params, "seconds")
    if not 1 <= seconds <= LONGEST:
        raise Refused("bad-request", f"The parameter 'seconds' must be a number from 1 to {LONGEST:,}.")
    return seconds


def _figure(params: dict[str, Any], name: str) -> float:
    value = params[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1e9:
        raise Refused("bad-request", f"The parameter {name!r} must be a number, 0 or more.")
    return value


def _id(params: dict[str, Any]) -> str:
    ident = params.get("id")
    if not isinstance(ident, str) or not ident:
        raise Refused(
            "bad-request", "The parameter 'id' is missing or is not text.", "Ids stand in topics stage and ensemble."
        )
    return ident


def _printable(text: str) -> str:
    return "".join(character for character in text[:150] if character.isprintable())
