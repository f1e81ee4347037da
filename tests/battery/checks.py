"""What must hold in the end, by the names of the invariants. Values in, sentences about what is wrong out.

A, B: the tree equals a fresh read. C: what frames tell equals the tree. D: the change log is ordered and unique, its
gaps are explicit, and between them it has every change of the writers' record, and nothing else.
"""

from __future__ import annotations

from base64 import b64decode
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.battery.logbook import Run
from tests.battery.record import Op, ephemeral
from zkbridge.facts import hexadecimal
from zkbridge.znode import Znode, join, name_of, parent_of

FOREVER = 1 << 62
GROWTH = 1.1
"""By how much memory, and the tree, may have grown in the meantime."""
_TELLING = ("created", "data", "deleted")


def same_tree(truth: Mapping[str, Znode], shown: Mapping[str, Znode], whose: str) -> list[str]:
    """Invariants A and B: every znode, in every field."""
    wrong = [f"B: {whose} has the phantom {path}" for path in sorted(shown.keys() - truth.keys())]
    wrong += [f"B: {whose} misses {path}" for path in sorted(truth.keys() - shown.keys())]
    for path in sorted(truth.keys() & shown.keys()):
        if truth[path] != shown[path]:
            wrong.append(f"A: {whose} has {path} as {shown[path]}, a fresh read as {truth[path]}")
    return wrong


def same_rows(truth: Mapping[str, Znode], windows: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """Invariant C of the topic 'children': ``windows`` has the rows of each parent, in the order of names."""
    parents = {path for path, znode in truth.items() if znode.num_children}
    wrong = [f"C: no window on {parent} was offered" for parent in sorted(parents - windows.keys())]
    return wrong + same_windows(truth, windows)


def same_windows(truth: Mapping[str, Znode], windows: Mapping[str, Sequence[dict[str, Any]]]) -> list[str]:
    """The same of some windows."""
    wrong = []
    children: dict[str, list[str]] = defaultdict(list)
    for path in truth:
        if path != "/":
            children[parent_of(path)].append(name_of(path))
    for parent, rows in windows.items():
        expected = [_row(name, truth[join(parent, name)]) for name in sorted(children[parent])]
        shown = [(r["name"], r["kind"], r.get("children", 0), r.get("size", 0), r.get("version", 0), r.get("owner", ""))
                 for r in rows]  # fmt: skip
        if shown != expected:
            differ = [pair for pair in zip(shown, expected, strict=False) if pair[0] != pair[1]][:1]
            wrong.append(f"C: the window on {parent} has {len(shown)} rows, there are {len(expected)}; first: {differ}")
    return wrong


def same_shown(path: str, znode: Znode | None, shown: Mapping[str, Any]) -> list[str]:
    """Invariant C of the topic 'znode'."""
    data = b64decode(shown.get("data", ""))
    if znode is None or not shown["exists"]:
        return [] if (znode is None) != shown["exists"] else [f"C: topic 'znode' is wrong about whether {path} exists"]
    stat = {
        "czxid": hexadecimal(znode.czxid), "mzxid": hexadecimal(znode.mzxid), "pzxid": hexadecimal(znode.pzxid),
        "ctime": znode.ctime, "mtime": znode.mtime, "version": znode.version, "cversion": znode.cversion,
        "aversion": znode.aversion, "owner": hexadecimal(znode.owner), "data_length": znode.data_length,
        "children": znode.num_children,
    }  # fmt: skip
    wrong = [f"C: topic 'znode' has {path} with {shown['stat']}, a fresh read with {stat}"] * (shown["stat"] != stat)
    return wrong + [f"C: topic 'znode' shows other data of {path}"] * (data != znode.data)


class Weight(NamedTuple):
    """Memory of bridge and web process, MB, what the bridge has allocated, and the size of its tree at that moment."""

    bridge: float
    web: float
    blocks: int
    znodes: int


def same_weight(warm: Weight, now: Weight) -> list[str]:
    """Invariant H for memory. With another size of tree it can be neither kept nor broken."""
    if not warm.znodes / GROWTH <= now.znodes <= warm.znodes * GROWTH:
        return [f"void: the tree had {warm.znodes} znodes when memory was weighed, now it has {now.znodes}"]
    return [
        f"H: {what} was {before:,.1f} once all was warm, now it is {after:,.1f}"
        for what, before, after in (
            ("the bridge's memory in MB", warm.bridge, now.bridge),
            ("the web process' memory in MB", warm.web, now.web),
            ("the number of the bridge's objects", warm.blocks, now.blocks),
        )
        if after > before * GROWTH
    ]


def completed(ops: Sequence[Op], logged: Sequence[Op]) -> list[Op]:
    """The writers' record with what they cannot know: what was done to an ephemeral whose session had ended, and the
    znode with it, before a writer that got no answer could look."""
    own = _Record(ops, by_writers)
    return [*ops, *(op for op in logged if ephemeral(op.path) and by_writers(op.path)
                    and not own.has(op.kind, op.path, op.zxid))]  # fmt: skip


def same_record(ops: Sequence[Op], logged: Sequence[Op]) -> list[str]:
    """Whether the writers' record and the servers' transaction logs agree, so that either can judge."""
    own, theirs = _Record(ops, by_writers), _Record(logged, by_writers)
    wrong = [f"void: {op} of the writers' record is in no server's log" for op in ops if not theirs.holds(op)]
    wrong += [
        f"void: {op} of the servers' logs is not in the writers' record" for op in logged
        if op.certain and by_writers(op.path) and not own.has(op.kind, op.path, op.zxid)
    ]  # fmt: skip
    return wrong[:5]


def by_writers(path: str) -> bool:
    return path.startswith("/b/w")


def by_anybody(path: str) -> bool:
    """Each server writes `/zookeeper/config` by itself, in no transaction."""
    return not path.startswith("/zookeeper")


def log(runs: Sequence[Run], ops: Sequence[Op], about: Callable[[str], bool] = by_writers) -> list[str]:
    """Invariant D, by a record of all that was done to the paths that it is ``about``."""
    wrong: list[str] = []
    record = _Record(ops, about)
    for run in runs:
        missing = run.missing()
        if missing:
            wrong.append(f"D: run {run.name} has holes: {len(missing)} changes never came, the first is {missing[0]}")
            continue
        wrong += _unique(run)
        for segment in _segments(run):
            wrong += segment.ordered() + segment.true(record) + segment.in_step(record) + segment.complete(record)
    return wrong


class _Record:
    """A record, to be looked up by zxid."""

    def __init__(self, ops: Sequence[Op], about: Callable[[str], bool]) -> None:
        self.about = about
        self._exact = {(op.kind, op.path, op.zxid) for op in ops if op.zxid}
        self._zxids: dict[tuple[str, str], list[int]] = defaultdict(list)
        for kind, path, zxid in self._exact:
            self._zxids[kind, path].append(zxid)
        self._vague: dict[tuple[str, str], list[Op]] = defaultdict(list)
        for op in ops:
            if not op.zxid:
                self._vague[op.kind, op.path].append(op)
        self._ops = sorted(ops, key=lambda op: op.high)
        self._widest = max((op.high - op.low for op in ops), default=0)

    def has(self, kind: str, path: str, zxid: int) -> bool:
        return (kind, path, zxid) in self._exact or any(
            op.low <= zxid <= op.high for op in self._vague.get((kind, path), ())
        )

    def holds(self, op: Op) -> bool:
        """Something that ``op`` may be."""
        if op.zxid:
            return (op.kind, op.path, op.zxid) in self._exact
        return any(op.low <= zxid <= op.high for zxid in self._zxids.get((op.kind, op.path), ()))

    def between(self, least: int, most: int) -> Iterator[Op]:
        """All that may have happened after ``least`` and not after ``most``."""
        for op in self._ops[bisect_right(self._ops, least, key=lambda op: op.high) :]:
            if op.high > most + self._widest:
                return
            if op.low <= most and self.about(op.path):
                yield op


class _Told(NamedTuple):
    """One change as the log tells it; of a write that is told together with later ones only the kind is known."""

    kind: str
    zxid: int
    sure: bool
    version: int | None

    def fits(self, op: Op) -> bool:
        """A zxid that is not sure is the highest that it can have been."""
        version = op.version if self.kind != "data" or self.version is None else self.version
        most = op.high if self.sure else FOREVER
        return (self.kind, version) == (op.kind, op.version) and op.low <= self.zxid <= most


class _Segment:
    """What came between two gaps. Changes from ``low`` to ``high`` must be here, from ``least`` to ``most`` may be."""

    def __init__(self, run: Run, least: int, low: int) -> None:
        self.name = f"run {run.name}, after zxid {low:#x}"
        self.least, self.low = least, low
        self.high = self.most = FOREVER
        self.entries: list[dict[str, Any]] = []

    def seen(self) -> list[dict[str, Any]]:
        """What was seen as it happened."""
        return [entry for entry in self.entries if not entry.get("found", False) and entry["kind"] in _TELLING]

    def ordered(self) -> list[str]:
        highest, wrong = 0, []
        for entry in self.seen():
            if entry.get("sure", True):
                zxid = _zxid(entry)
                if zxid < highest:
                    wrong.append(f"D: {self.name}: change {entry['id']} ({zxid:#x}) comes after {highest:#x}")
                highest = max(highest, zxid)
        return wrong

    def true(self, record: _Record) -> list[str]:
        """Nothing is told that nobody did."""
        wrong = []
        for entry in self.entries:
            kind, path, zxid = entry["kind"], entry["path"], _zxid(entry)
            if kind not in _TELLING or not record.about(path) or not entry.get("sure", True):
                continue
            if not record.has(kind, path, zxid):
                wrong.append(f"D: {self.name}: nobody did what change {entry['id']} tells: {entry}")
        return wrong

    def in_step(self, record: _Record) -> list[str]:
        """What happened to a path is told in the order in which it happened, with the versions that it led to."""
        told: dict[str, list[_Told]] = defaultdict(list)
        for entry in self.seen():
            before = [_Told(entry["kind"], FOREVER, False, None)] * (entry.get("writes", 1) - 1)
            last = _Told(entry["kind"], _zxid(entry), entry.get("sure", True), entry.get("version"))
            told[entry["path"]] += [*before, last]
        done: dict[str, list[Op]] = defaultdict(list)
        for op in record.between(self.least, self.most):
            done[op.path].append(op)
        wrong = []
        for path, those in told.items():
            ops = done[path]
            if record.about(path) and not any(
                all(one.fits(op) for one, op in zip(those, ops[at:], strict=False))
                for at in range(len(ops) - len(those) + 1)
            ):
                wrong.append(f"D: {self.name}: {path} is told as {those}, which is not how it was: {ops}")
        return wrong

    def complete(self, record: _Record) -> list[str]:
        """Every change is told, as often as it happened; writes may be told together."""
        told: Counter[tuple[str, str]] = Counter()
        for entry in self.seen():
            told[entry["kind"], entry["path"]] += entry.get("writes", 1)
        must: Counter[tuple[str, str]] = Counter()
        may: Counter[tuple[str, str]] = Counter()
        for op in record.between(self.least, self.most):
            certain = op.certain and self.low < op.low and op.high <= self.high
            (must if certain else may)[op.kind, op.path] += 1
        wrong = []
        for (kind, path), count in must.items():
            if told[kind, path] < count:
                wrong.append(f"D: {self.name}: {path} was {kind} {count} times, which is told {told[kind, path]} times")
        for (kind, path), count in told.items():
            if record.about(path) and count > must[kind, path] + may[kind, path]:
                most = must[kind, path] + may[kind, path]
                wrong.append(f"D: {self.name}: {path} was {kind} {most} times, which is told {count} times")
        return wrong


def _segments(run: Run) -> list[_Segment]:
    current: _Segment | None = None
    segments: list[_Segment] = []
    for number in sorted(run.entries):
        entry = run.entries[number]
        if entry["kind"] == "gap":
            if current is not None:
                current.high, current.most = _zxid(entry), int(entry["until"], 16)
            current = _Segment(run, _zxid(entry), int(entry["until"], 16))
            segments.append(current)
        elif current is None:  # the log of a run begins somewhere, with the first change that it saw
            current = _Segment(run, 0, _zxid(entry))
            segments.append(current)
            current.entries.append(entry)
        else:
            current.entries.append(entry)
    if run.ended and current is not None:
        sure = [_zxid(entry) for entry in current.seen() if entry.get("sure", True)]
        current.high = max(sure, default=current.low + 1) - 1
    return segments


def _unique(run: Run) -> list[str]:
    seen: dict[tuple[str, str, str], int] = {}
    wrong = []
    for number, entry in run.entries.items():
        if entry["kind"] in _TELLING and entry.get("sure", True):
            key = entry["kind"], entry["path"], entry["zxid"]
            if key in seen:
                wrong.append(f"D: changes {seen[key]} and {number} of run {run.name} tell the same: {entry}")
            seen[key] = number
    return wrong


def _row(name: str, znode: Znode) -> tuple[str, str, int, int, int, str]:
    owner = hexadecimal(znode.owner) if znode.kind == "ephemeral" else ""
    return name, znode.kind, znode.num_children, znode.data_length, znode.version, owner


def _zxid(entry: Mapping[str, Any]) -> int:
    return int(entry.get("zxid") or "0", 16)
