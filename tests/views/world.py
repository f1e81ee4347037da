"""A world of plain values round a scene: znodes, records and probes, on a clock of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zkbridge.changes import ChangeLog, Entry
from zkbridge.facts import LabFacts, Member, Probe, SessionFacts, SessionSeen, hexadecimal
from zkbridge.protocol.ensemble import Ensemble
from zkbridge.protocol.stage import Stage
from zkbridge.protocol.story import Chapter, Story, Timeline
from zkbridge.protocol.topics import parse
from zkbridge.records import Record
from zkbridge.scene import Scene
from zkbridge.tree import Tree
from zkbridge.views.sentence import plain
from zkbridge.znode import Znode, join, parent_of

START = 1_000_000_000_000.0
TIMEOUT = 4_000
TICK = 1_000


class World:
    def __init__(self, *, lab: bool = True, live: bool = True) -> None:
        self.now = START
        self.zxid = 0x500000000
        self.probed, self.epoch = 0.0, 5
        self.tree, self.log = Tree(), ChangeLog()
        self.tree.apply({"/": Znode()})
        self.lab = LabFacts(TICK) if lab else None
        self.scene = Scene(self.tree, self.log, "demo", self.lab, self.now)
        self.sessions: dict[str, int] = {}
        self.candidates: dict[str, str] = {}
        self.entries: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.modes = {"1": "follower", "2": "leader", "3": "follower"}
        if live:
            self.scene.on_session(SessionFacts("live", self.now, 1), self.now)

    # time

    def wait(self, ms: float) -> World:
        end = self.now + ms
        while self.now < end:
            self.now = min(end, self.now + 250)
            if self.now - self.probed >= 1_000 and self.probed:
                self.probe(self.epoch)
            self.scene.tick(self.now)
        return self

    # the tree

    def put(self, path: str, data: bytes = b"", owner: int = 0, *, at: float | None = None, tell: bool = True) -> Entry:
        self.zxid += 1
        if self.tree.get(parent_of(path)) is None and path != "/":
            self.put(parent_of(path), at=at, tell=tell)
        old = self.tree.get(path)
        znode = Znode(
            czxid=old.czxid if old else self.zxid, mzxid=self.zxid, pzxid=self.zxid, ctime=int(self.now),
            mtime=int(self.now), version=old.version + 1 if old else 0, owner=owner, data=data, data_length=len(data),
        )  # fmt: skip
        self.tree.apply({path: znode}, self.zxid)
        kind = "data" if old else "created"
        entry = Entry(kind, path, at or self.now, self.zxid, version=znode.version, owner=owner)
        if tell:
            self.tell([entry])
        return entry

    def delete(self, *paths: str, at: float | None = None, tell: bool = True, found: bool = False) -> list[Entry]:
        """All in one transaction."""
        self.zxid += 1
        entries = []
        for path in paths:
            znode = self.tree.get(path)
            assert znode is not None
            self.tree.apply({path: None}, self.zxid)
            entries.append(Entry("deleted", path, at or self.now, self.zxid, owner=znode.owner, found=found))
        if tell:
            self.tell(entries)
        return entries

    def tell(self, entries: Sequence[Entry]) -> None:
        self.scene.on_changes([self.log.append(entry) for entry in entries], self.now)

    def sequential(self, parent: str, prefix: str, data: bytes, owner: int) -> str:
        number = self.numbers.get(parent, 0)
        self.numbers[parent] = number + 1
        path = join(parent, f"{prefix}{number:010d}")
        self.put(path, data, owner)
        return path

    # the lab

    def say(self, who: str, kind: str, at: float | None = None, **fields: Any) -> None:
        self.scene.on_record(Record(at or self.now, who, kind, **fields), self.now)  # type: ignore[arg-type]

    def start(self, who: str) -> None:
        self.say(who, "spawned", pid=1000 + len(self.sessions))
        self.wait(100)
        self.say(who, "starting", pid=1000 + len(self.sessions))
        self.connect(who)

    def connect(self, who: str, *, again: bool = False) -> None:
        session = 0x100000000000000 * 2 + 0x1000 + len(self.sessions) + (0x100 if again else 0)
        self.sessions[who] = session
        self.say(who, "connected", session=hexadecimal(session), server="127.0.0.1:2182", timeout=TIMEOUT,
                 asked=TIMEOUT, again=again)  # fmt: skip

    def join(self, who: str, *, quiet: bool = False) -> str:
        """Its candidate, its watch or its election, its entry in the registry."""
        queue = self.queue()
        path = self.candidates[who] = self.sequential("/election", "c_", b"", self.sessions[who])
        self.say(who, "joined", path=path)
        if quiet:
            return path
        if queue:
            self.say(who, "watching", path=queue[-1])
            entry = self.sequential("/service_registry", "n_", b"http://127.0.0.1:9000", self.sessions[who])
            self.entries[who] = entry
            self.say(who, "registered", path=entry)
        else:
            self.say(who, "elected", path=path)
        return path

    def queue(self) -> list[str]:
        return [join("/election", name) for name in sorted(self.tree.names("/election"))]

    def expire(self, who: str, at: float | None = None, **options: Any) -> list[Entry]:
        """The session ends: its znodes go in one transaction."""
        return self.delete(*sorted(self.tree.owners[self.sessions[who]]), at=at, **options)

    def nodes(self, count: int) -> World:
        """``count`` nodes and three servers, the opening told."""
        self.probe()
        for number in range(1, count + 1):
            self.start(f"node-{number}")
            self.join(f"node-{number}")
        self.wait(5_000)
        return self

    # the ensemble

    def probe(self, epoch: int = 5, **modes: str) -> None:
        self.probed, self.epoch = self.now, epoch
        self.modes.update({server.removeprefix("s"): mode for server, mode in modes.items()})
        self.scene.on_probes(
            tuple(
                Probe(
                    Member(ident, "127.0.0.1", 2180 + int(ident)), self.now, mode,  # type: ignore[arg-type]
                    reason="" if mode else "connection refused", zxid=(epoch << 32) + 7 if mode else None,
                )
                for ident, mode in self.modes.items()
            ),
            self.now,
        )  # fmt: skip

    # what is shown

    def value(self, topic: str) -> Any:
        return self.scene.value(parse(topic), self.now)

    @property
    def stage(self) -> Stage:
        value = self.value("stage")
        assert isinstance(value, Stage)
        return value

    @property
    def ensemble(self) -> Ensemble:
        value = self.value("ensemble")
        assert isinstance(value, Ensemble)
        return value

    @property
    def timeline(self) -> Timeline:
        value = self.value("timeline")
        assert isinstance(value, Timeline)
        return value

    @property
    def chapters(self) -> list[Chapter]:
        value = self.value("story")
        assert isinstance(value, Story)
        return [value.chapters[ident] for ident in value.order]

    @property
    def story(self) -> list[str]:
        return [plain(chapter.parts) for chapter in self.chapters]

    @property
    def last(self) -> str:
        return self.story[-1]


def seen(session: int, heard: float) -> SessionSeen:
    return SessionSeen(session, "127.0.0.1:5000", TIMEOUT, heard)
