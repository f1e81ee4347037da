"""For a room: what is large enough for its last row, what Space does, and what can be seen of the lanes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import StorageState, expect

from tests.browser.conftest import Opener
from tests.browser.page import Page

SIZES = """() => [...document.querySelectorAll('.node :is(.node-name, .znode .digits, .beside .digits)')].map((one) =>
    parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a)"""

TICKS = """() => [...document.querySelectorAll('.axis .tick-words')].map((one) =>
    parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a)"""

HALVES = """() => {
    const box = document.querySelector('.lanes-box').getBoundingClientRect();
    const more = document.querySelector('.lanes-more')?.getBoundingClientRect();
    const names = [...document.querySelectorAll('.lanes .lane-name')]
        .map((one) => [one.textContent, one.getBoundingClientRect()]);
    const seen = names.filter(([, at]) => at.top >= box.top - 1 && at.bottom <= box.bottom + 3).map(([name]) => name);
    const hidden = names.filter(([, at]) => at.top >= box.bottom - 5).map(([name]) => name);
    return {all: names.length, seen, hidden, more: more ? document.querySelector('.lanes-more').textContent : '',
            covers: more ? more.top < box.bottom - 3 : false};
}"""


INSIDE = """one => [...one.querySelectorAll('*')].every((each) =>
    each.getBoundingClientRect().right <= one.getBoundingClientRect().right + 1)"""


def whole(lanes: dict[str, Any]) -> dict[str, Any] | None:
    """Each lane is in sight, or out of it."""
    return lanes if lanes["all"] == len(lanes["seen"]) + len(lanes["hidden"]) else None


def is_held(page: Page, held: bool) -> None:
    expect(page.find("#app")).to_have_attribute("data-paused", str(held).lower())


def test_names_numbers_and_ticks_are_large_enough_for_the_last_row(operator: Page) -> None:
    operator.tab.keyboard.press("p")
    operator.sees("large names", lambda: min(operator.tab.evaluate(SIZES), default=0) >= 22)
    operator.sees("large ticks", lambda: min(operator.tab.evaluate(TICKS), default=0) >= 16)


def test_it_stays_for_the_room_over_a_reload(operator: Page) -> None:
    operator.tab.keyboard.press("p")
    expect(operator.find("#app")).to_have_attribute("data-present", "true")
    operator.tab.reload()
    operator.is_live()
    expect(operator.find("#app")).to_have_attribute("data-present", "true")
    operator.tab.keyboard.press("p")
    operator.tab.reload()
    operator.is_live()
    expect(operator.find("#app")).to_have_attribute("data-present", "false")


def test_a_node_that_is_clicked_shows_what_can_be_done_to_it(operator: Page) -> None:
    operator.tab.keyboard.press("p")
    operator.find(".stage .node.is-alive .hit").first.click()
    bar = operator.find(".nodebar")
    expect(bar.get_by_role("button", name="Kill")).to_be_visible()
    bar.get_by_role("button", name="Kill").click()
    expect(operator.find("dialog[open]")).to_contain_text("Kill node-")
    operator.tab.keyboard.press("Escape")
    expect(bar).to_be_visible()
    operator.tab.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    expect(operator.find("#app")).to_have_attribute("data-present", "true")


def test_space_holds_after_a_click_on_a_button_or_a_tab(operator: Page) -> None:
    theme = operator.button("Light or dark")
    theme.click()
    before = operator.find("html").get_attribute("data-theme")
    operator.tab.keyboard.press("Space")
    is_held(operator, True)
    assert operator.find("html").get_attribute("data-theme") == before
    operator.find(".top .nav a", "Tree").click()
    operator.tab.keyboard.press("Space")
    is_held(operator, False)
    operator.find(".top .nav a", "Cluster").click()
    operator.tab.keyboard.press("Space")
    is_held(operator, True)


def test_space_presses_what_the_keyboard_led_to(operator: Page) -> None:
    theme = operator.button("Light or dark")
    operator.find(".top .nav a", "Cluster").click()
    for _ in range(20):
        operator.tab.keyboard.press("Tab")
        if theme.evaluate("one => one === document.activeElement"):
            break
    before = operator.find("html").get_attribute("data-theme")
    operator.tab.keyboard.press("Space")
    operator.sees("another theme", lambda: operator.find("html").get_attribute("data-theme") != before)
    is_held(operator, False)


@pytest.mark.parametrize("height", [620, 720, 900])
def test_no_lane_is_cut_in_half_and_what_is_not_in_sight_is_named(
    open_page: Opener, operator_state: StorageState, height: int
) -> None:
    page = open_page(operator_state, viewport={"width": 1280, "height": height}).open()
    page.sees("lanes", lambda: page.tab.evaluate(HALVES)["all"] > 4)
    lanes = page.sees("whole lanes", lambda: whole(page.tab.evaluate(HALVES)))
    assert "ensemble" in lanes["seen"], lanes
    assert not lanes["covers"], lanes
    assert bool(lanes["hidden"]) <= bool(lanes["more"]), lanes


def test_nothing_scrolls_sideways_in_the_column_on_the_right(operator: Page) -> None:
    for path in ("/", "/tree", "/ensemble", "/sessions", "/lab"):
        operator.open(path)
        expect(operator.find(".insp-body .groups li").first).to_be_visible()
        body = operator.find(".insp-body")
        assert body.evaluate(INSIDE), path
        assert body.evaluate("one => getComputedStyle(one).overflowX") == "hidden"
