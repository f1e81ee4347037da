"""How frameworks name their candidates, members and services: one parent's children in, a reading out. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from zkbridge.znode import Znode, name_of, sequence_of

Kind = Literal["election", "lock", "membership", "registry"]

_CURATOR = re.compile(r"^_c_[0-9a-fA-F-]{36}-")
_HEX32 = "[0-9a-f]{32}"
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""'LeaderElection', 'leader_election' and 'LEADER-ELECTION' are two words each."""
_OF_ELECTION = re.compile(
    "(elect(ions?|ed|ors?|ing)?|leader(s|ship|selectors?)?|masters?|latch(es)?|coordinators?|controllers?)+"
)
"""A word, or several run together, that speak of an election; 'selection' and 'leaderboard' do not."""
_SPEAKS_OF_REGISTRY = re.compile(r"regist|service|worker|member|broker|instance|provider|discover", re.IGNORECASE)
_ADDRESS = re.compile(r"^(\w[\w+.-]*://\S+|[\w.-]+:\d{1,5})$")

LEADER_ZNODES = frozenset({"leader", "master", "controller", "active", "ActiveStandbyElectorLock"})
"""Names of a single ephemeral whose owner leads, whatever the order of candidates."""


_MEETING_PLACES = frozenset({
    "agents", "brokers", "clients", "consumers", "groups", "hosts", "ids", "instances", "live", "live_nodes", "members",
    "nodes", "participants", "peers", "providers", "registry", "replicas", "servers", "services", "tasks", "workers",
})  # fmt: skip
"""Names of parents under which frameworks and people keep members."""


class Child(NamedTuple):
    """An ephemeral child, or a service. ``bare`` is its name without Curator's protection prefix."""

    name: str
    bare: str
    znode: Znode

    @property
    def number(self) -> int | None:
        return sequence_of(self.name)


class Shape(NamedTuple):
    """One way to name children, and what it usually means."""

    pattern: re.Pattern[str]
    kind: Kind
    layout: str
    sure: bool
    why: str
    queues: bool = True
    """The lowest number is first, and each waits for the one ahead."""
    shared: str = ""
    """Names that contain this are readers: they hold together and wait only for a lower writer."""


_SHAPES: tuple[Shape, ...] = (
    Shape(re.compile(r"^latch-"), "election", "Curator LeaderLatch", True, "Names end in 'latch-' and a number."),
    Shape(
        re.compile(r"^lock-"), "lock", "Curator LeaderSelector or InterProcessMutex", False,
        "Curator writes 'lock-' and a number both for an election and for a lock.",
    ),
    Shape(
        re.compile(r"__(READ|WRIT)__"), "lock", "Curator read-write lock", True,
        "Names have '__READ__' or '__WRIT__' before their number.", True, "__READ__",
    ),
    Shape(re.compile(r"^lease-"), "lock", "Curator semaphore", True, "Names end in 'lease-' and a number.", False),
    Shape(
        re.compile(rf"^{_HEX32}__r?lock__"), "lock", "kazoo lock", False,
        "kazoo writes '__lock__' and a number both for an election and for a lock.", True, "__rlock__",
    ),
    Shape(re.compile(rf"^{_HEX32}__party__"), "membership", "kazoo Party", True, "Names have '__party__'.", False),
    Shape(re.compile(rf"^{_HEX32}-."), "membership", "kazoo ShallowParty", True,
          "Names are 32 hex digits, '-' and an identifier.", False),
    Shape(re.compile(rf"^{_HEX32}$"), "lock", "kazoo Semaphore", True, "Names are 32 hex digits.", False),
    Shape(re.compile(r"^(\w+-)*(read|write)-"), "lock", "ZooKeeper read-write lock recipe", True,
          "Names have 'read-' or 'write-' before their number.", True, "read-"),
    Shape(re.compile(r"^([\w.:-]+-)?n_-?\d"), "election", "ZooKeeper election recipe", True,
          "Names end in 'n_' and a number, as in ZooKeeper's recipes."),
    Shape(re.compile(r"^([\w-]+-lock|x-[0-9a-fx-]+?)-"), "lock", "ZooKeeper lock recipe", True,
          "Names are laid out as in ZooKeeper's lock recipes."),
    Shape(re.compile(r"^c_"), "election", "course", True, "Names are 'c_' and a number: the lowest leads."),
    Shape(re.compile(r"^json\.info_"), "election", "Mesos", True, "Names are 'json.info_' and a number."),
)  # fmt: skip

_COURSE_REGISTRY = Shape(
    re.compile(r"^n_"), "registry", "course", True, "Names are 'n_' and a number, and the data are addresses.", False
)
_SERVICES = Shape(
    re.compile(""), "registry", "Curator ServiceDiscovery", True,
    "The data are JSON with name, id, address and port.", False,
)  # fmt: skip
_QUEUE = Shape(
    re.compile(""), "election", "ephemeral sequential", False,
    "Ephemeral sequential znodes side by side: an election, a lock or a queue.",
)  # fmt: skip
_NUMBERED_REGISTRY = Shape(
    re.compile(""), "registry", "ephemeral sequential", False, "Numbered ephemerals whose data are addresses.", False
)
_MEMBERS = Shape(re.compile(""), "membership", "members", True, "Ephemeral znodes side by side.", False)
_CURATOR_MEMBERS = Shape(
    re.compile(""), "membership", "Curator GroupMember", False,
    "Ephemeral znodes in a container znode, as Curator's GroupMember keeps them.", False,
)  # fmt: skip
LEADER_ALONE = Shape(
    re.compile(""), "election", "leader znode", True, "A single ephemeral by this name: its owner leads.", False
)


def speaks_of_election(path: str) -> bool:
    return any(_OF_ELECTION.fullmatch(word.lower()) for word in _WORDS.findall(path))


def child(name: str, znode: Znode) -> Child:
    return Child(name, _CURATOR.sub("", name), znode)


def is_known(path: str, shape: Shape) -> bool:
    """Whether the layout alone says that ``path`` is a group: else its children are just ephemerals somewhere."""
    return shape is not _MEMBERS or name_of(path).lower() in _MEETING_PLACES


def stands_alone(path: str, shape: Shape) -> bool:
    """Whether members of a single session make ``path`` a group: numbers alone, named as no framework names them, are
    no election yet, unless the path speaks of one."""
    return is_known(path, shape) and (shape is not _QUEUE or speaks_of_election(path))


def recognise(path: str, parent: Znode | None, children: Iterable[Child]) -> tuple[Shape, list[Child]]:
    """The reading of most of ``children`` (ephemerals and services, at least one), and those it holds for.

    The order is by number where the shape has numbers, else by name. The others are left out: a stray
    znode beside candidates is no candidate.
    """
    ranked: dict[str, list[Child]] = {}
    shapes: dict[str, Shape] = {}
    for one in children:
        shape = _shape(path, parent, one)
        shapes[shape.layout] = shape
        ranked.setdefault(shape.layout, []).append(one)
    counted = Counter({layout: len(members) for layout, members in ranked.items()})
    # Candidates before members where there are equally many; then by name, so that the reading is stable.
    best = min(counted, key=lambda layout: (-counted[layout], not shapes[layout].queues, layout))
    shape = shapes[best]
    if not shape.sure and shape.kind == "lock" and speaks_of_election(path):
        shape = shape._replace(kind="election", why=shape.why + " The path speaks of an election.")
    return shape, sorted(ranked[best], key=lambda one: (one.number is None, one.number or 0, one.name))


def _shape(path: str, parent: Znode | None, one: Child) -> Shape:
    if one.number is not None:
        if (
            one.bare.startswith("n_")
            and not speaks_of_election(path)
            and (address(one.znode.data) or _SPEAKS_OF_REGISTRY.search(path))
        ):
            return _COURSE_REGISTRY
        for shape in _SHAPES:
            if shape.pattern.search(one.bare):
                return shape
        if service(one.znode.data):
            return _SERVICES
        if address(one.znode.data) and not speaks_of_election(path):
            return _NUMBERED_REGISTRY
        return _QUEUE
    for shape in _SHAPES:
        if not shape.queues and shape.pattern.search(one.bare):
            return shape
    if service(one.znode.data):
        return _SERVICES
    return _CURATOR_MEMBERS if parent is not None and parent.kind == "container" else _MEMBERS


def holder(shape: Shape, members: list[Child]) -> Child | None:
    """The one that leads by order: the lowest number; nobody where several may hold at once."""
    if not shape.queues or not members or (shape.shared and shape.shared in members[0].name):
        return None
    return members[0]


def ahead(shape: Shape | None, members: list[str], index: int) -> int | None:
    """Index of the member that ``members[index]`` waits for and so watches; None for the first and for readers
    without a writer before them."""
    if shape is None or not shape.queues or index == 0:
        return None
    if shape.shared and shape.shared in members[index]:
        return next((i for i in range(index - 1, -1, -1) if shape.shared not in members[i]), None)
    return index - 1


def service(data: bytes) -> dict[str, object] | None:
    """A Curator ServiceInstance, or None."""
    if not data.startswith(b"{") or b'"address"' not in data or b'"id"' not in data:
        return None
    try:
        read = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) and {"name", "id", "address"} <= read.keys() else None


def address(data: bytes) -> str:
    """The data as an address ('http://host:port', 'host:port'), '' when they are none."""
    try:
        text = data[:200].decode().strip()
    except UnicodeDecodeError:
        return ""
    return text if _ADDRESS.match(text) else ""


def label(data: bytes) -> str:
    """What a member's data say of it, in at most 200 characters: an address, an id; '' for binary data."""
    instance = service(data)
    if instance is not None:
        where, port = instance["address"], instance.get("port")
        return f"{where}:{port}"[:200] if port else str(where)[:200]
    try:
        text = data[:800].decode().strip()
    except UnicodeDecodeError:
        return ""
    return text[:200] if text.isprintable() else ""
