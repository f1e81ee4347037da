"""Every page for those who hear it or go by keyboard: axe finds nothing that hinders them, in both themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import StorageState, expect

from tests.browser.conftest import ROOT, Opener
from tests.browser.demo import Demo
from tests.browser.page import Page, znode_url

AXE = ROOT / "static/node_modules/axe-core/axe.min.js"
# One rule is held by `NAMES` instead: it wants every digit that is drawn in a node or a row in what that is called.
FAULTS = """async () => {
    // What still appears has not its own contrast yet.
    const lasting = (one) => one.effect.getComputedTiming().endTime === Infinity;
    await Promise.allSettled(document.getAnimations().filter((one) => !lasting(one)).map((one) => one.finished));
    const rules = {'label-content-name-mismatch': {enabled: false}};
    const {violations} = await axe.run(document, {resultTypes: ['violations'], rules});
    return violations.filter(({impact}) => impact === 'serious' || impact === 'critical')
        .map(({id, nodes}) => [id, ...nodes.map((one) => one.html.slice(0, 200) + one.failureSummary)].join(' '));
}"""
# Who speaks to the page says what they read: a name begins with the one that is seen, or has a button's words in it.
NAMES = """() => {
    const words = (text) => text.toLowerCase().match(/[\\p{L}\\p{N}_-]{2,}/gu) ?? [];
    const pieces = (one) => one.nodeType === Node.TEXT_NODE ? one.data : [...one.childNodes].map(pieces).join(' ');
    const faults = [];
    for (const one of document.querySelectorAll('[aria-label]:is(button, a, [role=button], [role=treeitem])')) {
        const name = one.getAttribute('aria-label').toLowerCase();
        const seen = one.querySelector('.nm, .name');
        const text = seen ? seen.textContent.replace(/^\\//, '') : one.matches('svg *') ? '' : pieces(one);
        const begins = seen && !text.endsWith('…');
        const said = begins ? name.startsWith(text.toLowerCase()) : words(text).every((word) => name.includes(word));
        if (!said) faults.push(`'${text}' is called '${name}'`);
    }
    return faults;
}"""
THEMES = ["light", "dark"]
PAGES = ["/", "/tree", "/ensemble", "/sessions", "/lab", "/?znode=%2Felection", "/tree?znode=%2Fservice_registry"]
STANDING = ".node .hit, .row[aria-label], h1:not(.sr)"
DESKS = ["/tokens", "/audit"]

pytestmark = pytest.mark.parametrize("theme", THEMES)


def faults(page: Page) -> list[str]:
    """What axe finds on what is shown now."""
    page.tab.evaluate(AXE.read_text())
    return [*page.tab.evaluate(FAULTS), *page.tab.evaluate(NAMES)]


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "phone"])
def test_every_page(open_page: Opener, operator_state: StorageState, theme: str, size: tuple[int, int]) -> None:
    page = open_page(operator_state, color_scheme=theme, viewport={"width": size[0], "height": size[1]})
    found = {}
    for path in PAGES:
        page.open(path)
        page.sees("what is asked for stands", lambda: page.find(STANDING).count())
        found[path] = faults(page)
        assert page.find("main:visible, [role=main]:visible").count() == 1, path
        assert page.tab.get_by_role("heading", level=1).count() == 1, path
    for path in DESKS:
        page.tab.goto(page.base + path)
        found[path] = faults(page)
    assert found == {path: [] for path in found}


def test_the_door(open_page: Opener, demo: Demo, theme: str) -> None:
    page = open_page(None, color_scheme=theme)
    page.expected |= {"401", "403", "404"}
    found = {}
    for path in ("/", "/login", "/join/nonsense", "/nonsense"):
        page.tab.goto(demo.base + path)
        found[path] = faults(page)
    assert found == {path: [] for path in found}


def create(page: Page) -> None:
    page.open(znode_url("/election"))
    page.button("Create child…").click()


def remove(page: Page) -> None:
    page.open(znode_url("/election"))
    page.find(".insp").get_by_role("button", name="Actions").click()
    page.tab.get_by_role("menuitem", name="Delete").first.click()


def kill(page: Page) -> None:
    page.node(page.some_follower()).click()
    page.find(".act .do button", "Kill").first.click()


def keys(page: Page) -> None:
    page.tab.keyboard.press("?")


def join(page: Page) -> None:
    page.button("Join").click()


def members(page: Page) -> None:
    page.open("/ensemble")
    page.button("Change the members…").click()


@pytest.mark.parametrize("opens", [create, remove, kill, keys, join, members], ids=lambda one: one.__name__)
def test_every_sheet(
    open_page: Opener, operator_state: StorageState, theme: str, opens: Callable[[Page], None]
) -> None:
    """Nothing hinders in it; the keyboard stays in it, and is where it was when it closes."""
    page = open_page(operator_state, color_scheme=theme).open()
    opens(page)
    sheet = page.find("dialog[open]")
    expect(sheet).to_be_visible()
    assert faults(page) == []
    focused = "document.activeElement"
    inside = f"document.querySelector('dialog[open]').contains({focused}) || {focused} === document.body"
    for _ in range(20):
        page.tab.keyboard.press("Tab")
        assert page.tab.evaluate(inside), page.tab.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    page.tab.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    if opens is not remove:
        assert page.tab.evaluate("document.activeElement !== document.body") or opens is keys


# What has the keyboard now, '' while that is the document; and whether it can be seen: by a ring around it or around
# what it stands in, in a drawing by what lies in it.
STANDS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return ['', true];
    const ringed = (it) => {
        const {outlineStyle, outlineWidth} = getComputedStyle(it);
        return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1.5;
    };
    const drawn = one.ownerSVGElement ? [...one.querySelectorAll('*')] : [];
    const ink = getComputedStyle(document.documentElement).getPropertyValue('--worker');
    const probe = Object.assign(document.createElement('i'), {style: `color: ${ink}`});
    document.body.append(probe);
    const worker = getComputedStyle(probe).color;
    probe.remove();
    const around = [one, one.parentElement, one.parentElement?.parentElement].filter(Boolean);
    const seen = around.some(ringed) || drawn.some((it) => getComputedStyle(it).stroke === worker)
        || [...one.querySelectorAll('.active')].some(ringed);
    return [one.outerHTML.slice(0, 160), seen];
}"""


@pytest.mark.parametrize("path", ["/", "/tree", "/ensemble", "/sessions", "/lab"])
def test_the_keyboard_is_seen_wherever_it_is(
    open_page: Opener, operator_state: StorageState, theme: str, path: str
) -> None:
    page = open_page(operator_state, color_scheme=theme).open(path)
    page.sees("what is asked for stands", lambda: page.find(STANDING).count())
    unseen, stops = [], 0
    for _ in range(60):
        page.tab.keyboard.press("Tab")
        stands, seen = page.tab.evaluate(STANDS)
        if not stands:
            break
        stops += 1
        if not seen:
            unseen.append(stands)
    assert stops > 10
    assert unseen == []
