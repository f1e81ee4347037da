"""How workers hear of the leader."""

import http.client
from collections.abc import Iterator

import pytest

from zkbridge.lab.greeting import Door, greet

FIRST, SECOND = "/election/c_0000000001", "/election/c_0000000002"


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def door(heard: list[str]) -> Iterator[Door]:
    door = Door(heard.append)
    door.open(0.01)
    yield door
    door.close()


def test_a_worker_hears_of_each_new_leader(door: Door, heard: list[str]) -> None:
    assert greet(door.address, FIRST) and greet(door.address, FIRST) and greet(door.address, SECOND)
    assert heard == [FIRST, FIRST, SECOND]


def test_a_leader_of_the_past_is_turned_away(door: Door, heard: list[str]) -> None:
    assert greet(door.address, SECOND)
    assert not greet(door.address, FIRST)
    assert heard == [SECOND]


@pytest.mark.parametrize("body", [b"", b"/election/c_1", b"c_0000000001", b"/<b>0000000001", b"\xff" * 20, b"/" * 400])
def test_nonsense_is_refused(door: Door, heard: list[str], body: bytes) -> None:
    connection = http.client.HTTPConnection(door.address.removeprefix("http://"), timeout=5)
    connection.request("PUT", "/leader", body)
    assert connection.getresponse().status == 400 and heard == []
    connection.close()


@pytest.mark.parametrize("address", ["", "http://10.0.0.1:80", "http://127.0.0.1:80@evil", "http://127.0.0.1:99999", "ftp://x"])
def test_only_loopback_is_called(address: str) -> None:
    assert not greet(address, FIRST)
