"""The arithmetic of a change of members, and what is refused before anybody is asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkbridge.protocol.ensemble import Ensemble, Quorum, Server
from zkbridge.protocol.reconfiguring import Reconfigure, Seat
from zkbridge.views.reshaping import Change, Heard, Impossible, change, preview
from zkbridge.views.seats import Configuration, read, spell, told, tolerance, with_role

IN_SYNC = Heard("follower", 7 << 32 | 5)


def seat(number: int, role: Any = "participant", **fields: Any) -> Seat:
    ports = {"quorum": 3000 + number, "election": 4000 + number, "client": 2000 + number} | fields
    return Seat(str(number), "10.0.0.1", role=role, **ports)


def configuration(*roles: str, more: str = "") -> Configuration:
    """Servers 1, 2 … of these roles."""
    lines = [f"server.{n}={spell(seat(n, role))}" for n, role in enumerate(roles, 1)]
    return read("\n".join([*lines, more, "version=100000000"]))


def ensemble(**roles: Any) -> Ensemble:
    """s1='leading' …"""
    servers = {
        name[1:]: Server(name[1:], "", role, 0, voter=role != "observing", zxid="0x700000005")
        for name, role in roles.items()
    }
    leader = next((ident for ident, server in servers.items() if server.role == "leading"), "")
    return Ensemble(servers, Quorum(0, 0, 0, 0, False, ""), leader)


THREE = configuration(*["participant"] * 3)
UP = ensemble(s1="following", s2="leading", s3="following")


def refused(now: Configuration, **wanted: Any) -> tuple[str, str]:
    with pytest.raises(Impossible) as impossible:
        change(now, Reconfigure(**wanted))
    assert impossible.value.problem.hint
    return impossible.value.problem.code, impossible.value.problem.text


def test_a_configuration_is_read_as_zookeeper_writes_it() -> None:
    found = read(
        "server.1=zk-1.example:2888:3888:participant;0.0.0.0:2181\n"
        "server.2=[::1]:2888:3888:observer;[::1]:2182\nserver.10=a:1:2:participant|b:3:4:participant;2183\n"
        "server.11=old:2888:3888\nserver.x=no\nversion=10000002a"
    )
    assert found.hex == "0x10000002a" and list(found.seats) == ["1", "2", "10", "11"] and not found.grouped
    assert found.seats["1"] == Seat("1", "zk-1.example", 2888, 3888, 2181, client_host="0.0.0.0")
    assert found.seats["2"] == Seat("2", "::1", 2888, 3888, 2182, "observer", "::1")
    assert found.seats["10"].host == "a" and found.seats["11"].client == 0
    assert found.voters == ["1", "10", "11"]
    assert spell(found.seats["2"]) == "[::1]:2888:3888:observer;[::1]:2182"
    assert with_role(found.texts["10"], "observer") == "a:1:2:observer|b:3:4:observer;2183"
    assert with_role(found.texts["11"], "participant") == "old:2888:3888:participant"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (3, 4, "4 servers, a quorum needs 3: can lose 1, as 3 could"),
        (4, 5, "5 servers, a quorum needs 3: can lose 2; 4 could lose 1"),
        (5, 4, "4 servers, a quorum needs 3: can lose 1; 5 could lose 2"),
        (3, 2, "2 servers, a quorum needs 2: can lose none; 3 could lose 1"),
        (1, 2, "2 servers, a quorum needs 2: can lose none, as 1 did not either"),
        (2, 1, "1 server, a quorum needs 1: can lose none, as 2 could not either"),
        (3, 3, "3 servers, a quorum needs 2: can lose 1"),
    ],
)
def test_what_numbers_mean(before: int, after: int, words: str) -> None:
    assert told(before, after) == words


@given(st.integers(1, 60))
def test_an_even_number_tolerates_what_the_odd_one_below_does(voters: int) -> None:
    assert voters - tolerance(voters) >= voters // 2 + 1 > voters - tolerance(voters) - 1
    assert tolerance(voters) == tolerance(voters - 1) or voters % 2


def test_what_the_request_has() -> None:
    found = change(THREE, Reconfigure(THREE.hex, add=[seat(4)], remove=["2"], roles={"3": "observer"}))
    assert found.joining == (
        "server.3=10.0.0.1:3003:4003:observer;2003", "server.4=10.0.0.1:3004:4004:participant;2004",
    )  # fmt: skip
    assert found.leaving == ("2",) and list(found.after) == ["1", "3", "4"] and found.voters == ["1", "4"]


@pytest.mark.parametrize(
    ("wanted", "code", "words"),
    [
        ({"version": "0x1", "remove": ["1"]}, "wrong-version", "0x100000000 now"),
        ({"remove": ["9"]}, "no-such-server", "no server '9'"),
        ({"remove": ["1", "1"]}, "bad-request", "named twice"),
        ({"remove": ["1"], "roles": {"1": "observer"}}, "bad-request", "named twice"),
        ({"roles": {"1": "participant"}}, "not-now", "is a participant already"),
        ({"remove": ["1", "2", "3"]}, "would-lose-quorum", "the last server"),
        ({"roles": dict.fromkeys("123", "observer")}, "would-lose-quorum", "the last server with a vote"),
        ({"add": [seat(3)]}, "exists", "a server 3 already"),
        ({"add": [seat(4, quorum=4001)]}, "exists", "10.0.0.1:4001 is an address of server 1"),
        ({"add": [seat(4), seat(5, client=2004)]}, "exists", "is an address of server 4"),
        ({"add": [seat(4, client=0)]}, "bad-request", "client port cannot be 0"),
        ({"add": [seat(4, client=70_000)]}, "bad-request", "client port cannot be 70000"),
        ({"add": [seat(4, client=3004)]}, "bad-request", "one port for two things"),
        ({"add": [Seat("256", "h", 1, 2, 3)]}, "bad-request", "not an id"),
        ({"add": [Seat("04", "h", 1, 2, 3)]}, "bad-request", "not an id"),
        ({"add": [Seat("4", "h;x", 1, 2, 3)]}, "bad-request", "not a host"),
        ({"add": [Seat("4", "h=1,server.5", 1, 2, 3)]}, "bad-request", "not a host"),
        ({"add": [Seat("4", "", 1, 2, 3)]}, "bad-request", "not a host"),
        ({"add": [Seat("4", "h", 1, 2, 3, client_host="a:b")]}, "bad-request", "not a host"),
        ({"add": [seat(n) for n in range(4, 60)]}, "too-many", "at once"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(wanted: dict[str, Any], code: str, words: str) -> None:
    found, text = refused(THREE, **wanted)
    assert found == code and words in text, text


def test_ensembles_that_do_not_take_it() -> None:
    grouped = configuration(*["participant"] * 3, more="group.1=1:2:3\nweight.1=1")
    assert refused(grouped, remove=["1"])[0] == "unsupported"
    assert "stands alone" in refused(read(""), remove=["1"])[1]
    assert "client port" in refused(read("server.1=a:1:2\nserver.2=b:1:2"), roles={"1": "observer"})[1]


def test_nothing_wanted_tells_how_things_are() -> None:
    found = preview(change(THREE, Reconfigure()), ensemble(s1="down", s2="down", s3="looking"), {})
    assert found.refused is None and found.before == found.after
    assert found.quorum_before.words == "needs 2 of 3, has none"
    assert found.answers["1"].words == "is down" and found.notes == []


def test_who_counts_for_the_new_quorum() -> None:
    found = preview(change(THREE, Reconfigure(add=[seat(4)])), UP, {"4": IN_SYNC})
    assert found.refused is None and found.quorum_after.words == "needs 3 of 4, can lose 1"
    assert found.quorum_before.words == "needs 2 of 3, can lose 1"
    assert found.answers["4"].words == "follows, in sync" and found.answers["2"].words == "leads"
    assert "no more than 3 could" in found.notes[0]


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        (Heard(reason="connection refused at its client port 2004"), "does not answer: connection refused"),
        (Heard("looking"), "answers, but knows no leader"),
        (Heard("leader", 7 << 32), "leads an ensemble of its own"),
        (Heard("follower", 6 << 32), "follows, but has nothing of the present epoch"),
    ],
)
def test_one_that_does_not_follow_is_refused_unless_one_insists(heard: Heard, words: str) -> None:
    changed = change(THREE, Reconfigure(add=[seat(4)]))
    found = preview(changed, UP, {"4": heard})
    assert found.refused is not None and found.refused.code == "not-now" and words in found.answers["4"].words
    assert preview(changed, UP, {"4": heard}, force=True).refused is None
    two = ensemble(s1="down", s2="leading", s3="following")
    assert preview(changed, two, {"4": heard}, force=True).refused.code == "would-lose-quorum"  # type: ignore[union-attr]


def test_an_observer_counts_only_once_it_votes() -> None:
    now = configuration("participant", "observer")
    found = preview(change(now, Reconfigure(roles={"2": "participant"})), ensemble(s1="leading", s2="observing"), {})
    assert found.refused is not None and "counts only after" in found.refused.text


def test_the_leader_that_leaves_and_processes_that_stay_are_told() -> None:
    notes = preview(change(THREE, Reconfigure(remove=["2"])), UP, {}).notes
    assert "Server 2 leads: another is elected" in notes[0] and "does not stop its process" in notes[1]
    assert "loses its vote" in preview(change(THREE, Reconfigure(roles={"2": "observer"})), UP, {}).notes[0]


roles = st.lists(st.sampled_from(["participant", "observer"]), min_size=1, max_size=7)
states = st.sampled_from(["following", "looking", "down", "unknown"])


@given(roles, st.data())
def test_no_quorum_is_ever_lost(kinds: list[str], data: st.DataObject) -> None:
    """Whatever is wanted of whatever ensemble: what is not refused leaves a majority that is up, insisted or not."""
    now = configuration(*kinds)
    known = list(now.seats)
    wanted = Reconfigure(
        remove=data.draw(st.lists(st.sampled_from(known), unique=True)),
        add=[seat(9, data.draw(st.sampled_from(["participant", "observer"])))] if data.draw(st.booleans()) else [],
        roles=data.draw(st.dictionaries(st.sampled_from(known), st.sampled_from(["participant", "observer"]))),
        force=data.draw(st.booleans()),
    )
    up = {f"s{ident}": data.draw(states) for ident in known}
    if now.voters:
        up[f"s{now.voters[0]}"] = "leading"
    try:
        changed: Change = change(now, wanted)
    except Impossible:
        return
    heard = {one.id: data.draw(st.sampled_from([IN_SYNC, Heard(), Heard("looking")])) for one in wanted.add}
    found = preview(changed, ensemble(**up), heard, wanted.force)
    serve = {ident for ident in changed.voters if up.get(f"s{ident}") in ("leading", "following")}
    serve |= {ident for ident in changed.voters if heard.get(ident) == IN_SYNC}
    if found.refused is None and (changed.joining or changed.leaving):
        assert 2 * len(serve) > len(changed.voters) >= 1
    assert found.quorum_after.needs * 2 > len(changed.voters)
    assert {one.id for one in found.after} == set(found.answers)


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = read(f"server.1={text}\n{text}")
    assert set(found.seats) <= set(found.texts)
