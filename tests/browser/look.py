"""Pictures of the live page in its states, for people to look at: ``python -m tests.browser.look [folder]``.

Every state is a real one of a real demo; each is taken at 1600x900, 1440x900 and 390x844, dark and light.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import StorageState, sync_playwright

from tests.benchmarks.forest import plant, wide
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.demo import Demo
from tests.browser.page import Page
from tests.browser.test_3_servers import in_role, roles, start

SIZES = {
    "wide": {"width": 1600, "height": 900},
    "laptop": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
}
THEMES = ("light", "dark")
PAGES = ("tree", "ensemble", "sessions", "lab")


class Look:
    """Six tabs on one demo, side by side; `take` writes a picture of each."""

    def __init__(self, browser: object, demo: Demo, state: StorageState, folder: Path) -> None:
        self.folder = folder
        self.pages: dict[str, Page] = {}
        for size, viewport in SIZES.items():
            for theme in THEMES:
                context = browser.new_context(  # type: ignore[attr-defined]
                    viewport=viewport, color_scheme=theme, storage_state=state, has_touch=size == "phone"
                )
                self.pages[f"{size}-{theme}"] = Page(context, demo.base).open()
        self.page = self.pages["wide-light"]

    def take(self, name: str) -> None:
        for page, tab in self.pages.items():
            tab.tab.wait_for_timeout(300)
            tab.tab.screenshot(path=self.folder / f"{name}-{page}.png")
        print(f"  {name}")

    def leave(self, path: str) -> None:
        """Go where the page is not live."""
        for page in self.pages.values():
            page.tab.goto(page.base + path)
            page.says("NO QUORUM")

    def go(self, path: str) -> None:
        for page in self.pages.values():
            page.open(path)


def states(look: Look, demo: Demo) -> None:
    """From quiet to broken."""
    page = look.page
    page.sees("all nodes are here", lambda: len(page.in_state("alive", "leader")) == demo.nodes)
    look.take("1-live")
    leader = page.leader()
    page.act(page.node(leader), "Kill", confirm=True)
    page.sees("it is silent", lambda: " left" in page.nodes()[leader]["says"])
    look.take("2-session-lives-on")
    page.sees("another leads", lambda: page.leader() not in ("", leader))
    page.sees("it is told", lambda: f"{leader} was killed" in page.headline())
    look.take("3-failover")
    other = page.some_follower()
    page.act(page.node(other), "Pause")
    page.sees("it is paused", lambda: other in page.in_state("paused"))
    look.take("4-paused-node")
    page.act(page.node(other), "Resume")
    page.sees("it is back", lambda: other in page.in_state("alive"), 20)
    page.node(other).click()
    page.find(".act .do button", "Kill").first.click()
    look.take("5-dialog")
    page.tab.keyboard.press("Escape")
    page.tab.keyboard.press("?")
    look.take("5-keys")
    page.tab.keyboard.press("Escape")
    with demo.zookeeper() as client:
        client.ensure_path("/config")
        client.set("/config", b'{"queue":"/tasks","batch_size":20,"retry":{"max":3,"backoff_ms":250}}')
        plant(client, [*wide(3_000), (f"/{'long-name-' * 20}", b"")])
    look.go("/tree?znode=%2Fconfig")
    look.take("6-tree")
    look.go("/?znode=%2Fconfig")
    look.take("7-znode")
    for name in PAGES:
        look.go(f"/{name}")
        look.take(f"7-{name}")
    look.go("/")
    page.button("Pause").click()
    page.button("Add node").click()
    page.tab.wait_for_timeout(1500)
    look.take("8-paused-page")
    page.find(".conn .toggle").click()
    for number in in_role(page, "follower"):
        page.act(page.server(number), "Kill", confirm=True)
        page.sees(f"server {number} is down", lambda number=number: roles(page)[number] != "follower")
    page.says("NO QUORUM", 30)
    look.take("9-no-quorum")
    for name in PAGES:
        look.leave(f"/{name}")
        look.take(f"9-no-quorum-{name}")
    look.leave("/")
    for number in in_role(page, "down"):
        start(page, number)
    page.is_live(40)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        demo = Demo(Path(home), nodes=7)
        try:
            demo.start()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            context = browser.new_context()
            context.new_page().goto(demo.operator)
            states(Look(browser, demo, context.storage_state(), folder), demo)
            browser.close()
        finally:
            demo.stop()
    print(f"Pictures are in {folder}.")


if __name__ == "__main__":
    main()
