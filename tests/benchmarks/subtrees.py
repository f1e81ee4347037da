"""A subtree of 50,000 znodes, exported and imported through a real bridge and web process, and what they weigh."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from pathlib import Path

import psutil

from tests.benchmarks.figures import Figure
from tests.benchmarks.forest import forest, plant
from tests.benchmarks.running import Rounds, main
from tests.benchmarks.servers import servers
from tests.integration.caller import Caller
from tests.integration.ensemble import wait_for
from tests.integration.stack import Stack

ZNODES = 50_000


class Scales:
    """The most that each process weighed while it was watched, in MB above what it weighed before."""

    def __init__(self, stack: Stack) -> None:
        self._processes = {name: psutil.Process(stack.process(name).pid) for name in ("bridge", "web")}
        self._before = {name: self._weigh(name) for name in self._processes}
        self.most = dict.fromkeys(self._processes, 0.0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Scales:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _weigh(self, name: str) -> float:
        return self._processes[name].memory_info().rss / 1e6

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            for name, before in self._before.items():
                self.most[name] = max(self.most[name], self._weigh(name) - before)


def rounds() -> Rounds:
    with contextlib.ExitStack() as ends:
        ensemble = ends.enter_context(servers(3))
        with ensemble.client(20.0) as client:
            plant(client, forest(ZNODES))
        stack = Stack(ensemble.hosts)
        ends.callback(stack.stop)
        stack.start()
        caller = Caller(stack)
        wait_for("the tree is there", lambda: caller.get("/api/subtree", path="/forest").get("znodes", 0) > ZNODES)
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        while True:
            yield figures(stack, caller, folder)


def figures(stack: Stack, caller: Caller, folder: Path) -> list[Figure]:
    file = folder / "export.ndjson"
    caller.save("/forest/d0000", file)  # warm
    with Scales(stack) as exporting:
        began = time.perf_counter()
        caller.save("/forest", file)
        export = time.perf_counter() - began
    size = file.stat().st_size / 1e6
    began = time.perf_counter()
    counted = caller.get("/api/subtree", path="/forest")["znodes"]
    count = time.perf_counter() - began
    with Scales(stack) as importing:
        began = time.perf_counter()
        begun = caller.send("/api/jobs/import", file, path="/again")
        seen = {job["done"] for job in caller.follow(begun["job"]["id"], 300)}
        imported = time.perf_counter() - began
    job = caller.get(f"/api/jobs/{begun['job']['id']}")["job"]
    assert job["state"] == "done", job
    began = time.perf_counter()
    compared = caller.work(caller.post("/api/jobs/compare", {"left": "/forest", "right": "/again"}), 300)
    compare = time.perf_counter() - began
    assert compared["words"].startswith("Both are the same"), compared
    began = time.perf_counter()
    wanted = {"path": "/again", "confirm": "/again", "znodes": counted}
    removed = caller.work(caller.post("/api/jobs/delete", wanted), 300)
    deletion = time.perf_counter() - began
    assert removed["done"] == counted, removed
    return [
        Figure(f"export of {counted:,} znodes ({size:.0f} MB)", export, "s", 5.0),
        Figure("  the web process grew by", exporting.most["web"], "MB", 20.0),
        Figure("  the bridge grew by", exporting.most["bridge"], "MB", 40.0),
        Figure("import of the same", imported, "s", 60.0),
        Figure("  times that progress was seen", len(seen), "", floor=5.0),
        Figure("  the web process grew meanwhile by", importing.most["web"], "MB", 20.0),
        Figure("  the bridge grew by, 50,000 znodes more included", importing.most["bridge"], "MB", 120.0),
        Figure("comparison of both", compare, "s"),
        Figure("deletion of the copy", deletion, "s"),
        Figure("count", count * 1000, "ms"),
    ]


if __name__ == "__main__":
    main({"subtrees of 50,000 znodes": rounds})
