"""Picking ports."""

import socket
from collections.abc import Iterator

import pytest

from zkbridge.lab import ports


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
    found = ports.free_ports(28)
    assert len(set(found)) == 28 and all(ports.LOW <= port < ports.HIGH for port in found)
    with pytest.raises(ports.NoFreePort):
        ports.free_ports(ports.HIGH)
