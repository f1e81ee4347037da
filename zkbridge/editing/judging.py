"""The call ``znode.verdict``: gathers what the ensemble has now, once the lost change cannot take effect any more."""

from __future__ import annotations

from typing import Any

import msgspec

from zkbridge.editing.asking import Answer, Asker
from zkbridge.editing.refused import Refused
from zkbridge.editing.verdicts import Evidence, candidates, judge
from zkbridge.editing.words import Change
from zkbridge.editing.znodes import Handler, Params, check, read_params
from zkbridge.facts import hexadecimal
from zkbridge.protocol.base import Path
from zkbridge.protocol.editing import Ace, Create, Delete, Judge, Mark, SetAcl, SetData, Verdict
from zkbridge.znode import Znode, parent_of, unpack
from zkbridge.zookeeper.changing import ReadAcl
from zkbridge.zookeeper.errors import name_of
from zkbridge.zookeeper.requests import NO_AUTH, NO_NODE, ReadData, ReadStat, Sent, Sync
from zkbridge.zookeeper.session import Refusal

KINDS: dict[str, type[Change]] = {
    "znode.create": Create,
    "znode.set": SetData,
    "znode.delete": Delete,
    "znode.acl": SetAcl,
}

IN_FLIGHT = 10_000.0
"""ms after its mark that a call may have left the bridge, at the latest: its hub did not wait longer."""

MOST_LIKELY = 5
"""Sequential znodes that have the size and the owner of the lost one, and whose data are therefore read."""


class Judging:
    """``calls``: the method that it carries out."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._absolute = asker.session.hosts.absolute
        self.calls: dict[str, Handler] = {"znode.verdict": self.verdict}

    async def verdict(self, params: Params) -> Verdict:
        asked = read_params(params, Judge)
        change: Change = read_params(asked.params, KINDS[asked.method])
        check(change.path, sequential=isinstance(change, Create) and change.sequential)
        self._asker.need_live()
        found = judge(change, asked.mark, await self._evidence(change, asked.mark))
        if found.verdict != "applied":
            self._must_be_over(asked.mark)
        return found

    def _must_be_over(self, mark: Mark) -> None:
        """Raise `Refused` while the change may yet take effect.

        Over the same session it cannot: what is asked now comes after it. Another session's request may still lie in a
        server until that session has ended, at the latest two timeouts after it was sent.
        """
        session = self._asker.session
        if mark.session == hexadecimal(session.id):
            return
        left = mark.at + IN_FLIGHT + 2 * mark.timeout - self._asker.clock()
        if left > 0:
            raise Refused("not-now", "The session that the change was asked over may live on, and so may the change.",
                          f"Ask again in {left / 1000:.0f} s.")  # fmt: skip

    async def _evidence(self, change: Change, mark: Mark) -> Evidence:
        parent = self._absolute(parent_of(change.path))
        above = self._absolute(mark.above or "/")
        requests: list[Sent] = [ReadStat(parent), ReadStat(above)]
        if isinstance(change, Create) and change.sequential:
            stats = [_stat(reply) for reply in await self._read(*requests)]
            return Evidence(parent=stats[0], above=stats[1], numbered=await self._numbered(change, mark, stats[0]))
        own = self._absolute(change.path)
        requests.append(ReadStat(own))
        if isinstance(change, Create | SetData):
            requests.append(ReadData(own))
        elif isinstance(change, SetAcl):
            requests.append(ReadAcl(own))
        replies = await self._read(*requests)
        stat_of_parent, stat_of_above, znode = (_stat(reply) for reply in replies[:3])
        acl: list[Ace] | None = None
        if isinstance(change, Create | SetData):
            znode = _whole(replies[3], znode)
        elif isinstance(change, SetAcl) and isinstance(replies[3], Answer):
            acl, packed = replies[3].value
            znode = unpack(packed)
        return Evidence(znode, acl, stat_of_parent, stat_of_above)

    async def _numbered(self, change: Create, mark: Mark, parent: Znode | None) -> dict[Path, Znode | None]:
        """What stands where a sequential creation can have put it; with data where it may be the one."""
        paths = candidates(change, mark, parent) or []
        stats = await self._read(*(ReadStat(self._absolute(path)) for path in paths))
        found = dict(zip(paths, map(_stat, stats), strict=True))
        likely = [path for path, znode in found.items() if znode and znode.data_length == len(change.data)]
        if len(likely) <= MOST_LIKELY:
            data = await self._read(*(ReadData(self._absolute(path)) for path in likely))
            found |= {path: _whole(reply, found[path]) for path, reply in zip(likely, data, strict=True)}
        else:
            found |= {path: _locked(found[path]) for path in likely}
        return found

    async def _read(self, *requests: Sent) -> list[Any]:
        return (await self._asker.read(Sync(self._absolute("/")), *requests))[1:]


def _stat(reply: Answer | Refusal) -> Znode | None:
    """From the reply to a `ReadStat`, which takes no permission; None where there is no such znode."""
    return unpack(_answer(reply).value) if _exists(reply) else None


def _whole(reply: Answer | Refusal, stat: Znode | None) -> Znode | None:
    """From the reply to a `ReadData`: with data where they may be read."""
    if isinstance(reply, Refusal) and reply.code == NO_AUTH:
        return _locked(stat)
    return unpack(_answer(reply).value) if _exists(reply) else None


def _exists(reply: Answer | Refusal) -> bool:
    return not (isinstance(reply, Refusal) and reply.code == NO_NODE)


def _answer(reply: Answer | Refusal) -> Answer:
    """A server that refuses to tell says nothing of what there is."""
    if isinstance(reply, Refusal):
        raise Refused("not-now", f"The ensemble does not tell: {name_of(reply.code)}.", "Ask again.")
    return reply


def _locked(znode: Znode | None) -> Znode | None:
    """The same, of which the data are not known."""
    return msgspec.structs.replace(znode, locked=True) if znode is not None else None
