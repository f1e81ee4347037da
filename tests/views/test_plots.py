"""Topic plots: what is measured of whom, what a page is sent each second, and where gaps are."""

from __future__ import annotations

import random

import msgspec
import pytest

from tests.views.world import World
from zkbridge.facts import Details, Member, Probe, SessionFacts, Tally
from zkbridge.protocol.delta import difference
from zkbridge.protocol.frames import Delta
from zkbridge.protocol.plots import Plots
from zkbridge.protocol.topics import BadTopic, parse


class Measured(World):
    """Servers that tell figures, of which some change all the time."""

    def __init__(self, servers: int, tells: bool = True) -> None:
        super().__init__()
        self.tells, self.requests = tells, Tally(0, 0.0)
        self.servers = [str(number) for number in range(1, servers + 1)]
        self.down: set[str] = set()
        self.random = random.Random(7)  # noqa: S311 - figures of a test

    def second(self) -> None:
        self.now += 1_000
        probes = []
        for ident in self.servers:
            member = Member(ident, "h", 1)
            if ident in self.down:
                probes.append(Probe(member, self.now, reason="connection refused"))
                continue
            mode = "leader" if ident == "2" else "follower"
            behind = self.random.randrange(3) if mode == "follower" else 0
            probes.append(
                Probe(member, self.now, mode, zxid=(5 << 32) + 1_000 - behind,  # type: ignore[arg-type]
                      latency=round(0.4 + self.random.random() / 10, 4), connections=3, outstanding=0)
            )  # fmt: skip
        self.requests = Tally(self.requests.count + 10, self.requests.total + 4 + self.random.random())
        for ident in self.servers:
            told = self.requests if self.tells else None
            self.scene.on_details(Details(ident, self.now, requests=told), self.now)
        self.scene.on_probes(tuple(probes), self.now)
        self.scene.tick(self.now)

    def plots(self, span: str = "10m") -> Plots:
        value = self.value(f"plots?span={span}")
        assert isinstance(value, Plots)
        return value

    def cells(self, span: str = "10m") -> list[dict[tuple[str, str], str]]:
        plots = self.plots(span)
        lines = [(line.kind, line.server) for line in plots.lines]
        return [dict(zip(lines, row.split(" "), strict=False)) for row in plots.rows.values()]


def test_what_each_server_tells_and_the_whole_ensembles_changes() -> None:
    world = Measured(3)
    for _ in range(3):
        world.second()
    world.put("/a")
    world.put("/b")
    for _ in range(3):
        world.second()
    cells = world.cells()
    assert [one["rate", ""] for one in cells] == ["0", "0", "0", "2", "0"]
    last = cells[-1]
    assert last["lag", "2"] == "0" and last["lag", "1"] in ("0", "1", "2") and last["connections", "3"] == "3"
    assert 0.4 <= float(last["latency", "1"]) <= 0.5
    assert len(last) == 1 + 4 * 3
    for _ in range(20):
        world.second()
    assert "average" not in {line.kind for line in world.plots().lines}


def test_servers_that_tell_srvr_alone_have_their_averages_drawn_as_what_they_are() -> None:
    world = Measured(3, tells=False)
    for _ in range(3):
        world.second()
    assert {line.kind for line in world.plots().lines} == {"rate", "average", "lag", "connections", "outstanding"}


def test_a_server_that_is_down_and_a_connection_that_is_lost_are_gaps() -> None:
    world = Measured(3)
    for _ in range(3):
        world.second()
    world.down = {"1"}
    world.scene.on_session(SessionFacts("stale", world.now, 1), world.now)
    for _ in range(3):
        world.second()
    cells = world.cells()
    assert cells[1]["latency", "1"] != "-" and cells[1]["rate", ""] != "-"
    assert cells[-1].get(("latency", "1"), "-") == "-" and cells[-1].get(("rate", ""), "-") == "-"
    assert cells[-1]["latency", "2"] != "-"
    rows = len(world.plots().rows)
    world.now += 60_000
    world.second()
    world.second()
    numbers = sorted(map(int, world.plots().rows))
    assert len(numbers) <= rows + 3 and max(b - a for a, b in zip(numbers, numbers[1:], strict=False)) >= 58


def test_a_spike_of_one_second_is_in_the_day() -> None:
    world = Measured(1)
    for second in range(130):
        if second == 70:
            for number in range(500):
                world.put(f"/n{number}")
        world.second()
    assert max(float(one["rate", ""].split("/")[-1]) for one in world.cells("24h")) == 500
    assert max(float(one["rate", ""].split("/")[-1]) for one in world.cells("2h")) == 500


@pytest.mark.parametrize(("servers", "most"), [(3, 200), (7, 400)])
def test_a_page_gets_little_each_second_however_much_it_shows(servers: int, most: int) -> None:
    """Bytes of the deltas a second at rest, latency and lag of every server changing all the time."""
    world = Measured(servers)
    for _ in range(605):
        world.second()
    before = msgspec.to_builtins(world.plots())
    assert len(before["rows"]) == 600
    sent = 0
    for _ in range(20):
        world.second()
        value = msgspec.to_builtins(world.plots())
        patch = difference(before, value)
        assert len(patch["rows"]) == 2 and set(patch) == {"rows"}, "one comes and one goes"
        sent += len(msgspec.json.encode(Delta("plots?span=10m", 1, 100_000, patch)))
        before = value
    assert sent / 20 < most
    assert len(msgspec.json.encode(before)) < 600 * most, "and not much at first"


def test_longer_spans_rest_in_between() -> None:
    world = Measured(3)
    stamps = set()
    for _ in range(120):
        world.second()
        stamps.add(world.scene.stamp(parse("plots?span=24h")))
    assert len(stamps) <= 3


def test_a_span_that_there_is_not() -> None:
    with pytest.raises(BadTopic, match="'span' of topic 'plots' is '3d'"):
        World().value("plots?span=3d")
