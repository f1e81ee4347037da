"""The fault lab: outages of each kind, as the page tells them, against the clocks of the nodes themselves."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests import claims
from tests.browser.demo import Demo
from tests.browser.page import Page
from tests.browser.test_3_servers import in_role, roles
from tests.integration.ensemble import SCALE, wait_for
from zkbridge.lab.records import Tail
from zkbridge.records import Record

TIMEOUT = 4.0
"""Seconds of the nodes' sessions."""

CLOCKS = 50.0 * SCALE
"""ms between what the page shows and what a node wrote down itself."""

KINDS: dict[str, dict[str, Any]] = {
    "cut": {"path": "links/cut", "from": "{}", "to": "ensemble"},
    "cut outward": {"path": "links/cut", "from": "{}", "to": "ensemble", "both": False},
    "cut inward": {"path": "links/cut", "from": "ensemble", "to": "{}", "both": False},
    "pause": {"path": "nodes/{}/pause"},
    "kill": {"path": "nodes/{}/kill"},
}

# The values of topics, as the page has them.
TOPIC = """topic => new Promise((done, fail) => {
    const socket = new WebSocket(location.origin.replace('http', 'ws') + '/live');
    socket.onopen = () => socket.send(JSON.stringify({op: 'subscribe', topic}));
    socket.onmessage = ({data}) => {
        const frame = JSON.parse(data);
        if (frame.type === 'snapshot') { socket.close(); done(frame.data); }
    };
    socket.onerror = () => fail('no socket');
})"""


class Lab:
    """The page of an operator, and what the processes wrote down."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page, self.demo = page, demo
        self._tail = Tail(demo.lab.records)
        self._records: list[Record] = []

    def topic(self, name: str) -> Any:
        return self.page.tab.evaluate(TOPIC, name)

    def records(self, who: str, kind: str, since: float) -> list[Record]:
        while new := self._tail.read_new():
            self._records += new
        return [record for record in self._records if record.who == who and record.kind == kind and record.at >= since]

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        token = self.page.tab.locator("meta[name=csrf-token]").get_attribute("content") or ""
        headers = {"X-CSRFToken": token, "Origin": self.page.base}
        return self.page.tab.request.post(f"{self.page.base}/api/{path}", headers=headers, data=body or {})

    def fault(self, kind: str, node: str, seconds: float | None = None) -> None:
        body = {key: value.format(node) if isinstance(value, str) else value for key, value in KINDS[kind].items()}
        if seconds is not None and kind != "kill":
            body["seconds"] = seconds
        answer = self.post(body.pop("path"), body)
        assert answer.ok, answer.text()

    def heal(self) -> None:
        assert self.post("lab/heal").ok

    def nodes(self) -> dict[str, Any]:
        """Those that stand in line, by their places."""
        found = {name: node for name, node in self.topic("stage")["nodes"].items() if node.get("place")}
        return dict(sorted(found.items(), key=lambda item: item[1]["place"]))

    def all_in_line(self, count: int) -> list[str]:
        """Names by place, once so many stand there, connected, and each has been told who leads."""
        def settled() -> bool:
            nodes = self.nodes()
            leader = next(iter(nodes), "")
            return len(nodes) >= count and all(
                node.get("acknowledges") == leader and node.get("connection") == "connected" for node in nodes.values()
            )

        wait_for(f"{count} nodes stand in line", settled)
        return list(self.nodes())

    def moment(self, node: str, kind: str, since: float) -> float:
        """When the timeline shows that something happened to a node."""
        def there() -> list[float]:
            moments = self.topic("timeline")["moments"].values()
            return [one["at"] for one in moments if (one["lane"], one["kind"]) == (node, kind) and one["at"] >= since]

        wait_for(f"the timeline shows {kind!r} of {node}", there)
        return there()[0]

    def own_word(self, node: str, kind: str, since: float) -> float:
        wait_for(f"{node} wrote {kind!r}", lambda: self.records(node, kind, since))
        return self.records(node, kind, since)[0].at


@pytest.fixture
def lab(operator: Page, demo: Demo) -> Iterator[Lab]:
    lab = Lab(operator, demo)
    lab.heal()
    yield lab
    lab.heal()


def now() -> float:
    return time.time() * 1000


def test_outages_shorter_than_the_session_change_nothing(lab: Lab) -> None:
    missing = 6 - len(lab.nodes())
    if missing > 0:
        assert lab.post("nodes", {"count": missing}).ok
    line = lab.all_in_line(6)
    before, since = lab.nodes(), now()
    for kind, node in zip(("cut", "cut outward", "cut inward", "pause"), line, strict=False):
        lab.fault(kind, node, 2)
    lab.page.sees("a broken line on the stage", lambda: lab.page.find(".session-line.broken").count() >= 3)
    expect(lab.page.find(".fault-notice")).to_be_visible()
    for kind, node in (("cut", line[0]), ("healed", line[0]), ("paused", line[3]), ("resumed", line[3])):
        shown = lab.moment(node, kind, since)
        own = {"cut": "fault", "healed": "healed", "paused": "asked", "resumed": "asked"}[kind]
        assert min(abs(shown - record.at) for record in lab.records(node, own, since)) <= CLOCKS
    assert lab.records(line[0], "healed", since)[0].by == "its time limit"
    lab.all_in_line(len(before))
    after = lab.nodes()
    for name in line:
        assert after[name]["session"] == before[name]["session"], f"{name} kept its session"
        assert after[name]["znode"] == before[name]["znode"], f"{name} kept its place"
        assert not lab.records(name, "lost", since)
    assert not any(lab.records(name, "elected", since) for name in line), "nobody was elected"


@pytest.mark.parametrize(
    ("first", "others"), [("cut", ("cut outward", "pause", "kill")), ("pause", ("cut", "cut inward", "kill"))]
)
def test_outages_longer_than_the_session(lab: Lab, first: str, others: tuple[str, ...]) -> None:
    """The first in line, which leads, suffers one kind, and every second node another: whoever stands behind it has its
    watch fire, and says when."""
    missing = 8 - len(lab.nodes())
    if missing > 0:
        assert lab.post("nodes", {"count": missing}).ok
    line = lab.all_in_line(8)
    before, since = lab.nodes(), now()
    struck = dict(zip(line[0:8:2], (first, *others), strict=False))
    for node, kind in struck.items():
        lab.fault(kind, node, 60)
    apart = []
    for node in struck:
        behind = line[line.index(node) + 1]
        fired = lab.own_word(behind, "fired", since)
        gone = lab.moment(node, "expired", since)
        # A witness may be late, by its own server or its own threads: the page never is.
        assert gone - fired <= CLOCKS, f"{node} ({struck[node]}): shown {gone - fired:+.0f} ms after the watch fired"
        changes = lab.topic("changes?limit=1000")["changes"].values()
        path = before[node]["znode"]
        deleted = next(one["at"] for one in changes if (one["kind"], one["path"]) == ("deleted", path))
        assert deleted - fired <= CLOCKS
        apart.append(max(abs(gone - fired), abs(deleted - fired)) / 1000)
    what = f"The leader: {first}; ends of sessions as shown, off the watches"
    claims.hold(what, statistics.median(apart), CLOCKS / SCALE / 1000)
    elected = lab.own_word(line[1], "elected", since)
    assert abs(lab.moment(line[1], "leads", since) - elected) <= CLOCKS
    lab.page.sees("the page shows who leads", lambda: lab.page.leader() == line[1])
    story = lab.topic("story")["chapters"].values()
    told = ["".join(part["text"] for part in chapter["parts"] if part.get("kind") != "numeral") for chapter in story]
    verb = {"pause": " was paused"}.get(first, "'s link")
    whole = [one for one in told if line[0] + verb in one and "session expired" in one and f"{line[1]}'s watch" in one]
    assert whole, "\n".join(told[-8:])
    healed = now()
    lab.heal()
    for node, kind in struck.items():
        if kind == "kill":
            continue
        lost = lab.own_word(node, "lost", since)
        again = lab.own_word(node, "connected", healed)
        assert lost > since and again >= healed
        assert lab.records(node, "connected", healed)[0].again, f"{node} has a new session"
        assert abs(lab.moment(node, "session", healed) - again) <= CLOCKS
    lab.all_in_line(8 - list(struck.values()).count("kill"))


@pytest.mark.parametrize("how", ["pause", "cut"])
def test_the_ensembles_leader_is_missed_and_another_elected(lab: Lab, how: str) -> None:
    page = lab.page
    leader = page.sees("a quorum leader", lambda: in_role(page, "quorum leader"))[0]
    sessions = {name: node["session"] for name, node in lab.nodes().items()}
    began = time.monotonic()
    if how == "pause":
        page.act(page.server(leader), "Pause")
    else:
        page.server(leader).click()
        page.find(".act .do button", "Cut").first.click()
    page.sees("another leads", lambda: in_role(page, "quorum leader") not in ([], [leader]), 20)
    assert time.monotonic() - began < 12 * SCALE
    if how == "pause":
        page.sees("it is called paused", lambda: roles(page)[leader] == "paused")
    page.is_live(20)
    lab.heal()
    page.sees("all three serve", lambda: sorted(roles(page).values()) == ["follower", "follower", "quorum leader"], 40)
    lab.all_in_line(len(sessions))
    story = lab.topic("story")["chapters"].values()
    told = " ".join("".join(part["text"] for part in chapter["parts"]) for chapter in story)
    words = "was paused" if how == "pause" else f"The link between server {leader} and the other servers was cut"
    assert words in told and "was seen leading" in told


def test_a_follower_that_hears_nothing_serves_nobody_until_it_is_healed(lab: Lab) -> None:
    page = lab.page
    leader = page.sees("a quorum leader", lambda: in_role(page, "quorum leader"))[0]
    follower = in_role(page, "follower")[0]
    answer = lab.post("links/cut", {"from": f"server-{leader}", "to": f"server-{follower}", "both": False})
    assert answer.ok, answer.text()
    page.sees("it does not follow any more", lambda: roles(page)[follower] != "follower", 20)
    assert in_role(page, "quorum leader") == [leader], "the leader still has the other one"
    lab.heal()
    page.sees("it follows again", lambda: roles(page)[follower] == "follower", 20)


def test_two_of_three_killed(lab: Lab) -> None:
    page = lab.page
    timeout = lab.topic("status")["timeout"] / 1000
    leader = page.sees("a quorum leader", lambda: in_role(page, "quorum leader"))[0]
    others = [one for one in "123" if one != leader]
    assert lab.post(f"servers/{others[0]}/kill").ok
    for action in ("stop", "kill", "pause"):
        refused = lab.post(f"servers/{leader}/{action}")
        assert refused.status == 409 and refused.json()["problem"]["code"] == "would-lose-quorum"
    asks_before_the_last_two_are_parted(lab, leader, others[1])
    assert lab.post(f"servers/{leader}/kill", {"force": True}).ok
    began = time.monotonic()
    page.says("NO QUORUM", timeout + 2)
    claims.hold("2 of 3 killed, until the page says NO QUORUM", time.monotonic() - began, timeout + 2)
    answer = lab.post("znodes", {"path": "/refused", "data": {"encoding": "text", "value": ""}})
    assert answer.status == 503
    assert "quorum" in answer.json()["problem"]["text"].lower()
    assert lab.post(f"servers/{others[0]}/start").ok
    page.is_live(40)
    page.open("/lab")
    expect(page.find(".fault-list li")).to_have_count(1)
    expect(page.find(".fault-list")).to_contain_text(f"server {leader} is killed")
    page.find(".fault-list").get_by_role("button", name=re.compile("^Start")).click()
    expect(page.find(".lab-part h2").first).to_have_text("Nothing is broken")
    page.open("/")
    page.sees("all three serve", lambda: sorted(roles(page).values()) == ["follower", "follower", "quorum leader"], 40)


def asks_before_the_last_two_are_parted(lab: Lab, leader: str, other: str) -> None:
    page, cost = lab.page, "At most 1 of 3 servers would still hear each other, and a quorum needs 2"
    page.server(leader).click()
    page.find(".act .do", cost).get_by_role("button", name="Cut").click()
    dialog = page.find("dialog[open]")
    expect(dialog).to_contain_text("Cut the link between server " + leader + " and the other servers?")
    expect(dialog).to_contain_text(cost)
    dialog.get_by_role("button", name="Cancel").click()
    refused = lab.post("links/cut", {"from": f"server-{leader}", "to": f"server-{other}"})
    assert refused.status == 409 and refused.json()["problem"]["code"] == "would-lose-quorum"
    assert not lab.topic("lab")["links"], "nothing was cut"


def test_the_labs_page_cuts_slows_and_heals_a_link(lab: Lab) -> None:
    page = lab.page.open("/lab")
    node = lab.all_in_line(2)[-1]
    page.button(f"{node} and the servers: open").focus()
    page.tab.keyboard.press("Enter")
    desk = page.find(".link-desk")
    expect(desk.get_by_role("heading")).to_contain_text(node)
    desk.get_by_label("For").select_option("30 s")
    desk.get_by_role("button", name="Cut").click()
    expect(page.button(f"{node} and the servers: cut")).to_be_visible()
    row = page.find(".fault-list li")
    expect(row).to_contain_text(f"No packet passes between {node} and all servers")
    page.sees("it counts down", lambda: re.search(r"heals in (2\d|1\d) s", row.inner_text()))
    desk.get_by_role("button", name="Heal").click()
    expect(page.button(f"{node} and the servers: open")).to_be_visible()
    page.button("server 1 to server 2: open").click()
    desk.get_by_label("only from server 1").check()
    desk.get_by_label("Loses").fill("10")
    desk.get_by_role("button", name="Slow").click()
    expect(page.button("server 1 to server 2: slow")).to_be_visible()
    expect(page.button("server 2 to server 1: open")).to_be_visible()
    expect(row).to_contain_text("+200 ms, loses 10%")
    row.get_by_role("button", name=re.compile("^Heal")).click()
    expect(page.find(".lab-part h2").first).to_have_text("Nothing is broken")
    expect(page.find(".memory")).to_contain_text("free")


def test_everything_is_healed_out_of_a_mess(lab: Lab) -> None:
    page = lab.page
    line = lab.all_in_line(4)
    page.sees("a quorum leader", lambda: in_role(page, "quorum leader"))
    follower = in_role(page, "follower")[0]
    assert lab.post(f"servers/{follower}/kill").ok
    lab.fault("cut", line[0])
    lab.fault("pause", line[1])
    assert lab.post("links/slow", {"from": line[2], "to": "ensemble", "latency": 300, "jitter": 100}).ok
    page.open("/lab")
    expect(page.find(".fault-list li")).to_have_count(4)
    lab.fault("kill", line[3])
    start = page.tab.get_by_role("button", name=f"Start {line[3]}", exact=True)
    ended = page.find(".ended-nodes li").filter(has=start)
    expect(ended).to_contain_text("killed")
    page.button("Heal everything").click()
    expect(page.find(".lab-part h2").first).to_have_text("Nothing is broken")
    expect(page.button("Heal everything")).to_be_disabled()
    healed = "Healed: 2 faults of links, 1 process resumed, 1 server started."
    expect(page.find(".toast", healed)).to_contain_text(line[3])
    # It waits until the znodes of the dead one are gone.
    start.click()
    expect(ended).to_have_count(0)
    page.open("/")
    expect(page.find(".fault-notice")).to_have_count(0)
    page.sees("all three serve", lambda: sorted(roles(page).values()) == ["follower", "follower", "quorum leader"], 40)
    assert line[3] in lab.all_in_line(len(line))


def test_ten_nodes_at_once_and_no_more_than_there_is_room(lab: Lab) -> None:
    before = len(lab.topic("stage")["nodes"])
    running = lab.topic("lab")["nodes"]
    refused = lab.post("nodes", {"count": 40 - running + 1})
    assert refused.status == 409 and f"Add {40 - running} at the most" in refused.json()["problem"]["hint"]
    page = lab.page.open("/lab")
    page.button("Add ten").click()
    wait_for("ten more are on the stage", lambda: len(lab.topic("stage")["nodes"]) == before + 10)
    page.sees("they are counted", lambda: f"{running + 10} of at most 40" in page.find(".adding").first.inner_text())


def test_viewers_see_what_is_broken_and_can_do_nothing(lab: Lab, viewer: Page) -> None:
    node = lab.all_in_line(2)[-1]
    lab.fault("cut", node, 30)
    viewer.open("/lab")
    expect(viewer.find(".fault-list")).to_contain_text(node)
    expect(viewer.button("Heal everything")).to_have_count(0)
    expect(viewer.find(".fault-list button")).to_have_count(0)
    expect(viewer.button("Add ten")).to_have_count(0)
