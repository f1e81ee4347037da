"""One znode in words."""

from __future__ import annotations

from base64 import b64decode

import pytest

from tests.views.world import World
from zkbridge.protocol.topics import spell
from zkbridge.protocol.znodes import Znode
from zkbridge.views.explain import explain
from zkbridge.znode import CONTAINER_OWNER
from zkbridge.znode import Znode as Kept


def look(world: World, path: str) -> Znode:
    value = world.value(spell("znode", path=path))
    assert isinstance(value, Znode)
    return value


def words(znode: Kept, holder: str = "") -> dict[str, str]:
    return {one.field: one.words for one in explain("/x", znode, holder)}


def test_a_candidate_says_whose_it_is_and_where_it_stands() -> None:
    world = World().nodes(4)
    third = look(world, "/election/c_0000000002")
    assert third.summary == "node-3's candidacy in the election at /election; 3rd in line."
    assert (third.holder, third.group, third.leads, third.sequential) == ("node-3", "/election", False, True)
    first = look(world, "/election/c_0000000000")
    assert first.summary == "node-1's candidacy in the election at /election; it leads."
    assert first.leads
    entry = look(world, world.entries["node-2"])
    assert entry.summary == (
        "node-2's entry in the registry at /service_registry: it says that node-2 is at http://127.0.0.1:9000."
    )
    assert look(world, "/election").summary == (
        "An election (course) with 4 candidates. Names are 'c_' and a number: the lowest leads."
    )


def test_plain_znodes_are_described() -> None:
    world = World(lab=False)
    world.put("/config/limits", b"12")
    assert look(world, "/config/limits").summary == "A znode with 2 bytes of data."
    assert look(world, "/").summary.startswith("The root of the tree")
    assert look(world, "/gone") == Znode("/gone", False)


def test_the_fields_in_words() -> None:
    said = words(
        Kept(czxid=(5 << 32) + 3, mzxid=(6 << 32) + 1, pzxid=(6 << 32) + 9, ctime=1000, mtime=3_601_000, version=7,
             cversion=5, aversion=1, num_children=3, data_length=1234)
    )  # fmt: skip
    assert said == {
        "czxid": "Transaction 3 of the ensemble's epoch 5 created it.",
        "ctime": "When it was created, by the clock of the ensemble's leader then.",
        "mzxid": "Transaction 1 of the ensemble's epoch 6 wrote its data last.",
        "mtime": "When its data were last written, 1 hour after its creation.",
        "pzxid": "Transaction 9 of the ensemble's epoch 6 created or deleted a child of it last.",
        "version": "The data were changed 7 times since it was created.",
        "cversion": "Children were created or deleted 5 times: 4 created, 1 deleted.",
        "aversion": "Its access rules were changed once.",
        "ephemeralOwner": "0: no session owns it. Persistent, container or TTL: ZooKeeper does not tell which.",
        "dataLength": "It holds 1,234 bytes.",
        "numChildren": "It has 3 children.",
    }


@pytest.mark.parametrize(
    ("owner", "holder", "said"),
    [
        (0x2A, "node-4", "Ephemeral: it lives as long as session 0x2a (node-4), and is deleted with it."),
        (0x2A, "", "Ephemeral: it lives as long as session 0x2a (a session that Zooscope knows only by its number), "
                   "and is deleted with it."),
        (CONTAINER_OWNER, "", "Container: ZooKeeper deletes it some time after its last child has gone."),
        (-(1 << 56) | 48_000, "", "TTL: ZooKeeper deletes it once it has no children and was not written for 48 s."),
    ],
)  # fmt: skip
def test_each_kind_of_owner(owner: int, holder: str, said: str) -> None:
    assert words(Kept(owner=owner), holder)["ephemeralOwner"] == said


def test_a_locked_znode_says_so_and_nothing_else() -> None:
    world = World(lab=False)
    world.tree.apply({"/secret": Kept(locked=True)})
    locked = look(world, "/secret")
    assert locked.locked and locked.stat is None and locked.data == ""
    assert "may not read" in locked.summary


def test_data_that_was_read_on_demand_is_shown() -> None:
    world = World(lab=False)
    world.put("/big", b"ab")
    from zkbridge.protocol.topics import parse

    value = world.scene.value(parse("znode?path=%2Fbig"), world.now, b"x" * 70_000)
    assert isinstance(value, Znode)
    assert (value.preview, len(b64decode(value.data))) == (65_536, 65_536)


def test_hostile_times_do_not_break_it() -> None:
    assert explain("/x", Kept(ctime=1 << 62, mtime=-(1 << 62), version=-5, cversion=-1), "")
