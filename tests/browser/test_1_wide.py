"""A parent with very many children: opened at once, scrolled through without holes, also while they change."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.benchmarks.forest import fell, plant, wide
from tests.browser.demo import Demo
from tests.browser.page import Page
from tests.browser.scrolling import open_parent, scroll, twist
from tests.integration.ensemble import SCALE

CHILDREN = 3_000


@pytest.fixture(scope="module", autouse=True)
def znodes(demo: Demo) -> Iterator[None]:
    with demo.zookeeper() as client:
        plant(client, wide(CHILDREN))
        yield
        fell(client, "/wide")


@pytest.fixture
def tree(viewer: Page) -> Page:
    viewer.tab.goto(viewer.base + "/tree")
    viewer.is_live()
    expect(viewer.row("/wide")).to_contain_text(re.compile(r"3,\d+ children"))
    return viewer


def test_it_opens_at_once_and_scrolls_without_holes(tree: Page) -> None:
    assert open_parent(tree.tab, "/wide", 5_000 * SCALE) < 1_000 * SCALE
    frames = scroll(tree.tab, 20_000, 4_000)
    assert len(frames.at) > 10 and frames.moved > 19_000
    assert frames.uncovered == frames.disordered == 0
    expect(tree.find(".row.waiting")).to_have_count(0)
    scroll(tree.tab, CHILDREN * 28, 200_000)
    expect(tree.row(f"n{CHILDREN - 1:06}")).to_be_visible()
    expect(tree.find(".row.waiting")).to_have_count(0)
    back = scroll(tree.tab, -20_000, 20_000)
    assert back.uncovered == back.disordered == 0
    twist_up(tree)


def test_what_is_looked_at_stays_where_it_is_while_others_come_and_go_above(tree: Page, demo: Demo) -> None:
    open_parent(tree.tab, "/wide", 5_000 * SCALE)
    scroll(tree.tab, 30 * 28, 4_000)
    stays = tree.row("n000040")
    expect(stays).to_be_visible()
    before = stays.bounding_box()
    with demo.zookeeper() as client:
        for number in range(5):
            client.create(f"/wide/n000003-{number}", b"")
        expect(stays).to_have_attribute("aria-posinset", "46")
        client.delete("/wide/n000003-0")
        expect(stays).to_have_attribute("aria-posinset", "45")
    assert stays.bounding_box() == before


def test_it_scrolls_without_holes_while_its_children_change(tree: Page, demo: Demo) -> None:
    open_parent(tree.tab, "/wide", 5_000 * SCALE)
    ends = threading.Event()
    with demo.zookeeper() as client:
        def change() -> None:
            number = 0
            while not ends.wait(0.01):
                number += 1
                client.set_async(f"/wide/n{number % 500:06}", b"%d" % number)
                client.create_async(f"/wide/n{number % 500:06}-{number}", b"")
                if number > 50:
                    client.delete_async(f"/wide/n{(number - 50) % 500:06}-{number - 50}")

        changing = threading.Thread(target=change)
        changing.start()
        try:
            frames = scroll(tree.tab, 10_000, 4_000)
        finally:
            ends.set()
            changing.join()
    assert frames.uncovered == frames.disordered == 0 and frames.moved > 9_000


def twist_up(tree: Page) -> None:
    tree.tab.keyboard.press("Home")
    tree.tab.evaluate("document.querySelector('.tree-rows').scrollTop = 0")
    twist(tree.tab, "/wide")
    expect(tree.row("n000001")).to_have_count(0)
