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

from zkbridge.asked import end_of_link, figure, ident_of, only, printable, seconds_of
from zkbridge.editing.refused import Refused
from zkbridge.lab.client import LabError
from zkbridge.partition import cost, pairs, ways
from zkbridge.protocol.base import Message, Ms, Problem
from zkbridge.protocol.calls import ALLOWED, BY, METHODS, PATIENCE
from zkbridge.protocol.ensemble import Ensemble, Server
from zkbridge.protocol.frames import Call, Result
from zkbridge.protocol.lab import Lab as LabTopic
from zkbridge.protocol.stage import Node, Stage
from zkbridge.protocol.topics import Topic, parse, spell
from zkbridge.quorums import Pair, Rule
from zkbridge.records import Record

DEADLINE = 9.0
"""Seconds for one action, less than a hub waits."""

KILLS_COUNT = 15_000.0
"""ms for which a server that was stopped, killed or paused here counts as down, whatever the last probe said."""

MOST_AT_ONCE = 40
"""Nodes that are added at once at the most."""

HOW = ("latency", "jitter", "rate", "loss")

SERVING = ("leading", "following", "standalone")

Signal = Literal["TERM", "KILL", "STOP", "CONT"]
SIGNALS: dict[str, Signal] = {"stop": "TERM", "kill": "KILL", "pause": "STOP", "resume": "CONT"}

_STAGE, _ENSEMBLE, _LAB = parse("stage"), parse("ensemble"), parse("lab")

logger = logging.getLogger(__name__)


class Scene(Protocol):
    def value(self, topic: Topic, now: Ms) -> Message: ...
    def dismiss(self, node_id: str, now: Ms) -> object: ...
    def group_of(self, node_id: str) -> str: ...


class Lab(Protocol):
    async def add_nodes(self, count: int = 1, variant: str = "") -> list[str]: ...
    async def signal(self, id: str, signal: Signal, seconds: float | None = None, by: str = "") -> None: ...
    async def start_server(self, id: str) -> None: ...
    async def start_node(self, id: str) -> None: ...
    async def cut(self, origin: str, to: str, both: bool, seconds: float | None, by: str) -> str: ...
    async def slow(
        self, origin: str, to: str, both: bool, seconds: float | None, by: str, how: dict[str, float]
    ) -> str: ...
    async def heal(self, origin: str, to: str, both: bool, by: str) -> None: ...
    async def heal_all(self, by: str) -> dict[str, int]: ...
    async def wipe_server(self, id: str) -> None: ...


class Shape(Protocol):
    async def add(self, role: str, ask: Callable[[], None]) -> dict[str, Any]: ...
    async def remove(self, ident: str, ask: Callable[[], None]) -> dict[str, Any]: ...
    async def wipe(self, ident: str, do: Callable[[], Awaitable[None]]) -> dict[str, Any]: ...


Calls = Mapping[str, Callable[[dict[str, Any]], Awaitable[Message]]]
"""What else is carried out, by method: takes the call's parameters, answers its value or raises `Refused`."""

Plays = Mapping[str, Callable[[Call], Awaitable[Message]]]
"""The same of what must know who asks."""


class Actions:
    """``lab`` is None where no lab is shown. ``write`` appends a record to the lab's file before anything is done.
    ``veiled``: ``calls`` as they are for those who may not see what is hidden; the same, where it is not given.
    ``plays``: what goes on by itself once it was begun. ``allowed``: whether the cluster may be changed at all; the web
    process asks that too, and before."""

    def __init__(
        self,
        scene: Scene,
        lab: Lab | None,
        write: Callable[[Record], None],
        clock: Callable[[], Ms],
        calls: Calls | None = None,
        veiled: Calls | None = None,
        plays: Plays | None = None,
        shape: Shape | None = None,
        allowed: bool = True,
    ) -> None:
        self._scene, self._allowed = scene, allowed
        self._calls = calls or {}
        self._veiled = self._calls if veiled is None else veiled
        self._plays = plays or {}
        self._lab = lab
        self._shape = shape
        self._write = write
        self._clock = clock
        self._killed: dict[str, Ms] = {}

    async def answer(self, call: Call) -> Result:
        """Carry out one call. Never raises: whatever goes wrong is the result's problem."""
        deadline = PATIENCE[call.method] - 1 if call.method in PATIENCE else DEADLINE
        try:
            async with asyncio.timeout(deadline):
                return Result(call.id, await self._do(call))
        except (Refused, LabError) as refused:
            problem = refused.problem
        except TimeoutError:
            words = f"There was no answer within {deadline:g} s: the action may or may not have happened."
            problem = Problem("unknown", words, "Look before you repeat it.")
        except Exception:
            logger.exception("%s failed", call.method)
            problem = Problem("unknown", "The bridge failed at it: the action may or may not have happened.",
                              "Its log has the details.")  # fmt: skip
        logger.info("%s by %s: %s", printable(call.method), printable(call.by), problem.code)
        return Result(call.id, problem=problem)

    async def _do(self, call: Call) -> dict[str, Any]:
        if call.method in ALLOWED and not self._allowed:
            raise Refused("not-permitted", "This bridge was started without --allow-changes: it changes nothing on the "
                          "cluster.", "Whoever runs it can start it with --allow-changes.")  # fmt: skip
        calls = self._calls if call.unveiled else self._veiled
        if call.method in calls:
            params = {**call.params, "by": printable(call.by)} if call.method in BY else call.params
            value: dict[str, Any] = msgspec.to_builtins(await calls[call.method](params))
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
        if call.method == "server.add":
            only(call.params, "role")
            self._need_lab()
            return await self._shaped.add(str(call.params.get("role", "participant")), lambda: self._ask("", call))
        if call.method == "lab.heal":
            only(call.params)
            lab = self._need_lab()
            self._ask("", call)
            self._killed.clear()
            return dict(await lab.heal_all(printable(call.by)))
        if kind == "node":
            await self._node(call, action)
            return {}
        return await self._server(call, action)

    async def _add(self, call: Call) -> dict[str, Any]:
        only(call.params, "count", "variant")
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
        more = {"slow": HOW, "cut": ("force",)}.get(action, ())
        only(call.params, "from", "to", "both", *timed, *more)
        origin, to = end_of_link(call.params, "from"), end_of_link(call.params, "to")
        both = call.params.get("both", True)
        if not isinstance(both, bool):
            raise Refused("bad-request", "The parameter 'both' must be true or false.")
        seconds = seconds_of(call.params)
        how = {name: figure(call.params, name) for name in HOW if name in call.params}
        lab, by = self._need_lab(), printable(call.by)
        if action == "cut" and call.params.get("force") is not True:
            self._keep_together(origin, to, both)
        self._ask("", call, f"{origin} {'and' if both else 'to'} {to}")
        if action == "cut":
            return {"fault": await lab.cut(origin, to, both, seconds, by)}
        if action == "slow":
            return {"fault": await lab.slow(origin, to, both, seconds, by, how)}
        await lab.heal(origin, to, both, by)
        return {}

    async def _node(self, call: Call, action: str) -> None:
        only(call.params, "id", *(("seconds",) if action == "pause" else ()))
        ident = ident_of(call.params)
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
        seconds = seconds_of(call.params)
        self._ask(ident, call)
        if action == "start":
            await lab.start_node(ident)
        else:
            await lab.signal(ident, SIGNALS[action], seconds, printable(call.by))

    async def _server(self, call: Call, action: str) -> dict[str, Any]:
        breaks = action in ("stop", "kill", "pause")
        only(call.params, "id", *(("force", "seconds") if breaks else ("force",) if action == "wipe" else ()))
        ident = ident_of(call.params)
        lab = self._need_lab()
        ensemble = self._scene.value(_ENSEMBLE, self._clock())
        assert isinstance(ensemble, Ensemble)
        server = ensemble.servers.get(ident)
        if server is None and action == "remove" and ident in ensemble.processes:
            return await self._shaped.remove(ident, lambda: self._ask(f"server-{ident}", call))
        if server is None:
            known = ", ".join(ensemble.servers) or "none yet"
            raise Refused("no-such-server", f"There is no server {ident[:80]!r}.", f"Servers: {known}.")
        if action not in server.actions:
            is_now = server.process or server.role
            raise Refused("not-now", f"Server {ident} cannot be {_DONE[action]}: it is {is_now}.")
        seconds, name, by = seconds_of(call.params), f"server-{ident}", printable(call.by)
        if (breaks or action == "wipe") and call.params.get("force") is not True:
            self._keep_quorum(ensemble, server)
        if action == "remove":
            return await self._shaped.remove(ident, lambda: self._ask(name, call))
        if action == "wipe":

            async def wipe() -> None:
                self._ask(name, call)
                await self._down(ident, lab.wipe_server(name))

            done = await self._shaped.wipe(ident, wipe)
            self._killed.pop(ident, None)
            return done
        self._ask(name, call)
        if breaks:
            await self._down(ident, lab.signal(name, SIGNALS[action], seconds, by))
            return {}
        if action == "resume":
            await lab.signal(name, "CONT", None, by)
        else:
            await lab.start_server(name)
        self._killed.pop(ident, None)
        return {}

    async def _down(self, ident: str, doing: Awaitable[None]) -> None:
        """Carry it out; the server counts as down at once, though no probe has missed it yet."""
        self._killed[ident] = self._clock()
        try:
            await doing
        except LabError as error:
            if error.problem.code != "unknown":
                del self._killed[ident]
            raise

    @property
    def _shaped(self) -> Shape:
        if self._shape is None:
            raise Refused("no-lab", "This bridge has no ensemble to change.")
        return self._shape

    def _keep_quorum(self, ensemble: Ensemble, server: Server) -> None:
        """Refuse to break a quorum."""
        serving, cut, leader = self._serving(ensemble), self._cut(), ensemble.leader
        rule, rest = Rule.of(ensemble.servers.values()), serving - {server.id}
        left = rule.together(rest, leader, cut)
        if server.id in serving and rule.holds(rule.together(serving, leader, cut)) and not rule.holds(left):
            hear = " and hear each other" if rule.holds(rest) else ""
            raise Refused(
                "would-lose-quorum",
                f"Without server {server.id} only {rule.counted(left)} of {rule.size} {rule.unit} would serve{hear}, "
                f"and the ensemble needs {rule.needs}: no change would be possible until one is started.",
                "Start another server first, or confirm that you want this.",
            )

    def _keep_together(self, origin: str, to: str, both: bool) -> None:
        """Refuse to part servers so that no quorum is left."""
        ensemble = self._scene.value(_ENSEMBLE, self._clock())
        assert isinstance(ensemble, Ensemble)
        rule, servers = Rule.of(ensemble.servers.values()), [f"server-{ident}" for ident in ensemble.servers]
        more = pairs(ways(origin, to, both, servers))
        words = cost(rule, self._serving(ensemble), ensemble.leader, self._cut(), more)
        if words:
            raise Refused("would-lose-quorum", words, "Heal another link first, or confirm that you want this.")

    def _serving(self, ensemble: Ensemble) -> set[str]:
        """Voters that serve. Those just ended or frozen count as down though no probe has missed them yet."""
        now = self._clock()
        down = {ident for ident, at in self._killed.items() if now - at < KILLS_COUNT}
        return {
            server.id
            for server in ensemble.servers.values()
            if server.voter and server.role in SERVING and server.id not in down
        }

    def _cut(self) -> frozenset[Pair]:
        """Servers that do not hear each other, because links between them are cut."""
        lab = self._scene.value(_LAB, self._clock())
        links = lab.links.values() if isinstance(lab, LabTopic) else ()
        return pairs((link.origin, link.to) for link in links if link.state == "cut")

    def _need_lab(self) -> Lab:
        if self._lab is None:
            raise Refused("no-lab", "This cluster was not started by a lab: its processes are out of reach.",
                          "Act on the processes' own hosts.")  # fmt: skip
        return self._lab

    def _ask(self, who: str, call: Call, to: str = "") -> None:
        """Say in the lab's records what is about to be done; without that it is not done."""
        record = Record(self._clock(), who or "lab", "asked", action=call.method, by=printable(call.by), to=to)
        try:
            self._write(record)
        except OSError as error:
            raise Refused("failed", f"The action cannot be recorded, so nothing was done: {error.strerror}.") from error
        logger.info("%s %s by %s", call.method, who, record.by)


_DONE = {"stop": "stopped", "kill": "killed", "pause": "paused", "resume": "resumed", "start": "started",
         "remove": "removed", "wipe": "wiped"}  # fmt: skip


def _standing(node: Node) -> str:
    """What a node is now, to say why an action makes no sense."""
    if node.state == "dead" or node.ended is not None:
        return f"its process has ended{f' ({node.cause})' if node.cause else ''}"
    return "it is not paused" if node.state == "alive" else f"it is {node.state}"
