"""Which address belongs to which server, where the configuration does not say, or says it for another network."""

from __future__ import annotations

from zkbridge.facts import Member
from zkbridge.zookeeper.members import members, on_admin_port

STATIC = """server.1=127.0.0.1:23281:23381:participant
server.2=127.0.0.1:23282:23382:participant
server.3=127.0.0.1:23283:23383:participant
version=0"""
HERE = [("127.0.0.1", 23181), ("127.0.0.1", 23182), ("127.0.0.1", 23183)]

DOCKER = """server.1=zoo1:2888:3888:participant;0.0.0.0:2181
server.2=zoo2:2888:3888:participant;0.0.0.0:2181
server.3=zoo3:2888:3888:participant;0.0.0.0:2181
version=100000000"""
FORWARDED = [("127.0.0.1", 12181), ("127.0.0.1", 12182), ("127.0.0.1", 12183)]


def at(found: tuple[Member, ...]) -> list[tuple[str, int, str]]:
    return [(member.host, member.port, member.where) for member in found]


def test_servers_of_one_host_are_nowhere_until_they_were_found_and_at_no_port_that_nobody_named() -> None:
    known = members(STATIC, HERE)
    assert [member.id for member in known] == ["1", "2", "3"]
    assert at(known) == [("127.0.0.1", 0, "nowhere")] * 3


def test_servers_that_were_asked_are_where_they_answered() -> None:
    found = {HERE[0]: 2, HERE[1]: 1, HERE[2]: 3}
    assert at(members(STATIC, HERE, found=found)) == [
        ("127.0.0.1", 23182, "known"), ("127.0.0.1", 23181, "known"), ("127.0.0.1", 23183, "known"),
    ]  # fmt: skip


def test_the_last_address_belongs_to_the_last_server() -> None:
    known = members(STATIC, HERE, found={HERE[0]: 1, HERE[2]: 3})
    assert at(known)[1] == ("127.0.0.1", 23182, "known")


def test_of_two_servers_that_were_not_found_nobody_says_which_is_where() -> None:
    known = members(STATIC, HERE, found={HERE[0]: 1})
    assert at(known) == [("127.0.0.1", 23181, "known"), ("127.0.0.1", 0, "nowhere"), ("127.0.0.1", 0, "nowhere")]


def test_a_host_that_only_one_server_has_tells_its_address() -> None:
    config = "server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2"
    assert at(members(config, [("c", 31), ("a", 11), ("b", 21)])) == [
        ("a", 11, "known"), ("b", 21, "known"), ("c", 31, "known"),
    ]  # fmt: skip


def test_the_port_that_the_connect_string_shares_is_a_guess_elsewhere() -> None:
    config = "server.1=a:1:2\nserver.2=b:1:2"
    assert at(members(config, [("a", 2181)])) == [("a", 2181, "known"), ("b", 2181, "guess")]
    assert at(members(config, [("a", 2181)], found={("b", 2181): 2}))[1] == ("b", 2181, "known")
    assert at(members(config, [("a", 2181)], found={("b", 2181): 7}))[1] == ("b", 0, "nowhere")


def test_what_the_configuration_says_is_believed_until_servers_are_found_elsewhere() -> None:
    assert at(members(DOCKER, FORWARDED)) == [(f"zoo{n}", 2181, "known") for n in (1, 2, 3)]
    assert at(members(DOCKER, FORWARDED[:2], found={FORWARDED[0]: 1})) == [
        ("127.0.0.1", 12181, "known"), ("zoo2", 2181, "guess"), ("zoo3", 2181, "guess"),
    ]  # fmt: skip
    found = {address: number for number, address in enumerate(FORWARDED, 1)}
    assert at(members(DOCKER, FORWARDED, found=found)) == [("127.0.0.1", 12180 + n, "known") for n in (1, 2, 3)]


def test_a_server_at_a_port_of_its_own_is_there_and_not_at_one_that_is_left_over() -> None:
    config = "server.1=h:1:2;2181\nserver.2=h:3:4;2192"
    assert at(members(config, [("h", 2181), ("h", 2182)])) == [("h", 2181, "known"), ("h", 2192, "known")]


def test_a_load_balancer_takes_nobodys_place_who_answers_by_its_own_name() -> None:
    found = {("lb", 2181): 2, ("zoo2", 2181): 2}
    assert at(members(DOCKER, [("lb", 2181)], found=found)) == [(f"zoo{n}", 2181, "known") for n in (1, 2, 3)]


def test_ids_above_255_are_told_apart_where_that_can_be() -> None:
    config = "server.257=h:1:2\nserver.258=h:3:4"
    assert at(members(config, [("h", 11), ("h", 12)], found={("h", 12): 1})) == [("h", 12, "known"), ("h", 11, "known")]
    doubtful = "server.1=h:1:2\nserver.257=h:3:4"
    assert {one.where for one in members(doubtful, [("h", 11), ("h", 12)], found={("h", 12): 1})} == {"nowhere"}


def test_names_are_those_of_the_connect_string_until_the_configuration_was_read() -> None:
    assert [(one.id, one.named) for one in members(None, HERE[:1])] == [("127.0.0.1:23181", False)]
    assert [(one.id, one.named) for one in members("", HERE[:1])] == [("127.0.0.1:23181", True)]


def test_the_admin_port_is_asked_at_no_place_that_nobody_knows() -> None:
    (known,) = on_admin_port((Member("1", "zoo1", 0, where="nowhere"),), 8080)
    assert known.admin_port is None
