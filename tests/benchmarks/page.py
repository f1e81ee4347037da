"""What a person waits for at the page, in a real Chromium: its first live picture, and the next leader."""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.figures import Figure, save, show
from tests.browser.conftest import ARGUMENTS, CHROMIUM

ROOT = Path(__file__).parents[2]
ROUNDS = 3
TIMEOUT, TICK = 4.0, 1.0
"""Seconds, of the lab's nodes and servers."""

LIVE = "#app[data-live='LIVE'] .node.is-leader"
NEXT_LEADER = """async ([action, forbidden]) => {
  const told = () => document.querySelector(".node.is-leader [role=button]")?.getAttribute("aria-label") ?? "";
  const before = told().split(",")[0];
  const token = document.querySelector("meta[name=csrf-token]").content;
  const began = performance.now();
  const answer = await fetch(`/api/nodes/${before}/${action}`, { method: "POST", headers: { "X-CSRFToken": token } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  for (;;) {
    const now = told().split(",")[0];
    if (now && now !== before && told().includes("LEADER")) return performance.now() - began;
    if (performance.now() - began > forbidden) throw new Error(`nobody leads after ${forbidden} ms`);
    await new Promise(requestAnimationFrame);
  }
}"""
"""Acts on the node that the page shows as leader; ms until the page shows another one."""


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="zs") as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        environment = os.environ | {"ZOOSCOPE_HOME": home, "PORT": "24000", "NODES": str(2 * ROUNDS + 2)}
        began = time.monotonic()
        demo = subprocess.Popen(
            ["make", "--silent", "demo"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip
        try:
            assert demo.stdout is not None
            link = next(found.group() for line in demo.stdout if (found := re.search(r"http\S+/enter/\S+", line)))
            page = browser.new_page()
            page.goto(link)
            page.wait_for_selector(LIVE)
            live = time.monotonic() - began
            stopped = [next_leader(page, "stop") for _ in range(ROUNDS)]
            killed = [next_leader(page, "kill") for _ in range(ROUNDS)]
        finally:
            os.killpg(demo.pid, signal.SIGINT)
            demo.wait(10)
            browser.close()
    return [
        Figure("second 'make demo' to a live page", live, "s", 10.0),
        Figure(f"stop of the leader to the next on the page, worst of {ROUNDS}", max(stopped), "ms", 500.0),
        Figure("  the same, median", statistics.median(stopped), "ms"),
        Figure(f"kill of the leader to the next on the page, worst of {ROUNDS}", max(killed) / 1000, "s",
               TIMEOUT + TICK + 1),
        Figure("  the same, median", statistics.median(killed) / 1000, "s"),
    ]  # fmt: skip


def next_leader(page: Page, action: str) -> float:
    page.wait_for_selector(LIVE)
    return float(page.evaluate(NEXT_LEADER, [action, 20_000]))


if __name__ == "__main__":
    figures = measure()
    show(figures)
    save(figures)
