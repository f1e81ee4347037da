"""Who is who: processes, their sessions and their znodes, from records and from the tree. Pure."""

from __future__ import annotations

import re

import msgspec

from zkbridge.facts import hexadecimal
from zkbridge.protocol.base import Ms
from zkbridge.records import Record
from zkbridge.views.words import clean, short_session

_NODE = "node-"
_MOST_NAMES = 10_000


class Actor(msgspec.Struct):
    """A node (``lab``) or a session seen in a group of the tree. Moments are None until known.

    What is here is the latest; what belongs to one happening is kept by its episode.
    """

    id: str
    name: str
    lab: bool = False
    pid: int | None = None
    running: bool | None = None
    """Whether its process runs; None where nobody said."""
    spawned: Ms | None = None
    ended: Ms | None = None
    code: int | None = None
    signal: int | None = None
    asked: str = ""
    """The last action asked for: 'stop', 'kill', 'pause', 'resume'."""
    asked_by: str = ""
    paused: Ms | None = None
    session: int = 0
    server: str = ""
    timeout: int = 0
    timeout_asked: int = 0
    connection: str = ""
    connected: Ms | None = None
    joined: str = ""
    joined_at: Ms | None = None
    elected: str = ""
    elected_at: Ms | None = None
    acknowledged: str = ""
    fired: str = ""
    fired_at: Ms | None = None
    stopping: Ms | None = None
    group: str = ""
    """The path of its election, where that is not the lab's usual one."""
    watching: str = ""
    """The znode that it said it watches."""
    dismissed: bool = False

    @property
    def numeral(self) -> str:
        """The number at the end of its name, '' when it has none."""
        found = re.search(r"\d{1,3}$", self.id) if self.lab else None
        return found.group() if found else ""

    @property
    def cause(self) -> str:
        """How its process ended, in words; '' while it runs or where that is not known."""
        if self.running is not False:
            return ""
        if self.asked == "kill" or self.signal == 9:
            return "kill -9"
        if self.asked == "stop" or self.stopping is not None or self.signal == 15:
            return "stopped"
        if self.signal is not None:
            return f"signal {self.signal}"
        return f"exit code {self.code}" if self.code is not None else "its process ended"


def server_of(who: str) -> str:
    """The id of the server whose process ``who`` is, '' for other processes."""
    return who.removeprefix("server-") if who.startswith("server-") else ""


def is_node(who: str) -> bool:
    return who.startswith(_NODE)


class Cast:
    """Folds records; remembers which session and which znode is whose, the gone ones too (bounded)."""

    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}
        self._by_session: dict[int, str] = {}
        self._by_path: dict[str, str] = {}

    def fold(self, record: Record) -> None:
        """Take in what a node said or the supervisor said of it. Records of other processes are left alone."""
        if not is_node(record.who):
            return
        actor = self.actors.setdefault(record.who, Actor(record.who, record.who, lab=True))
        getattr(self, f"_{record.kind}", lambda *_: None)(actor, record)

    def seen(self, session: int, label: str) -> str:
        """Id of the actor with ``session``: a node's where it is known, else one of its own, named by its data."""
        known = self._by_session.get(session)
        if known is not None:
            if label and not self.actors[known].lab:
                self.actors[known].name = clean(label)
            return known
        ident = hexadecimal(session)
        name = clean(label) if label else f"session {short_session(session)}"
        self.actors[ident] = Actor(ident, name, session=session)
        self._bind(session, ident)
        return ident

    def of_session(self, session: int) -> str:
        """Id of the actor with ``session``, '' when it is not known."""
        return self._by_session.get(session, "")

    def of_path(self, path: str) -> str:
        """Id of the actor that said that ``path`` is its own, '' when none did."""
        return self._by_path.get(path, "")

    def name(self, ident: str) -> str:
        return self.actors[ident].name if ident in self.actors else ident

    def holder(self, session: int) -> str:
        """Name of the actor with ``session``, '' when it is not known."""
        return self.name(self.of_session(session)) if self.of_session(session) else ""

    def session_of(self, ident: str) -> int:
        """0 where it has none, or is not known."""
        return self.actors[ident].session if ident in self.actors else 0

    def forget(self, ident: str) -> None:
        """Drop a foreign actor whose tombstone is gone."""
        actor = self.actors.get(ident)
        if actor is not None and not actor.lab:
            del self.actors[ident]
            self._by_session.pop(actor.session, None)

    def _bind(self, session: int, ident: str) -> None:
        before = self._by_session.pop(session, None)
        if before not in (None, ident) and not self.actors[before].lab:
            # Seen in the tree before its node said that the session is its own.
            del self.actors[before]
        self._by_session[session] = ident
        while len(self._by_session) > _MOST_NAMES:
            del self._by_session[next(iter(self._by_session))]

    def _own(self, path: str, ident: str) -> None:
        self._by_path[path] = ident
        while len(self._by_path) > _MOST_NAMES:
            del self._by_path[next(iter(self._by_path))]

    def _spawned(self, actor: Actor, record: Record) -> None:
        fresh = Actor(actor.id, actor.name, lab=True, spawned=record.at, running=True)
        if actor.spawned is None and actor.running is None and actor.session:
            # Its own first words overtook the supervisor's.
            actor.spawned, actor.running = record.at, True
        else:
            self.actors[actor.id] = actor = fresh
        actor.pid, actor.group = record.pid, record.group

    def _exited(self, actor: Actor, record: Record) -> None:
        if record.pid is not None and actor.pid is not None and record.pid != actor.pid:
            return
        actor.running, actor.ended, actor.code, actor.signal = False, record.at, record.code, record.signal
        actor.paused, actor.connection = None, ""

    def _asked(self, actor: Actor, record: Record) -> None:
        action = record.action.rpartition(".")[2]
        if action == "dismiss":
            actor.dismissed = True
            return
        actor.asked, actor.asked_by = action, record.by
        if action == "pause" and actor.paused is None:
            actor.paused = record.at
        elif action == "resume":
            actor.paused = None

    def _starting(self, actor: Actor, record: Record) -> None:
        actor.pid = record.pid if record.pid is not None else actor.pid
        actor.running = True

    def _connected(self, actor: Actor, record: Record) -> None:
        if record.session:
            actor.session = signed(record.session)
            self._bind(actor.session, actor.id)
        actor.server = record.server or actor.server
        actor.timeout = record.timeout or actor.timeout
        actor.timeout_asked = record.asked or actor.timeout_asked
        actor.connection, actor.connected = "connected", record.at

    def _suspended(self, actor: Actor, record: Record) -> None:
        actor.connection = "suspended"

    def _lost(self, actor: Actor, record: Record) -> None:
        actor.connection = "lost"

    def _joined(self, actor: Actor, record: Record) -> None:
        actor.joined, actor.joined_at = record.path, record.at
        self._own(record.path, actor.id)

    def _registered(self, actor: Actor, record: Record) -> None:
        self._own(record.path, actor.id)

    def _elected(self, actor: Actor, record: Record) -> None:
        actor.elected, actor.elected_at = record.path or actor.joined, record.at
        actor.watching = ""

    def _watching(self, actor: Actor, record: Record) -> None:
        actor.watching = record.path

    def _acknowledged(self, actor: Actor, record: Record) -> None:
        actor.acknowledged = record.path

    def _fired(self, actor: Actor, record: Record) -> None:
        actor.fired, actor.fired_at = record.path, record.at

    def _stopping(self, actor: Actor, record: Record) -> None:
        actor.stopping = record.at


def signed(text: str) -> int:
    """A session id of the wire as ZooKeeper's signed 64-bit; 0 for text that is none."""
    try:
        number = int(text, 16) & 0xFFFFFFFFFFFFFFFF
    except ValueError:
        return 0
    return number - (1 << 64) if number >> 63 else number
