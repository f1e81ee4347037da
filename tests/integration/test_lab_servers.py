"""The lab's servers, really started."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.integration.conftest import Factory
from tests.integration.ensemble import RunningEnsemble, wait_for
from zkbridge.lab.servers import HOST

pytestmark = pytest.mark.ensemble


def test_three_servers_have_one_leader_and_name_their_client_ports(ensemble: RunningEnsemble) -> None:
    assert sorted(ensemble.mode(server) for server in "123") == ["follower", "follower", "leader"]
    with ensemble.client() as client:
        config = client.get("/zookeeper/config")[0].decode()
    for ports in ensemble.plan.ports:
        assert f"{HOST}:{ports.client}" in config


def test_sessions_of_four_seconds_and_facts_over_http(ensemble: RunningEnsemble) -> None:
    with ensemble.client(timeout=4.0) as client:
        assert client._session_timeout == 4000
    admin = ensemble.plan.ports[int(ensemble.leader()) - 1].admin
    with urllib.request.urlopen(f"http://{HOST}:{admin}/commands/dump") as answer:
        assert "expiry_time_to_session_ids" in json.load(answer)


def test_a_leader_that_is_killed_is_replaced_and_comes_back(make_ensemble: Factory) -> None:
    ensemble = make_ensemble(3)
    before = ensemble.leader()
    ensemble.kill(before)
    wait_for("another server leads", lambda: ensemble.leader() not in ("", before), 20)
    ensemble.launch(before)
    wait_for("the killed one follows", lambda: ensemble.mode(before) == "follower", 20)


def test_one_server_leads_itself_and_can_grow(make_ensemble: Factory) -> None:
    assert make_ensemble(1).mode("1") == "leader"
