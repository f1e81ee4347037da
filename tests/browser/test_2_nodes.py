"""Acting on nodes, and what the page then says."""

from __future__ import annotations

import re
import time
from urllib.parse import quote

from playwright.sync_api import expect

from tests import claims
from tests.browser.demo import Demo
from tests.browser.page import Page

TIMEOUT = 4.0
"""Seconds of the nodes' sessions (zkbridge.lab.node)."""


def test_a_node_is_added(operator: Page, demo: Demo) -> None:
    before = set(operator.nodes())
    operator.button("Add node").click()
    new = operator.sees("a new node is alive", lambda: set(operator.in_state("alive")) - before).pop()
    with demo.zookeeper() as client:
        last = max(client.get_children("/election"), key=lambda name: int(name[-10:]))
    operator.sees("its znode is told", lambda: last in operator.nodes()[new]["says"])
    expect(operator.row(last)).to_contain_text(new)
    operator.sees("the story tells of it", lambda: new in operator.headline())


def test_after_stop_the_next_leads_within_500_ms(operator: Page) -> None:
    before = operator.sees("somebody leads", operator.leader)
    operator.node(before).click()
    operator.find(".act .do button", "Stop").first.click()
    dialog = operator.find("dialog[open]")
    expect(dialog).to_contain_text(f"Stop {before}?")
    operator.tab.evaluate(WATCH)
    dialog.locator(".btn-grave").click()
    operator.sees("another leads", lambda: operator.leader() not in ("", before))
    took = operator.sees("the page has measured it", lambda: operator.tab.evaluate("window.took"))
    claims.hold("Stop, until the next leads on the page", took / 1000, 0.5)
    operator.sees("it is dead", lambda: before in operator.in_state("dead"))


# Milliseconds from the press on the dialog's button until another node is drawn as the leader.
WATCH = """() => {
    const leader = () => document.querySelector('.node.is-leader .hit')?.getAttribute('aria-label').split(',')[0] ?? '';
    const before = leader();
    let pressed = 0;
    window.took = null;
    document.querySelector('dialog .btn-grave').addEventListener('click', () => { pressed = performance.now(); }, true);
    const look = () => {
        const now = leader();
        if (pressed && now && now !== before) window.took = performance.now() - pressed;
        else requestAnimationFrame(look);
    };
    look();
}"""


def test_after_kill_the_next_leads_when_the_session_ends(operator: Page, demo: Demo) -> None:
    before = operator.sees("somebody leads", operator.leader)
    tick = demo.lab.tick / 1000
    operator.node(before).click()
    operator.find(".act .do button", "Kill").first.click()
    expect(operator.find("dialog[open]")).to_contain_text(f"Kill {before}?")
    operator.tab.evaluate(WATCH)
    operator.find("dialog[open] .btn-grave").click()
    operator.sees("its session lives on, and counts down", lambda: " left" in operator.nodes()[before]["says"])
    operator.sees("another leads", lambda: operator.leader() not in ("", before), TIMEOUT + tick + 5)
    took = operator.sees("the page has measured it", lambda: operator.tab.evaluate("window.took")) / 1000
    claims.hold("Kill, until the next leads on the page", took, TIMEOUT + tick + 1)
    operator.sees("it is dead", lambda: before in operator.in_state("dead"))
    told = (f"{before} was killed", operator.leader(), "leads")
    operator.sees("the story tells it whole", lambda: all(part in operator.headline() for part in told))


def test_numerals_stand_where_it_happened(operator: Page) -> None:
    """The story that is told now is that of the kill."""
    places = operator.sees("numerals are everywhere", lambda: all((found := operator.numerals()).values()) and found)
    assert places["story"] == {str(number + 1) for number in range(len(places["story"]))}
    for place in ("stage", "tree", "timeline"):
        assert places[place] <= places["story"], place


def test_the_story_steps_back_and_forward(operator: Page) -> None:
    newest = operator.sees("a story is told", operator.headline)
    operator.button("The happening before").click()
    older = operator.sees("an older one", lambda: (text := operator.headline()) != newest and text)
    operator.tab.keyboard.press("[")
    oldest = operator.sees("an older one still", lambda: (text := operator.headline()) not in (newest, older) and text)
    operator.sees("numerals follow", lambda: operator.numerals()["stage"] <= operator.numerals()["story"])
    operator.button("The next happening").click()
    operator.sees("back again", lambda: operator.headline() == older)
    operator.tab.keyboard.press("]")
    operator.sees("the newest", lambda: operator.headline() == newest)
    assert oldest != newest


def test_a_tombstone_can_be_dismissed(operator: Page) -> None:
    dead = operator.sees("somebody is dead", lambda: operator.in_state("dead"))
    for name in dead:
        operator.node(name).click()
        operator.find(".act .do button", "Dismiss").first.click()
        operator.sees(f"{name} left the stage", lambda name=name: name not in operator.nodes())  # type: ignore[misc]


def test_a_paused_node_loses_its_session_and_comes_back_with_a_new_number(operator: Page, demo: Demo) -> None:
    name = operator.some_follower()
    before = re.search(r"c_\d{10}", operator.nodes()[name]["says"])
    assert before
    at = operator.act(operator.node(name), "Pause")
    operator.sees("it is paused", lambda: name in operator.in_state("paused"))
    operator.sees("its time runs out in words", lambda: "left" in operator.nodes()[name]["says"])
    operator.sees("its session has expired", lambda: name in operator.in_state("frozen"), TIMEOUT + 8)
    assert time.monotonic() - at > TIMEOUT / 2
    with demo.zookeeper() as client:
        operator.sees("its znode is gone", lambda: before.group() not in client.get_children("/election"))
    operator.act(operator.node(name), "Resume")
    operator.sees("it is back", lambda: name in operator.in_state("alive"), 20)
    after = operator.sees("it has a znode", lambda: re.search(r"c_\d{10}", operator.nodes()[name]["says"]))
    assert int(after.group()[2:]) > int(before.group()[2:])


def test_what_is_gone_is_refused_in_words(operator: Page) -> None:
    operator.expected = {"404"}
    token = operator.tab.locator("meta[name=csrf-token]").get_attribute("content") or ""
    for id in ("node-999", "node-1; rm -rf", "../servers/1"):
        address = f"{operator.base}/api/nodes/{quote(id, safe='')}/kill"
        answer = operator.tab.request.post(address, headers={"X-CSRFToken": token, "Origin": operator.base})
        assert answer.status in (400, 404), (id, answer.status)
        assert answer.json()["problem"]["text"]
