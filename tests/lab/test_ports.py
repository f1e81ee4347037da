"""Picking ports."""

import os
import socket
from collections.abc import Iterator

import pytest

from zkbridge.lab import ports
from zkbridge.lab.options import BadOption


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_port_that_is_listened_on_is_not_free(busy: int) -> None:
    assert not ports.is_free("127.0.0.1", busy)


def test_the_next_free_port_is_taken(busy: int) -> None:
    with ports.listen_from("127.0.0.1", busy) as listener:
        assert listener.getsockname()[1] > busy
        assert not ports.is_free("127.0.0.1", listener.getsockname()[1])


def test_when_none_is_free_the_words_say_which(busy: int) -> None:
    with pytest.raises(ports.NoFreePort, match=f"{busy}"):
        ports.listen_from("127.0.0.1", busy, tries=1)


def test_servers_get_ports_that_outgoing_connections_do_not_use() -> None:
    assert ports.PORTS[-1] < 32_768
    found = ports.free_ports(28)
    assert len(set(found)) == 28 and all(port in ports.allowed(os.environ) for port in found)
    with pytest.raises(ports.NoFreePort):
        ports.free_ports(65_536)


def test_servers_get_ports_out_of_those_that_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ports.SETTING, "21000-21009")
    assert all(21_000 <= port <= 21_009 for port in ports.free_ports(3))
    with pytest.raises(ports.NoFreePort, match="21000 and 21009"):
        ports.free_ports(11)
    monkeypatch.setenv(ports.SETTING, " ")
    assert ports.allowed(os.environ) == ports.PORTS


def test_a_port_is_given_to_one_owner_though_it_does_not_listen_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo's storage took a port of one of its servers, which was not started yet: one demo in a thousand."""
    monkeypatch.setattr(ports, "_given", set())
    monkeypatch.setenv(ports.SETTING, "21000-21063")
    found = [ports.free_ports(1)[0] for _ in range(40)]
    assert len(set(found)) == 40
    assert len({*found, *ports.free_ports(20)}) == 60
    assert len(ports.free_ports(40)) == 40, "all have an owner; then some have two"


@pytest.mark.parametrize("text", ["21000", "21000-", "21009-21000", "80-90", "65530-65536", "-1-5", "21000-21000 x"])
def test_ports_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(BadOption, match="two ports"):
        ports.allowed({ports.SETTING: text})
