"""Plots and alerts on the ensemble's page, and the badge that says on every page that something is wrong."""

from __future__ import annotations

import re

from playwright.sync_api import StorageState, expect

from tests.browser.conftest import Opener
from tests.browser.page import Page
from tests.browser.test_3_servers import in_role, kill, roles, start
from tests.integration.ensemble import SCALE

INKED = """(canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colours = {};
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) {
        const colour = `${data[at] >> 4},${data[at + 1] >> 4},${data[at + 2] >> 4}`;
        colours[colour] = (colours[colour] ?? 0) + 1;
    }
    return colours;
}"""
"""Pixels that are drawn on a plot, by their rough colour."""


def test_plots_are_drawn_and_read_by_mouse_keys_and_in_a_table(operator: Page) -> None:
    operator.open("/ensemble")
    plots = operator.find(".plots")
    expect(plots.locator(".plot canvas").first).to_be_visible()
    for kind in ("rate", "latency", "lag", "connections"):
        # Latency is known once each server was asked for its sums twice, 5 s apart.
        expect(plots.locator(f".plot[data-kind={kind}] canvas")).to_have_count(1, timeout=20_000 * SCALE)
    latency = plots.locator(".plot[data-kind=latency]")
    # A server that nobody has asked anything has no latency.
    told = re.compile(r"Latency, ms, of the last 5 s: server \d [\d.]+ now")
    expect(latency.locator(".plot-canvas")).to_have_attribute("aria-label", told)
    operator.expected.add("willReadFrequently")
    operator.sees("a line is drawn", lambda: len(latency.locator("canvas").evaluate(INKED)) > 2)
    light = set(latency.locator("canvas").evaluate(INKED))
    operator.tab.keyboard.press("t")
    operator.sees("it is drawn for the other theme", lambda: set(latency.locator("canvas").evaluate(INKED)) != light)
    operator.tab.keyboard.press("t")
    expect(operator.find(".plots-when")).to_have_text("now")
    clients = plots.locator(".plot[data-kind=connections]")
    over = clients.locator(".u-over")
    box = over.bounding_box()
    assert box is not None
    over.hover(position={"x": box["width"] - 20, "y": 20})
    expect(operator.find(".plots-when")).to_have_text(re.compile(r"^at \d\d:\d\d:\d\d$"))
    expect(clients.locator(".plot-read span")).to_have_count(3)
    operator.tab.mouse.move(5, 5)
    expect(operator.find(".plots-when")).to_have_text("now")
    plots.locator(".plots-set").focus()
    operator.tab.keyboard.press("ArrowLeft")
    operator.tab.keyboard.press("ArrowLeft")
    by_keys = operator.sees("keys move the cursor", lambda: re.match(r"at ", operator.find(".plots-when").inner_text()))
    assert by_keys
    plots.locator("summary", has_text="table").click()
    row = plots.locator("tbody tr", has_text=re.compile("^\\s*Connections"))
    expect(row.locator("td").first).to_have_text(re.compile(r"^\d+$"))
    plots.locator(".spans label", has_text="24 h").click()
    expect(plots).to_contain_text(re.compile("Collecting|Kept in memory"))
    plots.locator(".spans label", has_text="10 min").click()
    expect(latency.locator("canvas")).to_have_count(1)


def test_nothing_is_wider_than_a_phone(open_page: Opener, operator_state: StorageState) -> None:
    phone = open_page(operator_state, viewport={"width": 390, "height": 844}, has_touch=True).open("/ensemble")
    expect(phone.find(".plot canvas").first).to_be_visible()
    assert phone.tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_server_that_is_down_is_an_alert_on_every_page_until_it_is_back(operator: Page, viewer: Page) -> None:
    # What a test before this one broke is over a while after it was mended.
    expect(viewer.find(".alert-badge")).to_have_count(0, timeout=20_000 * SCALE)
    number = operator.sees("a follower", lambda: in_role(operator, "follower"))[0]
    kill(operator, number)
    expect(viewer.find(".alert-badge")).to_have_text(re.compile(r"1\s*alert"), timeout=40_000 * SCALE)
    viewer.find(".alert-badge").click()
    alert = viewer.find(".alerts-row")
    expect(alert).to_contain_text(f"Server {number} is down")
    expect(alert).to_contain_text(re.compile(r"warning · server-down · since \d\d:\d\d:\d\d"))
    viewer.find(".alerts-rules summary").click()
    expect(viewer.find(".alerts-rules [data-state=firing]")).to_contain_text("server-down")
    start(operator, number)
    operator.sees("it follows again", lambda: roles(operator)[number] == "follower", 40)
    expect(viewer.find(".alert-badge")).to_have_count(0, timeout=40_000 * SCALE)
    expect(viewer.find(".alerts-past")).to_contain_text(f"Server {number} is down")
    expect(viewer.find(".plots")).to_be_visible()
