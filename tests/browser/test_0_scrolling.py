"""What watches a list while it scrolls sees what is wrong with it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.scrolling import EMPTY, Frames, scroll

STYLE = "<style>body { margin: 0 } .tree-rows { height: 700px; overflow-y: auto } .row { height: 28px }</style>"
RIGHT = [f"n{number:06}" for number in range(400)]


def row(name: str, place: int | None) -> str:
    among = "" if place is None else f'aria-posinset="{place}"'
    return f'<div class="row" aria-level="2" {among}><span class="nm">{name}</span></div>'


def watched(chromium: Browser, rows: str) -> Frames:
    tab = chromium.new_page()
    try:
        tab.set_content(f'{STYLE}<div class="tree-rows">{rows}</div>')
        return scroll(tab, 1_000, 4_000)
    finally:
        tab.close()


def listed(names: list[str]) -> str:
    return "".join(row(name, place) for place, name in enumerate(names, 1))


def test_a_list_that_is_whole_is_found_so_also_with_one_that_is_gone_in_it(chromium: Browser) -> None:
    rows = listed(RIGHT).split("</div>")
    rows.insert(20, row("n000019-gone", None).removesuffix("</div>"))
    frames = watched(chromium, "</div>".join(rows))
    assert len(frames.at) > 5 and frames.moved > 900
    assert frames.uncovered == frames.disordered == frames.waiting == 0


@pytest.mark.parametrize("names", [
    RIGHT[:20] + RIGHT[21:],
    RIGHT[:20] + RIGHT[19:],
    RIGHT[:19] + [RIGHT[20], RIGHT[19]] + RIGHT[21:],
    RIGHT[:20] + ["n000019-b", "n000019-a"] + RIGHT[20:],
], ids=["missing", "twice", "exchanged", "new ones exchanged"])  # fmt: skip
def test_rows_that_do_not_follow_one_another_are_seen(chromium: Browser, names: list[str]) -> None:
    assert watched(chromium, listed(names)).disordered > 0


def test_a_hole_between_rows_is_seen(chromium: Browser) -> None:
    rows = listed(RIGHT).replace('aria-posinset="20"', 'aria-posinset="20" style="margin-top: 28px"')
    assert watched(chromium, rows).uncovered > 0


BUSY = """() => {
  const spin = () => {
    const end = performance.now() + 80;
    while (performance.now() < end);
    requestAnimationFrame(spin);
  };
  spin();
}"""


def test_the_list_is_at_rest_afterwards_also_on_a_busy_page(chromium: Browser) -> None:
    tab = chromium.new_page()
    try:
        tab.set_content(EMPTY)
        tab.evaluate(BUSY)
        scroll(tab, 840, 4_000)
        assert tab.evaluate("document.querySelector('.tree-rows').scrollTop") == 840
    finally:
        tab.close()
