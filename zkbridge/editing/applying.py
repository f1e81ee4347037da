"""Carries out a step of a work on a subtree: many changes in one transaction, or each by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from zkbridge.editing.asking import AFTER, Answer, Asker
from zkbridge.editing.refused import Refused
from zkbridge.editing.words import Afterwards, Change, explain
from zkbridge.editing.znodes import Handler, Params, check, check_acl, read_params
from zkbridge.facts import hexadecimal
from zkbridge.protocol.editing import OPEN, Ace, Applied, Apply, Create, Delete, Failed, Op, SetAcl, SetData
from zkbridge.zookeeper.changing import Make, Remove, WhoAmI, WriteAcl, WriteData
from zkbridge.zookeeper.multi import Check, Multi, blamed
from zkbridge.zookeeper.requests import NO_AUTH, Sent
from zkbridge.zookeeper.session import Refusal

MOST_OPS, MOST_BYTES = 1_000, 900_000

Errors = dict[int, int]
"""ZooKeeper's error of each operation that has one."""


class Applier:
    """``calls``: the method that it carries out."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.calls: dict[str, Handler] = {"subtree.apply": self.apply}

    async def apply(self, params: Params) -> Applied:
        """Do what is asked, once."""
        asked = read_params(params, Apply)
        if any(op.keep for op in asked.ops):
            own = await self._own()
            asked = Apply([kept(op, own) if op.keep else op for op in asked.ops], asked.atomic)
        requests = requests_of(asked, self._asker.session.hosts.absolute)
        return await (self._together if asked.atomic else self._singly)(asked.ops, requests)

    async def _together(self, ops: Sequence[Op], requests: Sequence[Sent]) -> Applied:
        try:
            answer = await self._asker.change(Multi(requests))
        except Refusal as refusal:
            return Applied(0, failed=await self._explained(ops, {0: refusal.code}))
        except Refused as refused:
            if refused.problem.code != "unknown":
                raise
            return Applied(0, lost=len(ops))
        at = blamed(answer.value)
        if at is None:
            return Applied(len(ops), zxid=hexadecimal(answer.zxid))
        return Applied(0, failed=await self._explained(ops, {at: answer.value[at]}))

    async def _singly(self, ops: Sequence[Op], requests: Sequence[Sent]) -> Applied:
        """All are sent at once; the ensemble takes a session's requests in their order."""
        ends = await asyncio.gather(*map(self._asker.change, requests), return_exceptions=True)
        done = lost = zxid = 0
        refused: list[Failed] = []
        refusals: Errors = {}
        for at, end in enumerate(ends):
            if isinstance(end, Answer):
                done, zxid = done + 1, max(zxid, end.zxid)
            elif isinstance(end, Refusal):
                refusals[at] = end.code
            elif not isinstance(end, Refused):
                raise end
            elif end.problem.code == "unknown":
                lost += 1
            else:
                refused.append(Failed(at, end.problem))
        failed = [*refused, *await self._explained(ops, refusals)]
        return Applied(done, lost, failed, hexadecimal(zxid) if done else "")

    async def _own(self) -> list[Ace]:
        """What an ACL needs for the bridge's session to go on: of the identity that it proved, else of its address."""
        (who,) = await self._asker.read(WhoAmI())
        known = who.value if isinstance(who, Answer) else []
        if any(scheme != "ip" for scheme, _ in known):
            return [Ace("auth", "", "ca")]
        return [Ace(scheme, name, "ca") for scheme, name in known]

    async def _explained(self, ops: Sequence[Op], refusals: Errors) -> list[Failed]:
        now = Afterwards()
        if NO_AUTH in refusals.values():
            try:
                (who,) = await self._asker.read(WhoAmI(), deadline=AFTER)
                now = Afterwards(identities=who.value if isinstance(who, Answer) else None)
            except Refused:
                pass  # it was only for words
        return [
            Failed(at, explain(error, _change(ops[at]), ops[at].path, now).problem) for at, error in refusals.items()
        ]


def kept(op: Op, own: Sequence[Ace]) -> Op:
    return msgspec.structs.replace(op, acl=[*(op.acl or OPEN), *own])


def requests_of(asked: Apply, absolute: Callable[[str], str]) -> list[Sent]:
    """What is to be sent; raise `Refused` for what cannot be."""
    if not 0 < len(asked.ops) <= MOST_OPS:
        raise Refused("bad-request", f"A step has 1 to {MOST_OPS:,} operations, not {len(asked.ops):,}.")
    barred = "acl" if asked.atomic else "check"
    requests: list[Sent] = []
    weight = 0
    for op in asked.ops:
        check(op.path, new=op.do == "create")
        check_acl(op.acl)
        if op.do == barred or op.do == "create" and op.kind == "ephemeral" or op.do == "acl" and not op.acl:
            raise Refused("bad-request", f"This cannot be a part of this step: {op.do} {op.path[:80]}.")
        weight += len(op.path) + len(op.data) + 100
        requests.append(_request(op, absolute(op.path)))
    if weight > MOST_BYTES and len(asked.ops) > 1:
        raise Refused("too-large", f"A step has {MOST_BYTES:,} bytes at the most, not {weight:,}.")
    return requests


def _request(op: Op, path: str) -> Sent:
    if op.do == "create":
        return Make(path, op.data, op.acl or OPEN, op.kind, False, op.ttl)
    if op.do == "set":
        return WriteData(path, op.data, op.version)
    if op.do == "delete":
        return Remove(path, op.version)
    if op.do == "acl":
        return WriteAcl(path, op.acl, op.version)
    return Check(path, op.version)


def _change(op: Op) -> Change:
    """What the same is when it is asked for alone."""
    if op.do == "create":
        return Create(op.path, kind=op.kind)
    if op.do == "delete":
        return Delete(op.path, op.version)
    if op.do == "acl":
        return SetAcl(op.path, op.acl, op.version)
    return SetData(op.path, op.data, op.version)
