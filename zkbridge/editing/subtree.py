"""What lies in a subtree: counted from the mirror, and read page by page.

The first page, and every count, waits until the mirror has all that was acknowledged before it was asked for.
Paths, kinds and versions are the mirror's, and so is data as far as the mirror keeps it whole. ACLs and longer data
are asked for; the Stat that comes with an ACL tells whether the mirror's data was behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

import msgspec

from zkbridge.editing.asking import Answer, Asker
from zkbridge.editing.order import Order
from zkbridge.editing.refused import Refused
from zkbridge.editing.znodes import Handler, Params, check, read_params
from zkbridge.facts import hexadecimal
from zkbridge.protocol.editing import Ace, Count, Counted, Entry, Named, Names, Page, Paged
from zkbridge.tree import Tree
from zkbridge.veil import VeiledTree
from zkbridge.walk import MOST_CHARACTERS
from zkbridge.znode import TTL_MASK, Znode, join, unpack
from zkbridge.zookeeper import errors
from zkbridge.zookeeper.changing import ReadAcl
from zkbridge.zookeeper.requests import NO_AUTH, NO_NODE, MultiRead, ReadStat
from zkbridge.zookeeper.session import Refusal

SLICE = 5_000
"""Znodes that are looked at before others may go on."""

WINDOW = 500
"""ACLs that are asked for at a time."""

MOST_BYTES, MOST_ZNODES = 1_000_000, 5_000
"""The largest page that may be asked for."""

MOST_NAMES = 10_000
"""Names that may be asked for at a time."""

WEIGHT = 200
"""Bytes that a znode takes on a page beside its path and data."""

WHOLE = 1 << 30
TTL_BITS = (1 << 40) - 1


CATCH_UP = 3.0
"""Seconds that the mirror may take to have what was acknowledged before."""

CatchUp = Callable[[], Awaitable[None]]
"""`zkbridge.mirror.Mirror.catch_up`."""


class Found(msgspec.Struct):
    """A znode of a page on its way. ``data`` and ``acl`` are None while they are not known."""

    path: str
    znode: Znode
    data: bytes | None = None
    acl: list[Ace] | None = None
    gone: bool = False


class Subtrees:
    """``calls``: the methods that it carries out. Each answers a value, or raises `Refused`."""

    def __init__(self, asker: Asker, tree: Tree | VeiledTree, catch_up: CatchUp) -> None:
        self._asker, self._tree, self._order, self._mirrored = asker, tree, Order(tree), catch_up
        self._absolute = asker.session.hosts.absolute
        self.calls: dict[str, Handler] = {
            "subtree.count": self.count, "subtree.names": self.names, "subtree.page": self.page,
        }  # fmt: skip

    async def count(self, params: Params) -> Counted:
        """Add up what the mirror has, slice by slice."""
        top = read_params(params, Count).path
        check(top)
        await self._catch_up()
        tree, zxid = self._tree, hexadecimal(self._tree.zxid)
        znode = tree.get(top)
        if znode is None:
            return Counted(top, False, zxid=zxid)
        tally = Tally()
        tally.add(znode, 0)
        pending, seen = [(top, 1)], 0
        while pending:
            parent, depth = pending.pop()
            for name, packed in list(tree.children(parent).items()):
                tally.add(unpack(packed), depth)
                path = join(parent, name)
                if tree.children(path):
                    pending.append((path, depth + 1))
                seen += 1
                if seen % SLICE == 0:
                    await asyncio.sleep(0)
        locked = sum(path == top or path.startswith(join(top, "")) for path in tree.locked)
        return Counted(
            top, True, tally.znodes, tally.bytes, sum(tally.sessions.values()), locked, tally.deepest,
            {hexadecimal(session): count for session, count in tally.sessions.items()}, zxid,
        )  # fmt: skip

    async def names(self, params: Params) -> Named:
        """The next children that the mirror has."""
        asked = read_params(params, Names)
        check(asked.path)
        if not 0 < asked.limit <= MOST_NAMES:
            raise Refused("bad-request", f"1 to {MOST_NAMES:,} names are told at a time.")
        await self._catch_up(first=not asked.after)
        zxid = hexadecimal(self._tree.zxid)
        if asked.path not in self._tree:
            return Named(asked.path, False, zxid=zxid)
        found: list[str] = []
        for name in self._order.names(asked.path, asked.after):
            if name is None:
                await asyncio.sleep(0)
            elif len(found) == asked.limit:
                return Named(asked.path, True, found, found[-1], zxid)
            else:
                found.append(name)
        return Named(asked.path, True, found, zxid=zxid)

    async def page(self, params: Params) -> Paged:
        """Read the next znodes. One that goes meanwhile is left out."""
        asked = read_params(params, Page)
        _check_page(asked)
        await self._catch_up(first=not asked.after)
        zxid = hexadecimal(self._tree.zxid)
        found, more = await self._choose(asked)
        if asked.data:
            await self._read([each for each in found if not _take_kept(each)])
        if asked.acl:
            for at in range(0, len(found), WINDOW):
                there = [each for each in found[at : at + WINDOW] if not each.gone]
                await self._read(await self._read_acls(there, asked.data))
        return Paged([_entry(each) for each in found if not each.gone], found[-1].path if more else "", zxid)

    async def _catch_up(self, *, first: bool = True) -> None:
        """Raise `Refused` where nothing can be told now. Only the ``first`` call of several waits for the mirror."""
        self._asker.need_live(reading=True)
        if not first:
            return
        server = self._asker.session.server
        try:
            async with asyncio.timeout(CATCH_UP):
                await self._mirrored()
        except TimeoutError:
            raise Refused("not-live", f"The bridge has not caught up with {server} within {CATCH_UP:g} s.",
                          "Try again soon.") from None  # fmt: skip
        except Refusal as refusal:
            raise Refused("not-live", f"{server} does not answer: {errors.name_of(refusal.code)}.",
                          "Try again when the page says LIVE.") from None  # fmt: skip

    async def _choose(self, asked: Page) -> tuple[list[Found], bool]:
        """Which znodes are on the page, and whether there are more after them."""
        walk = (self._order.up if asked.up else self._order.down)(asked.path, asked.after)
        found: list[Found] = []
        weight = 0
        for path in walk:
            if path is None:
                await asyncio.sleep(0)
                continue
            znode = self._tree.get(path)
            if znode is None:
                continue
            weight += WEIGHT + len(path) + (znode.data_length if asked.data else 0)
            if found and (weight > asked.bytes or len(found) >= asked.znodes):
                return found, True
            found.append(Found(path, znode))
        return found, False

    async def _read(self, found: Sequence[Found]) -> None:
        """Ask for the whole data of some znodes."""
        for part in _parts(found):
            (reply,) = await self._asker.read(MultiRead([self._absolute(each.path) for each in part], preview=WHOLE))
            if isinstance(reply, Refusal):
                raise _untold(reply)
            for each, result in zip(part, reply.value, strict=True):
                if isinstance(result, bytes):
                    each.znode = unpack(result)
                    each.data = each.znode.data
                elif result == NO_AUTH:
                    await self._lock(each)
                else:
                    each.gone = True

    async def _lock(self, each: Found) -> None:
        """A znode that may not be read has a Stat all the same."""
        (reply,) = await self._asker.read(ReadStat(self._absolute(each.path)))
        if isinstance(reply, Answer):
            each.znode, each.data = unpack(reply.value, locked=True), None
        else:
            each.gone = True

    async def _read_acls(self, found: Sequence[Found], data: bool) -> list[Found]:
        """Ask for ACLs; gives those whose data has changed since the mirror saw it."""
        behind: list[Found] = []
        replies = await self._asker.read(*(ReadAcl(self._absolute(each.path)) for each in found))
        for each, reply in zip(found, replies, strict=True):
            if isinstance(reply, Answer):
                each.acl, packed = reply.value
                known, now = each.znode, unpack(packed, locked=each.znode.locked)
                if data and not now.locked and (now.czxid, now.mzxid) != (known.czxid, known.mzxid):
                    behind.append(each)
                else:
                    each.znode = now
            elif reply.code == NO_NODE:
                each.gone = True
            elif reply.code != NO_AUTH:
                raise _untold(reply)
        return behind


class Tally(msgspec.Struct):
    znodes: int = 0
    bytes: int = 0
    deepest: int = 0
    sessions: dict[int, int] = {}

    def add(self, znode: Znode, depth: int) -> None:
        self.znodes += 1
        self.bytes += znode.data_length
        self.deepest = max(self.deepest, depth)
        if znode.kind == "ephemeral":
            self.sessions[znode.owner] = self.sessions.get(znode.owner, 0) + 1


def _check_page(asked: Page) -> None:
    check(asked.path)
    if asked.after:
        check(asked.after)
        if asked.after != asked.path and not asked.after.startswith(join(asked.path, "")):
            raise Refused("bad-request", "The place to go on after is not in this subtree.")
    if not (0 < asked.bytes <= MOST_BYTES and 0 < asked.znodes <= MOST_ZNODES):
        raise Refused("bad-request", f"A page has 1 to {MOST_ZNODES:,} znodes and {MOST_BYTES:,} bytes.")


def _take_kept(each: Found) -> bool:
    """Take the mirror's data where that is all of it."""
    if each.znode.locked:
        return True
    if len(each.znode.data) < each.znode.data_length:
        return False
    each.data = each.znode.data
    return True


def _entry(found: Found) -> Entry:
    znode = found.znode
    return Entry(
        found.path, znode.kind, znode.version, znode.aversion,  # type: ignore[arg-type]
        hexadecimal(znode.czxid), hexadecimal(znode.mzxid), znode.data_length, znode.num_children,
        hexadecimal(znode.owner) if znode.kind == "ephemeral" else "",
        znode.owner & TTL_BITS if znode.owner & TTL_MASK == TTL_MASK else 0,
        found.data, found.acl, znode.locked,
    )  # fmt: skip


def _parts(found: Sequence[Found]) -> Iterator[Sequence[Found]]:
    """Pieces whose paths fit into one request."""
    part: list[Found] = []
    room = MOST_CHARACTERS
    for each in found:
        room -= len(each.path)
        if part and room < 0:
            yield part
            part, room = [], MOST_CHARACTERS - len(each.path)
        part.append(each)
    if part:
        yield part


def _untold(refusal: Refusal) -> Refused:
    return Refused("failed", f"The ensemble does not tell: {errors.name_of(refusal.code)}.", "See the servers' logs.")
