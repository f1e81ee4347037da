"""A change of one znode as a deed: marked before it, called once, and looked for where its result was lost."""

import asyncio
import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from dashboard import acl, errors, verdicts
from dashboard.api import reading
from dashboard.api.acting import Deed
from dashboard.audit import AuditRow
from dashboard.live.bridge import CallFailed
from zkbridge.protocol.base import Problem
from zkbridge.protocol.editing import Ace

MARKING = 3.0
"""Seconds that looking at how things stand before a change may take."""


@dataclass
class Change(Deed):
    """``parameters`` are those of the call, with data in base64. ``czxid``: it is meant for the znode of that creation
    alone. ZooKeeper compares no more than versions, so that is looked at just before the call."""

    mark: dict[str, Any] = field(default_factory=dict)
    czxid: str = ""

    @property
    def recorded(self) -> dict[str, Any]:
        shown = {**self.parameters, "czxid": self.czxid} if self.czxid else dict(self.parameters)
        if "data" in shown:
            data = base64.b64decode(shown["data"])
            shown["data"] = {"length": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        if "acl" in shown:
            shown["acl"] = [_masked(entry) for entry in shown["acl"]]
        return shown

    async def do(self, hub: Any, who: str) -> dict[str, Any]:
        look = {"path": self.parameters["path"], "sequential": self.parameters.get("sequential", False)}
        try:
            async with asyncio.timeout(MARKING):
                self.mark = await hub.call("znode.mark", look, who)
        except TimeoutError:
            raise CallFailed(NO_ANSWER) from None
        except CallFailed as failed:
            raise CallFailed(NO_ANSWER if failed.problem.code == "unknown" else failed.problem) from None
        there = (self.mark.get("stat") or {}).get("czxid", "")
        if self.czxid and there and int(there, 16) != int(self.czxid, 16):
            raise CallFailed(ANOTHER)
        return await super().do(hub, who)

    async def beside(self, hub: Any, problem: Problem, row: int) -> dict[str, Any]:
        if problem.code == "unknown":
            return {"row": row}
        if problem.code == "wrong-version" and self.method == "znode.set":
            return {"now": await self._now(hub)}
        return {}

    def lost(self, hub: Any, row: AuditRow) -> None:
        verdicts.begin(hub, row, {"method": self.method, "params": self.parameters, "mark": self.mark})

    async def _now(self, hub: Any) -> dict[str, Any]:
        """What the person did not see when they changed it."""
        found = await reading.read(hub, self.target, "")
        if found.stat is None:
            return {}
        data = {} if found.locked or found.redacted else {"data": base64.b64encode(found.data).decode()}
        return {
            "version": found.stat.version, "mzxid": found.stat.mzxid, "length": found.stat.data_length, **data,
        }  # fmt: skip


def _masked(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "id": acl.masked(Ace(**entry)).id}


ANOTHER = errors.problem(
    "wrong-version", "The znode that you saw was deleted, and another one was created in its place. Nothing was done.",
    "Look at the new one, then decide anew.",
)  # fmt: skip
NO_ANSWER = errors.problem("bridge-gone", "The bridge did not answer, so nothing was done.", "Try again soon.")
