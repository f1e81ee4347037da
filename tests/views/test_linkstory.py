"""What is told of links that are cut, slow and healed, in whole sentences."""

from __future__ import annotations

import pytest

from tests.views.test_story import relink
from tests.views.world import World
from zkbridge.facts import hexadecimal


def cut_of(w: World, who: str = "node-3", to: str = "ensemble", **more: object) -> None:
    w.say(who, "fault", fault="f1", action="link.cut", by="ann", to=to, since=w.now, until=w.now + 60_000, **more)


def back(w: World, who: str, server: str = "127.0.0.1:2182") -> None:
    """Connected again, in the same session."""
    w.say(who, "connected", session=hexadecimal(w.sessions[who]), server=server, timeout=4_000, asked=4_000)


def heal_of(w: World, by: str = "ann", who: str = "node-3", to: str = "ensemble", **more: object) -> None:
    w.say(who, "healed", fault="f1", action="link.cut", by=by, to=to, **more)


def test_a_node_that_is_cut_off_for_too_long_and_healed() -> None:
    w = World().nodes(5)
    cut_of(w)
    w.wait(500)
    assert w.last == ("node-3's link with the ensemble was cut by ann (1). Unless ZooKeeper hears from it within 4 s, "
                      "its session expires and c_0000000002 is deleted.")  # fmt: skip
    assert w.stage.nodes["node-3"].link == "cut off"
    w.say("node-3", "suspended")
    w.wait(3_600)
    w.expire("node-3")
    relink(w, "node-4", "node-3", "node-2")
    assert w.last == ("node-3's link with the ensemble was cut by ann (1); its session expired 4.1 s later (2), and "
                      "ZooKeeper deleted c_0000000002 (3), and node-4's watch fired (4): it now watches node-2 (5). "
                      "node-1 still leads.")  # fmt: skip
    assert w.stage.nodes["node-3"].cause == "cut off too long"
    w.wait(5_000)
    heal_of(w, "its time limit")
    w.wait(100)
    w.say("node-3", "lost")
    w.connect("node-3", again=True)
    w.join("node-3")
    assert w.last.endswith("node-1 still leads. The link healed by itself after 9.1 s (6). node-3 learnt that its "
                           "session was gone (7) and joined again as c_0000000005 (8), 5th in line.")  # fmt: skip
    moments = {moment.kind: moment for moment in w.timeline.moments.values() if moment.lane == "node-3"}
    assert moments["cut"].label == "link cut" and moments["healed"].label == "link healed"
    assert moments["expired"].delta == 4_100


def test_a_cut_that_is_healed_in_time() -> None:
    w = World().nodes(5)
    cut_of(w)
    w.say("node-3", "suspended")
    w.wait(2_000)
    heal_of(w)
    assert w.last == ("node-3's link with the ensemble was cut by ann (1); the link was healed by ann 2.0 s later (2), "
                      "in time: its session lives on.")  # fmt: skip
    back(w, "node-3")
    w.wait(20_000)
    assert not w.chapters[-1].open


@pytest.mark.parametrize(("who", "to", "words"), [
    ("node-3", "ensemble", "node-3's link was cut one way by ann, from it to the ensemble (1)"),
    ("ensemble", "node-3", "node-3's link was cut one way by ann, from the ensemble to it (1)"),
])  # fmt: skip
def test_cuts_of_one_way(who: str, to: str, words: str) -> None:
    w = World().nodes(5)
    w.probe()
    cut_of(w, who, to, both=False)
    assert w.last.startswith(words) and w.stage.nodes["node-3"].link == "cut one way"


def test_a_node_that_is_cut_off_from_its_own_server_goes_on_with_another() -> None:
    w = World().nodes(5)
    w.probe()
    cut_of(w, to="server-2")
    assert w.stage.nodes["node-3"].link == "partly cut off"
    w.say("node-3", "suspended")
    w.wait(1_500)
    back(w, "node-3", "127.0.0.1:2181")
    w.wait(100)
    assert w.last == ("node-3's link with server 2 was cut by ann (1). It went on with server 1 1.5 s later, "
                      "its session kept (2).")  # fmt: skip


def test_the_leader_of_the_ensemble_is_cut_off() -> None:
    w = World().nodes(5)
    w.probe()
    w.wait(2_000)
    cut_of(w, "server-2")
    w.wait(4_000)
    w.probe(5, s1="looking", s3="looking")
    w.wait(400)
    w.probe(6, s1="follower", s2="looking", s3="leader")
    w.wait(1_000)
    w.modes = {"1": "follower", "2": "follower", "3": "leader"}
    w.wait(5_000)
    told = [chapter for chapter in w.story if "The link between server 2" in chapter]
    assert told and told[0].startswith("The link between server 2 and the other servers was cut by ann (1). "
                                       "server 1 was seen looking for a leader 4.0 s later (2).")  # fmt: skip
    assert "server 3 was seen leading, in epoch 6, 4.4 s later" in told[0]
    heal_of(w, who="server-2")
    w.wait(300)
    assert any("It was healed by ann" in chapter for chapter in w.story)


def test_a_slow_link() -> None:
    w = World().nodes(5)
    w.say("node-3", "fault", fault="f2", action="link.slow", by="ann", to="ensemble", latency=200, loss=10)
    assert w.last == "The link between node-3 and the ensemble was slowed down by ann: +200 ms, loses 10% (1)."
    w.wait(3_000)
    w.say("node-3", "healed", fault="f2", action="link.slow", by="its time limit", to="ensemble")
    assert w.last.endswith("(1). It healed by itself after 3.0 s (2).")


def test_a_server_is_paused_and_resumed() -> None:
    w = World().nodes(5)
    w.probe()
    w.say("server-2", "asked", action="server.pause", by="ann")
    w.say("server-2", "fault", fault="f1", action="server.pause", by="ann", since=w.now)
    assert w.last.startswith("server 2 was paused (1). It led the ensemble")
    w.wait(750)
    w.modes = {"1": "follower", "2": "", "3": "leader"}
    w.epoch = 6
    w.wait(2_000)
    assert "was seen leading it 1.0 s later, in epoch 6 (2)" in w.last
    w.wait(9_000)
    w.say("server-2", "asked", action="server.resume", by="its time limit")
    w.modes["2"] = "follower"
    w.wait(1_000)
    w.probe(6)
    w.wait(100)
    assert w.last.startswith("server 2 was resumed (1) and was seen following server 3")
