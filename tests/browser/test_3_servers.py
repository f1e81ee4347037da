"""Breaking the ensemble from the page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.page import Page


def roles(page: Page) -> dict[str, str]:
    """Role by server: the second thing that is said of it."""
    found = {}
    for number in "123":
        words = (page.server(number).get_attribute("aria-label") or "").split(", ")
        found[number] = words[1] if len(words) > 1 else ""
    return found


def in_role(page: Page, role: str) -> list[str]:
    return [number for number, other in roles(page).items() if other == role]


def kill(page: Page, number: str) -> None:
    page.act(page.server(number), "Kill", confirm=True)
    page.sees(f"server {number} is down", lambda: roles(page)[number] in ("down", "no answer"))


def start(page: Page, number: str) -> None:
    page.act(page.server(number), "Start")


def test_a_server_is_killed_and_started(operator: Page) -> None:
    number = operator.sees("a follower", lambda: in_role(operator, "follower"))[0]
    operator.server(number).click()
    operator.find(".act .do button", "Kill").first.click()
    expect(operator.find("dialog[open]")).to_contain_text("leaves 2 of 3: the quorum holds")
    operator.find("dialog[open] .btn-grave").click()
    operator.sees("it is down", lambda: roles(operator)[number] in ("down", "no answer"))
    expect(operator.find(".slot-stage")).to_contain_text("can lose no")
    operator.is_live(20)
    start(operator, number)
    operator.sees("it follows again", lambda: roles(operator)[number] == "follower", 30)
    expect(operator.find(".slot-stage")).to_contain_text("can lose 1")


def test_without_a_quorum_the_page_says_so_and_recovers(operator: Page) -> None:
    leader = operator.sees("a quorum leader", lambda: in_role(operator, "quorum leader"))[0]
    others = [one for one in "123" if one != leader]
    kill(operator, others[0])
    operator.server(others[1]).click()
    operator.find(".act .do button", "Kill").first.click()
    expect(operator.find("dialog[open]")).to_contain_text("would lose the quorum")
    operator.find("dialog[open] .btn-grave").click()
    operator.says("NO QUORUM", 30)
    expect(operator.find(".slot-band")).to_contain_text("No quorum")
    before = set(operator.nodes())
    operator.button("Add node").click()
    new = operator.sees("a node starts", lambda: set(operator.nodes()) - before).pop()
    assert "no session yet" in operator.nodes()[new]["says"]
    start(operator, others[0])
    operator.is_live(40)
    start(operator, others[1])
    operator.sees("all three serve", lambda: set(roles(operator).values()) == {"follower", "quorum leader"}, 40)
    operator.sees("somebody leads", operator.leader, 20)
    operator.sees("the node that was added has joined", lambda: new in operator.in_state("alive", "leader"), 20)
    expect(operator.find(".slot-band .band")).to_have_count(0)
