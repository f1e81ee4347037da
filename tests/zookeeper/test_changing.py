"""Records of changes and ACLs: as kazoo writes them where it knows them, round trips, and what is not the protocol."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kazoo.protocol import serialization as kazoo
from kazoo.security import ACL, Id

from zkbridge.protocol.editing import Ace
from zkbridge.zookeeper.changing import (
    Make,
    ReadAcl,
    Remove,
    WhoAmI,
    WriteAcl,
    WriteData,
    bits,
    letters,
    read_acl,
    write_acl,
)
from zkbridge.zookeeper.requests import Malformed, text

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
perms = st.sets(st.sampled_from("cdrwa")).map(lambda found: "".join(x for x in "cdrwa" if x in found))
acls = st.lists(st.builds(Ace, texts, texts, perms), max_size=5)
versions = st.integers(-1, (1 << 31) - 1)
STAT = bytes(range(68))


def theirs(acl: list[Ace]) -> list[ACL]:
    return [ACL(bits(ace.perms), Id(ace.scheme, ace.id)) for ace in acl]


@given(texts, st.binary(max_size=50), acls, versions)
def test_they_are_written_as_kazoo_writes_them(path: str, data: bytes, acl: list[Ace], version: int) -> None:
    for (kind, sequential), flags in {("persistent", False): 0, ("ephemeral", False): 1, ("persistent", True): 2,
                                      ("ephemeral", True): 3}.items():  # fmt: skip
        ours: Any = Make(path, data, acl, kind, sequential)  # type: ignore[arg-type]
        both = (ours, kazoo.Create2(path, data, theirs(acl), flags))
        assert (both[0].type, both[0].serialize()) == (both[1].type, bytes(both[1].serialize()))
    for ours, other in (
        (WriteData(path, data, version), kazoo.SetData(path, data, version)),
        (Remove(path, version), kazoo.Delete(path, version)),
        (ReadAcl(path), kazoo.GetACL(path)),
        (WriteAcl(path, acl, version), kazoo.SetACL(path, theirs(acl), version)),
    ):
        assert (ours.type, ours.serialize()) == (other.type, bytes(other.serialize()))


def test_kinds_that_kazoo_lacks() -> None:
    record = text("/a") + struct.pack("!i", 1) + b"x" + write_acl([])
    assert (Make("/a", b"x", [], "container").type, Make("/a", b"x", [], "ttl").type) == (19, 21)
    assert Make("/a", b"x", [], "container").serialize() == record + struct.pack("!i", 4)
    assert Make("/a", b"x", [], "ttl", ttl=7).serialize() == record + struct.pack("!iq", 5, 7)
    assert Make("/a", b"x", [], "ttl", True, 7).serialize() == record + struct.pack("!iq", 6, 7)


@given(acls, texts)
def test_replies_are_read_as_written(acl: list[Ace], path: str) -> None:
    written = write_acl(acl)
    assert read_acl(b"skip" + written, 4) == (acl, 4 + len(written))
    assert ReadAcl("/a").deserialize(written + STAT, 0) == (acl, STAT)
    assert Make("/a", b"", []).deserialize(text(path) + STAT, 0) == (path, STAT)


def test_who_the_session_is() -> None:
    reply = struct.pack("!i", 2) + text("ip") + text("127.0.0.1") + text("digest") + text("bob")
    assert WhoAmI().deserialize(reply, 0) == [("ip", "127.0.0.1"), ("digest", "bob")]
    assert WhoAmI().deserialize(struct.pack("!i", -1), 0) == []


@given(acls, st.data())
def test_a_reply_that_breaks_off_is_malformed(acl: list[Ace], data: st.DataObject) -> None:
    whole = write_acl(acl) + STAT
    with pytest.raises((Malformed, struct.error)):
        ReadAcl("/a").deserialize(whole[: data.draw(st.integers(0, len(whole) - 1))], 0)


@given(st.binary(max_size=120))
def test_garbage_is_malformed_and_ends(garbage: bytes) -> None:
    requests: tuple[Any, ...] = (ReadAcl("/"), Make("/", b"", []), WriteData("/", b"", 0), WriteAcl("/", [], 0),
                                 WhoAmI())  # fmt: skip
    for request in requests:
        try:
            request.deserialize(garbage, 0)
        except (Malformed, struct.error):
            continue


@given(st.integers(0, 31))
def test_permissions_are_letters(number: int) -> None:
    assert bits(letters(number)) == number
