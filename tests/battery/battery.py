"""One run of the battery: writers, faults, and in the end what must be equal and complete."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from tests import claims
from tests.battery import checks, record, transactions, truth, walk
from tests.battery.bridge import Dump
from tests.battery.checks import Weight
from tests.battery.faults import FAULTS, Field, schedule
from tests.battery.follower import Follower
from tests.battery.logbook import Logbook
from tests.battery.processes import WatchedStack, Writers, since, znodes
from tests.battery.writers import DIRECTORIES, WRITERS
from tests.integration.ensemble import SCALE, RunningEnsemble
from tests.integration.proxy import Proxy, proxied
from zkbridge.protocol.topics import spell
from zkbridge.znode import Znode

LEAST = 100
"""Writes a second; with fewer a run is void."""

HEAL = 10.0
"""Seconds within which the tree must equal a fresh read."""

LONG = 240.0
"""Seconds from which a run is long enough to judge memory, and to lose the quorum for a minute."""

KEEPING = {"autopurge.purgeInterval": "0"}
"""Settings of the servers: their logs are needed to the end."""

SETTINGS = {"forceSync": "yes", **KEEPING}
"""Of servers that are killed. A lab's do not wait for the disk: then one that comes back acknowledges what it is sent
before it has joined, on which ZooKeeper 3.8 loses transactions by itself (ZOOKEEPER-4646, ZOOKEEPER-4685)."""

TOPS = [f"/b/w{number}" for number in range(WRITERS)]
WINDOWS = ["/", "/b", *TOPS, *(f"{top}/d{number}" for top in TOPS for number in range(DIRECTORIES))]
FOLLOWED = [path for top in TOPS for path in (top, f"{top}/mark", *(f"{top}/d0/n{n:02}" for n in range(7)))]
"""Znodes whose topics a page follows from beginning to end."""


class Figures(msgspec.Struct):
    """What a run has measured."""

    faults: list[str] = []
    writes: int = 0
    seconds: float = 0.0
    znodes: int = 0
    healed: float = 0.0
    """Seconds from the last fault's end to a tree that equals a fresh read."""
    changes: int = 0
    runs: int = 0
    gaps: int = 0
    stats: int = 0
    """Znodes whose whole Stat was compared through frames, beside the rows of all."""
    logged: int = 0
    """Changes in the servers' transaction logs."""
    checked: int = 0
    mismatches: int = 0
    dropped: int = 0
    warm: Weight | None = None
    """What the processes weighed once they were warm; None where a run is too short for that."""
    last: Weight | None = None


class Battery:
    """Use as ``async with battery(…) as b``: `b.trouble` for a while, then `b.judge`. ``wrong``: what did not hold."""

    def __init__(self, field: Field, writers: Writers, page: Follower, others: list[Follower], book: Logbook) -> None:
        self.field, self.figures = field, Figures()
        self.wrong: list[str] = []
        self._writers, self._page, self._others, self._book = writers, page, others, book
        self._base: tuple[Dump, int] | None = None

    async def begin(self) -> None:
        await asyncio.to_thread(self._writers.wait_until_writing)
        await self._page.until("live", self._page.live, 60)
        stack = self.field.stack
        self._base = await asyncio.to_thread(stack.dump), stack.descriptors()

    async def trouble(self, seed: int, seconds: float, say: Callable[[str], None]) -> None:
        """Faults of the seed's schedule, each healed before the next: every one once, then until the time is over.

        In the second half of a long run bridge and web process live on, so that their memory can be judged: they are
        weighed when half of that is over and every other fault came once more, and in the end.
        """
        stack, begun, late = self.field.stack, time.monotonic(), 0
        if seconds >= LONG:
            self.field.outage = 60.0
        for number, (pause, name, dice) in enumerate(schedule(seed)):
            passed = time.monotonic() - begun
            if passed > seconds and number >= len(FAULTS):
                break
            if seconds >= LONG and passed > seconds / 2:
                if name in ("killed_bridge", "killed_web"):
                    continue
                late += 1
                if self.figures.warm is None and late > len(FAULTS) and passed > seconds * 0.75:
                    self.figures.warm = await self._weigh()
            await asyncio.sleep(pause)
            weight = f"{stack.resident('bridge'):.0f} and {stack.resident('web'):.0f} MB"
            say(f"{time.monotonic() - begun:6.1f} s  {name:16}{weight}")
            self.figures.faults.append(name)
            await getattr(self.field, name)(dice)
            await self.field.healed()
        await asyncio.sleep(1.0)

    async def judge(self) -> list[str]:
        """End the writing, compare everything with everything, and return what is wrong."""
        summary = await asyncio.to_thread(self._writers.finish)
        figures = self.figures
        figures.writes, figures.seconds = summary.writes, summary.seconds
        if summary.writes < LEAST * summary.seconds:
            self.wrong.append(f"void: {summary.writes} writes in {summary.seconds:.1f} s are under {LEAST} a second")
        self.wrong += [f"void: {words}" for words in summary.broken]
        real = await self._heal()
        mine = {path for path in real if checks.by_writers(path)}
        if mine != set(summary.paths):
            self.wrong.append(f"void: the writers' record is wrong about {sorted(mine ^ set(summary.paths))[:3]}")
        await self._compare_memory()
        await self._compare_frames(real)
        await self._compare_log()
        await self._compare_costs()
        return [*self.wrong, *self.field.wrong]

    async def tree(self, within: float) -> tuple[dict[str, Znode], list[str], float]:
        """A fresh read, where the bridge's tree still differs from it ``within`` seconds after it, and the seconds."""
        with self.field.ensemble.client() as client:
            real = truth.comparable(await asyncio.to_thread(truth.fresh, client))
        begun = time.monotonic()
        while True:
            dump = await asyncio.to_thread(self.field.stack.dump)
            differ = checks.same_tree(real, truth.comparable(znodes(dump)), "the bridge")
            differ += ["A: the bridge is still reading"] * (not dump.settled)
            if not differ or since(begun) > within:
                return real, differ, since(begun)
            await asyncio.sleep(0.1)

    async def _heal(self) -> dict[str, Znode]:
        begun = time.monotonic()
        await self.field.healed()
        live = since(begun)
        real, differ, took = await self.tree(HEAL - live)
        self.wrong += differ
        try:
            claims.hold("A: the tree equals a fresh read", (live + took) * SCALE, HEAL)
        except AssertionError as late:
            self.wrong.append(str(late))
        self.figures.znodes, self.figures.healed = len(real), (live + took) * SCALE
        return real

    async def _weigh(self) -> Weight:
        stack = self.field.stack
        dump = await asyncio.to_thread(stack.dump)  # which takes memory itself: both times alike
        await asyncio.sleep(1.0)
        return Weight(stack.resident("bridge"), stack.resident("web"), dump.blocks, len(dump.znodes))

    async def _compare_memory(self) -> None:
        """Invariant H, with the writing ended, and the same tree, pages and topics as when it was weighed."""
        figures, begun = self.figures, time.monotonic()
        if figures.warm is None:
            return
        while True:
            figures.last = await self._weigh()
            wrong = checks.same_weight(figures.warm, figures.last)
            if not wrong or since(begun) > 20:  # garbage may be collected meanwhile
                break
        self.wrong += wrong

    async def _compare_frames(self, real: dict[str, Znode]) -> None:
        windows, wrong = await walk.rows(self.field.stack)
        self.wrong += wrong + checks.same_rows(real, windows)
        active = [path for path in real if not path.startswith("/ballast/") and path != truth.CONFIG]
        some = active + [path for path in real if path.startswith("/ballast/")][:: max(1, len(real) // 200)]
        self.figures.stats = len(some)
        self.wrong += await walk.stats(self.field.stack, real, some)
        tree, stats = self._others
        old = {path: [v["rows"][name] for name in v["order"]]
               for path in WINDOWS if (v := tree.values[walk.window(path)])["exists"]}  # fmt: skip
        self.wrong += [f"{words} (in a page that was there all the time)" for words in checks.same_windows(real, old)]
        for path in FOLLOWED:
            shown = stats.values[spell("znode", path=path)]
            self.wrong += checks.same_shown(path, real.get(path), shown)
        for page in (self._page, *self._others):
            self.wrong += page.wrong

    async def _compare_log(self) -> None:
        dump = await asyncio.to_thread(self.field.stack.dump)
        run = self._book.runs[-1]
        with contextlib.suppress(TimeoutError):
            await self._page.until("the whole log", lambda: run.last == dump.last and self._book.filled, 10)
        if run.last != dump.last:
            self.wrong.append(f"D: the bridge's log has {dump.last} changes, {run.last} came")
        self.wrong += self._book.wrong + await asyncio.to_thread(self._judge_log)
        figures = self.figures
        figures.changes = sum(len(run.entries) for run in self._book.runs)
        figures.runs = len(self._book.runs)
        figures.gaps = sum(entry["kind"] == "gap" for run in self._book.runs for entry in run.entries.values())
        figures.checked, figures.mismatches, figures.dropped = dump.checked, dump.mismatches, dump.dropped
        if dump.mismatches and not dump.dropped:
            self.wrong.append(f"A: the self-check found {dump.mismatches} mismatches")

    def _judge_log(self) -> list[str]:
        """The log by the writers' record, by the servers' transaction logs, and these two by one another."""
        ensemble = self.field.ensemble
        logged = transactions.committed([ensemble.home(server) for server in ensemble.processes])
        ops = checks.completed(record.read(self._writers.folder / "record"), logged)
        self.figures.logged = len(logged)
        return [
            *checks.same_record(ops, logged),
            *checks.log(self._book.runs, ops, checks.by_writers),
            *checks.log(self._book.runs, logged, checks.by_anybody),
        ]

    async def _compare_costs(self) -> None:
        assert self._base is not None
        stack, (before, sockets) = self.field.stack, self._base
        after = await asyncio.to_thread(stack.dump)
        await asyncio.sleep(1.0)
        for what, then, now in (
            ("threads of the bridge", before.threads, after.threads),
            ("open files of the bridge", before.descriptors, after.descriptors),
            ("open files of the web process", sockets, stack.descriptors()),
        ):
            if now > then * 1.1 + 3:
                self.wrong.append(f"H: there were {then} {what}, now there are {now}")


def servers(folder: Path, size: int) -> RunningEnsemble:
    """The servers of a battery, not started yet."""
    return RunningEnsemble(folder / "ensemble", size, **SETTINGS)


@contextlib.asynccontextmanager
async def battery(
    ensemble: RunningEnsemble, folder: Path, seed: int, *, rate: float, size: int, options: tuple[str, ...] = ()
) -> AsyncIterator[Battery]:
    """Writers, a bridge behind relays, a web process and three pages on an ensemble that runs.

    What bridge and web process log is in ``folder`` afterwards.
    """
    async with contextlib.AsyncExitStack() as rest:
        relays: dict[str, Proxy] = {}
        for server, ports in zip(ensemble.processes, ensemble.plan.ports, strict=True):
            relays[server] = await rest.enter_async_context(proxied(ports.client))
        stack = WatchedStack(",".join(f"127.0.0.1:{relay.port}" for relay in relays.values()), *options)
        rest.callback(stack.stop)
        rest.callback(stack.keep_logs, folder)
        with ensemble.client() as client:
            await asyncio.to_thread(truth.ballast, client, size)
        await asyncio.to_thread(stack.start)
        writers = Writers(ensemble.hosts, folder, seed, rate)
        rest.callback(writers.release)
        book = Logbook([*TOPS, "/zookeeper"])
        page = Follower(stack, ["status", "ensemble", book.WHOLE], book)
        tree = Follower(stack, [walk.window(path) for path in WINDOWS])
        stats = Follower(stack, [spell("znode", path=path) for path in FOLLOWED])
        for follower in (page, tree, stats):
            await rest.enter_async_context(follower)
        made = Battery(Field(ensemble, relays, stack, page), writers, page, [tree, stats], book)
        await made.begin()
        yield made


def words(figures: Figures) -> str:
    f = figures
    weight = "too short to judge memory"
    if f.warm is not None and f.last is not None:
        weight = (
            f"memory of the bridge {f.warm.bridge:.1f}, then {f.last.bridge:.1f} MB ({f.warm.blocks} and "
            f"{f.last.blocks} objects), of the web process {f.warm.web:.1f}, then {f.last.web:.1f} MB"
        )
    return (
        f"{f.writes} writes in {f.seconds:.0f} s ({f.writes / max(f.seconds, 1):.0f}/s), {len(f.faults)} faults; "
        f"{f.znodes} znodes equal {f.healed:.1f} s after the last; {f.changes} changes in {f.runs} runs of the "
        f"bridge with {f.gaps} gaps, held against {f.logged} in the servers' transaction logs; {f.stats} Stats "
        f"compared through frames; self-check: {f.checked} compared, {f.mismatches} wrong; {weight}; "
        f"timeouts x {SCALE:g}"
    )
