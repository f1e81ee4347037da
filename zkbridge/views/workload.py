"""Topic ``workload``: read off the tree, twice a second at the most. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.protocol.workload import Worker, Workload
from zkbridge.protocol.znodes import Change
from zkbridge.views.cast import Cast
from zkbridge.views.placing import Places, Placing, numbers, read_ledger
from zkbridge.views.reading import TreeReader
from zkbridge.views.tasks import News, NewsKind
from zkbridge.workload import (
    ASSIGN,
    ROOTS,
    STATUS,
    TASKS,
    Ledger,
    Order,
    Result,
    Tally,
    in_order,
    next_number,
    number_of,
    read,
)  # fmt: skip
from zkbridge.znode import Znode, join, parent_of

EVERY = 500
"""ms between two values."""
CHECK = 1_000
"""ms between two checks of all places."""
SLOW = 7_000
"""ms after which the end of a workload is told though not every task's place is known."""
WINDOW = 5
"""Seconds that a rate is of."""
SHOWN = 60
"""Seconds whose rates are shown."""
MOST = 200
"""Workers that are listed."""


def is_part(path: str) -> bool:
    return path in ROOTS or path.startswith((f"{TASKS}/", f"{ASSIGN}/", f"{STATUS}/"))


class Counter(msgspec.Struct):
    """Counts by the second: the last `SHOWN` of them."""

    total: int = 0
    seconds: deque[list[int]] = msgspec.field(default_factory=deque)

    def add(self, count: int, now: Ms) -> None:
        self.total += count
        second = int(now // 1000)
        if self.seconds and self.seconds[-1][0] == second:
            self.seconds[-1][1] += count
        else:
            self.seconds.append([second, count])
        while self.seconds and self.seconds[0][0] < second - SHOWN:
            self.seconds.popleft()

    def rate(self, now: Ms) -> float:
        """A second, over the last whole ones."""
        second = int(now // 1000)
        return sum(count for at, count in self.seconds if second - WINDOW <= at < second) / WINDOW

    def history(self, now: Ms) -> list[int]:
        second = int(now // 1000)
        known: dict[int, int] = dict(self.seconds)  # type: ignore[arg-type]
        counts = [known.get(at, 0) for at in range(second - SHOWN, second)]
        return counts if any(counts) else []


class WorkloadView:
    """``registry`` is where workers have their entries; '' where no lab is shown, and then there is no workload."""

    def __init__(self, tree: TreeReader, cast: Cast, registry: str) -> None:
        self._tree, self._cast, self._registry = tree, cast, registry
        self._placing = Placing()
        self._results = Counter()
        self._by: dict[str, Counter] = {}
        self._order = Order()
        self._nodes: dict[str, str] = {}
        """Entry to node, as long as its results or tasks are spoken of."""
        self._value = Workload("")
        self._news: list[News] = []
        self._told = ""
        """The run of which anything was told."""
        self._ended = ""
        """The run whose end was told."""
        self._since: Ms | None = None
        self._latest: Ms | None = None
        """When its last result came."""
        self._spoken: deque[str] = deque(maxlen=20)
        """zxids of changes of /tasks that are news, and need no other telling."""
        self._due = self._check_due = 0.0
        self._dirty = True

    def note(self, changes: Sequence[Change]) -> None:
        """Take in changes that the tree has already applied."""
        if not self._registry:
            return
        for change in changes:
            if change.kind == "gap":
                self._placing.forget()
                self._dirty = True
            elif is_part(change.path):
                self._dirty = True
                if change.path == TASKS:
                    before = self._order
                    self._note_order(change, before, self._take_order())
                if parent_of(change.path) == STATUS and change.kind in ("created", "data"):
                    self._result(change)

    def owns(self, change: Change) -> bool:
        """Whether ``change`` is the workload's, and so not to be told by itself: there are too many, and what matters
        is told as `news`."""
        if not self._registry or not is_part(change.path):
            return False
        if change.path == TASKS:
            return change.zxid in self._spoken
        return bool(self._order.run) or change.path in ROOTS and change.kind == "created"

    def news(self) -> list[News]:
        """What is new since the last call."""
        news, self._news = self._news, []
        return news

    @property
    def alive(self) -> int:
        """How many workers there are."""
        return len(self._tree.names(self._registry)) if self._registry else 0

    def rescan(self) -> None:
        """The whole tree was read anew."""
        self._placing.forget()
        self._dirty = True

    def refresh(self, live: bool, now: Ms) -> bool:
        """Make a new value where it is time for one; True when it differs. ``live``: the tree is as the ensemble is."""
        if not self._registry or not live or now < self._due:
            return False
        self._due = now + EVERY
        if not self._dirty and not self._value.state:
            return False
        self._dirty = False
        before, self._value = self._value, self._make(now)
        self._note_state(now)
        return before != self._value

    def value(self) -> Workload:
        return self._value

    def _result(self, change: Change) -> None:
        found, number = self._tree.get(change.path), number_of(change.path.rpartition("/")[2])
        if number is None or change.found or number < self._order.first:
            return
        self._results.add(1, change.at)
        self._latest = change.at
        if change.kind == "data" or found is not None and found.version:
            self._placing.twice(number, change.at)
        result = read(found.data, Result) if found is not None else Result()
        if result.entry:
            self._nodes[result.entry] = result.node
            self._by.setdefault(result.entry, Counter()).add(1, change.at)

    def _note_order(self, change: Change, before: Order, after: Order) -> None:
        """/tasks was created, or its data changed."""
        if change.found or change.kind not in ("created", "data") or before == after:
            return
        if after.run and after.run != before.run:
            kind: NewsKind = "ordered"
            self._told, self._since, self._latest = after.run, change.at, None
        elif after.run and after.state == "stopped":
            kind = "stopped"
        elif before.run and not after.run:
            kind = "cleared"
        else:
            return
        self._spoken.append(change.zxid)
        self._news.append(self._report(kind, change.at, after if after.run else before))

    def _note_state(self, now: Ms) -> None:
        """A new value was made."""
        order, state = self._order, self._value.state
        if not order.run:
            return
        if order.run != self._told:
            self._told, self._since = order.run, None
            if state in ("making", "finishing"):
                self._news.append(self._report("found", now, order))
            else:
                self._ended = order.run
        elif state == "done" and self._ended != order.run:
            at = now if self._latest is None else self._latest
            # What is said of all its tasks is said once all of them were looked at.
            if self._value.checked >= self._value.made or now - at > SLOW:
                self._ended = order.run
                self._news.append(self._report("done", at, order))

    def _report(self, kind: NewsKind, at: Ms, order: Order) -> News:
        value, root = self._value, self._tree.get(TASKS)
        made = value.made
        if kind == "stopped" and root is not None:
            made = max(0, next_number(root.cversion, root.num_children) - order.first)
        return News(
            kind, at, order.run, order.tasks, order.rate, order.work, made, value.done, value.again, value.checked,
            value.violated, self._since,
        )  # fmt: skip

    def _make(self, now: Ms) -> Workload:
        tree, root = self._tree, self._tree.get(TASKS)
        order = self._take_order()
        if root is None or not order.state:
            return Workload("")
        status, assign = tree.get(STATUS) or Znode(), tree.get(ASSIGN) or Znode()
        following = next_number(root.cversion, root.num_children)
        made = max(0, following - order.first)
        waiting, kept = tree.names(TASKS), tree.names(STATUS)
        ledger, known = read_ledger(status.data, len(status.data) >= status.data_length, following)
        if now >= self._check_due:
            self._check_due = now + CHECK
            self._check(order, following, ledger, known, now)
        done = ledger.done + len(kept)
        finishing = order.state == "stopped" or made >= order.tasks
        oldest = min(in_order(waiting), default="")
        first = tree.get(join(TASKS, oldest)) if oldest else None
        placing = self._placing
        return Workload(
            state="done" if finishing and done >= made else "finishing" if finishing else "making",
            stopped=order.state == "stopped" and made < order.tasks, tasks=order.tasks, pace=order.rate,
            work=order.work, made=made, waiting=len(waiting),
            assigned=sum(len(tree.names(join(ASSIGN, name))) for name in tree.names(ASSIGN)), done=done,
            again=read(assign.data, Tally).again, oldest=float(first.ctime) if first is not None else None,
            rate=self._results.rate(now), rates=self._results.history(now), workers=self._workers(now),
            checked=placing.checked, violations=placing.violations, violated=placing.violated + ledger.twice,
        )  # fmt: skip

    def _take_order(self) -> Order:
        root = self._tree.get(TASKS)
        order = read(root.data, Order) if root is not None else Order()
        if order.run != self._order.run:
            self._placing.clear()
            self._results, self._by, self._nodes = Counter(), {}, {}
        self._order = order
        return order

    def _check(self, order: Order, following: int, ledger: Ledger, known: int, now: Ms) -> None:
        tree = self._tree
        worked = {name: numbers(tree.names(join(ASSIGN, name))) for name in tree.names(ASSIGN)}
        self._placing.look(
            Places(
                order.first, following, numbers(tree.names(TASKS)), worked, numbers(tree.names(STATUS)), ledger, known
            ),
            now,
        )

    def _workers(self, now: Ms) -> dict[str, Worker]:
        """Those that have an entry, that have tasks, or that had some of the results."""
        alive, places = self._tree.names(self._registry), self._tree.names(ASSIGN)
        found: dict[str, Worker] = {}
        for name in sorted({*alive, *places, *self._by})[-MOST:]:
            queue, counter = len(self._tree.names(join(ASSIGN, name))), self._by.get(name, Counter())
            if name in alive or queue or counter.total:
                found[name] = Worker(
                    self._node(name), queue, counter.total, counter.rate(now), gone=name not in alive
                )
        return found

    def _node(self, entry: str) -> str:
        known = self._nodes.get(entry)
        if known is None:
            path = join(self._registry, entry)
            znode = self._tree.get(path)
            owner = self._cast.of_session(znode.owner) if znode is not None and znode.owner else ""
            known = self._cast.of_path(path) or owner
            if known:
                self._nodes[entry] = known
        return known
