"""Pages that need no live picture, on a phone."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

from playwright.sync_api import StorageState, expect

from tests.browser.conftest import Opener
from tests.browser.demo import Demo

PHONE = {"width": 390, "height": 844}

AMONG_LABELS = """() => [...document.querySelectorAll('td[data-label] *')]
    .filter((one) => one.getBoundingClientRect().left < one.closest('td').getBoundingClientRect().left + 100)
    .map((one) => one.outerHTML)"""
"""What stands in the column of the labels."""


def test_what_a_row_says_stands_beside_its_labels(operator_state: StorageState, demo: Demo, open_page: Opener) -> None:
    page = open_page(operator_state, viewport=PHONE)
    page.tab.goto(demo.base + "/tokens")
    page.find("[name=name]").fill("desk")
    page.find("[value='znode.create']").check()
    page.find(".desk-form button[type=submit]").click()
    token = page.find("#secret").inner_text()
    body = json.dumps({"path": "/desk", "kind": "ephemeral"}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urlopen(Request(f"{demo.base}/api/znodes", body, headers), timeout=20) as answer:
        assert answer.status == 201
    # A token that has ended says so in words and with a time, and the log names the token under who showed it.
    page.tab.evaluate("""() => document.querySelector('[data-label=Ends]').prepend('expired ')""")
    assert page.tab.evaluate(AMONG_LABELS) == []
    page.tab.goto(demo.base + "/audit")
    expect(page.find(".audit-table small").first).to_contain_text("by token")
    assert page.tab.evaluate(AMONG_LABELS) == []
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
