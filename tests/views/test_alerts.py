"""Rules over a whole scene: what fires, what is not known, and who hears of it."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.views.world import World
from zkbridge.facts import Details, Member, Probe, SessionFacts, Tally
from zkbridge.protocol.alerts import Alerts
from zkbridge.protocol.base import Problem
from zkbridge.protocol.rules import Rule
from zkbridge.protocol.topics import parse
from zkbridge.scene import Scene
from zkbridge.views.alerts import Event
from zkbridge.views.flaps import Flaps


class Watched(World):
    """A world whose scene keeps to ``rules``."""

    def __init__(self, rules: dict[str, Rule], **options: Any) -> None:
        super().__init__(**options)
        self.scene = Scene(self.tree, self.log, "demo", self.lab, self.now, rules)
        if options.get("live", True):
            self.scene.on_session(SessionFacts("live", self.now, 1), self.now)

    @property
    def alerts(self) -> Alerts:
        value = self.value("alerts")
        assert isinstance(value, Alerts)
        return value

    @property
    def said(self) -> list[str]:
        return [alert.words for alert in self.alerts.firing.values()]

    def events(self) -> list[Event]:
        return self.scene.vigil.alerts.take()

    def answer(self, **fields: Any) -> None:
        """Servers that tell more than their mode."""
        probes = [
            Probe(Member(ident, "h", 1), self.now, "leader" if ident == "2" else "follower",
                  zxid=(5 << 32) + fields.get("zxid", {}).get(ident, 1_000), latency=fields.get("latency"),
                  outstanding=fields.get("outstanding", 0), sessions=fields.get("sessions"))
            for ident in ("1", "2", "3")
        ]  # fmt: skip
        self.scene.on_probes(tuple(probes), self.now)

    def seconds(self, count: int, **fields: Any) -> None:
        for _ in range(count):
            self.now += 1_000
            self.answer(**fields)
            self.scene.tick(self.now)


def test_no_quorum_with_when_it_began_and_its_end() -> None:
    world = Watched({"quorum": Rule("no-quorum", "critical", hold=3, clear_for=2)}).nodes(0)
    world.probe(s1="", s3="")
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    began = world.now
    world.wait(2_000)
    assert world.said == [] and world.alerts.rules["quorum"].state == "pending"
    world.wait(3_000)
    assert world.said == ["The ensemble has no quorum: it needs 2 of 3, has 1."]
    (alert,) = world.alerts.firing.values()
    assert alert.severity == "critical" and 0 <= alert.since - began <= 1_000 and alert.fired - alert.since == 3_000
    world.probe(s1="follower", s3="follower")
    world.wait(5_000)
    assert world.said == [] and world.alerts.past["1"].words.startswith("The ensemble has no quorum")
    fired, over = world.events()
    assert (fired.state, over.state) == ("firing", "resolved")
    assert over.words == "The ensemble has its quorum and a leader again, after 5.0 s."
    assert world.events() == []


def test_each_server_that_is_down_has_an_alert_of_its_own() -> None:
    world = Watched({"down": Rule("server-down", hold=2, clear_for=2)}).nodes(0)
    world.probe(s1="")
    world.wait(4_000)
    world.probe(s3="")
    world.wait(4_000)
    assert world.said == ["Server 1 is down: connection refused.", "Server 3 is down: connection refused."]
    world.probe(s1="follower")
    world.wait(4_000)
    assert world.said == ["Server 3 is down: connection refused."]


def test_a_server_that_is_no_member_any_more_is_not_down_for_ever() -> None:
    world = Watched({"down": Rule("server-down", hold=2, clear_for=2)}).nodes(0)
    world.probe(s1="")
    world.wait(4_000)
    assert len(world.said) == 1
    del world.modes["1"]
    world.probe()
    world.wait(4_000)
    assert world.said == []


def test_lag_with_a_lower_threshold_for_its_end() -> None:
    world = Watched({"lag": Rule("lag", hold=2, clear_for=2, above=100, clear=10)})
    world.seconds(5, zxid={"1": 850})
    assert world.said == ["Server 1 is 150 transactions behind the leader, more than 100."]
    world.seconds(10, zxid={"1": 950})
    assert len(world.said) == 1, "50 is below the first threshold, and above the second"
    world.seconds(4, zxid={"1": 995})
    assert world.said == []


def test_latency_that_no_server_tells_is_not_known() -> None:
    world = Watched({"slow": Rule("latency", hold=0, clear_for=0, above=50)})
    world.seconds(2)
    assert world.alerts.rules["slow"].state == "unknown" and world.said == []
    world.seconds(2, latency=80.5)
    assert world.said == [], "whether the servers tell of later requests is not known yet"
    for ident in ("1", "2", "3"):
        world.scene.on_details(Details(ident, world.now), world.now)
    world.seconds(2, latency=80.5)
    assert "Server 1 answers in 80.5 ms on average since it began, more than 50 ms." in world.said
    world.seconds(3)
    assert len(world.said) == 3 and all(alert.unknown for alert in world.alerts.firing.values())
    world.seconds(2, latency=3.0)
    assert world.said == []


def test_latency_of_late_goes_before_the_average_since_the_server_began() -> None:
    world = Watched({"slow": Rule("latency", hold=0, clear_for=0, above=50)})
    count, total = 1_000_000, 400_000.0

    def asked(requests: int, each: float, outstanding: int = 0) -> None:
        """Five seconds, at whose end server 1 says what it was asked meanwhile."""
        nonlocal count, total
        count, total = count + requests, total + requests * each
        world.seconds(5, latency=0.4, outstanding=outstanding)
        world.scene.on_details(Details("1", world.now, "mntr", requests=Tally(count, total)), world.now)
        world.seconds(1, latency=0.4, outstanding=outstanding)

    asked(100, 0.4)
    asked(20, 500)
    assert world.said == ["Server 1 answers in 500 ms on average, more than 50 ms."]
    assert world.ensemble.servers["1"].recent == 500 and world.ensemble.servers["1"].requests == 20
    asked(0, 0, outstanding=3)
    assert len(world.said) == 1, "some wait still: nothing is known to be over"
    asked(0, 0)
    assert world.said == [], "nobody asks it for anything"
    asked(50, 500)
    asked(50, 1)
    assert world.said == []
    asked(50, 500)
    count, total = 0, 0.0
    asked(10, 2)
    assert world.said == [] and world.ensemble.servers["1"].recent == 2, "its process is another"
    world.seconds(15, latency=0.4)
    assert (world.ensemble.servers["1"].recent, world.ensemble.servers["1"].requests) == (None, None), "too long ago"


def test_members_of_a_group() -> None:
    world = Watched({"workers": Rule("members", hold=0, clear_for=0, path="/workers", fewer=2)})
    world.wait(1_000)
    assert world.said == ["/workers has 0 members, fewer than 2."]
    world.put("/workers/a", owner=1)
    world.put("/workers/b", owner=2)
    world.wait(6_000)
    assert world.said == []
    world.delete("/workers/b")
    world.wait(1_500)
    assert world.said == ["/workers has 1 member, fewer than 2."]
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    world.wait(2_000)
    (alert,) = world.alerts.firing.values()
    assert alert.unknown and world.alerts.rules["workers"].state == "firing"


def test_the_bridges_own_connection() -> None:
    world = Watched({"stale": Rule("stale", hold=2, clear_for=0)})
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    world.wait(4_000)
    assert world.said == ["Zooscope's connection to the ensemble is lost: what it shows is old."]
    world.scene.on_session(SessionFacts("live", world.now, 2), world.now)
    world.wait(1_500)
    assert world.said == []
    fresh = Watched({"stale": Rule("stale", hold=2, clear_for=0)}, live=False)
    fresh.wait(5_000)
    assert fresh.said == [] and fresh.alerts.rules["stale"].state == "unknown"
    fresh.scene.on_session(SessionFacts("connecting", fresh.now, problem=Problem("x", "No such host.")), fresh.now)
    fresh.wait(4_000)
    assert fresh.said == ["Zooscope has no connection to the ensemble yet."]


def test_sessions_that_end_by_the_tree() -> None:
    world = Watched({"flapping": Rule("sessions", hold=0, clear_for=0, above=2)})
    for number in range(4):
        world.put(f"/a/n{number}", owner=100 + number)
    world.delete(*(f"/a/n{number}" for number in range(4)))
    world.put("/a/again", owner=100)
    world.wait(4_000)
    assert world.said == [], "some may come back"
    world.wait(3_000)
    assert world.said == ["3 sessions ended within a minute, more than 2."]
    world.wait(70_000)
    assert world.said == []


def test_sessions_that_ended_go_on_counting_when_the_bridge_itself_connects_anew() -> None:
    world = Watched({"flapping": Rule("sessions", hold=0, clear_for=0, above=2)})
    for number in range(5):
        world.put(f"/a/n{number}", owner=100 + number)
    world.delete(*(f"/a/n{number}" for number in range(3)))
    world.wait(7_000)
    world.delete("/a/n3", "/a/n4")
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    world.scene.on_session(SessionFacts("live", world.now, 2), world.now)
    world.wait(8_000)
    assert world.said == ["3 sessions ended within a minute, more than 2."], "the last two may have come back unseen"


def test_sessions_that_the_servers_tell_of() -> None:
    flaps = Flaps()
    flaps.seen({1, 2, 3}, 1_000)
    flaps.seen({1}, 2_000)
    flaps.gone(1, 2_000)
    assert flaps.count(6_000) == 0 and flaps.count(7_000) == 2, "the tree does not count where the servers tell"
    flaps.seen({1, 3}, 8_000)
    assert flaps.count(9_000) == 1
    flaps.seen(None, 9_000)
    flaps.seen({7}, 10_000)
    assert flaps.count(16_000) == 1, "what was not told is not an end"
    assert flaps.count(120_000) == 0


def test_without_rules_nothing_is_said() -> None:
    world = Watched({}).nodes(0)
    world.probe(s1="", s2="", s3="")
    world.wait(60_000)
    assert world.alerts == Alerts()


def test_at_rest_nothing_changes() -> None:
    world = World().nodes(2)
    world.wait(10_000)
    assert set(world.value("alerts").rules) == {"no-quorum", "server-down", "lag", "stale"}
    before = world.scene.stamp(parse("alerts"))
    world.wait(20_000)
    assert world.scene.stamp(parse("alerts")) == before


def test_what_fired_in_an_earlier_life_goes_on_and_ends_when_it_is_seen_to_be_over() -> None:
    rules = {"down": Rule("server-down", hold=2, clear_for=2)}
    before = Watched(rules).nodes(0)
    before.probe(s1="")
    before.wait(4_000)
    kept = before.scene.vigil.alerts.firing()
    gone = msgspec.structs.replace(kept[0], rule="removed")
    after = Watched(rules, live=False)
    after.scene.restore([*kept, gone], after.now)
    assert after.said == ["Server 1 is down: connection refused."]
    after.wait(5_000)
    (alert,) = after.alerts.firing.values()
    assert alert.unknown and alert.since == kept[0].since
    assert [(event.state, event.rule) for event in after.events()] == [("resolved", "removed")]
    after.probe()
    after.wait(5_000)
    (over,) = after.events()
    assert after.said == [] and over.state == "resolved"
    assert over.words.startswith("Server 1 answers again, after ")
