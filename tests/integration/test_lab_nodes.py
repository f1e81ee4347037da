"""The node program, as real processes on a real ensemble."""

from __future__ import annotations

import signal

import pytest

from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.nodes import Nodes
from zkbridge.znode import sequence_of

pytestmark = pytest.mark.ensemble


def test_the_first_leads_and_each_other_watches_the_one_ahead(ensemble: RunningEnsemble, nodes: Nodes) -> None:
    nodes.start_in_turn(4)
    places = [nodes.wait(f"node-{number}", "joined").path for number in range(1, 5)]
    assert [sequence_of(path) for path in places] == [0, 1, 2, 3]
    assert nodes.wait("node-1", "elected").path == places[0]
    for number in (2, 3, 4):
        assert nodes.wait(f"node-{number}", "watching").path == places[number - 2]
        assert nodes.wait(f"node-{number}", "acknowledged").path == places[0]
        assert not nodes.said(f"node-{number}", "elected")
    nodes.wait("node-1", "members")
    wait_for("the leader sees three workers", lambda: nodes.wait("node-1", "members").count == 3)
    with ensemble.client() as client:
        entries = client.get_children("/service_registry")
        assert len(entries) == 3
        assert all(client.get(f"/service_registry/{entry}")[0].startswith(b"http://127.0.0.1:") for entry in entries)


def test_a_stopped_leader_is_replaced_at_once_by_the_next_alone(ensemble: RunningEnsemble, nodes: Nodes) -> None:
    nodes.start_in_turn(3)
    nodes.signal("node-1", signal.SIGTERM)
    ended = nodes.wait("node-1", "stopping")
    elected = nodes.wait("node-2", "elected")
    assert elected.at - ended.at < 500 * SCALE
    assert nodes.processes["node-1"].wait(5 * SCALE) == 0
    nodes.wait("node-2", "unregistered")
    assert nodes.wait("node-3", "acknowledged", 2).path == elected.path
    assert nodes.said("node-2", "fired")
    assert not nodes.said("node-3", "fired"), "only the successor's watch fires"


def test_a_killed_leader_is_replaced_when_its_session_expires(ensemble: RunningEnsemble, nodes: Nodes) -> None:
    nodes.start_in_turn(3)
    before = nodes.wait("node-2", "watching").at
    nodes.signal("node-1", signal.SIGKILL)
    elected = nodes.wait("node-2", "elected")
    assert 2_000 < elected.at - before < 10_000 * SCALE


def test_a_middle_node_that_dies_is_skipped(ensemble: RunningEnsemble, nodes: Nodes) -> None:
    nodes.start_in_turn(3)
    nodes.signal("node-2", signal.SIGTERM)
    first = nodes.wait("node-1", "joined").path
    assert nodes.wait("node-3", "watching", 2).path == first
    assert not nodes.said("node-3", "elected")


def test_a_leader_frozen_too_long_wakes_up_deposed(ensemble: RunningEnsemble, nodes: Nodes) -> None:
    nodes.start_in_turn(3)
    first = nodes.wait("node-1", "joined").path
    nodes.signal("node-1", signal.SIGSTOP)
    nodes.wait("node-2", "elected")
    nodes.wait("node-3", "acknowledged", 2)
    nodes.signal("node-1", signal.SIGCONT)
    nodes.wait("node-1", "lost")
    assert nodes.wait("node-1", "connected", 2).again
    again = nodes.wait("node-1", "joined", 2).path
    assert sequence_of(again) == 3 and again != first
    assert nodes.wait("node-1", "acknowledged", 2).path == nodes.wait("node-2", "elected").path
    assert len(nodes.said("node-1", "elected")) == 1


def test_a_short_freeze_changes_nothing(ensemble: RunningEnsemble, nodes: Nodes) -> None:
    nodes.start_in_turn(2)
    nodes.signal("node-1", signal.SIGSTOP)
    nodes.signal("node-1", signal.SIGCONT)
    nodes.start("node-3")
    nodes.wait("node-3", "acknowledged")
    assert not nodes.said("node-1", "lost") and not nodes.said("node-2", "elected")


def test_a_candidate_that_somebody_deletes_joins_again(ensemble: RunningEnsemble, nodes: Nodes) -> None:
    nodes.start_in_turn(3)
    with ensemble.client() as client:
        client.delete(nodes.wait("node-2", "joined").path)
        assert nodes.wait("node-3", "watching", 2).path == nodes.wait("node-1", "joined").path
        client.delete(nodes.wait("node-1", "joined").path)
    nodes.wait("node-3", "elected")


def test_a_node_outlives_its_server(nodes: Nodes, make_ensemble) -> None:  # type: ignore[no-untyped-def]
    ensemble = make_ensemble(3)
    nodes.hosts = ensemble.hosts
    nodes.start_in_turn(1)
    server = nodes.wait("node-1", "connected").server
    ensemble.kill(next(member.id for member in ensemble.plan.members if server.endswith(f":{member.port}")))
    nodes.wait("node-1", "suspended")
    back = nodes.wait("node-1", "connected", 2)
    assert not back.again and back.session == nodes.said("node-1", "connected")[0].session
