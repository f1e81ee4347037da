"""Servers that come and go from the page: the lab's buttons, and the guided sheet with its refusals."""

from __future__ import annotations

import psutil
import pytest
from playwright.sync_api import StorageState, expect

from tests.browser.conftest import Opener
from tests.browser.demo import Demo
from tests.browser.page import Page
from tests.integration.ensemble import SCALE

pytestmark = pytest.mark.timeout(180 * SCALE)


def members(page: Page) -> list[str]:
    """The servers of the lab's page, in words."""
    return [" ".join(words.split()) for words in page.find(".members .member-name").all_inner_texts()]


def test_a_server_is_added_and_removed(operator: Page, demo: Demo) -> None:
    operator.tab.goto(demo.base + "/lab")
    operator.sees("three serve", lambda: len(members(operator)) == 3)
    operator.button("Add server").click()
    expect(operator.find(".adding", "one starts, and joins when it has caught up")).to_be_visible()
    toast = operator.find(".toasts, .toast").first
    expect(toast).to_contain_text("4 servers, a quorum needs 3", timeout=40_000 * SCALE)
    follow = operator.sees("the fourth follows", lambda: [w for w in members(operator) if "follower" in w][2:], 10)
    number = follow[0].split()[1]
    assert len(members(operator)) == 4
    expect(operator.find(".lab-quiet").filter(has_text="4 servers, a quorum needs 3: can lose 1")).to_be_visible()
    with demo.zookeeper() as client:
        assert f"server.{number}=" in client.get("/zookeeper/config")[0].decode()
    operator.button(f"Remove server {number}").click()
    expect(operator.find("dialog[open]")).to_contain_text("3 servers, a quorum needs 2: can lose 1, as 4 could")
    operator.find("dialog[open] .btn-grave").click()
    operator.sees("it is gone", lambda: len(members(operator)) == 3, 20)
    operator.is_live(20)
    operator.tab.goto(demo.base)
    operator.sees("it is told", lambda: f"server {number} left the ensemble" in operator.headline())


def test_a_server_is_wiped_and_comes_back(operator: Page, demo: Demo) -> None:
    operator.tab.goto(demo.base + "/lab")
    operator.sees("three serve", lambda: sum(w.endswith("follower") for w in members(operator)) == 2, 30)
    number = next(w.split()[1] for w in members(operator) if w.endswith("follower"))
    before = demo.process(f"server-{number}").pid
    operator.button(f"Wipe server {number}").click()
    expect(operator.find("dialog[open]")).to_contain_text("takes all of it from the leader")
    operator.find("dialog[open] .btn-grave").click()
    operator.sees("it is another process", lambda: _pid(demo, number) not in (None, before), 20)
    operator.sees("it follows again", lambda: sum(w.endswith("follower") for w in members(operator)) == 2, 30)


def _pid(demo: Demo, number: str) -> int | None:
    try:
        return int(demo.process(f"server-{number}").pid)
    except (KeyError, psutil.NoSuchProcess):
        return None


@pytest.fixture
def sheet_page(open_page: Opener, operator_state: StorageState) -> Page:
    """The page on which an operator changes the members."""
    return open_page(operator_state).open("/ensemble")


def test_the_sheet_shows_what_becomes_of_the_quorum_and_refuses(sheet_page: Page, demo: Demo) -> None:
    sheet_page.expected |= {"409"}
    sheet_page.button("Change the members").click()
    rows = sheet_page.find(".rc-members li")
    expect(rows).to_have_count(3)
    follower = sheet_page.sees(
        "one follows in sync", lambda: [i for i in range(3) if "follows, in sync" in rows.nth(i).inner_text()]
    )[0]
    rows.nth(follower).get_by_role("button", name="Take its vote").click()
    expect(sheet_page.find(".rc-outcome")).to_contain_text("needs 2 of 2, can lose none")
    rows.nth(follower).get_by_role("button", name="Give a vote").click()
    sheet_page.button("Add a server").click()
    sheet_page.tab.get_by_label("Host", exact=True).fill("127.0.0.1")
    for label, port in (("Client port", "1"), ("Quorum port", "2"), ("Election port", "3")):
        sheet_page.tab.get_by_label(label).fill(port)
    refusal = sheet_page.find(".note[data-tone=problem]")
    expect(refusal).to_contain_text("does not answer: connection refused", timeout=10_000 * SCALE)
    expect(sheet_page.find("dialog[open] button[type=submit]")).to_be_disabled()
    sheet_page.button("Do not add one").click()
    rows.nth(follower).get_by_role("button", name="Take its vote").click()
    submit = sheet_page.find("dialog[open] button[type=submit]")
    expect(submit).to_be_enabled()
    submit.click()
    expect(sheet_page.find("dialog[open]")).to_have_count(0, timeout=20_000 * SCALE)
    expect(sheet_page.find(".servers", "no vote")).to_be_visible(timeout=10_000 * SCALE)
    sheet_page.button("Change the members").click()
    rows.nth(follower).get_by_role("button", name="Give a vote").click()
    expect(sheet_page.find(".rc-outcome")).to_contain_text("needs 2 of 3")
    expect(submit).to_be_enabled()
    submit.click()
    expect(sheet_page.find("dialog[open]")).to_have_count(0, timeout=20_000 * SCALE)
    expect(sheet_page.find(".servers", "no vote")).to_have_count(0, timeout=10_000 * SCALE)
    with demo.zookeeper() as client:
        assert client.get("/zookeeper/config")[0].decode().count(":participant") == 3
