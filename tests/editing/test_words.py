"""What ZooKeeper refuses, in words: each error has a code that people are answered with, and leaves nothing open."""

from __future__ import annotations

import pytest

from zkbridge.editing.asking import UNSURE
from zkbridge.editing.words import Afterwards, Change, explain, identity, short
from zkbridge.protocol.calls import PROBLEM_STATUS
from zkbridge.protocol.editing import Ace, Create, Delete, SetAcl, SetData
from zkbridge.znode import Znode
from zkbridge.zookeeper.errors import BAD_VERSION, NAMES, NOT_EMPTY
from zkbridge.zookeeper.requests import NO_AUTH, UNIMPLEMENTED

CHANGES: list[Change] = [
    Create("/a/b"), Create("/a/b", kind="ttl", ttl=1), SetData("/a/b", b"secret", 3), Delete("/a/b", 3),
    SetAcl("/a/b", [Ace("digest", "bob:secret", "r")], 3),
]  # fmt: skip
KNOWN = Afterwards(Znode(version=5, aversion=6, num_children=1), Znode(owner=0xAB), [("digest", "bob:secret")])


@pytest.mark.parametrize("error", [*(code for code in NAMES if code not in UNSURE), -999])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("now", [Afterwards(), KNOWN], ids=["unknown", "known"])
def test_every_error_is_a_problem_in_words(error: int, change: Change, now: Afterwards) -> None:
    problem = explain(error, change, change.path, now).problem
    assert problem.code in PROBLEM_STATUS and problem.code != "unknown"
    assert problem.text.endswith(".") and problem.hint.endswith(".")
    assert "secret" not in problem.text + problem.hint


@pytest.mark.parametrize(
    ("count", "words"), [(0, "has children,"), (1, "has 1 child,"), (2_000, "has 2,000 children,")]
)
def test_children_are_counted(count: int, words: str) -> None:
    assert words in explain(NOT_EMPTY, Delete("/a", 0), "/a", Afterwards(Znode(num_children=count))).problem.text


@pytest.mark.parametrize(
    ("asked", "now", "words"),
    [(5, 1, "/a is not at version 5: it has version 1."),
     (1, 5, "/a is not at version 1 any more: it has version 5 now."),
     (5, None, "/a is not at version 5: it has another one now.")],
)  # fmt: skip
def test_a_version_that_never_was_is_not_said_to_be_past(asked: int, now: int | None, words: str) -> None:
    found = Afterwards(None if now is None else Znode(version=now, aversion=now))
    assert explain(BAD_VERSION, SetData("/a", b"", asked), "/a", found).problem.text == f"{words} Nothing was changed."
    acl = explain(BAD_VERSION, SetAcl("/a", [], asked), "/a", found).problem.text
    assert acl == f"The ACL of {words} Nothing was changed."


def test_who_the_bridge_is() -> None:
    assert "ip:10.0.0.1 and digest:bob." in identity([("ip", "10.0.0.1"), ("digest", "bob:x")])
    assert "nobody in particular" in identity([]) and "3.7" in identity(None)
    denied = explain(NO_AUTH, Delete("/a/b", 0), "/a/b", Afterwards(identities=[("ip", "10.0.0.1")])).problem.text
    assert "The ACL of /a does not give the bridge the permission 'delete'" in denied and "ip:10.0.0.1" in denied


def test_the_setting_that_ttl_znodes_need_is_named() -> None:
    problem = explain(UNIMPLEMENTED, Create("/a", kind="ttl", ttl=1), "/a", Afterwards()).problem
    assert problem.code == "unsupported" and "extendedTypesEnabled" in problem.text + problem.hint


def test_long_paths_are_shortened() -> None:
    assert short("/a") == "/a" and len(short("/" + "a" * 5_000)) < 120
