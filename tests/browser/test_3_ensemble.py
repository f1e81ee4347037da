"""The ensemble's page: what servers tell, an election, and servers that answer what no server does."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.demo import Demo
from tests.browser.page import Page
from tests.integration.ensemble import SCALE
from tests.zookeeper import hostile
from tests.zookeeper.fakes import SRVR

PHONE = {"width": 390, "height": 844}


def row(page: Page, number: str) -> Locator:
    return page.find(f'.servers tr[data-server="{number}"]')


def roles(page: Page) -> dict[str, str]:
    rows = page.find(".servers tbody tr").all()
    return {one.get_attribute("data-server") or "": one.locator(".server-title b").inner_text() for one in rows}


def who(page: Page, role: str) -> str:
    return page.sees(f"a {role}", lambda: [one for one, other in roles(page).items() if other == role])[0]


def act(page: Page, number: str, label: str) -> None:
    """From the inspector of the server that is clicked."""
    row(page, number).click()
    expect(page.find(".insp .title")).to_contain_text(f"server {number}")
    page.find(".act .do button", label).first.click()
    if label == "Kill":
        page.find("dialog[open] .btn-grave").click()


def start(page: Page, number: str) -> None:
    act(page, number, "Start")
    page.sees(f"server {number} serves", lambda: roles(page)[number] in ("follower", "quorum leader"), 40)
    expect(page.find("#ens-quorum")).to_contain_text("3 of 3 up: can lose 1")


def test_what_servers_tell(operator: Page) -> None:
    operator.open("/ensemble")
    expect(operator.find("#ens-quorum")).to_contain_text("3 of 3 up: can lose 1")
    assert sorted(roles(operator).values()) == ["follower", "follower", "quorum leader"]
    for name in ("Behind", "Latency", "Queued", "Clients", "Watches", "Znodes", "Data", "Files", "Serves", "Snapshot"):
        expect(operator.find(".servers th", name)).to_be_visible()
    watches = operator.find(".servers .of-watches .figure-main")
    operator.sees("somebody watches something", lambda: any(int(text) for text in watches.all_inner_texts()))
    expect(row(operator, who(operator, "quorum leader"))).to_contain_text("2 followers in sync")
    expect(operator.find(".lacks")).to_have_count(0)
    expect(operator.find(".reigns")).to_contain_text("It led already when it was first asked.")


def test_the_page_is_no_wider_than_a_phone(operator: Page) -> None:
    operator.tab.set_viewport_size(PHONE)
    operator.open("/ensemble")
    expect(row(operator, "1")).to_be_visible()
    expect(operator.find(".servers .of-watches").first).to_be_visible()
    assert operator.tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_an_election_is_timed_by_whoever_knows_best(operator: Page) -> None:
    operator.open("/ensemble")
    expect(operator.find("#ens-quorum")).to_contain_text("3 of 3 up")
    leader = who(operator, "quorum leader")
    before = operator.find(".reign").count()
    act(operator, leader, "Kill")
    expect(operator.find("#ens-quorum")).to_contain_text("2 of 3 up: can lose none")
    expect(row(operator, leader)).to_contain_text("its process was killed")
    operator.sees("another one leads", lambda: "quorum leader" in roles(operator).values(), 30)
    expect(operator.find(".reign")).to_have_count(before + 1)
    new = operator.find(".reign").first
    expect(new).to_contain_text(re.compile(r"\d m?s without a leader"))
    # The new leader says itself, when it is asked, when it began and how long it took.
    expect(new).to_contain_text("by its own measure", timeout=20_000 * SCALE)
    expect(operator.find(".reign").nth(1)).to_contain_text("Ended: its process was killed.")
    expect(operator.find(".quorum-facts")).to_contain_text(re.compile(r"Last election\s*\d"))
    start(operator, leader)


def test_a_server_that_answers_nonsense_does_no_harm_and_is_said_to(operator: Page, demo: Demo) -> None:
    operator.open("/ensemble")
    expect(operator.find("#ens-quorum")).to_contain_text("3 of 3 up")
    number = who(operator, "follower")
    member = next(one for one in demo.lab.members if one.id == number)
    assert member.admin_port is not None
    act(operator, number, "Kill")
    expect(operator.find("#ens-quorum")).to_contain_text("2 of 3 up")
    good = SRVR % (b"3.8.0", b"follower")
    bomb = hostile.http(hostile.BOMB, more="Content-Encoding: gzip\r\n")
    with hostile.instead(
        (member.port, hostile.words(srvr=good, mntr=hostile.flood(hostile.PAGE))), (member.admin_port, bomb)
    ):
        lacks = operator.find(".lacks")
        expect(lacks).to_contain_text("it sends a web page and more than 512 KB of it", timeout=40_000 * SCALE)
        expect(lacks).to_contain_text(f"what answers on port {member.admin_port} is no AdminServer")
        expect(row(operator, number).locator(".of-watches")).to_have_class(re.compile("is-none"))
        row(operator, number).click()
        expect(operator.find(".insp")).to_contain_text("Not told: mntr:")
        operator.is_live()
    with hostile.instead((member.port, hostile.words(srvr=hostile.PAGE, mntr=b"", ruok=b""))):
        said = "its process was killed; something that is not ZooKeeper answers: it sends a web page"
        expect(row(operator, number)).to_contain_text(said)
        expect(operator.find("#ens-quorum")).to_contain_text("2 of 3 up: can lose none")
        operator.is_live()
    start(operator, number)
