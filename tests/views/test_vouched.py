"""Servers that cannot be asked, or do not answer, beside a session that is served: what is claimed of the quorum."""

from __future__ import annotations

from tests.views.world import World
from zkbridge.facts import Member, Probe, SessionFacts
from zkbridge.protocol.alerts import Alerts
from zkbridge.protocol.ensemble import Ensemble
from zkbridge.protocol.plots import Plots
from zkbridge.protocol.servers import Servers
from zkbridge.protocol.topics import parse

PORTS = {"1": 23181, "2": 23182, "3": 23183}


class Foreign(World):
    """A cluster of nobody's lab, whose servers are probed as ``members`` have them."""

    def __init__(self, **options: bool) -> None:
        super().__init__(lab=False, **options)
        self.members = {ident: Member(ident, "127.0.0.1", port) for ident, port in PORTS.items()}

    def answers(self, epoch: int = 10, **modes: str) -> None:
        self.scene.on_probes(
            tuple(
                Probe(one, self.now, mode := modes.get(f"s{ident}", ""),  # type: ignore[arg-type]
                      reason="" if mode else "connection refused", zxid=(epoch << 32) + 7 if mode else None)
                for ident, one in self.members.items()
            ),
            self.now,
        )  # fmt: skip

    def seconds(self, count: int, epoch: int = 10, **modes: str) -> None:
        for _ in range(count):
            self.now += 1_000
            self.answers(epoch, **modes)
            self.scene.tick(self.now)

    def session(self, state: str) -> None:
        self.scene.on_session(SessionFacts(state, self.now, 1), self.now)  # type: ignore[arg-type]

    @property
    def ensemble(self) -> Ensemble:
        value = self.value("ensemble")
        assert isinstance(value, Ensemble)
        return value

    @property
    def alarms(self) -> list[str]:
        value = self.value("alerts")
        assert isinstance(value, Alerts)
        return [alert.words for alert in value.firing.values()]

    def told(self) -> str:
        """All words that a page shows of it."""
        servers = self.value("servers")
        assert isinstance(servers, Servers)
        return " ".join([self.value("status").state, self.ensemble.quorum.words, servers.quorum.headline,
                         *servers.quorum.sentences, *self.story, *self.alarms])  # fmt: skip


UP = {"s1": "follower", "s2": "leader", "s3": "follower"}


def test_servers_that_are_nowhere_are_neither_up_nor_down_and_alarm_nobody() -> None:
    world = Foreign()
    world.members = {ident: Member(ident, "127.0.0.1", 0, where="nowhere") for ident in PORTS}
    world.seconds(20)
    assert {one.role for one in world.ensemble.servers.values()} == {"unknown"}
    assert {one.address for one in world.ensemble.servers.values()} == {""}
    assert world.alarms == [] and world.value("status").state == "live"
    assert world.ensemble.quorum.held and world.ensemble.quorum.words == "needs 2 of 3, and serves Zooscope"
    assert "no quorum" not in world.told() and "lost its quorum" not in world.told()


def test_an_address_that_is_a_guess_is_called_one_and_its_silence_says_nothing() -> None:
    world = Foreign()
    world.members["3"] = Member("3", "zoo3", 2181, where="guess")
    world.seconds(20, s1="follower", s2="leader")
    third = world.ensemble.servers["3"]
    assert (third.role, third.address, third.guessed) == ("unknown", "zoo3:2181", True)
    assert third.reason == "it is not known where it answers: at zoo3:2181, which is a guess, connection refused"
    assert world.alarms == []
    world.seconds(1, **UP)
    assert world.ensemble.servers["3"].role == "following"


def test_a_session_that_is_served_disproves_that_there_is_no_quorum_whatever_servers_answer() -> None:
    world = Foreign()
    world.seconds(2, **UP)
    world.seconds(20)
    assert {one.role for one in world.ensemble.servers.values()} == {"down"}
    assert world.ensemble.quorum.held and world.value("status").state == "live"
    assert "no quorum" not in world.told() and "lost its quorum" not in world.told()
    assert not any("quorum" in words for words in world.alarms)
    world.session("stale")
    world.seconds(10)
    assert world.value("status").state == "no-quorum" and any("no quorum" in words for words in world.alarms)


def test_without_a_session_it_is_said_of_how_many_servers_nothing_is_known() -> None:
    world = Foreign()
    world.seconds(2, **UP)
    world.session("stale")
    world.members |= {ident: Member(ident, "127.0.0.1", 0, where="nowhere") for ident in "12"}
    world.seconds(10, s3="looking")
    assert world.ensemble.quorum.words == "needs 2 of 3, has 1 for sure: of 2 servers it is not known"
    assert world.value("status").state == "stale" and not any("quorum" in words for words in world.alarms)


def before_the_configuration(world: Foreign) -> None:
    named = world.members
    world.members = {
        ident: Member(f"127.0.0.1:{port}", "127.0.0.1", port, named=False) for ident, port in PORTS.items()
    }
    world.seconds(1, **UP)
    world.members = named


def test_a_bridge_that_starts_tells_of_no_election_for_names_that_it_learnt() -> None:
    world = Foreign()
    before_the_configuration(world)
    assert "is led by server 127.0.0.1:23182" in world.story[0]
    world.seconds(3, **UP)
    assert len(world.story) == 1 and "is led by server 2" in world.story[0]
    reigns = world.value("servers").reigns
    assert [(reign.leader, reign.epoch) for reign in reigns.values()] == [("2", 10)]
    world.seconds(3, 11, s1="leader", s2="follower", s3="follower")
    assert world.last.startswith("The ensemble elected another leader: server 1")


def test_the_same_where_servers_turn_out_to_be_at_other_addresses() -> None:
    world = Foreign()
    before_the_configuration(world)
    world.members = {ident: Member(ident, f"zoo{ident}", 2181) for ident in PORTS}
    world.seconds(3, **UP)
    assert len(world.story) == 1
    assert [reign.leader for reign in world.value("servers").reigns.values()] == ["2"]


def test_plots_have_no_line_of_a_name_that_lasts_until_the_configuration_is_read() -> None:
    world = Foreign()
    before_the_configuration(world)
    world.seconds(3, **UP)
    plots = world.scene.value(parse("plots?span=10m"), world.now)
    assert isinstance(plots, Plots)
    assert {line.server for line in plots.lines} == {"", "1", "2", "3"}


def stopped(world: Foreign) -> None:
    """The leader is stopped: it answers no more, and the others have not noticed yet."""
    world.seconds(3, **UP)
    world.seconds(1, s1="follower", s3="follower")


def test_a_leader_that_is_stopped_leads_nobody_though_the_others_follow_it_still() -> None:
    world = Foreign()
    stopped(world)
    silent = world.now
    assert [one.id for one in world.scene.doubted] == ["1", "3"]
    assert world.last == (
        "server 2 no longer answers (1): connection refused. It led the ensemble, and the others still follow it."
    )
    assert world.value("status").state == "live"
    world.scene.on_pulse(False, world.now)
    status = world.value("status")
    assert (status.state, status.since) == ("no-quorum", silent)
    assert status.problem.text == "Enough servers are up, but none leads: nothing can be written."
    assert world.last.endswith(
        "It led the ensemble, which has to elect another leader: until then nothing can be written."
    )
    for _ in range(7):
        world.seconds(1, s1="follower", s3="follower")
        world.scene.on_pulse(False, world.now)
    assert world.alarms[0] == (
        "The ensemble has no leader: enough servers are up, but none leads, so nothing can be written."
    )
    assert world.last == (
        "The ensemble has no leader (1): 2 of 3 servers answer, which is enough, but none leads. Until one does "
        "nothing can be written."
    )
    world.session("stale")
    world.seconds(1, s1="looking", s3="looking")
    assert world.value("status").state == "no-quorum"
    world.seconds(1, 11, s1="leader", s3="follower")
    world.session("live")
    world.seconds(1, 11, s1="leader", s3="follower")
    assert world.value("status").state == "live"
    told = " ".join(world.story)
    assert "It led the ensemble; server 1 was seen leading it, in epoch 11" in told
    assert "The ensemble had no leader (1): 2 of 3 servers answered, which is enough, but none led. Nothing" in told
    assert "The ensemble has a leader again after 9.0 s (1): server 1 was elected (2), epoch 11." in told


def test_a_leader_that_zooscope_alone_cannot_reach_leads_all_the_same() -> None:
    world = Foreign()
    stopped(world)
    world.scene.on_pulse(True, world.now)
    for _ in range(10):
        world.seconds(1, s1="follower", s3="follower")
        world.scene.on_pulse(True, world.now)
    assert world.value("status").state == "live" and world.ensemble.quorum.held
    assert not any("leader" in words for words in world.alarms)


def test_all_servers_that_do_not_answer_are_named_when_the_quorum_is_lost() -> None:
    world = Foreign()
    world.seconds(3, **UP)
    world.session("stale")
    world.seconds(2, s1="looking")
    assert world.last == (
        "server 3 no longer answers (1), and the ensemble lost its quorum (2): 1 of 3 servers answers, and it needs 2. "
        "Until it is back nothing can be read or written. server 2, which led the ensemble, does not answer either."
    )

