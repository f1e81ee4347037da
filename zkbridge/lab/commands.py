"""What other processes may ask of the supervisor, through `zkbridge.lab.client.LabClient`."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

from zkbridge.lab.enrolling import Enrolling
from zkbridge.lab.links import LinkState
from zkbridge.lab.refused import Refused
from zkbridge.lab.variants import CHAIN

if TYPE_CHECKING:
    from zkbridge.lab.supervisor import Supervisor

SIGNALS = ("TERM", "KILL", "STOP", "CONT")

Command = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class Commands:
    """``known``: by method, what takes the parameters and answers what was done, or raises `Refused`."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor, self._enrolling = supervisor, Enrolling(supervisor)
        self.known: dict[str, Command] = {
            "add-nodes": self._add_nodes, "start-server": self._start_server, "start-node": self._start_node,
            "signal": self._signal,
            "add-server": self._add_server, "remove-server": self._remove_server, "wipe-server": self._wipe_server,
            "cut": self._cut, "slow": self._slow, "heal": self._heal, "heal-all": self._heal_all,
        }  # fmt: skip

    async def do(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """What was done, or {'problem': …}."""
        try:
            if method not in self.known:
                raise Refused("no-such-method", f"The supervisor does not know {method[:40]!r}.")
            return await self.known[method](params)
        except Refused as refused:
            return {"problem": msgspec.to_builtins(refused.problem)}

    async def _add_nodes(self, params: dict[str, Any]) -> dict[str, Any]:
        variant = _text(params, "variant") or CHAIN.name
        return {"names": await self._supervisor.add_nodes(_number(params, "count", 1), variant)}

    async def _start_server(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"name": await self._supervisor.start_server(_text(params, "name"))}

    async def _start_node(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"name": await self._supervisor.start_node(_text(params, "name"))}

    async def _add_server(self, params: dict[str, Any]) -> dict[str, Any]:
        members = params.get("members", [])
        if not isinstance(members, list) or not all(isinstance(line, str) for line in members):
            raise Refused("bad-request", "The parameter 'members' must be a list of text.")
        return dict(await self._enrolling.add(_text(params, "role"), members))

    async def _remove_server(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"name": await self._enrolling.remove(_text(params, "name"))}

    async def _wipe_server(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"name": await self._enrolling.wipe(_text(params, "name"))}

    async def _signal(self, params: dict[str, Any]) -> dict[str, Any]:
        name, number = _text(params, "name"), _text(params, "signal")
        if number not in SIGNALS:
            raise Refused("bad-request", f"The supervisor does not send {number[:40]!r}.")
        lab, seconds, by = self._supervisor, _seconds(params), _text(params, "by")
        program = lab.find(name)
        if number == "CONT":
            lab.faults.resumed(name, by)
        elif number == "STOP" and lab.is_running(name):
            # Known before it is done: nobody is ever frozen for good.
            lab.faults.paused(name, seconds, by)
        elif program.kind == "server" and lab.is_running(name):
            lab.faults.ended(name, "server.kill" if number == "KILL" else "server.stop", seconds, by)
        return {"pid": lab.signal(name, signal.Signals[f"SIG{number}"])}

    async def _cut(self, params: dict[str, Any]) -> dict[str, Any]:
        faults = self._supervisor.faults
        return {"fault": await faults.cut(*_link(params), _seconds(params), _text(params, "by"))}

    async def _slow(self, params: dict[str, Any]) -> dict[str, Any]:
        try:
            how = msgspec.convert(params.get("how", {}), LinkState)
        except msgspec.ValidationError as error:
            raise Refused("bad-request", f"How slow it is to be cannot be read: {error}.") from None
        faults = self._supervisor.faults
        return {"fault": await faults.slow(*_link(params), _seconds(params), _text(params, "by"), how)}

    async def _heal(self, params: dict[str, Any]) -> dict[str, Any]:
        await self._supervisor.faults.heal(*_link(params), _text(params, "by"))
        return {}

    async def _heal_all(self, params: dict[str, Any]) -> dict[str, Any]:
        return dict(await self._supervisor.faults.heal_all(_text(params, "by")))


def _text(params: dict[str, Any], key: str) -> str:
    value = params.get(key, "")
    if not isinstance(value, str):
        raise Refused("bad-request", f"The parameter {key!r} must be text.")
    return value


def _number(params: dict[str, Any], key: str, default: int) -> int:
    value = params.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Refused("bad-request", f"The parameter {key!r} must be a whole number from 1.")
    return value


def _seconds(params: dict[str, Any]) -> float | None:
    value = params.get("seconds")
    if value is not None and (not isinstance(value, int | float) or isinstance(value, bool)):
        raise Refused("bad-request", "The parameter 'seconds' must be a number.")
    return value


def _link(params: dict[str, Any]) -> tuple[str, str, bool]:
    both = params.get("both", True)
    if not isinstance(both, bool):
        raise Refused("bad-request", "The parameter 'both' must be true or false.")
    return _text(params, "from"), _text(params, "to"), both
