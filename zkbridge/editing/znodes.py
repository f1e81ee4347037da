"""Calls on single znodes: create, set, delete, ACL, and reading one as it is now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from typing import Any, TypeVar

import msgspec

from zkbridge.editing.asking import AFTER, Answer, Asker
from zkbridge.editing.refused import Refused
from zkbridge.editing.words import Afterwards, Change, explain, short
from zkbridge.facts import hexadecimal
from zkbridge.protocol.base import Message, Path, Request
from zkbridge.protocol.editing import OPEN, Ace, Create, Delete, Done, Look, Mark, Read, SetAcl, SetData, Whole
from zkbridge.protocol.topics import BadTopic, check_new, check_path
from zkbridge.protocol.znodes import Stat
from zkbridge.stats import told
from zkbridge.znode import Znode, name_of, parent_of, sequence_of, unpack
from zkbridge.zookeeper import errors
from zkbridge.zookeeper.changing import KINDS, PERMS, Make, ReadAcl, Remove, WhoAmI, WriteAcl, WriteData
from zkbridge.zookeeper.multi import Multi, blamed
from zkbridge.zookeeper.requests import NO_AUTH, NO_NODE, ReadData, ReadStat, Sent, Sync
from zkbridge.zookeeper.session import Refusal

Params = dict[str, Any]
Handler = Callable[[Params], Awaitable[Message]]
T = TypeVar("T", bound=Request)

MAX_TTL = (1 << 40) - 1
"""ms; EphemeralType.TTL has 40 bits for it."""

MOST_PARENTS = 64
"""Parents that are made with a znode, and looked at above one, at the most."""


class Znodes:
    """``calls``: the methods that it carries out. Each answers a value, or raises `Refused`."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        hosts = asker.session.hosts
        self._absolute, self._relative = hosts.absolute, hosts.relative
        self.calls: dict[str, Handler] = {
            "znode.create": self.create,
            "znode.set": self.set,
            "znode.delete": self.delete,
            "znode.acl": self.set_acl,
            "znode.read": self.read,
            "znode.mark": self.mark,
        }

    # ── changes ─────────────────────────────────────────────────────────────

    async def create(self, params: Params) -> Done:
        wanted = read_params(params, Create)
        _check_new(wanted)
        missing = await self._missing(wanted) if wanted.parents else []
        make = self._make(wanted.path, wanted)
        if missing:
            return await self._create_all(wanted, missing, make)
        answer = await self._change(make, wanted)
        path, packed = answer.value
        return Done(self._relative(path) or path, told(unpack(packed)), hexadecimal(answer.zxid))

    def _make(self, path: Path, wanted: Create) -> Make:
        own = path == wanted.path
        acl = wanted.acl or OPEN
        if not own:
            return Make(self._absolute(path), b"", acl)
        return Make(self._absolute(path), wanted.data, acl, wanted.kind, wanted.sequential, wanted.ttl)

    async def _missing(self, wanted: Create) -> list[Path]:
        """Parents that are to be made, the topmost first."""
        self._asker.need_live()
        above = list(islice(_above(wanted.path), MOST_PARENTS + 1))
        stats = await self._fresh("/", *(ReadStat(self._absolute(path)) for path in above))
        there = next((place for place, stat in enumerate(stats) if isinstance(stat, Answer)), None)
        if there is None:
            text = f"More than {MOST_PARENTS} parents of {short(wanted.path)} do not exist."
            raise Refused("bad-request", text, f"Make some of them first: at most {MOST_PARENTS} are made at once.")
        missing = above[:there][::-1]
        if missing and wanted.highest and not f"{missing[0]}/".startswith(f"{wanted.highest}/"):
            text = f"{short(missing[0])} does not exist, and you may not make it."
            raise Refused("not-permitted", text, "Ask somebody who may to make it.")
        return missing

    async def _create_all(self, wanted: Create, missing: list[Path], make: Make) -> Done:
        """In one transaction: all of it is made, or nothing."""
        paths = [*missing, wanted.path]
        answer = await self._change(Multi([*(self._make(path, wanted) for path in missing), make]), wanted)
        at = blamed(answer.value)
        if at is not None:
            raise explain(answer.value[at], wanted, paths[at], await self._afterwards(wanted))
        # The first in a parent that was just made has the number 0.
        path = wanted.path + f"{0:010d}" if wanted.sequential else wanted.path
        return Done(path, await self._stat(path), hexadecimal(answer.zxid), missing)

    async def _stat(self, path: Path) -> Stat | None:
        try:
            (stat,) = await self._asker.read(ReadStat(self._absolute(path)), deadline=AFTER)
        except Refused:
            return None
        return told(unpack(stat.value)) if isinstance(stat, Answer) else None

    async def set(self, params: Params) -> Done:
        wanted = read_params(params, SetData)
        check(wanted.path)
        answer = await self._change(WriteData(self._absolute(wanted.path), wanted.data, wanted.version), wanted)
        return Done(wanted.path, told(unpack(answer.value)), hexadecimal(answer.zxid))

    async def delete(self, params: Params) -> Done:
        wanted = read_params(params, Delete)
        check(wanted.path)
        if wanted.path == "/":
            raise Refused("bad-path", "The root of the tree cannot be deleted.", "Choose a znode below it.")
        answer = await self._change(Remove(self._absolute(wanted.path), wanted.version), wanted)
        return Done(wanted.path, zxid=hexadecimal(answer.zxid))

    async def set_acl(self, params: Params) -> Done:
        wanted = read_params(params, SetAcl)
        check(wanted.path)
        check_acl(wanted.acl)
        if not wanted.acl:
            raise Refused("bad-acl", "An ACL without entries would shut everybody out.", "Give at least one entry.")
        answer = await self._change(WriteAcl(self._absolute(wanted.path), wanted.acl, wanted.aversion), wanted)
        return Done(wanted.path, told(unpack(answer.value)), hexadecimal(answer.zxid))

    async def _change(self, request: Sent, wanted: Change) -> Answer:
        try:
            return await self._asker.change(request)
        except Refusal as refusal:
            raise explain(refusal.code, wanted, wanted.path, await self._afterwards(wanted)) from None

    async def _afterwards(self, wanted: Change) -> Afterwards:
        """What there is now, as far as it can be read soon: for words, so nothing of it may fail."""
        paths = (wanted.path.rstrip("/") or "/", parent_of(wanted.path))
        stats = [ReadStat(self._absolute(path)) for path in paths]
        try:
            own, parent, who = await self._asker.read(*stats, WhoAmI(), deadline=AFTER)
        except Refused:
            return Afterwards()
        return Afterwards(
            unpack(own.value) if isinstance(own, Answer) else None,
            unpack(parent.value) if isinstance(parent, Answer) else None,
            who.value if isinstance(who, Answer) else None,
        )

    # ── reads ───────────────────────────────────────────────────────────────

    async def read(self, params: Params) -> Whole:
        path = read_params(params, Read).path
        check(path)
        name = self._absolute(path)
        data, acl, stat = await self._fresh(name, ReadData(name), ReadAcl(name), ReadStat(name))
        zxid = hexadecimal(self._asker.session.zxid)
        znode = _znode(data, stat)
        if znode is None:
            return Whole(path, False, zxid=zxid)
        return Whole(
            path, True, znode.kind, sequence_of(name_of(path)) is not None, znode.locked, znode.data,  # type: ignore[arg-type]
            told(znode), acl.value[0] if isinstance(acl, Answer) else None, zxid,
        )  # fmt: skip

    async def mark(self, params: Params) -> Mark:
        look = read_params(params, Look)
        check(look.path, sequential=look.sequential)
        self._asker.need_live()
        paths = ([] if look.sequential else [look.path]) + list(islice(_above(look.path), MOST_PARENTS + 1))
        found = [
            unpack(reply.value) if isinstance(reply, Answer) else None
            for reply in await self._fresh("/", *(ReadStat(self._absolute(path)) for path in paths))
        ]
        own = None if look.sequential else found[0]
        above = [(path, znode) for path, znode in zip(paths, found, strict=True) if znode and path != look.path]
        path, parent = above[0] if above else ("", None)
        session = self._asker.session
        return Mark(
            hexadecimal(session.zxid), hexadecimal(session.id), session.timeout, self._asker.clock(),
            told(own) if own else None, path, told(parent) if parent else None,
        )  # fmt: skip

    async def _fresh(self, name: str, *requests: Sent) -> list[Answer | Refusal]:
        """Replies of a server that has caught up with the ensemble's leader, where there is one."""
        if self._asker.session.read_only:
            return await self._asker.read(*requests)
        return (await self._asker.read(Sync(name), *requests))[1:]


def _znode(data: Answer | Refusal, stat: Answer | Refusal) -> Znode | None:
    """None where there is none; locked where only the Stat may be read. Raise `Refused` for any other error."""
    if isinstance(data, Answer):
        return unpack(data.value)
    if data.code == NO_AUTH and isinstance(stat, Answer):
        return unpack(stat.value, locked=True)
    if data.code in (NO_AUTH, NO_NODE):
        return None
    raise Refused("failed", f"The ensemble does not tell: {errors.name_of(data.code)}.")


def _above(path: Path) -> Iterator[Path]:
    """The znodes above it, the nearest first."""
    while path != "/":
        path = parent_of(path)
        yield path


def read_params(params: Params, kind: type[T]) -> T:
    """The parameters of a call; raise `Refused` for any that are wrong or not known."""
    try:
        return msgspec.convert(params, kind)
    except (msgspec.ValidationError, ValueError) as error:
        raise Refused("bad-request", f"The parameters cannot be read: {error}.") from None


def check(path: Path, *, sequential: bool = False, new: bool = False) -> None:
    """Raise `Refused` for what is no path, or none of a znode that is made.

    The beginning of a sequential znode's may end in '/': all else is added.
    """
    try:
        (check_new if new else check_path)(path + "0" * 10 if sequential else path)
    except BadTopic as bad:
        raise Refused("bad-path", bad.problem.text, bad.problem.hint or "Paths look like /a/b.") from None


def check_acl(acl: list[Ace]) -> None:
    for ace in acl:
        if not ace.scheme or set(ace.perms) - PERMS.keys():
            raise Refused("bad-acl", f"An entry of the ACL cannot be: scheme {ace.scheme[:40]!r}, permissions "
                          f"{ace.perms[:20]!r}.", "Permissions are letters out of 'cdrwa'.")  # fmt: skip


def _check_new(wanted: Create) -> None:
    check(wanted.path, sequential=wanted.sequential, new=True)
    check_acl(wanted.acl)
    if (wanted.kind, wanted.sequential) not in KINDS:
        raise Refused("unsupported", "ZooKeeper has no sequential containers.", "Choose one of both.")
    if wanted.kind == "ttl" and not 0 < wanted.ttl <= MAX_TTL:
        raise Refused("bad-request", f"A TTL is from 1 to {MAX_TTL} ms.", "Give 'ttl' in milliseconds.")
    if wanted.kind != "ttl" and wanted.ttl:
        raise Refused("bad-request", "Only a znode of kind 'ttl' takes a 'ttl'.", "Choose that kind, or leave it out.")
