"""The page of sessions: whose they are, the end of one by hand, and who watches what."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import StorageState, expect

from tests.browser.conftest import Opener
from tests.browser.demo import Demo
from tests.browser.page import Page


def names(page: Page) -> list[str]:
    return page.find(".ss-row .ss-name").all_inner_texts()


def row(page: Page, name: str) -> Any:
    return page.find(".ss-row").filter(has=page.tab.locator(".ss-name", has_text=re.compile(f"^{name}$")))


def on_sessions(page: Page, demo: Demo) -> Page:
    page.sees("nodes stand on the stage", lambda: len(page.in_state("alive", "leader")) >= 3)
    page.find('.top a[href$="/sessions"]').click()
    page.sees("every node is listed", lambda: sum(name.startswith("node-") for name in names(page)) >= 3)
    return page


def test_who_has_a_session_and_for_how_long(operator: Page, demo: Demo) -> None:
    page = on_sessions(operator, demo)
    first = page.sees("the leader's row", lambda: page.find(".ss-row", "leads /election")).first
    expect(first).to_contain_text("server’s own")
    expect(first).to_contain_text("4 s")
    expect(page.find(".ss-row", "never ended from here")).to_contain_text("Zooscope")
    part = page.find(".ss-row .ss-ring .rest").first
    seen = {part.get_attribute("stroke-dasharray")}

    def drains() -> bool:
        seen.add(part.get_attribute("stroke-dasharray"))
        return len(seen) > 5

    page.sees("the ring drains and is filled", drains)
    page.button("No connection").click()
    expect(page.find(".ss-none")).to_have_text("Every session has a connection.")
    page.button("All", exact=True).click()
    name = first.locator(".ss-name").inner_text()
    page.find(".ss-find input").fill(name)
    page.sees("only it is left", lambda: names(page) == [name])


def test_a_session_is_ended_by_hand_and_its_owner_comes_back(operator: Page, demo: Demo) -> None:
    page = on_sessions(operator, demo)
    leads = page.find(".ss-row", "leads /election").first
    name = leads.locator(".ss-name").inner_text()
    leads.locator(".ss-fold").click()
    before = page.find(".ss-detail .ss-break").inner_text()
    page.find(".ss-detail .ss-expire").click()
    dialog = page.find("dialog[open]")
    expect(dialog).to_contain_text(f"Expire {name}?")
    expect(dialog).to_contain_text("is next in line")
    heir = re.search(r"(node-\d+) \(c_", dialog.inner_text())
    assert heir is not None
    dialog.locator(".btn-grave").click()
    expect(page.find(".toast")).to_contain_text(f"The session of {name} has ended.")
    # Others may have gone just before, by what another test did.
    expect(row(page, name).filter(has_text="ended by ")).to_be_visible()
    page.sees("it has a new session", lambda: row(page, name).filter(has_not_text="ended by").count())
    page.sees("the next one leads", lambda: row(page, heir[1]).filter(has_text="leads /election").count())
    page.tab.goto(page.base + "/")
    page.sees("the story tells who did it", lambda: re.search(f"{name}.s session was ended by", page.headline()))
    assert "expired" not in page.headline()
    page.node(name).click()
    expect(page.find(".insp .facts")).not_to_contain_text(before)


def test_it_is_offered_in_the_inspector_of_a_node(operator: Page) -> None:
    follower = operator.some_follower()
    operator.node(follower).click()
    group = operator.find(".act", "Overrules ZooKeeper")
    group.get_by_role("button", name="Expire").click()
    expect(operator.find("dialog[open]")).to_contain_text(f"Expire {follower}?")
    operator.tab.keyboard.press("Escape")
    expect(operator.find("dialog[open]")).to_have_count(0)


def test_who_watches_what_is_asked_when_somebody_asks(operator: Page, demo: Demo) -> None:
    asked: list[str] = []
    operator.tab.on("request", lambda request: asked.append(request.url) if "/api/watches" in request.url else None)
    page = on_sessions(operator, demo)
    page.button("Who watches what").click()
    assert asked == []
    page.button("Ask who watches what").click()
    expect(page.find(".ww-list")).to_contain_text("/election/c_")
    expect(page.find(".ww-list li").filter(has_text="Zooscope itself")).to_have_count(1)
    assert len(asked) == 1
    # The chain, by the servers' own lists: each candidate but the last is watched by the next.
    page.find(".ww .ss-find input").fill("/election/c_")
    line: list[str] = []

    def watched() -> list[str]:
        return [text.split("\n")[0].rpartition("/")[2] for text in page.find(".ww-list li").all_inner_texts()]

    def chained() -> bool:
        """Ask again where somebody has joined since: an answer is of when it was asked."""
        with demo.zookeeper() as client:
            client.sync("/election")
            line[:] = sorted(client.get_children("/election"), key=lambda name: int(name[-10:]))
        if watched() == line[:-1]:
            return True
        again = page.button("Ask again")
        if again.is_enabled():
            again.click()
        return False

    page.sees("the chain", chained)
    page.tab.goto(page.base + f"/tree?znode=%2Felection%2F{line[0]}")
    page.button("Who watches this?").click()
    expect(page.find(".ww-who")).to_contain_text("node-")


def test_a_viewer_looks_and_ends_nothing(viewer: Page, demo: Demo) -> None:
    page = on_sessions(viewer, demo)
    page.find(".ss-fold").first.click()
    expect(page.find(".ss-detail")).to_contain_text("If it ended now")
    expect(page.find(".ss-expire")).to_have_count(0)
    expect(page.button("Who watches what")).to_have_count(0)


def test_a_phone_shows_cards(open_page: Opener, operator_state: StorageState, demo: Demo) -> None:
    page = open_page(operator_state, viewport={"width": 390, "height": 844}, has_touch=True).open("/sessions")
    page.sees("every node is listed", lambda: sum(name.startswith("node-") for name in names(page)) >= 3)
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= 390
    page.find(".ss-fold").first.click()
    expect(page.find(".ss-detail .ss-expire").first).to_be_visible()
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= 390
