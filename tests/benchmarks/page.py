"""What a person waits for at the page, in a real Chromium: its first live picture, and the next leader."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.figures import Figure
from tests.benchmarks.running import Rounds, main
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.integration.commands import Command

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


def rounds() -> Rounds:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            while True:
                with tempfile.TemporaryDirectory(prefix="zs") as home:
                    yield figures(browser, home)
        finally:
            browser.close()


def figures(browser: Browser, home: str) -> list[Figure]:
    """Start a demo, and take its leader away, by stop and by kill."""
    began = time.monotonic()
    demo = Command(Path(home), "demo", NODES="4")
    context = browser.new_context()
    try:
        demo.wait_until_ready()
        page = context.new_page()
        page.goto(demo.link("Operator"))
        page.wait_for_selector(LIVE)
        live = time.monotonic() - began
        stopped, killed = next_leader(page, "stop"), next_leader(page, "kill")
    finally:
        context.close()
        demo.destroy()
    return [
        Figure("a demo that is installed, from its start to a live page", live, "s", 10.0),
        Figure("stop of the leader to the next on the page", stopped, "ms", 500.0),
        Figure("kill of the leader to the next on the page", killed / 1000, "s", TIMEOUT + TICK + 1),
    ]


def next_leader(page: Page, action: str) -> float:
    page.wait_for_selector(LIVE)
    return float(page.evaluate(NEXT_LEADER, [action, 20_000]))


if __name__ == "__main__":
    main({"starting and failing over": rounds})
