"""Coming in, and looking at what there is."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import StorageState, expect

from tests.benchmarks.forest import fell
from tests.browser.conftest import Opener
from tests.browser.demo import Demo
from tests.browser.page import Page, znode_url

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)<\u2215script>",
    "\"><svg onload=alert(1)>",
    "'-alert(1)-'",
    "javascript:alert(1)",
    "{{7*7}}${7*7}{% debug %}",
    "100%25#?&=;",
    "a\u202egpj.exe",
    "zero\u200bwidth",
    "__proto__",
    "constructor",
    "שלום עולם",
    "x" * 220,
]


def test_the_operators_link_works_once(operator_state: StorageState, demo: Demo, open_page: Opener) -> None:
    page = open_page(None)
    page.expected = {"403", "404", "410", "401", "400"}
    answer = page.tab.goto(demo.operator)
    assert answer is not None and 400 <= answer.status < 500
    expect(page.find("body")).to_contain_text(re.compile("used|once", re.IGNORECASE))


def test_nobody_sees_anything_without_a_link(demo: Demo, open_page: Opener) -> None:
    page = open_page(None)
    page.expected = {"401", "403"}
    answer = page.tab.goto(demo.base + "/")
    assert answer is not None and answer.status == 401
    expect(page.find("#app")).to_have_count(0)


def test_the_page_is_live_and_shows_who_leads(operator: Page, demo: Demo) -> None:
    operator.sees("all nodes are on the stage", lambda: len(operator.in_state("alive", "leader")) == demo.nodes)
    with demo.zookeeper() as client:
        first = min(client.get_children("/election"), key=lambda name: int(name[-10:]))
    leader = operator.sees("somebody leads", operator.leader)
    assert first in operator.nodes()[leader]["says"]
    expect(operator.row(first)).to_contain_text(leader)
    expect(operator.row(first).locator(".crown")).to_be_visible()
    for number in "123":
        expect(operator.server(number)).to_be_visible()
    assert sum("quorum leader" in (operator.server(number).get_attribute("aria-label") or "") for number in "123") == 1
    expect(operator.find(".slot-stage")).to_contain_text("needs 2 of 3, can lose 1")


def test_the_policy_is_strict(demo: Demo, operator: Page) -> None:
    policy = operator.tab.request.get(demo.base + "/").headers["content-security-policy"]
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert "default-src 'self'" in policy or "default-src 'none'" in policy
    assert not operator.tab.evaluate("document.querySelectorAll('script:not([src])').length")


def test_a_viewer_sees_the_same_and_can_do_nothing(viewer: Page, demo: Demo) -> None:
    leader = viewer.sees("somebody leads", viewer.leader)
    expect(viewer.button("Add node")).to_have_count(0)
    viewer.node(leader).click()
    expect(viewer.find(".insp")).to_contain_text(leader)
    expect(viewer.find(".act button")).to_have_count(0)
    viewer.expected = {"403"}
    token = viewer.tab.locator("meta[name=csrf-token]").get_attribute("content") or ""
    for address in ("/api/nodes", f"/api/nodes/{leader}/kill", "/api/servers/1/kill"):
        status, answer = viewer.tab.evaluate(POST, [address, token])
        assert status == 403, (address, status, answer)
        assert answer["problem"]["text"] and answer["problem"]["code"]
    assert viewer.leader() == leader


def test_a_change_needs_the_csrf_token(operator: Page) -> None:
    operator.expected = {"403"}
    status, answer = operator.tab.evaluate(POST, ["/api/nodes", ""])
    assert status == 403
    assert answer["problem"]["text"]


POST = """async ([address, token]) => {
    const answer = await fetch(address, {method: "POST", headers: {"X-CSRFToken": token, Accept: "application/json"}});
    return [answer.status, await answer.json()];
}"""


def test_a_znode_is_shown_with_its_data_and_its_stat_in_words(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        client.ensure_path("/shown")
        client.set("/shown", b'{"b":[1,2],"id":9007199254740993}')
    operator.row("/shown").click()
    pane = operator.find(".insp .zn")
    expect(pane).to_contain_text("JSON, UTF-8, 33 bytes")
    expect(pane.locator(".code")).to_contain_text("9007199254740993")
    pane.get_by_label("Shown as").select_option("raw")
    expect(pane.locator(".code")).to_contain_text("7b 22 62 22")
    pane.get_by_role("tab", name="Stat").click()
    for field in ("czxid", "version", "ephemeralOwner"):
        expect(pane).to_contain_text(field)
    with demo.zookeeper() as client:
        client.set("/shown", b"\xff\xfe\x00")
        pane.get_by_role("tab", name="Data").click()
        expect(pane).to_contain_text("bytes, not UTF-8")
        expect(operator.row("/shown").locator(".ch")).to_have_text("~")
        client.delete("/shown")
        expect(pane).to_contain_text("Deleted")
        expect(pane.locator(".code")).to_contain_text("ff fe 00")
        expect(operator.row("/shown")).to_have_class(re.compile("gone"))


def test_data_longer_than_any_frame_of_a_page(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        client.create("/long", b"0123456789abcde\n" * 12_800)
        operator.row("/long").click()
        # First what a frame holds of it, then, decoded, all of it.
        expect(operator.find(".insp .zn")).to_contain_text("200 KB (204,800 bytes)")
        operator.button("Show the other").click()
        expect(operator.find(".insp .code > span")).to_have_count(12_800 + 1)
        client.delete("/long")
    operator.is_live()


def test_go_to_a_path(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        client.ensure_path("/wide/inside")
        for start in range(0, 1000, 250):
            batch = client.transaction()
            for number in range(start, start + 250):
                batch.create(f"/wide/item-{number:04}", b"")
            batch.commit()
    operator.tab.keyboard.press("/")
    box = operator.tab.get_by_role("combobox", name="Find a znode")
    expect(box).to_be_focused()
    for typed, words in (("/wide//x", "//"), ("/wide/none", "no znode /wide/none")):
        box.fill(typed)
        box.press("Enter")
        expect(operator.find(".goto-said")).to_contain_text(words)
    box.fill("/wide/item-0777")
    box.press("Enter")
    expect(operator.row("item-0777")).to_be_visible()
    expect(operator.row("item-0777")).to_have_attribute("aria-selected", "true")
    assert operator.find(".slot-tree .row").count() < 80
    with demo.zookeeper() as client:
        fell(client, "/wide")


@pytest.mark.parametrize("page_of", ["/", "/tree"])
def test_hostile_names_and_data_are_text(operator: Page, demo: Demo, page_of: str) -> None:
    root = f"/hostile{page_of.count('tree')}"
    with demo.zookeeper() as client:
        client.ensure_path(root)
        for name in HOSTILE:
            client.create(f"{root}/{name}", f"<script>alert(1)</script>{name}".encode())
    operator.open(f"{page_of}?znode={quote(root, safe='')}")
    operator.row(root).locator("[data-twist]").click()
    rows = operator.find(".slot-tree .row[aria-level='2']")
    operator.sees("all are listed", lambda: len(set(rows.locator(".nm").all_inner_texts())) >= len(HOSTILE))
    texts = rows.locator(".nm").all_inner_texts()
    assert HOSTILE[0] in texts
    assert "a\\u202Egpj.exe" in texts
    assert "zero\\u200Bwidth" in texts
    for name in (HOSTILE[0], HOSTILE[2], "__proto__"):
        operator.row(name).click()
        expect(operator.find(".insp .zn .code")).to_contain_text("<script>alert(1)</script>")
    assert operator.find("#app img, #app script, #app iframe").count() == 0
    operator.open(znode_url(f"{root}/{HOSTILE[0]}"))
    expect(operator.find(".insp .zn-name")).to_contain_text(HOSTILE[0])
    with demo.zookeeper() as client:
        client.delete(root, recursive=True)


def test_the_keyboard_reaches_a_node_and_its_actions(operator: Page) -> None:
    name = operator.some_follower()
    tab = operator.tab
    for _ in range(60):
        tab.keyboard.press("Tab")
        if tab.evaluate("!!document.activeElement.closest('.slot-stage .node')"):
            break
    focused = "document.activeElement.getAttribute('aria-label') ?? ''"
    assert tab.evaluate("!!document.activeElement.closest('.slot-stage .node')"), "no node can be reached by Tab"
    for _ in range(12):
        if tab.evaluate(focused).startswith(f"{name},"):
            break
        tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    expect(operator.find(".insp .title")).to_contain_text(name)
    for _ in range(40):
        if tab.evaluate(focused) == f"Kill {name}":
            break
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    dialog = operator.find("dialog[open]")
    expect(dialog).to_contain_text(f"Kill {name}?")
    tab.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert tab.evaluate(focused) == f"Kill {name}", "the focus did not return to the button"
    assert name in operator.in_state("alive")


def test_the_keyboard_goes_through_the_tree(operator: Page) -> None:
    tree = operator.tab.get_by_role("tree")
    tree.focus()
    operator.tab.keyboard.press("Home")
    operator.tab.keyboard.type("elec")
    operator.tab.keyboard.press("Enter")
    expect(operator.find(".insp .zn-name")).to_contain_text("/election")
    operator.tab.keyboard.press("ArrowRight")
    expect(tree).to_have_attribute("aria-activedescendant", re.compile("tree-line"))
    operator.tab.keyboard.press("ArrowLeft")
    operator.tab.keyboard.press("ArrowLeft")
    expect(operator.row("/election")).to_have_attribute("aria-expanded", "false")
    assert operator.find(".conn").get_attribute("data-state") == "live", "letters in the tree reached the page's keys"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/tree", "/?znode=%2Felection"])
def test_nothing_overflows_on_a_phone(open_page: Opener, operator_state: StorageState, theme: str, path: str) -> None:
    page = open_page(operator_state, viewport={"width": 390, "height": 844}, color_scheme=theme, has_touch=True)
    page.open(path)
    expect(page.find(".slot-topbar")).to_be_visible()
    width = page.tab.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
    assert width <= 390


def test_pause_holds_the_page_and_counts(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        client.ensure_path("/held")
        expect(operator.row("/held")).to_be_visible()
        operator.button("Pause").click()
        operator.says("PAUSED")
        client.create("/held-2")

        def counted() -> bool:
            client.set("/held", b"1")
            return re.match(r"PAUSED \+\d+", operator.find(".conn .lbl").inner_text()) is not None

        operator.sees("changes are counted", counted)
        expect(operator.row("/held-2")).to_have_count(0)
        operator.find(".conn .toggle").click()
        operator.is_live()
        expect(operator.row("/held-2")).to_be_visible()
        client.delete("/held-2")
        client.delete("/held")
