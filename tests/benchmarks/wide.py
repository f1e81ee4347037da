"""How long a window on 100,000 children takes: to open, and after each change, from the mirror's word to the frame.

Times are of the processor, so that what else the machine does hardly matters.
"""

from __future__ import annotations

import time

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.forest import wide
from tests.benchmarks.running import Rounds, main
from zkbridge.changes import ChangeKind, ChangeLog, Entry
from zkbridge.facts import SessionFacts
from zkbridge.scene import Scene
from zkbridge.topics import INTERVAL, Desk, Values
from zkbridge.tree import Harvest, Tree
from zkbridge.views.listing import ORDERS
from zkbridge.znode import Znode, name_of, pack

CHILDREN = 100_000
ROUNDS = 300
FOLLOWED = ("name", "newest")
"""Orders in which the window sees every change that is made here."""

AT_ONCE = 40
"""Changes within one frame's time, at 1,000 a second."""

START = 1_795_440_000_000.0


class Board:
    """Tree, log, scene and one hub's desk, as the bridge wires them."""

    def __init__(self, order: str) -> None:
        self.tree, self.log, self.now = Tree(), ChangeLog(), START
        children = {name_of(path): pack(Znode(czxid=zxid, data_length=100, data=data))
                    for zxid, (path, data) in enumerate(wide(CHILDREN)) if zxid}  # fmt: skip
        top = {"wide": pack(Znode(num_children=CHILDREN))}
        self.scene = Scene(self.tree, self.log, "bench", None, self.now)
        self.tree.adopt(Harvest(pack(Znode(num_children=1)), {"/": top, "/wide": children}, set()), 1, CHILDREN)
        self.scene.on_session(SessionFacts("live", self.now, 1, CHILDREN), self.now)
        self.zxid = CHILDREN
        self.desk = Desk(Values(self.scene))
        self.desk.subscribe(f"children?path=%2Fwide&offset={CHILDREN // 2 - 100}&order={order}")

    def frames(self) -> float:
        """ms that making the frames due now takes."""
        began = time.process_time()
        frames, _ = self.desk.step(self.now, 1)
        assert frames, "every change is seen in the window"
        return (time.process_time() - began) * 1000

    def change(self, count: int, number: int) -> float:
        """Create, write and delete ``count`` children; ms from there to the frame."""
        self.now += INTERVAL
        entries = []
        for n in range(number * count, number * count + count):
            self.zxid += 1
            kinds: tuple[ChangeKind, ...] = ("created", "data", "deleted")
            kind, which = kinds[n % 3], 50_000 + n % 90
            path = f"/wide/n{which:06}" if kind == "data" else f"/wide/n050050-{n // 3}"
            born = which if kind == "data" else self.zxid
            state = None if kind == "deleted" else Znode(czxid=born, mzxid=self.zxid, data_length=n)
            self.tree.apply({path: state}, self.zxid)
            entries.append(Entry(kind, path, self.now, self.zxid))
        changes = [self.log.append(entry) for entry in entries]
        began = time.process_time()
        self.scene.on_changes(changes, self.now)
        self.scene.tick(self.now)
        return (time.process_time() - began) * 1000 + self.frames()


def figures() -> list[Figure]:
    found = []
    for order in ORDERS:
        board = Board(order)
        found.append(Figure(f"{CHILDREN:,} children by {order}, opening a window", board.frames(), "ms", 200.0))
        if order not in FOLLOWED:
            continue
        single = [board.change(1, number) for number in range(ROUNDS)]
        burst = [board.change(AT_ONCE, ROUNDS + number) for number in range(ROUNDS)]
        found += [
            Figure(f"  by {order}, a frame after one change, p99", percentile(single, 0.99), "ms", 5.0),
            Figure(f"  by {order}, a frame at 1,000 changes a second, p50", percentile(burst, 0.5), "ms"),
            Figure(f"  by {order}, a frame at 1,000 changes a second, p99", percentile(burst, 0.99), "ms", 20.0),
        ]
    return found


def rounds() -> Rounds:
    while True:
        yield figures()


if __name__ == "__main__":
    main({"wide parents in the bridge": rounds})
