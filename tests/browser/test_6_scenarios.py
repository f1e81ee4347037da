"""Running scenarios from the page: their steps are seen as they happen, and everything is put back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.demo import Demo
from tests.browser.page import Page
from tests.integration.ensemble import SCALE

pytestmark = pytest.mark.timeout(120 * SCALE)


def row(page: Page, title: str) -> Locator:
    return page.find(".scenario-list > li").filter(has=page.tab.get_by_role("heading", name=re.compile(f"^{title}")))


def ready(page: Page) -> None:
    """Whatever tests before this one left has to settle."""
    expect(page.button("Run: Which watch hears of what")).to_be_enabled(timeout=60_000 * SCALE)


def no_hold(page: Page) -> None:
    """Whatever is run from this page is put back at once."""
    page.find(".scenario-wish input").uncheck()


def standing(demo: Demo) -> tuple[set[str], int]:
    """What is below the root of the tree, and how many stand in the election."""
    with demo.zookeeper() as client:
        return set(client.get_children("/")), len(client.get_children("/election"))


def test_a_scenario_is_run_and_told_step_by_step(operator: Page, viewer: Page, demo: Demo) -> None:
    # The figure is there beforehand: what it shows of the dying session lasts no longer than that.
    viewer.open()
    operator.open("/lab")
    ready(operator)
    no_hold(operator)
    before = standing(demo)
    operator.button("Run: Kill the leader").click()
    play = operator.find(".play")
    expect(play.locator(".play-state")).to_contain_text("running")
    expect(play.locator(".play-steps > li").nth(1)).to_contain_text("SIGTERM, and it closes its session")
    # The page of the figure says where it is, beside what it does there.
    line = viewer.find(".scenario-line")
    expect(line).to_contain_text("Wait for the end of its session", timeout=20_000 * SCALE)
    viewer.sees("the figure shows the silent session", lambda: any(
        " left" in node["says"] for node in viewer.nodes().values()
    ))  # fmt: skip
    line.get_by_role("button", name="All steps").click()
    expect(viewer.find(".play .play-steps > li").nth(1)).to_contain_text("SIGTERM, and it closes its session")
    expect(play.locator(".play-state")).to_contain_text("passed", timeout=40_000 * SCALE)
    expect(play.locator(".play-words")).to_have_text("7 facts checked, all as expected.")
    facts = play.locator(".play-facts > li")
    assert facts.count() == 7 and play.locator('.play-facts > li[data-holds="false"]').count() == 0
    expect(facts.filter(has_text="Clients woken by the kill")).to_contain_text("Clients woken by the kill: 1")
    assert play.locator('.play-steps > li:not([data-state="done"])').count() == 0
    expect(row(operator, "Kill the leader").locator(".scenario-last")).to_have_text("passed")
    assert standing(demo) == before


def test_one_is_cancelled_and_everything_is_put_back(operator: Page, demo: Demo) -> None:
    operator.open("/lab")
    ready(operator)
    no_hold(operator)
    before = standing(demo)
    operator.button("Run: A slow or cut link").click()
    play = operator.find(".play")
    step = play.locator(".play-steps > li", has_text="half of the session timeout")
    expect(step).to_have_attribute("data-state", "running", timeout=30_000 * SCALE)
    expect(operator.button("Run: Kill the leader")).to_be_disabled()
    play.get_by_role("button", name="Cancel").click()
    expect(step).to_have_attribute("data-state", "failed")
    expect(play.locator(".play-state")).to_contain_text("cancelled", timeout=60_000 * SCALE)
    expect(play.locator(".play-steps > li").last).to_contain_text("Servers, nodes and tree are as before.")
    assert standing(demo) == before
    ready(operator)


def test_a_viewer_follows_a_run_and_has_no_button(viewer: Page, operator: Page) -> None:
    viewer.open("/lab")
    operator.open("/lab")
    ready(operator)
    no_hold(operator)
    assert viewer.find(".scenarios button").count() == 0
    operator.button("Run: Kinds of znode").click()
    play = viewer.find(".play").filter(has_text="Kinds of znode")
    expect(play.locator(".play-state")).to_contain_text("passed", timeout=30_000 * SCALE)
    expect(play.locator("table")).to_contain_text("predicted")


def test_an_end_stands_until_it_is_put_back(operator: Page, viewer: Page, demo: Demo) -> None:
    """The closing headline tells of what was done, and not of the cleaning up; and there is time to talk about it."""
    viewer.open("/tree")
    operator.open("/lab")
    ready(operator)
    before = standing(demo)
    operator.button("Scenarios", exact=True).click()
    expect(operator.find(".scenario-wish")).to_be_in_viewport()
    operator.button("Run: Kinds of znode").click()
    play = operator.find(".play").filter(has_text="Kinds of znode")
    expect(play.locator(".play-state")).to_contain_text("left standing", timeout=60_000 * SCALE)
    expect(play.locator(".play-state time")).to_have_text(re.compile(r"^(10:00|9:\d\d)$"))
    begun = play.locator(".play-steps > li")
    assert begun.count() == 7 and "Put everything back" not in begun.last.inner_text()
    expect(operator.button("Run: Kill the leader")).to_be_disabled()
    line = viewer.find(".scenario-line")
    expect(line).to_contain_text("left standing")
    expect(line.get_by_role("button", name="Put back")).to_have_count(0)
    expect(viewer.row("/scenario")).to_be_visible()
    assert "scenario" in standing(demo)[0]
    operator.tab.keyboard.press("c")
    expect(operator.find(".slot-story .scenario-line")).to_contain_text("facts checked, all as expected.")
    operator.find(".scenario-line").get_by_role("button", name="Put back").click()
    expect(operator.find(".scenario-line")).to_contain_text("passed", timeout=60_000 * SCALE)
    assert standing(demo) == before


def test_what_hinders_one_is_said(operator: Page) -> None:
    operator.open("/lab")
    expect(operator.button("Run: A single point of failure")).to_be_disabled()
    found = row(operator, "A single point of failure")
    expect(found).to_contain_text("It needs one server, 2 nodes or more, and this lab has 3 servers.")
    typed = ["SERVERS=1 make demo", ".venv/bin/python manage.py scenario single-point"]
    expect(found.locator("code")).to_have_text(typed)
    expect(row(operator, "Kinds of znode").locator("code")).to_have_count(0)
