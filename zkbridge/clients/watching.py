"""The call ``watches.read``: who watches what, as those may know it who ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from zkbridge.clients.expiring import session_of
from zkbridge.editing.asking import Asker
from zkbridge.editing.znodes import Params, check, read_params
from zkbridge.facts import hexadecimal
from zkbridge.protocol.base import Hex, Message, Path
from zkbridge.protocol.sessions import Session
from zkbridge.protocol.watches import Asked, ReadWatches, Watchers, Watches, Watching
from zkbridge.veil import Veil
from zkbridge.zookeeper.watchlists import Round, Watchlists

MOST = 1_000
"""Znodes, and sessions, that are listed."""

EACH = 200
"""Sessions of one znode, and znodes of one session, that are listed."""

SLICE = 100
"""Znodes after which all else that the bridge does has its turn: servers may tell of hundreds of thousands."""

BUDGET = 300_000
"""Characters of all paths that are listed, each time that they are: an answer must fit into a frame."""

CHILDREN = (
    "These lists have the watches that exists and getData set. ZooKeeper lists none of those that getChildren sets "
    "alone."
)
RECURSIVE = (
    "A persistent recursive watch stands at the znode where it was set, and is told of all below it. Zooscope's own is "
    "one, on {}."
)


class Shown(Protocol):
    """The scene that who asks may see."""

    def known_sessions(self, sessions: set[int]) -> dict[int, Session]: ...


class WatchReading:
    """``veil`` hides some of the tree from those who ask, or nothing."""

    def __init__(self, asker: Asker, lists: Watchlists, shown: Shown, veil: Veil | None = None) -> None:
        self._lists, self._shown, self._veil = lists, shown, veil
        self._hosts = asker.session.hosts
        self.calls: dict[str, Callable[[Params], Awaitable[Message]]] = {"watches.read": self.read}

    async def read(self, params: Params) -> Watches:
        wanted = read_params(params, ReadWatches)
        if wanted.path:
            check(wanted.path)
        only = session_of(wanted.session) if wanted.session else 0
        told = await self._lists.ask()
        return await self._answer(told, await self._united(told, wanted.path, only))

    async def _united(self, told: Round, wanted: Path, only: int) -> dict[Path, set[int]]:
        """Who watches each znode: on any, or that one; anybody, or that session."""
        found: dict[Path, set[int]] = {}
        for server in told.told:
            for number, (absolute, sessions) in enumerate((server.watchers or {}).items()):
                if number % SLICE == 0:
                    await asyncio.sleep(0)
                path = self._hosts.relative(absolute)
                if path is None or not self._counts(absolute) or (wanted and path != wanted):
                    continue
                watching = {only}.intersection(sessions) if only else sessions
                if watching:
                    found.setdefault(path, set()).update(watching)
        return found

    async def _answer(self, told: Round, by_path: dict[Path, set[int]]) -> Watches:
        by_session: dict[int, list[Path]] = {}
        for number, path in enumerate(sorted(by_path)):
            if number % SLICE == 0:
                await asyncio.sleep(0)
            for session in by_path[path]:
                by_session.setdefault(session, []).append(path)
        known = self._shown.known_sessions(set(by_session))
        paths, left = {}, BUDGET
        for path in sorted(by_path)[:MOST]:
            sessions = sorted(by_path[path])
            left -= len(path) + 20 * min(len(sessions), EACH)
            if left < 0:
                break
            paths[path] = Watchers(len(sessions), [hexadecimal(session) for session in sessions[:EACH]])
        return Watches(
            told.at, told.took, self._asked(told), paths, self._sessions(by_session, known), len(by_path),
            len(by_session), sum(map(len, by_path.values())), [CHILDREN, RECURSIVE.format("/")],
        )  # fmt: skip

    def _sessions(self, by_session: dict[int, list[Path]], known: dict[int, Session]) -> dict[Hex, Watching]:
        found, left = {}, BUDGET
        for session in sorted(by_session, key=lambda one: (not (one in known and known[one].name), one))[:MOST]:
            paths, who = by_session[session], known.get(session)
            listed = paths[:EACH]
            left -= sum(map(len, listed)) + 80
            if left < 0:
                break
            found[hexadecimal(session)] = Watching(
                len(paths), listed, who.name if who else "", who.node if who else "", who.server if who else "",
                who.own if who else False,
            )  # fmt: skip
        return found

    def _asked(self, told: Round) -> list[Asked]:
        return [
            Asked(
                one.member.id, one.how,
                sum(len(sessions) for path, sessions in (one.watchers or {}).items() if self._counts(path)),
                one.problem,
            )
            for one in told.told
        ]  # fmt: skip

    def _counts(self, absolute: str) -> bool:
        path = self._hosts.relative(absolute)
        return path is not None and not (self._veil is not None and self._veil.hides(path))
