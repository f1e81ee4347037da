"""Find a znode: in the whole tree, by path and by data, while the page stays live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.benchmarks.forest import fell
from tests.browser.demo import Demo
from tests.browser.page import Page

HOSTILE = "needle <img src=x onerror=alert(1)> \u202e"


@pytest.fixture(scope="module", autouse=True)
def znodes(demo: Demo) -> Iterator[None]:
    with demo.zookeeper() as client:
        client.ensure_path("/haystack")
        for start in range(0, 600, 200):
            batch = client.transaction()
            for number in range(start, start + 200):
                batch.create(f"/haystack/straw-{number:04}", b'{"owner": "worker %d"}' % number)
            batch.commit()
        client.create(f"/haystack/{HOSTILE}", b"<script>alert(1)</script>")
        yield
        fell(client, "/haystack")


def field(page: Page) -> Locator:
    page.tab.keyboard.press("/")
    box = page.tab.get_by_role("combobox", name="Find a znode")
    expect(box).to_be_focused()
    return box


def test_what_is_typed_is_found_and_gone_to(viewer: Page) -> None:
    box = field(viewer)
    box.press_sequentially("straw-0042")
    hits = viewer.find(".found")
    expect(hits).to_have_count(1)
    expect(hits.locator("mark")).to_have_text("straw-0042")
    expect(viewer.find(".seek-told")).to_contain_text("1 found, searched")
    box.press("ArrowDown")
    box.press("Enter")
    expect(viewer.row("straw-0042")).to_have_attribute("aria-selected", "true")
    expect(box).to_be_focused()
    box.press("Escape")
    expect(hits).to_have_count(0)
    expect(box).to_have_value("")


def test_globs_expressions_and_data(viewer: Page) -> None:
    box = field(viewer)
    hits = viewer.find(".found")
    viewer.button("glob", exact=True).click()
    box.fill("straw-00?7")
    expect(hits).to_have_count(10)
    viewer.button("regex", exact=True).click()
    box.fill("straw-0(1|2)00$")
    expect(hits).to_have_count(2)
    box.fill("straw-(")
    expect(viewer.find(".seek-told")).to_contain_text("missing )")
    viewer.button("data", exact=True).click()
    viewer.button("text", exact=True).click()
    box.fill('"worker 77"')
    expect(hits).to_have_count(1)
    expect(hits).to_contain_text("/haystack/straw-0077")
    expect(hits.locator("mark")).to_have_text('"worker 77"')
    expect(viewer.find(".seek-told")).to_contain_text("Only the first 1,024 bytes")


def test_results_stay_live_and_can_be_more_than_are_shown(viewer: Page, demo: Demo) -> None:
    box = field(viewer)
    hits = viewer.find(".found")
    box.fill("straw-05")
    expect(hits).to_have_count(100)
    with demo.zookeeper() as client:
        client.create("/haystack/new-straw-05", b"")
        expect(hits).to_have_count(101)
        client.delete("/haystack/new-straw-05")
        expect(hits).to_have_count(100)
    box.fill("straw")
    expect(viewer.find(".seek-told")).to_contain_text("The first 200; there are more")
    viewer.button("Show 1,000").click()
    expect(hits).to_have_count(600)


def test_hostile_names_are_text(viewer: Page) -> None:
    field(viewer).fill("needle")
    hit = viewer.find(".found")
    expect(hit).to_contain_text("/haystack/needle <img src=x onerror=alert(1)> \\u202E")
    hit.click()
    expect(viewer.find(".insp .zn .code")).to_contain_text("<script>alert(1)</script>")
    assert viewer.find("#app img, #app script").count() == 0
