"""100,000 children under one znode on the real page: how soon a click shows them, and how smoothly they scroll.

A real ensemble, bridge, web process and Chromium, which has no GPU here: it draws with the same cores that all others
run on. So an empty page that scrolls in the same way stands beside each figure. Then the same while 1,000 changes a
second go through that parent: most are writes, some create or delete a child, near the place that is looked at.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

from kazoo.client import KazooClient
from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.forest import plant, wide
from tests.benchmarks.running import Rounds, main
from tests.benchmarks.servers import servers
from tests.browser.conftest import ARGUMENTS, CHROMIUM, WIDE
from tests.browser.scrolling import EMPTY, Frames, open_parent, scroll, twist
from tests.integration.ensemble import wait_for
from tests.integration.stack import ROOT, Stack

CHILDREN = 100_000
CHANGES, BATCH = 1_000, 0.02
NEAR = 2_000
"""Children, the first ones, that changes are about."""

SPEEDS = {"1,000 px/s": (3_000, 1_000), "4,000 px/s": (10_000, 4_000), "20,000 px/s": (40_000, 20_000)}
"""A slow wheel, a fast one, and a scroll bar that is dragged: px, and px a second."""

READ = ("1,000 px/s", "4,000 px/s")
"""Speeds at which a person can read, or nearly."""

WITHIN = 20_000.0
"""ms after which an opening has failed."""

KEPT = 2.5
"""Seconds after which a page has let go of windows that it does not show."""


def rounds() -> Rounds:
    with contextlib.ExitStack() as ends:
        ensemble = ends.enter_context(servers(1))
        with ensemble.client(20.0) as client:
            plant(client, wide(CHILDREN))
        stack = Stack(ensemble.hosts)
        ends.callback(stack.stop)
        stack.start()
        playwright = ends.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        ends.callback(browser.close)
        while True:
            yield figures(stack, browser)


def figures(stack: Stack, browser: Browser) -> list[Figure]:
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    try:
        empty, page = context.new_page(), context.new_page()
        empty.set_content(EMPTY)
        page.goto(stack.links["viewer"])
        anew(stack, page)
        first = open_parent(page, "/wide", WITHIN)
        again = opened_again(page)
        still = [figure for words in SPEEDS for figure in scrolled(page, empty, words, "")]
        with changing(stack.hosts):
            time.sleep(1)
            busy_again = opened_again(page)
            busy = [figure for words in READ for figure in scrolled(page, empty, words, f", {CHANGES:,} changes/s")]
    finally:
        context.close()
    return [
        Figure(f"{CHILDREN:,} children, first click on them to rows painted", first, "ms", 200.0),
        Figure("  the next click", again, "ms", 200.0),
        Figure(f"  the next click, {CHANGES:,} changes/s under it", busy_again, "ms", 200.0),
        *still,
        *busy,
    ]


def anew(stack: Stack, page: Page) -> None:
    """Start the bridge anew, so that nobody has looked at the parent before, and go to the tree."""
    stack.process("bridge").kill()
    stack.process("bridge").wait()
    before = stack.log("bridge").count(": live on")
    stack.launch_bridge()
    wait_for("the bridge is live", lambda: stack.log("bridge").count(": live on") > before, 60)
    page.goto(f"{stack.origin}/tree")
    page.wait_for_selector("#app[data-live='LIVE']")
    page.locator(".tree-rows .row", has_text="/wide").wait_for()
    page.wait_for_timeout(1_500)


def opened_again(page: Page) -> float:
    page.evaluate("document.querySelector('.tree-rows').scrollTop = 0")
    twist(page, "/wide")
    page.wait_for_timeout(KEPT * 1000)
    return open_parent(page, "/wide", WITHIN)


def scrolled(page: Page, empty: Page, words: str, more: str) -> list[Figure]:
    """Down from the top, beside the empty page."""
    seen = []
    for tab in (empty, page):
        tab.bring_to_front()
        tab.evaluate("document.querySelector('.tree-rows').scrollTop = 0")
        tab.wait_for_timeout(500)
        seen.append(scroll(tab, *SPEEDS[words]))
    theirs, ours = seen
    goal = 17.0 if words in READ else None
    where = f"scrolling at {words}{more}"

    def late(frames: Frames) -> float:
        return percentile(frames.intervals, 0.95)

    return [
        Figure(f"{where}, from frame to frame, p95", late(ours), "ms", goal, late(theirs), "an empty page"),
        Figure(f"  {where}, frames with rows still to come", ours.waiting / len(ours.at) * 100, "%"),
        Figure(f"  {where}, frames with holes or disorder", ours.uncovered + ours.disordered, "", 0.0),
    ]


@contextlib.contextmanager
def changing(hosts: str) -> Iterator[None]:
    writer = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.scrolling", "write", hosts], cwd=ROOT)
    try:
        yield
        assert writer.poll() is None, "the writer ended"
    finally:
        writer.kill()
        writer.wait()


def write(hosts: str) -> None:
    """`CHANGES` a second for two minutes at most; of ten, eight write, one creates a child, and one deletes it."""
    client = KazooClient(hosts)
    client.start()
    number, due = 0, time.monotonic()
    until = due + 120
    while due < until:
        for _ in range(int(CHANGES * BATCH)):
            number += 1
            path = f"/wide/n{number * 7 % NEAR:06}"
            if number % 10 == 8:
                client.create_async(f"{path}-new", b"")
            elif number % 10 == 9:
                client.delete_async(f"/wide/n{(number - 1) * 7 % NEAR:06}-new")
            else:
                client.set_async(path, str(number).encode())
        due += BATCH
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(sys.argv[2])
    else:
        main({"wide parents on the page": rounds})
