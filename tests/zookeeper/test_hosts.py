"""The connect string, and the members that the configuration names."""

from __future__ import annotations

import pytest

from zkbridge.facts import Member
from zkbridge.zookeeper.hosts import BadHosts, Hosts, parse, spell
from zkbridge.zookeeper.members import members, on_admin_port


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("a", Hosts((("a", 2181),))),
        ("a:1,b:2/x/y", Hosts((("a", 1), ("b", 2)), "/x/y")),
        ("[::1]:7,[fe80::1]", Hosts((("::1", 7), ("fe80::1", 2181)))),
        ("a:1/", Hosts((("a", 1),))),
        (" a:1 , b ", Hosts((("a", 1), ("b", 2181)))),
    ],
)
def test_connect_strings(text: str, hosts: Hosts) -> None:
    assert parse(text) == hosts


@pytest.mark.parametrize("text", ["", ",", "a:", "a:0x", "a:70000", "a:0", ":1", "::1", "a:1//x", "a:1/../x", "a b:1"])
def test_bad_connect_strings(text: str) -> None:
    if text == "a:":
        assert parse(text) == Hosts((("a", 2181),))
        return
    with pytest.raises(BadHosts) as caught:
        parse(text)
    assert caught.value.problem.code == "bad-connect-string"


def test_chroots() -> None:
    hosts = parse("a/app")
    assert [hosts.absolute("/"), hosts.absolute("/x")] == ["/app", "/app/x"]
    assert [hosts.relative(p) for p in ("/app", "/app/x", "/apple", "/")] == ["/", "/x", None, None]


def test_spelling() -> None:
    assert (spell("a", 1), spell("::1", 2)) == ("a:1", "[::1]:2")


CONFIG = """server.10=10.0.0.3:2888:3888:observer;0.0.0.0:2183
server.2=b.example:2888:3888:participant;10.0.0.2:2182
server.1=[fd00::1]:2888:3888:participant
server.x=nonsense
version=100000000"""


def test_members_of_a_configuration() -> None:
    assert members(CONFIG, [("fd00::1", 2191), ("b.example", 2182)]) == (
        Member("1", "fd00::1", 2191),
        Member("2", "b.example", 2182),
        Member("10", "10.0.0.3", 2183, voter=False),
    )


def test_members_without_a_configuration_are_those_of_the_connect_string() -> None:
    assert members("", [("a", 1), ("a", 1), ("::1", 2)]) == (Member("a:1", "a", 1), Member("[::1]:2", "::1", 2))


def test_a_client_port_alone() -> None:
    assert members("server.1=h:1:2;2181", [("h", 9)]) == (Member("1", "h", 2181),)


def test_members_of_secure_connections_use_the_ports_of_the_connect_string() -> None:
    config = "server.1=a:1:2;2181\nserver.2=b:1:2;0.0.0.0:2181\nserver.3=c:1:2;2181"
    assert [m.port for m in members(config, [("a", 2281), ("b", 2282), ("c", 2283)], secure=True)] == [2281, 2282, 2283]
    assert [m.port for m in members(config, [("proxy", 2281)], secure=True)] == [2281] * 3
    unclear = members(config, [("a", 2281), ("b", 2282)], secure=True)
    assert unclear == (Member("1", "a", 2281), Member("2", "b", 2282), Member("3", "c", 0, where="nowhere"))


def test_of_several_servers_on_a_host_none_is_asked_at_the_admin_port() -> None:
    known = (Member("1", "a", 2181), Member("2", "b", 2181), Member("3", "b", 2182))
    assert [member.admin_port for member in on_admin_port(known, 8080)] == [8080, None, None]
    assert [member.admin_port for member in on_admin_port(known, None)] == [None, None, None]


def test_semicolons_are_told_from_addresses_of_ipv6() -> None:
    with pytest.raises(BadHosts, match="separated by commas"):
        parse("zk1:2181;zk2:2181")
