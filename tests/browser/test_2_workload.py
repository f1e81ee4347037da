"""Tasks for the nodes: ordered on the lab's page, seen on the stage, cleared away."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.demo import Demo
from tests.browser.page import Page
from tests.integration.ensemble import SCALE


def test_tasks_are_ordered_done_and_cleared_away(
    operator: Page, demo: Demo, open_page: Opener, viewer_state: object
) -> None:
    stage = open_page(viewer_state).open()
    stage.sees("somebody works", lambda: len(stage.in_state("alive")) >= 2)
    expect(stage.find(".load")).to_have_count(0)
    operator.open("/lab")
    tasks, work = operator.tab.get_by_label("Tasks", exact=True), operator.tab.get_by_label("Each takes")
    tasks.fill("0")
    expect(operator.find(".workload-said")).to_have_text("Tasks: a whole number from 1 to 100,000.")
    expect(operator.button("Start")).to_be_disabled()
    tasks.fill("300")
    work.fill("50")
    operator.button("Start").click()
    # Beside the leader what waits, beside each worker what is before it and its rate; still, not flickering.
    expect(stage.find(".load.is-lead .load-words")).to_have_text(re.compile(r"^\d+ (to hand out|waiting)$|^\d+$"))
    expect(stage.find(".load.is-worker .load-words").first).to_have_text(re.compile(r"^\d+ (queued )?· [\d.]+/s$"))
    expect(stage.find(".stage-note")).to_contain_text(re.compile(r"of 300 tasks are done"))
    expect(operator.find(".workload-now")).to_have_text("300 of 300 done, all of them", timeout=30_000 * SCALE)
    expect(operator.find(".workload-check")).to_have_text("300 tasks checked: each is in exactly one place.")
    expect(stage.find(".load")).to_have_count(0)
    with demo.zookeeper() as client:
        assert client.exists("/status").numChildren == 300
    operator.button("Clear away").click()
    expect(operator.find(".workload-state")).to_have_count(0)
    with demo.zookeeper() as client:
        assert [client.get_children(path) for path in ("/tasks", "/assign", "/status")] == [[], [], []]


def test_a_viewer_sees_no_form(open_page: Opener, viewer_state: object) -> None:
    viewer = open_page(viewer_state).open("/lab")
    expect(viewer.find(".workload-order")).to_have_count(0)
