"""Seeded random writers, a process of their own: ``python -m tests.battery.writers HOSTS FOLDER SEED RATE``.

They write until SIGTERM, then leave ``record`` and ``summary`` in FOLDER, and keep their sessions (and so their
ephemerals) until the end of standard input. Each writer owns all below ``/b/w<number>``, so it knows for certain what
is there: where the end of a request is not known it looks, after a sync, and so the record has no 'perhaps'. (Only what
was done to an ephemeral is not recorded where its session ended before one could look.)
"""

from __future__ import annotations

import logging
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NoNodeError

from tests.battery.record import Op, Summary

WRITERS = 6
DIRECTORIES = 4
NAMES = 40
"""Names in each directory, so that the same path comes and goes many times."""

TIMEOUT = 6.0


class Record:
    """One for all writers."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._lock = threading.Lock()
        self.writes = 0

    def take(self, ops: list[Op]) -> None:
        with self._lock:
            self.writes += 1
            self._file.write(b"".join(msgspec.json.encode(op) + b"\n" for op in ops))

    def close(self) -> None:
        self._file.close()


class Broken(Exception):
    """What a writer alone may change is not as it left it."""


class Writer:
    """Call `step` again and again. ``versions``: what it owns, with the version of the data."""

    def __init__(self, hosts: str, number: int, seed: int, record: Record) -> None:
        self.top = f"/b/w{number}"
        self.versions: dict[str, int] = {}
        self.ephemerals: dict[str, int] = {}
        """Path to the session that owns it."""
        self._dice = random.Random(f"{seed}/{number}")  # noqa: S311
        self._record = record
        self._zxid = 0
        self._count = 0
        self._hosts = hosts
        self.client = self._connect()
        self._create(self.top)
        self._create(f"{self.top}/mark")
        for directory in range(DIRECTORIES):
            self._create(f"{self.top}/d{directory}")

    def step(self) -> None:
        """One random write; when its end is not known, find it out."""
        self._bury()
        acts: list[tuple[Callable[[], None], int]] = [
            (self._create_some, 25), (self._set_some, 38), (self._delete_some, 18), (self._create_sequential, 7),
            (self._create_ephemeral, 6), (self._multi, 6), (self._leave, 1),
        ]  # fmt: skip
        (act,) = self._dice.choices([act for act, _ in acts], [weight for _, weight in acts])
        if act == self._leave and self._dice.random() > 0.1:
            return
        act()

    # ── what it does ────────────────────────────────────────────────────────

    def _create_some(self) -> None:
        path = f"{self._directory()}/n{self._dice.randrange(NAMES):02}"
        if path in self.versions:
            self._set(path)
        else:
            self._create(path)

    def _set_some(self) -> None:
        self._set(self._dice.choice(sorted(self.versions)))

    def _delete_some(self) -> None:
        leaves = self._leaves()
        if leaves:
            self._delete(self._dice.choice(leaves))

    def _create_sequential(self) -> None:
        self._create(f"{self._directory()}/s{self._next()}-", sequence=True)

    def _create_ephemeral(self) -> None:
        self._create(f"{self._directory()}/e{self._next()}-", sequence=self._dice.random() < 0.5, ephemeral=True)

    def _multi(self) -> None:
        """A grove is planted whole, or felled whole. The mark's Stat tells the zxid of the transaction."""
        root = f"{self._directory()}/g{self._dice.randrange(3)}"
        grove = [root, f"{root}/a", f"{root}/b", f"{root}/c"]
        plants = root not in self.versions
        mark = f"{self.top}/mark"
        planned = self.versions[mark] + 1

        def send() -> list[object]:
            transaction = self.client.transaction()
            for path in grove if plants else reversed(grove):
                if plants:
                    transaction.create(path, b"grove")
                else:
                    transaction.delete(path)
            transaction.set_data(mark, self._data())
            results: list[object] = transaction.commit()
            for result in results:
                if isinstance(result, Exception):
                    raise result
            return results

        results = self._ask(send)
        if results is None:
            stat = self._look(mark)
            if stat is None or stat.version != planned:
                return
        else:
            stat = results[-1]
        zxid = stat.mzxid
        kind = "created" if plants else "deleted"
        ops = [Op(kind, path, zxid, zxid) for path in grove]
        self._done([*ops, Op("data", mark, zxid, zxid, planned)])

    def _leave(self) -> None:
        """Close the session: its ephemerals go with it."""
        self.client.stop()
        self.client.close()
        self.client = self._connect()
        self._bury()

    # ── single writes ───────────────────────────────────────────────────────

    def _create(self, path: str, *, sequence: bool = False, ephemeral: bool = False) -> None:
        made = self._ask(
            lambda: self.client.create(path, self._data(), sequence=sequence, ephemeral=ephemeral, include_data=True)
        )
        if made is None:
            if sequence:
                path = self._find(path)
            stat = self._look(path) if path else None
        else:
            path, stat = made
        if stat is not None:
            if stat.owner_session_id:
                self.ephemerals[path] = stat.owner_session_id
            self._done([Op("created", path, stat.czxid, stat.czxid)])

    def _set(self, path: str) -> None:
        version = self.versions[path] + 1
        stat = self._ask(lambda: self.client.set(path, self._data()))
        if stat is None:
            stat = self._look(path)
            if stat is None or stat.version != version:
                return
        elif stat.version != version:
            raise Broken(f"{path} has version {stat.version} after a write, not {version}")
        self._done([Op("data", path, stat.mzxid, stat.mzxid, version)])

    def _delete(self, path: str) -> None:
        low = self._zxid + 1
        if self._ask(lambda: self.client.delete(path)) is None and self._look(path) is not None:
            return
        self._done([Op("deleted", path, low, self._high())])

    def _ask(self, send: Callable[[], object]) -> object:
        """The answer (True where it is empty), or None where there was none and one has to look."""
        try:
            return send() or True
        except NoNodeError:
            if all(owner == self._session() for owner in self.ephemerals.values()):
                raise
            return None  # an ephemeral of a session that has expired meanwhile
        except (KazooException, self.client.handler.timeout_exception):
            return None

    # ── looking ─────────────────────────────────────────────────────────────

    def _look(self, path: str) -> object:
        return self._insist(lambda: self.client.exists(path))

    def _find(self, prefix: str) -> str:
        parent, _, start = prefix.rpartition("/")
        names: list[str] = self._insist(lambda: self.client.get_children(parent))  # type: ignore[assignment]
        return next((f"{parent}/{name}" for name in names if name.startswith(start)), "")

    def _insist(self, look: Callable[[], object]) -> object:
        """Look after a sync, however long it takes until somebody answers."""
        while True:
            try:
                self.client.sync(self.top)
                return look()
            except (KazooException, self.client.handler.timeout_exception):
                time.sleep(0.05)

    def _bury(self) -> None:
        """Ephemerals of a session that is no more are gone: say so."""
        current = self._session()
        lost = [path for path, owner in self.ephemerals.items() if owner != current]
        if not lost or not current:
            return
        low, deadline = self._zxid + 1, time.monotonic() + 10 * TIMEOUT
        for path in lost:
            while self._look(path) is not None:  # a session that could not be closed has to expire
                if time.monotonic() > deadline:
                    raise Broken(f"{path} has outlived its session")
                time.sleep(0.1)
        high = self._high()
        self._done([Op("deleted", path, low, high) for path in lost])

    def _done(self, ops: list[Op]) -> None:
        for op in ops:
            if op.kind == "deleted":
                del self.versions[op.path]
                self.ephemerals.pop(op.path, None)
            else:
                self.versions[op.path] = op.version
            self._zxid = max(self._zxid, op.low if op.kind == "deleted" else op.high)
        self._record.take(ops)

    # ── small things ────────────────────────────────────────────────────────

    def _connect(self) -> KazooClient:
        client = KazooClient(self._hosts, timeout=TIMEOUT)
        while True:
            try:
                client.start(15)
                return client
            except client.handler.timeout_exception:
                continue

    def _session(self) -> int:
        """0 between two sessions."""
        known = self.client.client_id
        return known[0] if known else 0

    def _high(self) -> int:
        """No transaction of this writer that has been answered has a higher zxid."""
        return max(self._zxid + 1, self.client.last_zxid)

    def _directory(self) -> str:
        return f"{self.top}/d{self._dice.randrange(DIRECTORIES)}"

    def _leaves(self) -> list[str]:
        kept = {f"{self.top}/d{number}" for number in range(DIRECTORIES)} | {self.top, f"{self.top}/mark"}
        return [path for path in sorted(self.versions) if path not in kept and "/g" not in path]

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _data(self) -> bytes:
        return self._dice.randbytes(self._dice.randrange(1, 60))


def main(hosts: str, folder: Path, seed: int, rate: float) -> None:
    logging.getLogger("kazoo").setLevel(logging.CRITICAL)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    first = KazooClient(hosts, timeout=TIMEOUT)
    first.start(30)
    first.ensure_path("/b")
    first.stop()
    first.close()
    record = Record(folder / "record")
    writers = [Writer(hosts, number, seed, record) for number in range(WRITERS)]
    (folder / "ready").touch()
    broken: list[str] = []

    def write(writer: Writer) -> None:
        due = time.monotonic()
        while not stop.is_set():
            try:
                writer.step()
            except Exception as error:
                broken.append(f"{writer.top}: {error!r}")
                return
            due = max(due + WRITERS / rate, time.monotonic() - 0.5)
            time.sleep(max(0.0, due - time.monotonic()))

    begun, before = time.monotonic(), record.writes
    threads = [threading.Thread(target=write, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    stop.wait()
    seconds = time.monotonic() - begun
    for thread in threads:
        thread.join()
    for writer in writers:
        writer._bury()
    record.close()
    paths = sorted(path for writer in writers for path in writer.versions)
    summary = Summary(record.writes - before, seconds, paths, broken)
    (folder / "summary.new").write_bytes(msgspec.json.encode(summary))
    (folder / "summary.new").rename(folder / "summary")
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
