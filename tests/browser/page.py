"""The page as a person sees and uses it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Locator, Request, expect

from tests.integration.ensemble import SCALE

NODES = """() => [...document.querySelectorAll('.slot-stage .node')].map((one) => ({
    name: one.querySelector('.hit').getAttribute('aria-label').split(',')[0],
    state: one.getAttribute('class').match(/is-(\\w+)/)[1],
    says: one.querySelector('.hit').getAttribute('aria-label'),
}))"""


class Page:
    """One tab. What must never happen on it is collected in ``trouble``.

    ``expected``: parts of messages that a test asks for; a browser itself complains of each error status.
    """

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base = base
        self.trouble: list[str] = []
        self.expected: set[str] = set()
        self.tab = context.new_page()
        self.tab.set_default_timeout(15_000 * SCALE)
        self.tab.on("console", self._on_console)
        self.tab.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.tab.on("dialog", self._on_dialog)
        self.tab.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if not any(part in message.text for part in self.expected):
            self.trouble.append(f"{message.type}: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        scheme, host, *_ = urlsplit(request.url)
        if scheme not in ("data", "blob") and host != urlsplit(self.base).netloc:
            self.trouble.append(f"request to {request.url}")

    def open(self, path: str = "/") -> Page:
        """Go to ``path``, and wait until the page is live."""
        self.tab.goto(self.base + path)
        self.is_live()
        return self

    def is_live(self, timeout: float = 15) -> None:
        self.says("LIVE", timeout)

    def says(self, word: str, timeout: float = 15) -> None:
        """The connection state begins with ``word``."""
        expect(self.find(".conn .lbl")).to_have_text(re.compile(f"^{word}"), timeout=timeout * 1000 * SCALE)

    def find(self, selector: str, text: str | None = None) -> Locator:
        return self.tab.locator(selector) if text is None else self.tab.locator(selector, has_text=text)

    def button(self, name: str | re.Pattern[str], exact: bool = False) -> Locator:
        return self.tab.get_by_role("button", name=name, exact=exact)

    def sees(self, what: str, question: Callable[[], Any], timeout: float = 15) -> Any:
        """Ask until the answer is true, letting the page run meanwhile."""
        deadline = time.monotonic() + timeout * SCALE
        while not (answer := question()):
            assert time.monotonic() < deadline, f"{what}: not so within {timeout * SCALE:g} s; nodes: {self.nodes()}"
            self.tab.wait_for_timeout(20)
        return answer

    def nodes(self) -> dict[str, dict[str, str]]:
        """Nodes on the stage by name: 'state' (alive, leader, paused, dead, …) and 'says', all that is said of it."""
        return {one["name"]: one for one in self.tab.evaluate(NODES)}

    def in_state(self, *states: str) -> list[str]:
        return [name for name, node in self.nodes().items() if node["state"] in states]

    def leader(self) -> str:
        """Name of the node drawn as the leader; '' while none is."""
        return next(iter(self.in_state("leader")), "")

    def some_follower(self) -> str:
        return self.sees("a follower stands on the stage", lambda: self.in_state("alive"))[0]

    def node(self, name: str) -> Locator:
        return self.find(".slot-stage .node .hit").and_(self.tab.get_by_role("button", name=re.compile(f"^{name},")))

    def server(self, number: str) -> Locator:
        return self.find(".slot-stage .hit").and_(self.tab.get_by_role("button", name=re.compile(f"^server {number},")))

    def act(self, what: Locator, label: str, confirm: bool = False) -> float:
        """Select ``what``, press an action, say yes where it asks. Returns when that was (monotonic)."""
        what.click()
        self.find(".act .do button", label).first.click()
        if confirm:
            at = time.monotonic()
            self.find("dialog[open] .btn-grave").click()
            return at
        return time.monotonic()

    def numerals(self) -> dict[str, set[str]]:
        """The story's numerals, by where they stand."""
        places = {"story": ".slot-story .num", "stage": ".slot-stage .numeral text", "tree": ".slot-tree .num",
                  "timeline": ".slot-timeline .numeral text"}  # fmt: skip
        return {place: set(self.find(selector).all_text_contents()) for place, selector in places.items()}

    def headline(self) -> str:
        return " ".join(self.find(".slot-story .headline").inner_text().split())

    def row(self, name: str) -> Locator:
        return self.find(".slot-tree .row").filter(has=self.tab.locator(".nm").get_by_text(name, exact=True))


def znode_url(path: str) -> str:
    return f"/tree?znode={quote(path, safe='')}"
