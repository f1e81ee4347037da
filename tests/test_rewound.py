"""What an ensemble cannot come to by itself, and what it can."""

from __future__ import annotations

import msgspec
import pytest

from zkbridge.rewound import rewound
from zkbridge.tree import Difference
from zkbridge.znode import Znode

A = Znode(czxid=10, mzxid=20, pzxid=10, ctime=1_000, mtime=2_000, version=3)


def judged(old: Znode | None, new: Znode | None, parent: int = 30, path: str = "/p/a") -> str:
    found = rewound([Difference(path, old, new)], {"/p": Znode(pzxid=parent)}.get)
    return "" if found is None else found.text


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ({"mzxid": 19, "version": 2}, "written at zxid 0x14, and is another one, of zxid 0x13"),
        ({"czxid": 9, "mzxid": 9, "version": 0}, "another one, of zxid 0x9"),
        ({"mtime": 2_001}, "another one, of zxid 0x14"),
        ({"ctime": 999, "mtime": 2_000}, "another one"),
        ({"version": 4}, "another one"),
    ],
)
def test_a_znode_that_is_older_or_another_at_the_same_zxid_is_a_loss(new: dict[str, int], words: str) -> None:
    assert words in judged(A, msgspec.structs.replace(A, **new))


@pytest.mark.parametrize(
    "new", [{"mzxid": 21, "version": 4, "mtime": 3}, {"czxid": 21, "mzxid": 21, "version": 0}, {"aversion": 2},
            {"pzxid": 40, "cversion": 9, "num_children": 2}, {"locked": True}],
)  # fmt: skip
def test_whatever_clients_do_is_none(new: dict[str, int]) -> None:
    assert judged(A, msgspec.structs.replace(A, **new)) == ""
    assert judged(None, A) == ""


def test_a_znode_that_is_gone_left_its_parent_a_later_zxid_or_was_never_deleted() -> None:
    assert judged(A, None, parent=11) == ""
    assert "gone without a trace" in judged(A, None, parent=9)
    assert judged(A, None, path="/elsewhere/a") == "", "its parent is gone too, and is judged itself"


def test_what_servers_write_by_themselves_is_no_sign() -> None:
    assert judged(A, msgspec.structs.replace(A, mtime=9), path="/zookeeper/config") == ""
    assert judged(A, msgspec.structs.replace(A, mtime=9), path="/zookeepers") != ""


def test_the_highest_is_named_and_the_others_are_counted() -> None:
    older = msgspec.structs.replace(A, mzxid=1)
    differences = [Difference(path, A, older) for path in ("/b/c", "/d", "/b", "/e/f")]
    found = rewound(differences, lambda path: None)
    assert found is not None and "shown: /b was" in found.text and found.text.endswith("with 3 more.")
