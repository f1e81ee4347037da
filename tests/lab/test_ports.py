"""Picking ports."""

import os
import random
import socket
import subprocess
import sys
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


TAKE = "from zkbridge.lab import ports; print(*ports.free_ports(70), flush=True); input()"


def test_no_two_labs_are_given_the_same_ports_though_nobody_listens_on_them_yet() -> None:
    """Or a server of one does not start, because another's took its port in the second before it listened."""
    takers = [subprocess.Popen([sys.executable, "-c", TAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env=os.environ | {ports.SETTING: "19100-19999"}) for _ in range(3)]  # fmt: skip
    try:
        given = [port for taker in takers if taker.stdout for port in taker.stdout.readline().split()]
        assert len(given) == len(set(given)) == 210
    finally:
        for taker in takers:
            taker.communicate("")


def some(count: int) -> range:
    """Ports that no other run of these tests has at the same time, by all chance."""
    first = random.randrange(10_000, 18_000, 40)
    return range(first, first + count)


def test_nobody_is_given_a_port_twice_while_there_are_others() -> None:
    """A port of a server that was killed is free too, and is still its own."""
    few = some(31)
    pool = ports.Pool(few)
    given = [port for _ in range(5) for port in pool.take(6)]
    assert len(set(given)) == 30
    assert set(pool.take(30)) == set(given), "when all are used up they are given again"
    with pytest.raises(ports.NoFreePort):
        ports.Pool(few).take(1)


def test_servers_get_ports_out_of_those_that_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    few = some(10)
    monkeypatch.setenv(ports.SETTING, f"{few[0]}-{few[-1]}")
    assert all(port in few for port in ports.free_ports(3))
    with pytest.raises(ports.NoFreePort, match=f"{few[0]} and {few[-1]}"):
        ports.free_ports(11)
    monkeypatch.setenv(ports.SETTING, " ")
    assert ports.allowed(os.environ) == ports.PORTS


@pytest.mark.parametrize("text", ["21000", "21000-", "21009-21000", "80-90", "65530-65536", "-1-5", "21000-21000 x"])
def test_ports_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(BadOption, match="two ports"):
        ports.allowed({ports.SETTING: text})
