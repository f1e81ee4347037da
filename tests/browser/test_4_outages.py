"""The bridge and the web process die under the page."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.demo import Demo
from tests.browser.page import Page
from tests.integration.ensemble import wait_for


def test_a_bridge_that_dies_is_said_and_comes_back(operator: Page, demo: Demo) -> None:
    leader = operator.sees("somebody leads", operator.leader)
    demo.process("bridge").kill()
    operator.sees("it is not called live", lambda: not operator.find(".conn .lbl").inner_text().startswith("LIVE"))
    operator.is_live(20)
    operator.sees("the same node leads", lambda: operator.leader() == leader)
    with demo.zookeeper() as client:
        client.create("/after-the-bridge")
        expect(operator.row("/after-the-bridge")).to_be_visible()
        client.delete("/after-the-bridge")


def test_a_web_process_that_dies_is_said_and_comes_back(operator: Page, demo: Demo) -> None:
    operator.expected = {"WebSocket", "ERR_CONNECTION", "500", "502", "503"}
    leader = operator.sees("somebody leads", operator.leader)
    demo.process("web").kill()
    operator.says("OFFLINE", 10)
    expect(operator.find(".slot-band")).to_contain_text(re.compile("Offline"))
    operator.is_live(30)
    operator.sees("the same node leads", lambda: operator.leader() == leader)


def test_everything_still_works_after_a_reload(operator: Page, demo: Demo) -> None:
    operator.open("/tree?znode=%2Felection")
    expect(operator.find(".insp .zn-name")).to_contain_text("/election")
    wait_for("the nodes are still there", lambda: len(list(demo.home.glob("demo-*/logs/node-*.log"))) >= demo.nodes)
